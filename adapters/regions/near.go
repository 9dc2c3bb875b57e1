package regions

import (
	"cmp"
	"slices"
	"strings"
)

// Near are at most three municipalities that somebody may have meant by a word
// that is no code: the one of that name, or those whose codes differ from it least.
func (d *Data) Near(word string) []Gemeente {
	type candidate struct {
		Gemeente
		distance int
	}
	if len(word) > maxText {
		return nil
	}
	code := strings.ToUpper(strings.TrimSpace(word))
	digits := strings.TrimLeft(strings.TrimPrefix(code, "GM"), "0")
	var near []candidate
	for i := range d.file.Gemeenten {
		g := d.file.Gemeenten[i].Gemeente
		if strings.EqualFold(g.Name, strings.TrimSpace(word)) || digits == strings.TrimLeft(g.Code[2:], "0") {
			return []Gemeente{g} // said by name, or without the zeros
		}
		if n := distance(code, g.Code); n <= 1 {
			near = append(near, candidate{g, n})
		} else if n := distance(code, strings.ToUpper(g.Name)); n <= 2 {
			near = append(near, candidate{g, n})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var all []Gemeente
	for _, c := range near[:min(3, len(near))] {
		all = append(all, c.Gemeente)
	}
	return all
}

// distance is how many letters must be put in, left out or replaced to make b of a
// (Levenshtein), over bytes: it is for ranking only.
func distance(a, b string) int {
	if n := len(a) - len(b); n > 2 || n < -2 {
		return 3 // as good as anything further
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := last
			if a[i] != b[j] {
				replaced++
			}
			last = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
