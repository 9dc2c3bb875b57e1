package intake

import (
	"time"

	"huisboek/events"
)

// The outcomes of a delivery.
const (
	OutcomeRecorded = "vastgelegd"
	OutcomeAgain    = "eerder-gezien"
	OutcomeRefused  = "geweigerd"
)

// Delivery is one event that came in from a partner, or a batch that was refused
// as a whole.
type Delivery struct {
	At         time.Time        `json:"op"`
	Door       string           `json:"weg"`      // ledger.DoorHTTP, DoorNATS, …
	Credential string           `json:"toegang"`  // opaque id
	Outcome    string           `json:"uitkomst"` // vastgelegd, eerder-gezien or geweigerd
	Status     int              `json:"status"`   // as HTTP says it: 201, 200, or the problem's
	Source     *string          `json:"source"`   // null when absent or not fit to be shown; so are id and type
	ID         *string          `json:"id"`
	Type       *events.Type     `json:"type"`
	Position   *events.Position `json:"positie"`  // null when refused, but for a plan that the agreement refused: where that stands
	Problem    *string          `json:"probleem"` // the last word of the problem's type, null when there is none
	Faults     []FaultCode      `json:"fouten"`   // the first MaxNotedFaults of them
	Reasons    []string         `json:"redenen,omitempty" doc:"Van een plan dat de afspraken weigeren: de codes van de redenen."`
}

// FaultCode is a fault without its sentence.
type FaultCode struct {
	Field string `json:"veld"`
	Code  string `json:"code"`
}

// MaxNotedFaults is how many faults of one delivery are remembered: who makes more
// mistakes at once finds the rest after mending these.
const MaxNotedFaults = 20

// Day is what came in from a partner on one day (Europe/Amsterdam) by one door.
type Day struct {
	Date     events.Date    `json:"datum"`
	Door     string         `json:"weg"`
	Recorded int            `json:"vastgelegd"`
	Again    int            `json:"eerderGezien"`
	Refused  int            `json:"geweigerd"`
	Deferred int            `json:"uitgesteld"` // told to come back later: 429 and 503
	Codes    map[string]int `json:"codes"`      // of the refusals: how often each fault or reason code, or the problem's word when it has neither
}

// maxCodes is how many different codes are counted on a day. There are fewer.
const maxCodes = 100

// count adds one delivery.
func (d *Day) count(n *Delivery) {
	switch n.Outcome {
	case OutcomeRecorded:
		d.Recorded++
	case OutcomeAgain:
		d.Again++
	default:
		d.Refused++
		for _, f := range n.Faults {
			d.countCode(f.Code, 1)
		}
		for _, reason := range n.Reasons {
			d.countCode(reason, 1)
		}
		if len(n.Faults)+len(n.Reasons) == 0 && n.Problem != nil {
			d.countCode(*n.Problem, 1)
		}
	}
}

func (d *Day) countCode(code string, n int) {
	if _, known := d.Codes[code]; !known && len(d.Codes) >= maxCodes {
		return
	}
	d.Codes[code] += n
}

// add adds the counts of another day.
func (d *Day) add(o *Day) {
	d.Recorded += o.Recorded
	d.Again += o.Again
	d.Refused += o.Refused
	d.Deferred += o.Deferred
	for code, n := range o.Codes {
		d.countCode(code, n)
	}
}
