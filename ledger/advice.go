package ledger

import "huisboek/events"

// PartnerName is a partner as people see it.
type PartnerName struct {
	ID   string `json:"id"`   // internal UUID
	URN  string `json:"urn"`  // its first identity
	Name string `json:"naam"` //
}

// Call is whom to call first, and why. Name and Phone are empty when they are
// not known or were erased.
type Call struct {
	Partner PartnerName `json:"partner"`
	Name    string      `json:"naam"`
	Phone   string      `json:"telefoon"`
	Reason  string      `json:"reden"` // "vaste-contactpersoon", "ander-plan", "bedient-gemeente" or "recent-bezoek"
}

// Reason is why the verdict is what it is.
type Reason struct {
	Code     string          `json:"code"`
	Sentence events.Sentence `json:"zin"`
}

// Visit is the last visit to an employer.
type Visit struct {
	Position       events.Position `json:"positie"`
	Date           events.Date     `json:"datum"`
	Partner        PartnerName     `json:"partner"`
	AccountManager *Person         `json:"accountmanager"`
	Purpose        string          `json:"doel"`
	Form           string          `json:"vorm"`
}

// Plan is an open plan of somebody.
type Plan struct {
	Position       events.Position `json:"positie"`
	Approach       string          `json:"benadering"`
	From           events.Date     `json:"van"` // a plan for one day has From equal to To
	To             events.Date     `json:"tot"`
	Partner        PartnerName     `json:"partner"`
	AccountManager *Person         `json:"accountmanager"`
	Purpose        string          `json:"doel"`
	Outcome        events.Outcome  `json:"oordeel"`             // of the last word on its days
	HoldsUntil     events.Date     `json:"geldigTot,omitempty"` // absent: it does not hold the employer
}

// Person is an account manager as others may see one.
type Person struct {
	Name  string `json:"naam"`
	Phone string `json:"telefoon"`
}

// Advice is what the ledger knows of an employer that matters before a visit
// (docs/contract.md, "Shapes").
type Advice struct {
	Outcome    events.Outcome `json:"oordeel"`
	Reasons    []Reason       `json:"redenen"`
	Call       *Call          `json:"bel"`
	CallNext   []Call         `json:"belDaarna"` // the next ones, each partner once
	LastVisit  *Visit         `json:"laatsteBezoek"`
	OtherPlans []Plan         `json:"anderePlannen"`
}

// Receipt is the answer to an event that was recorded.
type Receipt struct {
	Advice
	ID         string          `json:"id"`
	Position   events.Position `json:"positie"`             // of the event; 0 when it was not recorded
	HoldsUntil events.Date     `json:"geldigTot,omitempty"` // until when the approach holds; absent when it does not
	Again      bool            `json:"-"`                   // it was recorded before: nothing was added
}

// Question is what is asked before an approach. Partner is who asks: its own
// plans are not "another's".
type Question struct {
	Employer events.Employer
	Partner  string
	Purpose  string      // "" when not known
	Date     events.Date // "" when not known: today
	To       events.Date // the last day of a period; "" when it is one day
}
