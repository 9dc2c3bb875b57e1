// Package regions knows the labour-market regions and the municipalities in them,
// dated: which there were on a day, and what is not known about it. The data is one
// file with its sources, regions.json; a newer one can be given without a release.
//
// It is for people and for checks at the doors. No verdict rests on it, for a file
// is not in the book.
package regions

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"huisboek/events"
)

// Region is a labour-market region.
type Region struct {
	Code string `json:"code"` // "AM36"
	Name string `json:"naam"`
}

// Gemeente is a municipality.
type Gemeente struct {
	Code  string      `json:"code"` // "GM0193"
	Name  string      `json:"naam"`
	From  events.Date `json:"van,omitempty"`        // empty: since before the data begins
	Until events.Date `json:"tot,omitempty"`        // the day from which it no longer exists
	Into  string      `json:"opgegaanIn,omitempty"` // code of its successor
}

// Exists reports whether the municipality existed on a day, as far as the data goes.
func (g *Gemeente) Exists(on events.Date) bool {
	return g.From <= on && (g.Until == "" || on < g.Until)
}

// Membership is that a municipality belonged to a region on a day.
type Membership struct {
	Gemeente Gemeente
	Region   string
	Certain  bool     // false: the data does not say since when or until when, and the day may lie outside it
	Note     string   // in Dutch; why it is not certain
	Sources  []string // keys of the sources
}

// Source is where facts come from.
type Source struct {
	Key     string `json:"sleutel"`
	Text    string `json:"tekst"`
	Licence string `json:"licentie"`
}

// Data is one state of the facts. It does not change, and several may read it at a
// time.
type Data struct {
	file      file
	gemeenten map[string]int // index in file, by code
}

//go:embed regions.json
var embedded []byte

// Default is the data that this version was made with.
func Default() *Data { return parsed() }

var parsed = sync.OnceValue(func() *Data {
	d, err := Parse(embedded)
	if err != nil {
		panic(fmt.Sprintf("regions.json: %v", err)) // a bug: a test reads it
	}
	return d
})

// Regions are all regions, by code.
func (d *Data) Regions() []Region { return slices.Clone(d.file.Regions) }

// Region is the region with a code.
func (d *Data) Region(code string) (Region, bool) {
	i := slices.IndexFunc(d.file.Regions, func(r Region) bool { return r.Code == code })
	if i < 0 {
		return Region{}, false
	}
	return d.file.Regions[i], true
}

// Gemeente is the municipality with a code, of any time.
func (d *Data) Gemeente(code string) (Gemeente, bool) {
	i, ok := d.gemeenten[code]
	if !ok {
		return Gemeente{}, false
	}
	return d.file.Gemeenten[i].Gemeente, true
}

// Heir is the municipality that stands for another on a day: itself while it
// exists, then its successor, or that one's. ok is false when nobody succeeded it
// or it had not begun yet.
func (d *Data) Heir(code string, on events.Date) (heir Gemeente, ok bool) {
	for { // ends: a successor outlives whom it succeeds (see checks)
		g, known := d.Gemeente(code)
		switch {
		case !known || on < g.From:
			return Gemeente{}, false
		case g.Exists(on):
			return g, true
		}
		code = g.Into
	}
}

// In are the municipalities of a region on a day, by name, those that are not
// certain included. Before From nothing is certain, and municipalities that ended
// before the data begins are missing; after CheckedUntil it tells how things were
// then.
func (d *Data) In(region string, on events.Date) []Membership {
	var all []Membership
	for i := range d.file.Gemeenten {
		g := &d.file.Gemeenten[i]
		if !g.Exists(on) {
			continue
		}
		for j := range g.In {
			if m := &g.In[j]; m.Region == region && m.possible(on) {
				all = append(all, g.membership(m, on))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Membership) int { return strings.Compare(a.Gemeente.Name, b.Gemeente.Name) })
	return all
}

// Of are the regions of a municipality on a day, the certain one first. None when it
// is unknown or did not exist then.
func (d *Data) Of(gemeente string, on events.Date) []Membership {
	i, ok := d.gemeenten[gemeente]
	if !ok || !d.file.Gemeenten[i].Exists(on) {
		return nil
	}
	var all []Membership
	g := &d.file.Gemeenten[i]
	for j := range g.In {
		if m := &g.In[j]; m.possible(on) {
			all = append(all, g.membership(m, on))
		}
	}
	slices.SortStableFunc(all, func(a, b Membership) int {
		switch {
		case a.Certain == b.Certain:
			return 0
		case a.Certain:
			return -1
		}
		return 1
	})
	return all
}

// From is the day of the oldest source.
func (d *Data) From() events.Date { return d.file.From }

// CheckedUntil is the day up to which changes are in the data.
func (d *Data) CheckedUntil() events.Date { return d.file.CheckedUntil }

// Sources are where the facts come from.
func (d *Data) Sources() []Source { return slices.Clone(d.file.Sources) }

func (g *entry) membership(m *member, on events.Date) Membership {
	out := Membership{Gemeente: g.Gemeente, Region: m.Region, Certain: m.certain(on), Sources: slices.Clone(m.Sources)}
	switch {
	case out.Certain:
	case m.Note != "":
		out.Note = m.Note
	case m.From != "" && on < m.From:
		out.Note = fmt.Sprintf("Geen bron zegt waar %s vóór %s bij hoorde.", g.Name, m.From)
	default:
		out.Note = fmt.Sprintf("Geen bron zegt of %s hier op deze dag bij hoorde.", g.Name)
	}
	return out
}
