package pages

// planRoutes are TODO.
var planRoutes = []route{}

// planTexts are TODO.
var planTexts = texts{}
