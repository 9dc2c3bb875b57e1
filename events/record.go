package events

import "time"

// Position is a place in the stream: 1 is the genesis, and there are no gaps.
type Position uint64

// FormatVersion is the stored format that this version writes (docs/design.md).
const FormatVersion = 1

// Checkpoint is how far a fold has come: the position of the last record it
// applied and the hash of that record's stored bytes. Zero is before the genesis.
type Checkpoint struct {
	Position Position
	Hash     Hash
}

// Outcome is the verdict in one word (docs/contract.md, "Shapes").
type Outcome string

// The outcomes, from the lightest.
const (
	Free      Outcome = "vrij"
	Attention Outcome = "let-op"
	Taken     Outcome = "bezet"
	Refused   Outcome = "geweigerd"
)

// Verdict is what the ledger decided of an event, with the facts it rested on,
// as stored for ever.
type Verdict struct {
	Outcome Outcome  `json:"uitkomst"`
	Reasons []string `json:"redenen"` // reason codes
	Rules   int      `json:"regels"`  // version of the rules that decided
	Today   Date     `json:"vandaag"` // the day it was for the ledger, Europe/Amsterdam
	// RestsOn are positions. When the event points to others they come first:
	// the event that is retracted or corrected, then the plan (or placement)
	// that an approach (or placement) id names. See Record.Target, Record.Root,
	// Record.Confirms and Record.Pair.
	RestsOn []Position `json:"steuntOp"`
}

// Record is one position of the book (docs/design.md, "Stored format 1").
type Record struct {
	Version    int       // of the stored format
	Book       string    // UUID
	Position   Position  //
	Previous   Hash      // of the stored bytes of the record before; zero at position 1
	At         time.Time // when it was recorded, UTC, milliseconds, never before the one before
	Partner    string    // internal UUID of who said it; the book's own UUID for steward and ledger
	Credential string    // opaque id of the credential
	Door       string    // how it came in
	Mark       Hash      // kenmerk: what "same content" is decided by
	Verdict    Verdict
	Event      Event // personal members sealed

	Hash Hash // SHA-256 of the stored bytes; not itself stored
}

// Checkpoint is where a fold stands after this record.
func (r *Record) Checkpoint() Checkpoint { return Checkpoint{r.Position, r.Hash} }

// Target is the position of the event that this one retracts or corrects, or 0: a
// correction that was refused ([PlanRefused]) corrects nothing.
func (r *Record) Target() Position {
	if _, ok := r.Event.Data.(*EventRetracted); ok || ReplacesOf(r.Event.Data) != nil {
		return r.restsOn(0)
	}
	return 0
}

// Root is the position of the first plan of the approach, or of the first report
// of the placement or vacancy, that this event names by id, or 0 when it names
// none or begins it.
func (r *Record) Root() Position {
	i := 0
	if ReplacesOf(r.Event.Data) != nil {
		i = 1
	}
	switch d := r.Event.Data.(type) {
	case *VisitMoved, *VisitCalledOff, *ApproachExtended, *PlacementEnded, *VacancyFilled, *VacancyWithdrawn:
		return r.restsOn(i)
	case *VisitMade:
		if d.Approach != "" {
			return r.restsOn(i)
		}
	case *VisitPlanned, *PlacementMade, *VacancyReported:
		if i == 1 { // a correction goes on with the approach, placement or vacancy it corrects
			return r.restsOn(i)
		}
	}
	return 0
}

// Confirms is the position of the event of another partner that this one confirms
// to take part in, or 0.
func (r *Record) Confirms() Position {
	if _, ok := r.Event.Data.(*JointVisitConfirmed); ok {
		return r.restsOn(0)
	}
	return 0
}

// Pair are the positions of the first reports of the two placements that a
// [PlacementsMatched] or [PlacementsDistinct] names, in its order, or 0 and 0.
func (r *Record) Pair() (placement, with Position) {
	switch r.Event.Data.(type) {
	case *PlacementsMatched, *PlacementsDistinct:
		return r.restsOn(0), r.restsOn(1)
	}
	return 0, 0
}

func (r *Record) restsOn(i int) Position {
	if i < len(r.Verdict.RestsOn) {
		return r.Verdict.RestsOn[i]
	}
	return 0
}
