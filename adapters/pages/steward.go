package pages

// stewardRoutes are TODO.
var stewardRoutes = []route{}

// stewardTexts are TODO.
var stewardTexts = texts{}
