// Package story tells a plausible year of one labour-market region, for the
// demo: regio Zwolle (AM36), its thirteen municipalities, UWV and four invented
// sheltered-work companies, some two thousand invented employers, what the partners
// did there up to yesterday, and what the region's steward settled.
//
// [Year] is a pure function of a seed and a day: the same two give the same
// events to the byte. The municipalities are real; every employer, person,
// telephone number and partner's OIN is not. OINs carry the test prefix
// 00000099. KvK numbers are the fictitious ones that KvK publishes for its own
// test interface, and from there on numbers that begin with 9000, the range in
// which KvK's test numbers lie. Names of employers are put together from
// syllables that form no word; people are a given name and one letter.
//
// The story respects every rule a partner has to keep (a visit lies in the past,
// an approach is open when it is moved, what is retracted is one's own), so that
// it can be told through the same door as everything else.
package story

import (
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"huisboek/events"
)

// Region is the region of the story.
const Region = "AM36"

// Steward stands where a partner's index would, for what the region's steward says.
const Steward = -1

// Board is the same for what the regional board says.
const Board = -2

// Story is a year, ready to be told.
type Story struct {
	Start      time.Time  // a moment before the first event: when the book opens
	Partners   []Partner  // the thirteen municipalities, UWV, four SW companies
	Employers  []Employer // about two thousand, those with a Dutch number
	Highlights Highlights

	steps []Step
}

// Step is one event of the story.
type Step struct {
	At      time.Time // what the clock says when it is emitted
	Partner int       // who emits it: an index into Story.Partners, Steward or Board
	Source  string    // of that partner's system
	ID      string    // a UUID
	Data    events.Data
}

// Event is the step as an event, as the partner's system would send it.
func (s *Step) Event() (*events.Event, error) {
	return events.NewEvent(s.Source, s.ID, s.At, s.Data)
}

// Events tells the story in the order of the clock; every moment lies between
// Start and the beginning of the day it was made for.
func (s *Story) Events() iter.Seq[Step] { return slices.Values(s.steps) }

// Len is the number of events.
func (s *Story) Len() int { return len(s.steps) }

// Year tells the year up to and including the day before today.
func Year(seed uint64, today events.Date) *Story {
	dice := dice{rand.New(rand.NewPCG(seed, 0x68756973626f656b))}
	places := places()
	t := &teller{
		dice:     dice,
		cal:      newCalendar(today),
		partners: partners(dice, places),
	}
	t.employers = employers(dice, places, t.partners)
	t.merge()

	highlights := t.highlight()
	t.related(&highlights)
	t.clashes(&highlights)
	for i := range t.employers {
		switch e := &t.employers[i]; {
		case i == highlights.Quiet:
			t.describe(e, e.home, t.cal.workday(dice, t.cal.end))
		case i == highlights.Busy:
			t.busy(e)
		case highlights.has(i):
			t.describe(e, e.home, e.known)
		default:
			t.employer(e)
		}
	}
	t.agree(&highlights)
	t.clash(&highlights)
	t.goals(&highlights)
	slices.SortStableFunc(t.steps, func(a, b Step) int { return a.At.Compare(b.At) })

	return &Story{
		Start:      t.cal.at(0, openingHour*60).Add(-time.Hour),
		Partners:   t.partners,
		Employers:  t.employers,
		Highlights: highlights,
		steps:      t.steps,
	}
}
