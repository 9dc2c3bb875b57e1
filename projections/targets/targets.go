// Package targets counts what a region set out to reach: one joint total, everybody's
// own share of it, on any day and as known at any moment, so that nobody can be
// recognised in it.
package targets

import (
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// Measure is a class of what is counted; jobs are counted from placements, and
// employers reached from visits.
type Measure = string

// Item is one thing that can count, as it stands at some position: a placement, a
// visit made, a service delivered, places of a vacancy filled.
type Item struct {
	Root      events.Position // of the first report of it
	Last      events.Position // of that report, or its last correction
	At        time.Time       // when it was first recorded
	Part      projections.Part
	Employer  string
	Partner   string      // who reported it
	With      []string    // who else confirmed to have part in it, sorted, without Partner
	From, To  events.Date // To of a placement: its end as last said; "" is none
	Sort      string      // soort, dienst or doel
	Groups    []string    // sorted
	Hours     int         // hundredths; -1 is not said
	Register  projections.Register
	Sector    string
	Count     int    // services, places; else 1
	Placement string // UUID
}

// is reports whether two are the same item, as known at one moment.
func (it *Item) is(other *Item) bool { return it.Root == other.Root }

// Version is a target as it was set at a position.
type Version struct {
	Position events.Position
	At       time.Time
	Number   int // 1, 2, ...
	*events.TargetSet
	Dropped events.Position // 0: it still is one
}

// Ruling is what one item is for one target on a day.
type Ruling struct {
	Counts bool
	From   events.Date // the day from which it counts, when it does or did
	Until  events.Date // the day from which it no longer counts; "" is none
	Reason string      // why it does not: one of the Why codes
	Weight int64       // hundredths of a placement, visit …; of jobs hundredths of an hour
}

// Why something stays out (docs/targets.md).
const (
	WhyPeriod      = "buiten-periode"
	WhyLater       = "na-peildatum"
	WhyKind        = "soort-telt-niet"
	WhySheltered   = "beschut-werk" // outside the banenafspraak
	WhyGroup       = "andere-doelgroep"
	WhyNoGroup     = "doelgroep-onbekend"
	WhyRegister    = "register-anders"
	WhyNoRegister  = "register-onbekend"
	WhyHours       = "te-weinig-uren"
	WhyNoHours     = "uren-onbekend"
	WhySector      = "andere-sector"
	WhyNoSector    = "sector-onbekend"
	WhySubregion   = "andere-subregio"
	WhyNoSubregion = "subregio-onbekend"
	WhyNotYet      = "nog-niet-lang-genoeg"
	WhyTooShort    = "te-kort"
	WhyEnded       = "beeindigd" // of a target that counts what is standing
	WhySame        = "zelfde-plaatsing"
	WhyLeft        = "partner-vertrokken"
	WhyAgain       = "werkgever-al-geteld" // of employers reached
)

// Dimension is what a standing is split by.
type Dimension string

// The dimensions. Of people are those that could point at somebody.
const (
	ByPartner   Dimension = "partner"
	ByMonth     Dimension = "maand"
	BySubregion Dimension = "subregio"
	ByLevel     Dimension = "niveau"
	BySector    Dimension = "sector"
	ByKind      Dimension = "soort"
	ByGroup     Dimension = "doelgroep"
	ByRegister  Dimension = "doelgroepregister"
	ByHours     Dimension = "uren"
	ByGemeente  Dimension = "gemeente"
)

// OfPeople reports whether a split by it could point at somebody.
func (d Dimension) OfPeople() bool {
	return d == ByGroup || d == ByRegister || d == ByHours || d == ByGemeente
}

// The values of a dimension that are no value.
const (
	Unknown = "onbekend"             // nobody said so
	Hidden  = "afgeschermd"          // not shown: fewer than five alike
	Waiting = "nog-niet-vrijgegeven" // known in all, and not yet by this
	Leaving = "gaat-er-nog-af"       // more was released by this than there is now in all: it is taken back at a month's end
	Running = "lopende-maand"        // others' placements of a month that is not closed
)

// Amount is a number of thousandths: of placements, visits … or of jobs.
type Amount int64

// Reader is who asks.
type Reader struct {
	Partner string                    // internal UUID; "" is none
	Own     func(partner string) bool // nil: nothing is its own
	All     bool                      // sees everything: the ledger's own checks, never an answer
}

// Question is what is asked of one target.
type Question struct {
	Target string       // UUID
	On     events.Date  // the standing on that day
	Today  events.Date  // the day of the reader, or that of the moment as known on
	Across [2]Dimension // a split; one or both may be empty
	Reader Reader
}

// Standing is the answer.
type Standing struct {
	Version Version
	On      events.Date
	Today   events.Date     // the day of the answer: after it On has yet to come
	At      events.Position // everything up to there was known

	// Plain: the total names nobody's target group, register, hours or gemeente, so
	// that it stands as it is known now. Otherwise Total is what has been released,
	// up to the end of Settled.
	Plain   bool
	Settled string // month, "2026-10"
	Total   Amount // counted once
	Doubts  int    // so many of it are possibly double
	Own     Amount // the reader's own, whole, as it stands now
	Left    []Departure

	Agreed     Amount // by the path, on that day
	Difference Amount // the number less the sum of the shares
	Shares     []Share
	Months     []MonthTotal // from the first month of the period up to that of On
	Split      *Split
	NotCounted []LeftOut
	Forecast   *Forecast // nil before there is anything to go by, after the period, and of a day that has yet to come
}

// Share is one partner's part of a standing.
type Share struct {
	Partner string // internal UUID; "" for what is not shown by partner (Hidden, Running)
	Label   string // Hidden or Running when Partner is ""
	Agreed  *int   // what it took on; nil is nothing
	Whole   Amount // what it has part in, each thing whole: its own view
	Divided Amount // each thing divided among who has part in it: these add up to the total
	Own     bool   // the reader's own
}

// MonthTotal is what came in a month, and what had come by its end.
type MonthTotal struct {
	Month  string
	Count  Amount
	So     Amount // so far
	Agreed Amount // by the path
}

// Split is a standing taken apart. The cells add up to the total.
type Split struct {
	Across  [2]Dimension
	Settled string // the month up to whose end it is true; "" when as known now
	Cells   []Cell
}

// Cell is one part of a split.
type Cell struct {
	Values [2]string // of Across
	Amount Amount
}

// LeftOut is what stays out for one reason.
type LeftOut struct {
	Reason string
	Count  int    // of the reader's own, and of others as far as they are shown
	Hidden bool   // some of others are not shown
	Own    []Item // the reader's own, to mend
}

// Departure is a partner that left, and what became of what it did.
type Departure struct {
	Partner string
	From    events.Date
	Past    string // events.PastStays or events.PastLeaves
}

// Forecast is where a target is going. The range holds four in five times.
type Forecast struct {
	Expected, Low, High Amount // High with all that is hidden, as if it counted
	Months              int    // closed months that it is taken from
	Left                int    // months to go
	Short               Amount // the number less what is expected: below zero is ahead
	Most                string // internal UUID of the partner that most of what is short is expected of; "" is nobody
	MostShort           Amount
}

// Double is a pair of reports of different partners that may be of one placement.
type Double struct {
	A, B    *Item // A is the one reported first
	Score   int   // of 100: see Like
	Reasons []Likeness
	State   string // one of the Double states
	Words   []Word // what was said of the pair, the last of each speaker, in order
}

// What stands of a pair.
const (
	DoublePossible = "mogelijk"
	DoubleWaits    = "wacht"         // one of the two said that they are the same
	DoubleSame     = "gelijk"        //
	DoubleDistinct = "onderscheiden" //
)

// Likeness is one reason why two reports are alike, and its points.
type Likeness struct {
	Code   string
	Points int
}

// Word is what one speaker said of a pair last.
type Word struct {
	Position events.Position
	At       time.Time
	Partner  string // the book's own of the steward
	Same     bool
}

// Known says as known when: zero is now.
type Known struct {
	At time.Time // everything recorded up to and including that moment
}

// Change is one record, or one release at a month's end, that moved a standing.
type Change struct {
	Position events.Position // 0 of a release
	At       time.Time
	Type     events.Type // "" of a release
	Partner  string      // who said it; "" of a release
	Month    string      // of a release: the month whose end it was
	Moved    Amount      // by how much
	Doubts   int         // by how much the doubts moved
	Why      string      // code: see docs/targets.md
}
