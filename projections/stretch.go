package projections

import (
	"slices"
	"time"

	"huisboek/events"
)

// stretch is how a partner stood from a day on, until the day of the next.
type stretch struct {
	day        events.Date
	position   events.Position // of what was in force
	at         time.Time
	active     bool
	admission  *word // that is in force when active
	identities []string
	successor  string
}

// stretches works out the rule of [Members]; words are in the order in which they
// were said.
func stretches(words []word, heirs []heir) (line []stretch) {
	words = withoutMoved(words)
	var days []events.Date
	for i := range words {
		days = append(days, words[i].from)
	}
	for _, h := range heirs {
		if days = append(days, h.from); h.until != "" {
			days = append(days, h.until)
		}
	}
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		x := stretch{day: day, identities: identitiesOn(words, day)}
		w := wordOn(words, day)
		if w != nil {
			x.position, x.at = w.position, w.at
		}
		if h := heirOn(heirs, day); h != nil {
			x.successor = h.by
			if w == nil || !w.departed || h.position > w.position {
				x.position, x.at = h.position, h.at
			}
		} else if w != nil && !w.departed {
			x.active, x.admission = true, w
		}
		if n := len(line); x.position == 0 || n > 0 && line[n-1].same(&x) {
			continue
		}
		line = append(line, x)
	}
	return line
}

func (x *stretch) same(y *stretch) bool {
	return x.position == y.position && x.active == y.active && x.successor == y.successor && slices.Equal(x.identities, y.identities)
}

// withoutMoved leaves out every departure that a later one moved.
func withoutMoved(words []word) []word {
	kept := make([]word, 0, len(words))
	for _, w := range words {
		if n := len(kept); n > 0 && w.departed && kept[n-1].departed {
			kept = kept[:n-1]
		}
		kept = append(kept, w)
	}
	return kept
}

func wordOn(words []word, day events.Date) *word {
	for i := len(words) - 1; i >= 0; i-- {
		if words[i].from <= day {
			return &words[i]
		}
	}
	return nil
}

func identitiesOn(words []word, day events.Date) (list []string) {
	for i := range words {
		if words[i].from > day {
			continue
		}
		for _, identity := range words[i].identities {
			if !slices.Contains(list, identity) {
				list = append(list, identity)
			}
		}
	}
	return list
}
