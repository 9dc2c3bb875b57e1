package ledger_test

import (
	"slices"

	"pgregory.net/rapid"

	"huisboek/events"
)

// saidOfPair is a word on two placements, as the plain model remembers it.
type saidOfPair struct {
	who  int // steward, or the index of a partner
	same bool
}

// pairUp says of two placements of different partners that they are the same, or not.
func (w *world) pairUp(t *rapid.T) {
	one := w.pick(t, is[*events.PlacementMade])
	two := w.pick(t, func(s *said) bool { return is[*events.PlacementMade](s) && s.who != one.who })
	who := rapid.IntRange(steward, 2).Draw(t, "who")
	if who != steward {
		who = w.now(who)
	}
	same := rapid.Bool().Draw(t, "same")
	a, b := w.ref(one), w.ref(two)
	d := events.Data(distinct(&a, &b))
	if same {
		d = matched(&a, &b)
	}
	key := [2]*said{one, two}
	if two.at < one.at {
		key = [2]*said{two, one}
	}
	involved := who == steward || w.speaksFor(who, one.who) || w.speaksFor(who, two.who)
	words := w.pairs[key]
	if involved {
		words = append(slices.Clone(words), saidOfPair{who, same})
	}
	want := "/data niet-betrokken"
	if involved {
		want = w.countsOfPair(words, one.who, two.who)
	}
	r, err := w.speak(who, d)
	got := ""
	if err == nil {
		got = r.Reasons[0].Code
		w.pairs[key] = words
	} else if codes := faultCodes(err); len(codes) > 0 {
		got = codes[0]
	}
	if got != want {
		t.Fatalf("%d says %v of %d and %d, after %+v: %s %v, want %s", who, same, one.at, two.at, words, got, err, want)
	}
}

// speaksFor reports whether a partner goes on with the work of another, or is it.
func (w *world) speaksFor(who, other int) bool {
	return who == other || who != steward && w.reaches(other, who)
}

func (w *world) countsOfPair(words []saidOfPair, one, two int) string {
	last := func(may func(int) bool) *saidOfPair {
		for i := len(words) - 1; i >= 0; i-- {
			if may(words[i].who) {
				return &words[i]
			}
		}
		return nil
	}
	now := words[len(words)-1]
	if s := last(func(by int) bool { return by == steward }); s != nil && s.same != now.same {
		return "regisseur-besliste"
	} else if !now.same {
		return "onderscheid-geldt"
	} else if s != nil {
		return "gelijkstelling-geldt"
	}
	for _, side := range []int{one, two} {
		if s := last(func(by int) bool { return by != steward && w.speaksFor(by, side) }); s == nil || !s.same {
			return "gelijkstelling-wacht"
		}
	}
	return "gelijkstelling-geldt"
}
