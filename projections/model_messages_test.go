package projections

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"huisboek/events"
)

// TestMessagesEqualModel: partners come and go, succeed each other and go on with
// each other's plans, while employers are linked and unlinked: everybody is told what
// going through the book says.
func TestMessagesEqualModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			switch a.int(0, 4) {
			case 0:
				a.succession()
			case 1:
				a.step()
			case 2:
				a.link()
			default:
				a.interest()
			}
		}
		store := newMemory()
		run(t, store, cutUp(t, a.records))
		tx, want := memoryTx{store.rows}, model(a.records).messages()
		for _, partner := range append(slices.Clone(partners), theBook) {
			all, err := messagePages(t, tx, partner)
			sameAs(t)("messages to "+partner, all, want[partner], err)
		}
	})
}

// succession says something of who takes part, or has a successor move a plan that
// it goes on with.
func (a *author) succession() {
	partner := draw(a, partners)
	switch a.int(0, 5) {
	case 0:
		a.append(theBook, admit(partner, a.date(), ""))
	case 1:
		a.append(theBook, depart(partner, a.date()))
	case 2, 3:
		a.append(theBook, succeed(partner, draw(a, partners), a.date()))
	default:
		roots := a.roots(partner, events.TypeVisitPlanned)
		end, _ := model(a.records).goesOn(partner, events.DateOf(a.at))
		if len(roots) > 0 {
			a.append(end, &events.VisitMoved{Approach: "approach", Date: a.date()}, draw(a, roots))
		}
	}
}

// interest plans, visits or appoints somebody: what gives messages.
func (a *author) interest() {
	kind := draw(a, []events.Type{events.TypeVisitPlanned, events.TypeVisitMade, events.TypeContactAppointed, events.TypeContactReleased})
	partner := draw(a, partners)
	if data, root := a.data(partner, kind, events.Position(len(a.records)+1)); root != 0 {
		a.append(partner, data, root)
	} else {
		a.append(partner, data)
	}
}

// messages are what every partner should have been told, worked out for each
// event by going through the book as it was when that event came.
func (m model) messages() map[string][]Message {
	told := map[string][]Message{}
	for i, r := range m {
		for _, reader := range partners {
			if msg := m[:i+1].message(r, reader); msg != nil {
				told[reader] = append(told[reader], *msg)
			}
		}
	}
	return told
}

// message is what the last event of the book says to a reader, or nil.
func (m model) message(r *events.Record, reader string) *Message {
	if d, ok := r.Event.Data.(*events.DataErased); ok {
		return m.erasure(r, d, reader)
	}
	today := r.Verdict.Today
	if maker, _ := m.goesOn(r.Partner, today); r.Event.Afterwards || maker == reader {
		return nil
	}
	msg := &Message{Position: r.Position, At: r.At, Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID}
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		msg.Kind = "ander-plan"
		if d.Replaces != nil {
			msg.Kind = "ander-plan-verzet"
		}
		if !m.fromPlan(msg, m.order(r)) {
			return nil
		}
	case *events.VisitMoved:
		msg.Kind = "ander-plan-verzet"
		if !m.fromPlan(msg, r.Root()) {
			return nil
		}
	case *events.VisitMade:
		if d.Replaces != nil {
			return nil
		}
		msg.Kind, msg.Employer, msg.Establishment = "ander-bezoek", d.Employer.Key(), d.Establishment
		msg.Date, msg.To, msg.Purpose, msg.AccountManager = d.Date, d.Date, d.Purpose, d.AccountManager
	default:
		return nil
	}
	m.why(msg, reader, today)
	if len(msg.Why) == 0 {
		return nil
	}
	return msg
}

// fromPlan takes over the plan that an approach began with, as it now stands;
// false when there is none or it ended.
func (m model) fromPlan(msg *Message, began events.Position) bool {
	for _, key := range employerKeys {
		for _, c := range m.contacts(key) {
			if c.Type == events.TypeVisitPlanned && c.order == began {
				msg.Employer, msg.Establishment, msg.Date, msg.To, msg.Purpose = key, c.Establishment, c.Date, c.To, c.Purpose
				msg.Source, msg.ID, msg.AccountManager = c.Source, c.ID, c.AccountManager
				return c.Status == "gepland" || c.Status == "verzet"
			}
		}
	}
	return false
}

// why fills in what makes a message the reader's business.
func (m model) why(msg *Message, reader string, today events.Date) {
	same := func(establishment string) bool {
		return msg.Establishment == "" || establishment == "" || establishment == msg.Establishment
	}
	own := func(partner string) bool { // also what it goes on with
		end, listens := m.goesOn(partner, today)
		return end == reader && listens
	}
	keys := m.same(msg.Employer)
	plans := m.openPlansOf(keys, today)
	plans = slices.DeleteFunc(plans, func(c Contact) bool { return !own(c.Partner) || !same(c.Establishment) })
	if len(plans) > 0 {
		first := slices.MinFunc(plans, func(a, b Contact) int { return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.order, b.order)) })
		msg.Why, msg.Approach = append(msg.Why, "open-plan"), first.Approach
	}
	for _, f := range m.fixedContacts(keys...) {
		if own(f.Partner) && same(f.Establishment) && (f.Purpose == "" || f.Purpose == msg.Purpose) {
			msg.Why = append(msg.Why, "vaste-contactpersoon")
			return
		}
	}
}

var keyInData = regexp.MustCompile(`"sleutel":(\d+)`)

// erasure is which of a reader's events lost a member by the last event.
func (m model) erasure(r *events.Record, d *events.DataErased, reader string) *Message {
	msg := &Message{Position: r.Position, At: r.At, Kind: "gegevens-gewist", Ground: d.Ground}
	for i, other := range m {
		if end, listens := m.goesOn(other.Partner, r.Verdict.Today); end != reader || !listens {
			continue
		}
		data, err := json.Marshal(other.Event.Data)
		if err != nil {
			panic(err)
		}
		if slices.ContainsFunc(keyInData.FindAllStringSubmatch(string(data), -1), func(found []string) bool {
			n, _ := strconv.Atoi(found[1])
			return slices.Contains(d.Keys, events.KeyID(n)) && !m[i:r.Position-1].erased(events.KeyID(n))
		}) {
			msg.Events = append(msg.Events, other.Position)
			msg.Count++
		}
	}
	if msg.Count == 0 {
		return nil
	}
	return msg
}

// erased reports whether a key was erased by any of these events.
func (m model) erased(id events.KeyID) bool {
	return slices.ContainsFunc(m, func(r *events.Record) bool {
		d, ok := r.Event.Data.(*events.DataErased)
		return ok && slices.Contains(d.Keys, id)
	})
}

// coverage is what a partner told, by type.
func (m model) coverage(partner string) (list []Covered) {
	types := events.Types()
	slices.SortFunc(types, func(a, b events.Type) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, typ := range types {
		c := Covered{Type: typ}
		for _, r := range m {
			if r.Partner != partner || r.Event.Type != typ || partner == theBook {
				continue
			}
			if c.Count == 0 {
				c.First = r.At
			}
			c.Count++
			c.Last, c.LastAt = r.At, r.Position
		}
		if c.Count > 0 {
			list = append(list, c)
		}
	}
	return list
}
