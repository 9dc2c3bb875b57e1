package projections

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
)

// TestTouchedNamesWhatChanged: whatever a record changes in the rows of an employer,
// that employer was named, and folding with Touching writes the rows of Views.
func TestTouchedNamesWhatChanged(t *testing.T) {
	byEmployer := []byte{rowCard, rowTimeline, rowVisit, rowFixed, rowMonth, rowStillOpen, rowLink, rowInterest}
	rapid.Check(t, func(t *rapid.T) {
		records := book(t)
		touching, store := NewTouching(), newMemory()
		var at events.Checkpoint
		for _, r := range records {
			before := store.rows
			if err := applyBatch(touching, store, &at, []*events.Record{r}); err != nil {
				t.Fatal(err)
			}
			named := touching.Take()
			for key := range maps.Keys(merged(before, store.rows)) {
				if !slices.Contains(byEmployer, key[0]) || string(before[key]) == string(store.rows[key]) && has(before, key) == has(store.rows, key) {
					continue
				}
				if employer, _, _ := cutSized([]byte(key)[1:]); !slices.Contains(named, string(employer)) {
					t.Fatalf("position %d changed %s; named were %q", r.Position, KeyName([]byte(key)), named)
				}
			}
		}
		plain := newMemory()
		run(t, plain, [][]*events.Record{records})
		if d := cmp.Diff(plain.rows, store.rows); d != "" {
			t.Errorf("Touching writes other rows: %s", d)
		}
	})
}

func merged(a, b map[string][]byte) map[string][]byte {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func has(rows map[string][]byte, key string) bool {
	_, ok := rows[key]
	return ok
}

func TestTouchedBy(t *testing.T) {
	const one, two, three = "69599084", "90004760", "DE-HRB-1234"
	store := newMemory()
	at := func(key string) events.Employer { return whole(key).Employer() }
	card := &events.EmployerDescribed{Employer: at(one)}
	card.Name.Seal = &events.Seal{Key: 7, Text: "zegel"}
	plan := planAt(at(two), "2026-12-01", "nazorg")
	visit := visitAt(at(three), "nazorg")
	visit.AccountManager.Seal = &events.Seal{Key: 7, Text: "zegel"}
	said := func(p events.Position, d events.Data, restsOn ...events.Position) *events.Record {
		return stored(t, &events.Record{Position: p, Partner: "a", Verdict: events.Verdict{RestsOn: restsOn, Today: "2026-11-01"},
			Event: events.Event{Source: "s", ID: "i", Type: d.Type(), Data: d}})
	}
	apply(t, store, said(1, card), said(2, plan), said(3, visit))
	ref := &events.Ref{Source: "s", ID: "i"}
	tests := []struct {
		name string
		r    *events.Record
		want []string
	}{
		{"a description", said(4, card), []string{one}},
		{"a move", said(4, &events.VisitMoved{Approach: "x", Date: "2026-12-02"}, 2), []string{two}},
		{"a visit that ends an approach elsewhere", said(4, &events.VisitMade{Employer: at(one), Date: "2026-12-01", Approach: "x"}, 2), []string{one, two}},
		{"a retraction", said(4, &events.EventRetracted{}, 3), []string{three}},
		{"a correction to another employer", said(4, &events.VisitMade{Employer: at(one), Date: "2026-12-01", Replaces: ref}, 3), []string{one, three}},
		{"a link", linking(4, one, two, "concern"), []string{one, two}},
		{"an unlink", linking(4, two, one, ""), []string{two, one}},
		{"an erasure of a name", said(4, &events.DataErased{Keys: []events.KeyID{9, 7}}), []string{one}},
		{"an erasure of nothing here", said(4, &events.DataErased{Keys: []events.KeyID{9}}), nil},
		{"a partner", said(4, &events.PartnerAdmitted{Partner: partners[0]}), nil},
		{"a retraction of what was retracted", said(4, &events.EventRetracted{}, 9), nil},
	}
	for _, tt := range tests {
		got, err := Employers{}.TouchedBy(memoryTx{store.rows}, tt.r)
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", tt.name, err, d)
		}
	}
	// What was taken is not given again.
	touching := NewTouching()
	if err := touching.Apply(memoryTx{store.rows}, said(4, card)); err != nil {
		t.Fatal(err)
	}
	if got := touching.Take(); !slices.Equal(got, []string{one}) {
		t.Error(got)
	}
	if got := touching.Take(); len(got) != 0 {
		t.Error(got)
	}
}

// TestEvery: employers come once each, the shorter keys first, whatever rows they have.
func TestEvery(t *testing.T) {
	store := newMemory()
	apply(t, store, visits(1, "90004760", "2026-11-01", "2026-11-02")...)
	apply(t, store, visits(3, "69599084", "2026-11-01")...)
	apply(t, store, linking(4, "DE-HRB-1234", "55344526", "concern"))
	want := []string{"55344526", "69599084", "90004760", "DE-HRB-1234"}
	for size := range 6 {
		var all []string
		for after := ""; size > 0; after = all[len(all)-1] {
			part, err := Employers{}.Every(memoryTx{store.rows}, after, size)
			if err != nil {
				t.Fatal(err)
			}
			if len(part) == 0 {
				break
			}
			all = append(all, part...)
		}
		if size > 0 && !slices.Equal(all, want) {
			t.Errorf("in parts of %d: %q", size, all)
		}
	}
	// The place of one that has gone is still a place.
	if rest, err := (Employers{}).Every(memoryTx{store.rows}, "69599085", 10); !slices.Equal(rest, want[2:]) || err != nil {
		t.Error(rest, err)
	}
}
