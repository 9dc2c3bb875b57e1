// Package boltstore keeps folds in bbolt files: the rows and the checkpoint of a
// batch move in one transaction (docs/design.md, "projected").
//
// A [File] is one bbolt file of one book. A [Store] is one fold's place in it,
// and satisfies projections.Store and ledger.Store. [Views] is the file that
// questions are answered from: it can be rebuilt and exchanged while it serves, and
// the file is written some moments behind what it answers.
//
// bbolt has no checksums over rows. What the package can see of damage (a file
// that is cut off, a page that makes no sense) is reported as [ErrDamaged] and
// never as a short answer; what it cannot see, the comparison with a rebuild
// finds. A value that was deleted stays in free pages until they are used again:
// where that matters, [Views.Compact] leaves nothing behind.
package boltstore
