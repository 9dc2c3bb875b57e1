package story

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

//go:embed region.csv
var regionCSV string

// place is where employers are: a place in a municipality.
type place struct {
	gemeente, municipality, name string
	from, to                     int // four-digit postcodes
	weight                       int
}

// places reads the embedded table; what is wrong with it is a bug.
func places() []place {
	r := csv.NewReader(strings.NewReader(regionCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		panic(err)
	}
	var all []place
	for _, row := range rows[1:] {
		all = append(all, place{row[0], row[1], row[2], number(row[3]), number(row[4]), number(row[5])})
	}
	return all
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// postcode is one within the place. The letters SA, SD and SS are never given out.
func (p place) postcode(d dice) string {
	const letters = "ABCDEGHJKLMNPRTVWXZ"
	return fmt.Sprintf("%d%c%c", d.between(p.from, p.to), letters[d.IntN(len(letters))], letters[d.IntN(len(letters))])
}
