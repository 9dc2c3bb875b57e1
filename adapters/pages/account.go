package pages

// accountRoutes are TODO.
var accountRoutes = []route{}

// accountTexts are TODO.
var accountTexts = texts{}
