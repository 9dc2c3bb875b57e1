package pages

// doingRoutes are TODO.
var doingRoutes = []route{}

// doingTexts are TODO.
var doingTexts = texts{}
