package projections

import (
	"fmt"
	"time"

	"huisboek/events"
)

// The kinds of a message.
const (
	MessagePlan   = "ander-plan"        // another partner plans to approach the employer
	MessageMoved  = "ander-plan-verzet" // another partner moved or corrected such a plan
	MessageVisit  = "ander-bezoek"      // another partner visited the employer
	MessageErased = "gegevens-gewist"   // the steward had personal members of one's own events erased
)

// Why a message is for somebody.
const (
	WhyOpenPlan = "open-plan"            // it has an open plan at that employer
	WhyFixed    = "vaste-contactpersoon" // it is that employer's fixed contact
)

// Message tells a partner what another's event means for it. A partner has at
// most one message about a position, so that position is its id.
type Message struct {
	Position events.Position // of the event that it is about
	At       time.Time       // when that was recorded
	Kind     string
	Why      []string // WhyOpenPlan, WhyFixed, in that order; empty for MessageErased

	// Of a plan or a visit: who said so, where, and when; of a plan that was moved
	// or corrected the days as they then stand. Source and ID are those of the
	// event that names the account manager, which its seal is bound to: for a move
	// that is the plan.
	Partner        string // internal UUID
	Employer       string // events.Employer.Key; the reader may know it under another that is linked to it
	Establishment  string
	Date, To       events.Date
	Purpose        string
	Source, ID     string
	AccountManager events.Personal[events.AccountManager]
	// Approach is the reader's own open plan there, or that of a partner whose work it
	// goes on with, the one with the earliest first day, UUID; empty when it is only the
	// fixed contact.
	Approach string

	// Of an erasure.
	Ground string
	Events []events.Position // of the reader's own events that lost a member, oldest first; at most maxErasedEvents
	Count  int               // how many there are in all
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
// partner that has an open plan at that employer or is one of its fixed contacts
// (one for another purpose is not), under whichever of its keys ([Employers.Same]);
// open is by the record's own day. Nobody is told of old history (achteraf), of a
// corrected visit, or of a plan that was called off or made. An erasure is told to
// every partner that it took a personal member from.
//
// In the place of a partner that was succeeded by the record's own day its successor
// is told, once, and not of what either of them did. A partner that left is not told.
type Messages struct{}

// Name implements Fold.
func (Messages) Name() string { return "berichten" }

// Shape implements Fold.
func (Messages) Shape() int { return 2 }

// Apply implements Fold. It reads the rows of Employers and Members as r left them,
// so it comes after.
func (Messages) Apply(tx Tx, r *events.Record) error {
	var err error
	if d, ok := r.Event.Data.(*events.DataErased); ok {
		err = tellErased(tx, r, d)
	} else if keepLinked(tx, r); byPartner(r) {
		keepSeals(tx, r)
		err = tell(tx, r)
	}
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	return nil
}

// After lists a partner's messages about positions after one, oldest first, at
// most limit (1 to MaxMessages; outside that, the nearest); more reports whether
// there are others behind them.
func (Messages) After(tx Tx, partner string, after events.Position, limit int) (list []Message, more bool, err error) {
	limit = min(MaxMessages, max(1, limit))
	prefix := partnerPrefix(rowMessage, partner)
	list = []Message{}
	tx.ScanFrom(append(messageKey(partner, after), 0), prefix, func(k, v []byte) bool {
		if more = len(list) == limit; more {
			return false
		}
		var m Message
		if m, err = readMessage(tx, k[len(prefix):], v); err != nil {
			err = fmt.Errorf("message to %s: %w", partner, err)
			return false
		}
		list = append(list, m)
		return true
	})
	if err != nil {
		return nil, false, err
	}
	return list, more, nil
}

// LastOf is the position of a partner's last message, 0 when it has none.
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
