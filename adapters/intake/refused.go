package intake

import (
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

// Receipt is a ledger.Receipt as both doors give it: one of what was not recorded (a
// trial, or a move that was refused) has null for its position.
type Receipt struct {
	ledger.Receipt
	Position *events.Position `json:"positie" doc:"Waar de gebeurtenis staat; null bij een proef, en bij een wijziging die geweigerd is."`
}

// ReceiptOf is a receipt as it is given.
func ReceiptOf(r *ledger.Receipt) *Receipt {
	if r == nil {
		return nil
	}
	out := &Receipt{Receipt: *r}
	if r.Position != 0 {
		out.Position = &out.Receipt.Position
	}
	return out
}

// Problem is a ledger.Problem as both doors give it.
type Problem struct {
	ledger.Problem
	Receipt *Receipt `json:"ontvangstbewijs,omitempty" doc:"Van een plan dat door de afspraken geweigerd is: het oordeel, de redenen, wie u belt, en waar de weigering staat."`
}

// ProblemOf is what a caller is told of an error.
func ProblemOf(err error) Problem {
	p := ledger.ProblemOf(err)
	return Problem{Problem: p, Receipt: ReceiptOf(p.Receipt)}
}

// CodeRefusedPlan is the last word of the problem of a plan that the region's
// agreement refuses.
const CodeRefusedPlan = "plan-geweigerd"

// told is an outcome as a door tells it: a plan that was refused is a problem that
// carries its receipt.
func told(o ledger.Outcome) ledger.Outcome {
	if o.Err == nil && o.Receipt.Outcome == events.Refused {
		o.Err, o.Receipt = RefusedPlan(o.Receipt), nil
	}
	return o
}

// RefusedPlan is the problem of a plan that the region's agreement refuses.
func RefusedPlan(r *ledger.Receipt) ledger.Problem {
	detail := "De afspraken van de regio laten dit niet toe. De redenen staan in het ontvangstbewijs, en wie u kunt bellen als er iemand is. Verandert er iets, meld het dan opnieuw met een nieuw id; vroeg de werkgever er zelf om, zet dan opVerzoekVanWerkgever. Dat het geweigerd is, is vastgelegd; er is niets gepland of verbeterd."
	if r.Position == 0 {
		detail = "De afspraken van de regio laten deze wijziging niet toe. De redenen staan in het ontvangstbewijs, en wie u kunt bellen als er iemand is. Verandert er iets, meld het dan opnieuw; vroeg de werkgever er zelf om, verbeter dan eerst het plan met opVerzoekVanWerkgever. Er is niets vastgelegd; de benadering blijft zoals zij was."
	}
	p := ledger.NewProblem(http.StatusConflict, CodeRefusedPlan, "Geweigerd door de afspraken", detail)
	p.Receipt = r
	return p
}
