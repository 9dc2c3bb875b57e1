package projections

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

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
	if r.Event.Afterwards || r.Partner == reader {
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
	m.why(msg, reader, r.Verdict.Today)
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
	plans := m.openPlans(msg.Employer, today)
	plans = slices.DeleteFunc(plans, func(c Contact) bool { return c.Partner != reader || !same(c.Establishment) })
	if len(plans) > 0 {
		first := slices.MinFunc(plans, func(a, b Contact) int { return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.order, b.order)) })
		msg.Why, msg.Approach = append(msg.Why, "open-plan"), first.Approach
	}
	for _, f := range m.fixedContacts(msg.Employer) {
		if f.Partner == reader && same(f.Establishment) && (f.Purpose == "" || f.Purpose == msg.Purpose) {
			msg.Why = append(msg.Why, "vaste-contactpersoon")
			break
		}
	}
}

var keyInData = regexp.MustCompile(`"sleutel":(\d+)`)

// erasure is which of a reader's events lost a member by the last event.
func (m model) erasure(r *events.Record, d *events.DataErased, reader string) *Message {
	msg := &Message{Position: r.Position, At: r.At, Kind: "gegevens-gewist", Ground: d.Ground}
	for i, other := range m {
		if other.Partner != reader {
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
			if r.Partner != partner || r.Event.Type != typ || typ.Emitter() != events.ByPartner {
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
