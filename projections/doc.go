// Package projections is the answers: it follows the stream, keeps views, and
// answers questions from them.
//
// A [Fold] turns records into rows. [Employers] answers who has been at an
// employer and who intends to go, and which employers are the same one; [Members]
// is who takes part, on any day; [Messages] is what partners should be told of one
// another; [Tallies] counts what was done and told, and [Suppress] decides what of
// that others may see; [Coverage] is what each partner tells at all. [Views] is all of them in one store. A [Runner] keeps a store up with the
// stream; [Rebuild] makes it anew, and [Compare] says whether the two are the same.
//
// A view is a function of the stream alone: no fold reads a clock, so a rebuild
// gives the same rows (docs/design.md, promise 5). Rows hold personal members
// sealed, with the source and id that the seal is bound to; whoever answers
// unseals. What depends on today (a plan that has expired, a month that is
// closed) takes the day as an argument.
package projections
