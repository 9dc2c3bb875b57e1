package projections

import "huisboek/events"

// Views is the fold of all views of a book, to be kept in one store: a record
// reaches them all in one transaction, so that every answer of one View is true
// for the same position.
type Views struct {
	Employers
	Messages
	Tallies
	Coverage
	Members
}

// NewViews is all views of a book.
func NewViews() Views { return Views{} }

// Name implements Fold.
func (Views) Name() string { return "beelden" }

// Shape implements Fold: it changes with the shape of any view in it, each of
// which is less than a thousand.
func (v Views) Shape() int {
	shape := 0
	for _, f := range v.folds() {
		shape = 1_000*shape + f.Shape()
	}
	return shape
}

// folds are the views in the order in which a record reaches them: Messages reads
// what Members and Employers wrote.
func (v Views) folds() [5]Fold {
	return [...]Fold{v.Members, v.Employers, v.Messages, v.Tallies, v.Coverage}
}

// Apply implements Fold.
func (v Views) Apply(tx Tx, r *events.Record) error {
	for _, f := range v.folds() {
		if err := f.Apply(tx, r); err != nil {
			return err
		}
	}
	return nil
}
