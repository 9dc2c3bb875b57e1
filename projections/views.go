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
	Agreements
	Clashes
	Agenda
	Journal
}

// NewViews is all views of a book.
func NewViews() Views { return Views{} }

// Name implements Fold.
func (Views) Name() string { return "beelden" }

// Shape implements Fold: it changes with the shape of any view in it, each of
// which is less than a hundred. More than nine of them do not fit.
func (v Views) Shape() int {
	shape := 0
	for _, f := range v.folds() {
		shape = 100*shape + f.Shape()
	}
	return shape
}

// folds are the views in the order in which a record reaches them: all read
// what Agreements and Members wrote, and the rest what Employers wrote; Messages tells
// of what Clashes found.
func (v Views) folds() [9]Fold {
	return [...]Fold{v.Agreements, v.Members, v.Employers, v.Clashes, v.Agenda, v.Messages, v.Tallies, v.Coverage, v.Journal}
}

// Apply implements Fold.
func (v Views) Apply(tx Tx, r *events.Record) error {
	s := &step{Tx: tx}
	for _, f := range v.folds() {
		if err := f.Apply(s, r); err != nil {
			return err
		}
	}
	return nil
}
