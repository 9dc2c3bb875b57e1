package pages

import "huisboek/adapters/signin"

// accountRoutes are what a partner's people see of their own.
var accountRoutes = []route{
	{"GET /aanlevering", managers, (*visit).deliveries},
	{"GET /partners", readers, (*visit).partners},
	{"GET /mijn", signedIn, (*visit).mine},
	{"POST /mijn/telefoon", ofPartner, (*visit).setPhone},
	{"POST /mijn/sessies/beeindigen", signedIn, (*visit).endSession},
	{"POST /mijn/agenda", readers, (*visit).newFeed},
	{"POST /mijn/agenda/beeindigen", readers, (*visit).endFeed},
	{"POST /mijn/mail", ofPartner, (*visit).newDigest},
	{"POST /mijn/mail/beeindigen", ofPartner, (*visit).endDigest},
	{"POST /mijn/tokens", managers, (*visit).newToken},
	{"POST /mijn/tokens/vervangen", managers, (*visit).rotateToken},
	{"POST /mijn/tokens/beeindigen", managers, (*visit).removeToken},
	{"GET " + followedPath, ofPartner, (*visit).followed},
	{"GET /inzagen", []signin.Duty{signin.Auditor, signin.PartnerManager}, (*visit).looks},
}
