package projections

import (
	"fmt"
	"time"

	"huisboek/events"
)

// The kinds of a message.
const (
	MessagePlan      = "ander-plan"        // another partner plans to approach the employer
	MessageMoved     = "ander-plan-verzet" // another partner moved or corrected such a plan
	MessageVisit     = "ander-bezoek"      // another partner visited the employer
	MessageThrough   = "doorgezet"         // another partner planned or moved through the warning that it is taken
	MessageClash     = "botsing"           // a visit turned out to clash with what another partner did or planned
	MessageAsked     = "samen-gevraagd"    // another partner says that one goes along
	MessageConfirmed = "samen-bevestigd"   // another partner says that it goes along, as one said
	MessageFreed     = "vrijgekomen"       // nothing stands in the way of one's own plan any more
	MessageErased    = "gegevens-gewist"   // the steward had personal members of one's own events erased

	// These fall due by the day (docs/decisions/0023-messages-that-fall-due.md).
	MessageEnds      = "verloopt"    // one's own plan no longer holds the employer in three days, and has no day before that
	MessageEscalated = "opgeschaald" // a vacancy is the whole region's
)

// Why a message is for somebody.
const (
	WhyOpenPlan = "open-plan"            // it has an open plan at that employer
	WhyFixed    = "vaste-contactpersoon" // it is that employer's fixed contact
	WhyFollowed = "gevolgd"              // it follows that employer
	WhyNamed    = "genoemd"              // it is named in samenMet
	WhyOwn      = "eigen-melding"        // it is about something of its own
	WhyRegion   = "regio"                // it takes part in the region
)

// Message tells a partner what another's event means for it, or what falls due. A
// partner has at most one message about an event, and at most one that an event
// made fall due.
type Message struct {
	Position events.Position // of the event that it is about, or that made it fall due
	At       time.Time       // when that was recorded
	Due      events.Date     // of one that fell due: on which day; else empty
	Kind     string
	Why      []string // in the order of the constants; empty for MessageErased

	// Of a plan, a visit or a vacancy: who said so, where, and when; of a plan that was
	// moved or corrected the days as they then stand, of MessageFreed the days that came
	// free. Source and ID are those of the event that names the account manager, which
	// its seal is bound to: for a move that is the plan.
	Partner        string // internal UUID
	Employer       string // events.Employer.Key; the reader may know it under another that is linked to it
	Establishment  string
	Date, To       events.Date
	Purpose        string
	Source, ID     string
	AccountManager events.Personal[events.AccountManager]
	// Approach is the reader's own open plan there, or that of a partner whose work it
	// goes on with, the one with the earliest first day, UUID; empty when it is only the
	// fixed contact. Of MessageFreed and MessageEnds, the plan that it is about.
	Approach string
	// Reason is why a plan goes through, of MessageThrough; what it is sealed to is the
	// event itself.
	Reason             events.Personal[string]
	ReasonOf, ReasonID string      // source and id of that event
	Until              events.Date // of MessageEnds: the last day on which the plan holds
	Vacancy            *Vacancy    // of MessageEscalated, as it stands

	// Of an erasure.
	Ground string
	Events []events.Position // of the reader's own events that lost a member, oldest first; at most maxErasedEvents
	Count  int               // how many there are in all

	// Next is where a reader is after this message.
	Next Cursor
}

// MaxMessages is the most that one call of After gives.
const MaxMessages = 200

// maxErasedEvents is how many events one message about an erasure names: so many
// that it still fits into one answer when their sources and ids are as long as
// they may be.
const maxErasedEvents = 50

// Messages is the view of what partners should be told: for each of them a list
// that only grows. What was told was told: an event that is retracted or
// corrected later takes no message back.
//
// A plan, a move, a correction of either, and a visit are told to every other
// partner that has an open plan at that employer, is one of its fixed contacts
// (one for another purpose is not), follows it, or is named in samenMet, under
// whichever of its keys ([Employers.Same]); open is by the record's own day. Nobody is
// told of old history (achteraf), of a corrected visit where it is not named in it, of
// a plan that the agreement refuses, or of one that was called off or made; but who has
// a plan that is not in the way of anything is told when that comes free. An erasure is
// told to every partner that it took a personal member from.
//
// What falls due stands in rows of its own, with the day; see [Cursor].
//
// In the place of a partner that was succeeded by the record's own day (for what falls
// due: by that day) its successor is told, once, and not of what either of them did. A
// partner that left is not told.
type Messages struct{}

// Name implements Fold.
func (Messages) Name() string { return "berichten" }

// Shape implements Fold.
func (Messages) Shape() int { return 5 }

// Apply implements Fold. It reads the rows of Employers, Members, Agreements and
// Clashes as r left them, so it comes after.
func (Messages) Apply(tx Tx, r *events.Record) error {
	if err := applyMessages(tx, r); err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	return nil
}

func applyMessages(tx Tx, r *events.Record) error {
	switch d := r.Event.Data.(type) {
	case *events.DataErased:
		return tellErased(tx, r, d)
	case *events.PartnerAdmitted:
		keepIdentities(tx, d)
		return nil
	case *events.PlanRefused: // nobody is told, but it can be erased
		keepSeals(tx, r)
		return nil
	case *events.EmployerFollowed:
		keepSeals(tx, r)
		return keepFollowed(tx, r, d.Employer, true)
	case *events.EmployerUnfollowed:
		keepSeals(tx, r)
		return keepFollowed(tx, r, d.Employer, false)
	}
	keepLinked(tx, r)
	if !byPartner(r) {
		return nil
	}
	keepSeals(tx, r)
	c, err := keepParts(tx, r)
	if err != nil {
		return err
	}
	return tell(tx, r, c)
}

// Cursor is where a reader is in its messages. It has been told of every event up
// to and including After, and of everything that fell due up to and including Day by
// an event up to and including Told. The other members are set while it is in the
// middle of what fell due since: up to Sweep by an event up to SweepTold, of which it
// has come to AtDay and AtEvent. The zero Cursor is the beginning.
//
// A row that falls due is new to it when its day has come, and that day is after Day
// or its event after Told: the fold writes no row for a day before the record's own.
type Cursor struct {
	After     events.Position
	Day       events.Date
	Told      events.Position
	Sweep     events.Date // empty: in the middle of nothing
	SweepTold events.Position
	AtDay     events.Date
	AtEvent   events.Position
}

// After lists a partner's messages from a cursor on, at most limit (1 to MaxMessages;
// outside that, the nearest): those about events first, oldest first, then what fell
// due up to and including today, by the day ("": nothing falls due). next is where to
// go on, also when there are none; more reports whether there are others behind them.
func (Messages) After(tx Tx, partner string, from Cursor, today events.Date, limit int) (list []Message, next Cursor, more bool, err error) {
	limit = min(MaxMessages, max(1, limit))
	prefix := partnerPrefix(rowMessage, partner)
	list, next = []Message{}, from
	tx.ScanFrom(append(messageKey(partner, from.After), 0), prefix, func(k, v []byte) bool {
		if more = len(list) == limit; more {
			return false
		}
		var m Message
		if m, err = readMessage(tx, k[len(prefix):], v); err != nil {
			err = fmt.Errorf("message to %s: %w", partner, err)
			return false
		}
		next.After = m.Position
		m.Next = next
		list = append(list, m)
		return true
	})
	if err != nil || more || today == "" {
		return list, next, more, err
	}
	list, next, more, err = dueAfter(tx, partner, list, next, today, limit)
	if err != nil {
		return nil, from, false, fmt.Errorf("due message to %s: %w", partner, err)
	}
	return list, next, more, nil
}

// LastOf is the position of a partner's last message about an event, 0 when it has none.
func (Messages) LastOf(tx Tx, partner string) (events.Position, error) {
	row := tx.Get(partnerPrefix(rowLast, partner))
	if row == nil {
		return 0, nil
	}
	d := decode(row)
	last := d.position()
	if err := d.err(); err != nil {
		return 0, fmt.Errorf("last message to %s: %w", partner, err)
	}
	return last, nil
}
