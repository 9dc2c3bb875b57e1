package projections

import "huisboek/events"

// Views is the fold of all views of a book, to be kept in one store: a record
// reaches them all in one transaction, so that every answer of one View is true
// for the same position.
type Views struct {
	Employers
	Tallies
}

// NewViews is all views of a book.
func NewViews() Views { return Views{} }

// Name implements Fold.
func (Views) Name() string { return "beelden" }

// Shape implements Fold: it changes with the shape of any view in it.
func (v Views) Shape() int { return 1_000*v.Employers.Shape() + v.Tallies.Shape() }

// Apply implements Fold.
func (v Views) Apply(tx Tx, r *events.Record) error {
	if err := v.Employers.Apply(tx, r); err != nil {
		return err
	}
	return v.Tallies.Apply(tx, r)
}
