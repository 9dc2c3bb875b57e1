// Package pages is the house on the screen: HTML for people who signed in.
//
// A page is one more client of the API. It asks [web.Client] as the person who
// looks, so it shows nothing that /v1 would not tell the same person, and what
// is written goes the way of every event: to the desk, as bytes, and back as a
// receipt. There is no second rule here of who may see what.
//
// # How a request goes
//
//	outside → visit → handler → page → template
//
// outside sets the headers, lets no foreign site write, and catches what breaks
// (outside.go). A visit is one request of one person: who, in which language, with
// a client of the API (visit.go). A handler asks and answers a page: the name of a
// template, a title, what the page is true for, and its data; a struct per
// template, in the file of the handler. Templates are in html/, one file a page
// on top of layout.html and parts.html; every word that they say is in a table
// with both languages beside its handler (words.go). Styles are in static/css,
// joined in the order of their names.
//
// # Without script
//
// Every page and form works without script: links and posts that are answered
// with a redirect or with the form and its faults. static/app.js only makes that
// smoother: it swaps <main> for the answer's, completes what is typed in the
// search, and says that there is something new (live.go).
package pages
