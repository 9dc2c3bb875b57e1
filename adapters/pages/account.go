package pages

// accountRoutes are what a partner's people see of their own.
var accountRoutes = []route{
	{"GET /aanlevering", managers, (*visit).deliveries},
	{"GET /partners", readers, (*visit).partners},
}
