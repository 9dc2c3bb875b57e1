package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

type eraseWords struct {
	Partner  string      `json:"partner,omitempty"`
	Employee string      `json:"medewerker,omitempty"`
	Employer string      `json:"werkgever,omitempty"`
	Texts    bool        `json:"teksten,omitempty"`
	Event    *events.Ref `json:"melding,omitempty"`
	Ground   string      `json:"grond"`
}

// erased is an erasure, and under which other keys the same employer was described:
// what was said there stays until it is erased as well.
type erased struct {
	ledger.Erasure
	Others []string `json:"ookBekendAls,omitempty"`
	People int      `json:"inloggers,omitempty"` // entries of who may sign in that went with it
}

func (h *house) erase(ctx context.Context, q eraseWords, _ reportFunc) (*erased, error) {
	r := ledger.EraseRequest{Employee: q.Employee, Texts: q.Texts, Event: q.Event, Ground: q.Ground}
	if q.Partner != "" {
		p, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		r.Partner = p.ID
	}
	if q.Employer != "" {
		e, err := events.ParseEmployerKey(q.Employer)
		if err != nil {
			return nil, fmt.Errorf("%q is no employer: %w", q.Employer, err)
		}
		r.Employer = e.Key()
	}
	h.erasing.Lock()
	defer h.erasing.Unlock()
	people, err := h.forgetPeople(r.Partner, r.Employee)
	if err != nil {
		return nil, err
	}
	done, err := h.ledger.Erase(ctx, r, localCaller)
	if people > 0 && errors.Is(err, ledger.ErrNothingToErase) { // somebody who never recorded anything
		return &erased{People: people}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := h.waitForViews(ctx); err != nil {
		return nil, err
	}
	out := &erased{Erasure: done, People: people}
	if r.Employer != "" {
		if out.Others, err = h.describedElsewhere(ctx, r.Employer); err != nil {
			return nil, err
		}
	}
	return out, h.views.Compact()
}

// describedElsewhere are the other keys of an employer under which a name can still
// be read.
func (h *house) describedElsewhere(ctx context.Context, employer string) (keys []string, err error) {
	var cards []*projections.Card
	err = h.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		same, err := projections.Employers{}.Same(tx, employer)
		if err != nil {
			return err
		}
		for _, k := range same {
			card, err := projections.Employers{}.Card(tx, []string{k})
			if err != nil {
				return err
			}
			if k != employer && card != nil && card.Name.Seal != nil {
				cards = append(cards, card)
			}
		}
		return nil
	})
	for _, c := range cards {
		_, gone := h.ledger.Unseal(ctx, c.Source, c.ID, "/naam", *c.Name.Seal)
		switch {
		case gone == nil:
			keys = append(keys, c.Employer)
		case !errors.Is(gone, ledger.ErrErased):
			return nil, gone
		}
	}
	return keys, err
}

// finding is one thing that verify looked at.
type finding struct {
	What  string `json:"wat"`
	Fault string `json:"fout,omitempty"` // "" is well
	Fine  string `json:"goed,omitempty"`
}

// verify reads everything, and makes the book's rows and the views again from
// zero to compare them.
func (h *house) verify(ctx context.Context, _ struct{}, progress reportFunc) ([]finding, error) {
	var found []finding
	note := func(what, fine string, err error) {
		f := finding{What: what, Fine: fine}
		if err != nil {
			f.Fine, f.Fault = "", err.Error()
		}
		found = append(found, f)
	}
	err := h.verifyStreams(ctx, progress)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	note("records and keys", fmt.Sprintf("%d records, chain whole, every key there", h.ledger.Position()), err)
	if err != nil {
		h.haltOnDamage(err)
		return found, nil // nothing can be rebuilt from a damaged stream
	}
	note("book", "equals its rebuild", h.compareBook(ctx, progress))
	note("views", "equal their rebuild", h.compare(ctx, "huisboek rebuild makes them anew", h.views, projections.NewViews(), projections.KeyName, progress))
	looks, err := h.looks.Check(ctx)
	note("read log", fmt.Sprintf("%d looks at contact persons, each to be found", looks), err)
	return found, ctx.Err()
}

// compareBook compares the book's rows with their rebuild. Whose a key was can be
// told only as long as it is there: an erasure meanwhile would look like a
// difference, and so would one that the file does not have yet.
func (h *house) compareBook(ctx context.Context, progress reportFunc) error {
	h.erasing.Lock()
	defer h.erasing.Unlock()
	book, err := h.bookStore()
	if err != nil {
		return err
	}
	if err := h.ledger.Flush(); err != nil {
		return err
	}
	return h.compare(ctx, "stop the book and move "+fileFold+" away, and the next start makes it anew", book, h.ledger.Fold(), nil, progress)
}

// compare rebuilds a fold in a file of its own, up to where the live one stands.
// remedy is what helps when the two differ.
func (h *house) compare(ctx context.Context, remedy string, live projections.Store, fold projections.Fold, name func([]byte) string, progress reportFunc) error {
	dir, err := os.MkdirTemp(h.Dir, ".verify-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh, err := boltstore.OpenViews(filepath.Join(dir, "rows.db"), boltstore.Options{NoSync: true}, fold.Name(), fold.Shape())
	if err != nil {
		return err
	}
	defer fresh.Close()
	return live.View(func(tx projections.Tx, at events.Checkpoint) error {
		err := projections.RebuildUntil(ctx, h.stream, fold, fresh, at.Position, func(done, total events.Position) {
			progress(fold.Name(), uint64(done), uint64(total))
		})
		if err != nil {
			return err
		}
		difference, err := projections.CompareView(tx, at, fresh, name)
		if err == nil && difference != "" {
			err = fmt.Errorf("not the same as a rebuild (first what is kept, then the rebuild): %s; %s", difference, remedy)
		}
		return err
	})
}

type rebuilt struct {
	Position   events.Position `json:"positie"`
	Took       string          `json:"duur"`
	Difference string          `json:"verschil,omitempty"`
}

// rebuild makes the views again from the stream, while serving.
func (h *house) rebuild(ctx context.Context, _ struct{}, progress reportFunc) (*rebuilt, error) {
	began := time.Now()
	difference, err := h.views.Rebuild(ctx, h.stream, projections.NewViews(), func(done, total events.Position) {
		progress("views", uint64(done), uint64(total))
	})
	return &rebuilt{h.runner.Position(), time.Since(began).Round(time.Millisecond).String(), difference}, err
}
