package pages

// targetRoutes are TODO.
var targetRoutes = []route{}

// targetTexts are TODO.
var targetTexts = texts{}
