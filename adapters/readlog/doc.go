// Package readlog is who looked at contact persons, when and for what: on disk
// before the answer is sent.
//
// An answer that holds contact persons of an employer is a [Look]. It is written
// before it is given, in the fields of the Dutch standard *Logboek
// Dataverwerkingen*: one [Record] for each contact person, under one trace. What
// cannot be written is not given: [File.Write] returns when the look is on disk, or
// with an error, and then the answer is refused.
//
// The log alone names nobody. Who looked is the opaque id of a credential; who was
// looked at is a number made under a key of the book ([File.Subject]), from where in
// the book that person stands. Whoever has the book can tell whose it is; nobody can
// find a person by trying names, and when the person was erased the number is of
// nobody. An employer is there by its key, which can be a sole trader's.
//
// Account managers are not logged: their names and phones are what colleagues share
// for their work, in nearly every answer, and a log of everything would be read by
// nobody.
//
// One bbolt file keeps the looks, for three years by default and up to a bound. Looks
// that come at once share one sync. Unlike what intake keeps, it is the only copy of
// what is in it: a damaged file is put aside and not removed.
package readlog
