package pages

var helpTexts = texts{}
