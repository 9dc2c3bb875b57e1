package ledger_test

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/ledger"
)

// tie is the last word on a pair of employers, as the plain model remembers it.
type tie struct {
	kind, first string // kind is "" for said not to belong together
	holds       bool
	by          []int // who said so; the steward is steward
}

const steward = -1

// pair draws two employers and who speaks of them.
func (w *world) pair(t *rapid.T) (who int, first, with string, last *tie) {
	two := rapid.Permutation(numbers).Draw(t, "pair")
	who = rapid.IntRange(steward, 2).Draw(t, "who")
	if who != steward {
		who = w.now(who)
	}
	key := [2]string{min(two[0], two[1]), max(two[0], two[1])}
	if w.links[key] == nil {
		w.links[key] = &tie{}
	}
	return who, two[0], two[1], w.links[key]
}

// speak records what a partner or the steward says of a pair.
func (w *world) speak(who int, d events.Data) (*ledger.Receipt, error) {
	if who == steward {
		return w.k.steward(d)
	}
	w.n++
	e := w.k.event(w.parties[who], fmt.Sprintf("wereld-%d", w.n), d)
	return w.k.ledger.Record(context.Background(), ledger.Submission{Event: e, Caller: w.parties[who].caller})
}

func (w *world) link(t *rapid.T) {
	who, first, with, last := w.pair(t)
	kind := rapid.SampledFrom([]string{"dezelfde", "opvolger", "concern"}).Draw(t, "kind")
	same := last.kind == kind && (kind != "opvolger" || last.first == first)
	want := "koppeling-wacht"
	switch other := slices.ContainsFunc(last.by, func(by int) bool { return by == steward || w.now(by) != who }); {
	case who == steward, same && (last.holds || other):
		want = "koppeling-geldt"
	case last.holds:
		want = "/data/soort anders-gekoppeld"
	}
	r, err := w.speak(who, link(kind, first, with))
	got := ""
	if err == nil {
		got = r.Reasons[0].Code
	} else if codes := faultCodes(err); len(codes) > 0 {
		got = codes[0]
	}
	if got != want {
		t.Fatalf("%d says %s of %s and %s, after %+v: %s %v, want %s", who, kind, first, with, last, got, err, want)
	}
	if err != nil {
		return
	}
	if !same {
		*last = tie{kind: kind, first: first}
	}
	last.holds, last.by = got == "koppeling-geldt", append(last.by, who)
}

func (w *world) unlink(t *rapid.T) {
	who, first, with, last := w.pair(t)
	said := slices.ContainsFunc(last.by, func(by int) bool { return by != steward && w.now(by) == who })
	may := who == steward || last.kind != "" && said && !slices.Contains(last.by, steward)
	_, err := w.speak(who, unlink(first, with))
	if may != (err == nil) {
		t.Fatalf("%d unlinks %s and %s, after %+v: %v", who, first, with, last, err)
	}
	if err == nil {
		*last = tie{}
	}
}

// group are an employer and all that are the same.
func (w *world) group(number string) []string {
	group := []string{number}
	for i := 0; i < len(group); i++ {
		for pair, l := range w.links {
			if !l.holds || l.kind == "concern" {
				continue
			}
			for j, one := range pair {
				if one == group[i] && !slices.Contains(group, pair[1-j]) {
					group = append(group, pair[1-j])
				}
			}
		}
	}
	return group
}

// succeed lets another go on with a partner's work from today.
func (w *world) succeed(t *rapid.T) {
	old, by := rapid.IntRange(0, 2).Draw(t, "old"), rapid.IntRange(0, 2).Draw(t, "by")
	if old == by {
		t.Skip("of itself")
	}
	_, err := w.k.steward(succession(w.parties[old], w.parties[by], w.today()))
	if circle := w.reaches(by, old); circle != (err != nil) {
		t.Fatalf("%d by %d, after %v: %v", old, by, w.heirs, err)
	}
	if err == nil {
		w.heirs[old] = by
	}
}

// reaches reports whether one partner's work has come to another.
func (w *world) reaches(from, to int) bool {
	for {
		heir, ok := w.heirs[from]
		if !ok || heir == to {
			return ok
		}
		from = heir
	}
}
