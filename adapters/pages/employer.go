package pages

// employerRoutes are TODO.
var employerRoutes = []route{}

// employerTexts are TODO.
var employerTexts = texts{}
