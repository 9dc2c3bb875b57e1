package natsstream_test

import (
	"errors"
	"testing"

	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// TestRefill: keys of a book that is put back have the ids that they had, those that
// are gone never were in a file, and their ids are never given out again.
func TestRefill(t *testing.T) {
	e := natstest.Start(t)
	keys := ledgertest.RandomKeys(25)
	erased := map[events.KeyID]bool{1: true, 7: true, 8: true, 20: true}
	var all []*[ledger.KeySize]byte
	var gone [][ledger.KeySize]byte
	for i := range keys[:20] {
		if erased[events.KeyID(i+1)] {
			all, gone = append(all, nil), append(gone, keys[i])
			continue
		}
		all = append(all, &keys[i])
	}
	if err := e.Keys.Refill(t.Context(), 1, all[:12]); err != nil {
		t.Fatal(err)
	}
	if err := e.Keys.Refill(t.Context(), 12, all[11:]); !errors.Is(err, ledger.ErrFence) {
		t.Errorf("an id that is taken: %v", err)
	}
	if err := e.Keys.Refill(t.Context(), 13, all[12:]); err != nil {
		t.Fatal(err)
	}
	check := func(name string) {
		t.Helper()
		for i := range 20 {
			id := events.KeyID(i + 1)
			key, err := e.Keys.Get(t.Context(), id)
			if erased[id] != errors.Is(err, ledger.ErrErased) || !erased[id] && (err != nil || key != keys[i]) {
				t.Errorf("%s: key %d: %v", name, id, err)
			}
		}
		if err := e.Keys.Check(t.Context(), 20, erased); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if files := holding(t, e.Dir, gone...); len(files) > 0 {
			t.Errorf("%s: %v", name, files)
		}
	}
	check("at once")
	if err := e.Keys.Erase(t.Context(), []events.KeyID{7, 20}); err != nil {
		t.Errorf("erased again: %v", err)
	}
	e.Restart()
	check("after a restart")
	e.Kill()
	e.Start()
	check("after a kill")
	if first, err := e.Keys.Append(t.Context(), keys[20:]); err != nil || first != 21 {
		t.Errorf("the next id is %d: %v", first, err)
	}
}
