// Package region tells what a whole labour-market region reports, year by year and as
// much of it as is asked for: 24 partners and their account managers at 400,000
// employers, of which some are visited all the time and most hardly ever. It is what the
// benchmarks of cmd/huisboek record (docs/bench.md); the demo's year, which has to be
// looked at, is in package story.
//
// A [Region] is a pure function of a seed and a size: the same two give the same events
// to the byte. A million of them fill a year of 260 working days, five million five
// years; fewer than a million are a thinner year. The last year is 2025, near the end of
// which the size that was asked for is reached. It goes on after that, at the same pace:
// that is what is written while a benchmark reads.
//
// Everything that a partner can say occurs, in a mix that a test holds, and each event
// keeps the rules: a plan is open when it is moved, what is corrected is one's own and
// still stands. So a ledger refuses none of them. Nothing in it is real: OINs carry the
// test prefix 00000099, KvK numbers begin with 90 or 91 as KvK's test numbers do, telephone
// numbers are given to nobody and names are put together from syllables.
//
// Only what is still open is kept in memory, and a bit for each employer.
package region

import (
	"iter"
	"math/rand/v2"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
)

// Code is the region's code.
const Code = "AM36"

// Employers is how many employers there are.
const Employers = 400_000

// StewardOIN is who the region's steward is: a test number.
const StewardOIN = "00000099000000000000"

// Steward and Board stand where a partner's index would, for what they say.
const (
	Steward = -1
	Board   = -2
)

// aYear is how many events fill one.
const aYear = 1_000_000

// Region is a history that can be told.
type Region struct {
	Partners []Partner
	Measured []Measured // employers with a known number of contacts
	Targets  []string   // UUIDs of the region's targets: placements, employers reached, visits

	seed uint64
	size int
}

// Measured is an employer that has exactly so many contacts, all visits, when as many
// events were told as the region's size, and no more after that.
type Measured struct {
	KvK      string
	Contacts int
}

// Step is one event of the history.
type Step struct {
	At       time.Time // what the clock says when it is emitted; never before the step before
	Partner  int       // who emits it: an index into Region.Partners, Steward or Board
	Source   string    // of that partner's system
	ID       string    // a UUID of version 7, at that time
	Thread   uint64    // what builds on each other has the same: to be recorded in this order
	Employer string    // key of the employer that it concerns; "" when it concerns none
	Date     events.Date
	Data     events.Data
}

// Raw is the event as the partner's system sends it: a CloudEvent in JSON.
func (s *Step) Raw() ([]byte, error) {
	data, err := json.Marshal(s.Data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&struct {
		Version string         `json:"specversion"`
		ID      string         `json:"id"`
		Source  string         `json:"source"`
		Type    events.Type    `json:"type"`
		Time    string         `json:"time"`
		Data    jsontext.Value `json:"data"`
	}{"1.0", s.ID, s.Source, s.Data.Type(), s.At.Format(time.RFC3339Nano), data})
}

// New is the region of a seed with size events.
func New(seed uint64, size int) *Region {
	r := &Region{seed: seed, size: size}
	d := dice{rand.New(rand.NewPCG(seed, 0x726567696f))}
	r.Partners = partners(d)
	for range 3 {
		r.Targets = append(r.Targets, d.uuid())
	}
	for i, n := range []int{10, 100, 1_000, 10_000} {
		if n <= size/20 {
			r.Measured = append(r.Measured, Measured{kvk(measuredFirst + i), n})
		}
	}
	return r
}

// Start is a moment before the first event.
func (r *Region) Start() time.Time { return newCalendar(r.size).at(0).Add(-time.Hour) }

// Events tells the history from its beginning, and does not end by itself.
func (r *Region) Events() iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		t := newTeller(r)
		t.open()
		for {
			for len(t.ready) == 0 {
				t.turn()
			}
			ready := t.ready
			t.ready = nil
			for _, s := range ready {
				if !yield(s) {
					return
				}
			}
		}
	}
}
