package targets

import (
	"cmp"
	"slices"
)

// InOrder puts shares and cells in the order in which people look for them: partners by
// their names, what is of no partner behind them. What adds up does so in any order.
func (s *Standing) InOrder(name func(partner string) string) {
	at := map[string]string{}
	place := func(partner string) string {
		key, ok := at[partner]
		if !ok {
			key = placeOf(partner, name)
			at[partner] = key
		}
		return key
	}
	slices.SortStableFunc(s.Shares, func(a, b Share) int {
		return cmp.Or(cmp.Compare(place(a.Partner), place(b.Partner)), cmp.Compare(a.Label, b.Label))
	})
	if s.Split == nil || !slices.Contains(s.Split.Across[:], ByPartner) {
		return
	}
	type placed struct { // there may be thousands: each is looked up once
		key [2]string
		Cell
	}
	list := make([]placed, len(s.Split.Cells))
	for i, c := range s.Split.Cells {
		list[i] = placed{c.Values, c}
		for j, d := range s.Split.Across {
			if d == ByPartner {
				list[i].key[j] = place(c.Values[j])
			}
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int { return slices.Compare(a.key[:], b.key[:]) })
	split := *s.Split // its cells are kept for others
	split.Cells = make([]Cell, len(list))
	for i := range list {
		split.Cells[i] = list[i].Cell
	}
	s.Split = &split
}

// placeOf is by what a partner is sorted: its name, and of one name by itself.
func placeOf(partner string, name func(string) string) string {
	switch partner {
	case "", Hidden, Running, Waiting, Leaving, Unknown:
		return "\xff" + partner // behind every name
	}
	return name(partner) + "\x00" + partner
}
