package ledger

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// ErrNoPosition: nothing is recorded at that position, or nothing that this reader
// may know of.
var ErrNoPosition = errors.New("no such position")

// Explanation tells the verdict at a position from what is stored with it: the facts
// of then, each with its position, and the people in them only as far as they were
// not erased since.
type Explanation struct {
	Position       events.Position   `json:"positie"`
	Type           events.Type       `json:"type"`
	At             time.Time         `json:"op"`
	Partner        PartnerName       `json:"partner"`
	AccountManager *Person           `json:"accountmanager"`
	Judged         bool              `json:"beoordeeld"`
	Sentence       events.Sentence   `json:"zin"`
	Since          []events.Sentence `json:"sindsdien"`
	Employer       string            `json:"werkgever,omitempty"`
	Establishment  string            `json:"vestigingsnummer,omitempty"`
	Purpose        string            `json:"doel,omitempty"`
	From           events.Date       `json:"van,omitempty"`
	To             events.Date       `json:"tot,omitempty"`
	Outcome        *events.Outcome   `json:"oordeel"`
	Reasons        []Reason          `json:"redenen"`
	Despite        *string           `json:"ondanks"`
	Rules          int               `json:"regels"`
	Today          events.Date       `json:"vandaag"`
	Agreement      *AgreementOfThen  `json:"afspraken"`
	Facts          []Fact            `json:"feiten"`
	Again          *JudgedAgain      `json:"opnieuw"`
}

// AgreementOfThen is the agreement that a verdict fell by, with what of it mattered.
type AgreementOfThen struct {
	AgreementName
	Clauses []Clause `json:"bepalingen"`
}

// AgreementName says which agreement. Position is nil for the default one of the
// version of the rules.
type AgreementName struct {
	Position *events.Position `json:"positie"`
	Name     string           `json:"naam"`
	From     events.Date      `json:"per"`
}

// Clause is a member of an agreement (a dotted path for one within another) and its value.
type Clause struct {
	Member   string          `json:"lid"`
	Value    string          `json:"waarde"`
	Sentence events.Sentence `json:"zin"`
}

// Fact is something recorded that a verdict rests on.
type Fact struct {
	Position       events.Position   `json:"positie"`
	Kind           string            `json:"soort"` // the short name of its type
	Partner        PartnerName       `json:"partner"`
	AccountManager *Person           `json:"accountmanager"`
	Sentence       events.Sentence   `json:"zin"`
	Decided        bool              `json:"besliste"` // one of the reasons rests on it
	Since          []events.Sentence `json:"sindsdien"`
}

// JudgedAgain is the verdict that the same facts give once more.
type JudgedAgain struct {
	Then     Rejudged          `json:"toen"` // by the agreement of then
	Now      Rejudged          `json:"nu"`   // by the one in force today
	Unjudged []events.Sentence `json:"nietNagegaan"`
}

// Rejudged is what the rules say of the facts of then under an agreement.
type Rejudged struct {
	Agreement AgreementName   `json:"afspraken"`
	Outcome   events.Outcome  `json:"oordeel"`
	Reasons   []string        `json:"redenen"`
	Same      bool            `json:"gelijk"` // outcome and reasons are those that are stored
	Sentence  events.Sentence `json:"zin"`
}

// public are the types of which any reader may know that there is one at a position.
// Of all others only who said it may, and of a plan that was refused the steward.
var public = []events.Type{
	events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeVisitMade,
	events.TypeApproachExtended, events.TypeJointVisitConfirmed, events.TypeEmployerDescribed, events.TypeServiceDelivered,
	events.TypeContactAppointed, events.TypeContactReleased, events.TypeVacancyReported, events.TypeVacancyFilled,
	events.TypeVacancyWithdrawn, events.TypeEmployersLinked, events.TypeEmployersUnlinked, events.TypePartnerAdmitted,
	events.TypePartnerDeparted, events.TypePartnerSucceeded, events.TypeAgreementSet, events.TypeLevelSet,
	events.TypeEmployerSpared, events.TypeTargetSet, events.TypeTargetDropped, events.TypeEmployersCounted, events.TypeBookOpened,
}

// hasVerdict are the types that a verdict is given of.
func hasVerdict(t events.Type) bool {
	switch t {
	case events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeVisitMade, events.TypePlanRefused:
		return true
	}
	return false
}

// Explain tells the verdict at a position, and judges the same facts again: by the
// agreement of then, which must give the same, and by the one in force today. reader
// is the partner that asks, "" the steward. ErrNoPosition: there is nothing there for
// this reader.
func (l *Ledger) Explain(ctx context.Context, at events.Position, reader string) (*Explanation, error) {
	if at == 0 || at > l.Position() {
		return nil, ErrNoPosition
	}
	r, err := l.recordAt(ctx, at)
	if err != nil {
		return nil, err
	}
	x := &explainer{l: l, ctx: ctx, r: r, records: map[events.Position]*events.Record{at: r}}
	if err := x.load(reader); err != nil {
		return nil, err
	}
	x.private = reader == "" || slices.Contains(x.reading, r.Partner)
	switch {
	case slices.Contains(public, r.Event.Type), slices.Contains(x.reading, r.Partner):
	case r.Event.Type == events.TypePlanRefused && x.private:
	default:
		return nil, ErrNoPosition
	}
	out := &Explanation{
		Position: at, Type: r.Event.Type, At: r.At.UTC(), Partner: x.name(r.Partner), Judged: hasVerdict(r.Event.Type),
		Reasons: []Reason{}, Facts: []Fact{}, Since: []events.Sentence{}, Rules: r.Verdict.Rules, Today: r.Verdict.Today,
	}
	if !out.Judged {
		out.Sentence = sentenceUnjudged(r.Event.Type)
		return out, nil
	}
	return out, x.explain(out)
}

// explainer reads back what one verdict rests on.
type explainer struct {
	l       *Ledger
	ctx     context.Context
	r       *events.Record
	records map[events.Position]*events.Record
	reading []string // whose things are the reader's own today
	private bool     // the reader made the event, goes on with the work of who did, or is the steward
	own     []string // and those of who made the event, on its day
	names   map[string]PartnerName
	rows    map[string]*Partner
	heirs   heirs // of the event's day
	changed bool  // partners were described anew, or succeeded, since
	inForce *events.RecordedAgreement

	approaches map[events.Position]*approach // as they stood before the event, by root
}

// load takes from the book's rows who was and is who, and what is in force today.
func (x *explainer) load(reader string) error {
	x.names, x.rows = map[string]PartnerName{x.l.book: {ID: x.l.book, Name: "De regisseur"}}, map[string]*Partner{}
	partners, err := x.l.Partners()
	if err != nil {
		return err
	}
	for i := range partners {
		p := &partners[i]
		x.names[p.ID], x.rows[p.ID] = p.name(), p
		x.changed = x.changed || p.Position > x.r.Position
	}
	return x.l.rows.view(func(tx Tx, _ events.Checkpoint) (err error) {
		if x.inForce, err = agreementOn(tx, x.l.today()); err != nil {
			return err
		}
		if x.heirs, err = heirsOn(tx, x.l.today()); err != nil {
			return err
		}
		if reader != "" {
			x.reading = x.heirs.own(reader)
		}
		if x.heirs, err = heirsOn(tx, x.r.Verdict.Today); err != nil {
			return err
		}
		x.own = x.heirs.own(x.r.Partner)
		return nil
	})
}

func (x *explainer) name(partner string) PartnerName {
	if n, ok := x.names[partner]; ok {
		return n
	}
	return PartnerName{ID: partner}
}

func (x *explainer) record(at events.Position) (*events.Record, error) {
	if r, ok := x.records[at]; ok {
		return r, nil
	}
	r, err := x.l.recordAt(x.ctx, at)
	if err == nil {
		x.records[at] = r
	}
	return r, err
}

func (x *explainer) explain(out *Explanation) error {
	c, err := x.readCase()
	if err != nil {
		return err
	}
	v := &x.r.Verdict
	outcome := v.Outcome
	out.Outcome, out.Sentence = &outcome, sentenceOutcome(x.r.Event.Type, outcome)
	out.Purpose, out.From, out.To = c.matter.place.purpose, c.matter.from, c.matter.to
	out.Employer, out.Establishment = c.matter.place.employer, c.matter.place.establishment
	if out.AccountManager, err = x.l.person(x.ctx, c.who); err != nil {
		return err
	}
	if out.Since, err = x.since(x.r); err != nil {
		return err
	}
	for _, code := range x.shown(v.Reasons) {
		out.Reasons = append(out.Reasons, Reason{code, c.reason(x, code)})
	}
	if err := x.tellDespite(out, c); err != nil {
		return err
	}
	if err := x.tellFacts(out, c); err != nil {
		return err
	}
	if v.Rules >= 3 {
		out.Agreement = &AgreementOfThen{nameOfAgreement(c.evidence.agreement), c.clauses(x.shown(v.Reasons))}
	}
	if v.Rules == RulesVersion && !x.r.Event.Afterwards {
		out.Again, err = x.again(c)
	}
	return err
}

// shown are the reasons that the reader may know. How many plans a partner or an account
// manager of it has open concerns itself and the steward.
func (x *explainer) shown(reasons []string) []string {
	if x.private {
		return reasons
	}
	return slices.DeleteFunc(slices.Clone(reasons), func(code string) bool { return code == reasonPartnerPlans || code == reasonManagerPlans })
}

// tellDespite gives the reason for going through a warning to who gave it, and to
// those whose approach it went through.
func (x *explainer) tellDespite(out *Explanation, c *story) error {
	if c.despite == nil || c.despite.Reason.Seal == nil {
		return nil
	}
	may := slices.Contains(x.reading, x.r.Partner)
	for i := range c.evidence.holds {
		h := &c.evidence.holds[i]
		may = may || c.decided[h.position] && slices.Contains(x.reading, h.partner)
	}
	if !may {
		return nil
	}
	plain, err := x.l.keys.unseal(x.ctx, x.l.book, x.r.Event.Source, x.r.Event.ID, "/ondanks/reden", *c.despite.Reason.Seal)
	if isErasedErr(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, &out.Despite)
}

// tellFacts tells everything that the verdict rests on, in the order in which it is stored.
func (x *explainer) tellFacts(out *Explanation, c *story) error {
	told := map[events.Position]bool{}
	for _, p := range x.r.Verdict.RestsOn {
		if told[p] {
			continue
		}
		told[p] = true
		r, err := x.record(p)
		if err != nil {
			return err
		}
		f := Fact{Position: p, Kind: r.Event.Type.Name(), Partner: x.name(r.Partner), Decided: c.decided[p]}
		if f.Sentence, err = x.factSentence(r); err != nil {
			return err
		}
		if f.Since, err = x.since(r); err != nil {
			return err
		}
		if f.AccountManager, err = x.l.person(x.ctx, whoOf(r)); err != nil {
			return err
		}
		out.Facts = append(out.Facts, f)
	}
	return nil
}

// whoOf is the account manager that an event names.
func whoOf(r *events.Record) sealedPerson {
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		return sealed(r, d.AccountManager)
	case *events.PlanRefused:
		return sealed(r, d.AccountManager)
	case *events.VisitMade:
		return sealed(r, d.AccountManager)
	case *events.ContactAppointed:
		return sealed(r, d.AccountManager)
	}
	return sealedPerson{}
}

func nameOfAgreement(a *events.RecordedAgreement) AgreementName {
	n := AgreementName{Name: a.Name, From: a.From}
	if at := a.Position; at != 0 {
		n.Position = &at
	}
	return n
}
