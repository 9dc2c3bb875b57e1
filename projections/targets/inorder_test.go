package targets

import (
	"slices"
	"testing"
)

// TestInOrder: partners come by name whatever their UUIDs, what is of none comes last,
// and what is kept for others stays as it was.
func TestInOrder(t *testing.T) {
	names := map[string]string{"1": "Zwolle", "2": "Kampen", "3": "UWV"}
	kept := []Cell{
		{[2]string{"2026-01", "1"}, 1}, {[2]string{"2026-01", "2"}, 2}, {[2]string{"2026-01", Hidden}, 3}, {[2]string{"2026-02", "1"}, 4},
		{[2]string{"2026-02", "3"}, 5}, {[2]string{Leaving, Leaving}, -6},
	}
	before := slices.Clone(kept)
	s := &Standing{
		Shares: []Share{{Partner: "1"}, {Partner: "2"}, {Partner: "3"}, {Label: Running}, {Label: Hidden}},
		Split:  &Split{Across: [2]Dimension{ByMonth, ByPartner}, Cells: kept},
	}
	s.InOrder(func(partner string) string { return names[partner] })
	var shares []string
	for _, x := range s.Shares {
		shares = append(shares, names[x.Partner]+x.Label)
	}
	if want := []string{"Kampen", "UWV", "Zwolle", Hidden, Running}; !slices.Equal(shares, want) {
		t.Errorf("%q, want %q", shares, want)
	}
	var amounts []Amount
	for _, c := range s.Split.Cells {
		amounts = append(amounts, c.Amount)
	}
	if want := []Amount{2, 1, 3, 5, 4, -6}; !slices.Equal(amounts, want) {
		t.Errorf("%v, want %v", amounts, want)
	}
	if !slices.Equal(kept, before) {
		t.Error("what is kept was moved")
	}
}
