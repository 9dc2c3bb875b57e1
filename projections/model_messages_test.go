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
			switch a.int(0, 7) {
			case 0:
				a.succession()
			case 1:
				a.step()
			case 2:
				a.link()
			case 3, 4:
				a.agree()
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
		i := a.int(1, len(partners)-1) // in one direction: the ledger lets no circle in
		a.append(theBook, succeed(partners[a.int(0, i-1)], partners[i], a.date()))
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
	kind := draw(a, []events.Type{
		events.TypeVisitPlanned, events.TypeVisitMade, events.TypeContactAppointed, events.TypeContactReleased,
		events.TypeEmployerFollowed, events.TypeEmployerUnfollowed,
	})
	partner := draw(a, partners)
	switch kind {
	case events.TypeEmployerFollowed:
		a.append(partner, &events.EmployerFollowed{Employer: draw(a, employers)})
		return
	case events.TypeEmployerUnfollowed:
		a.append(partner, &events.EmployerUnfollowed{Employer: draw(a, employers)})
		return
	}
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
	register := &clashModel{}
	for i, r := range m {
		register.add(m[:i+1])
		for _, reader := range partners {
			if msg := m[:i+1].message(r, reader, register); msg != nil {
				told[reader] = append(told[reader], *msg)
			}
		}
	}
	return told
}

// message is what the last event of the book says to a reader, or nil: of all that it
// could say what weighs most, with the reasons for all of it.
func (m model) message(r *events.Record, reader string, register *clashModel) *Message {
	if d, ok := r.Event.Data.(*events.DataErased); ok {
		return m.erasure(r, d, reader)
	}
	if r.Event.Afterwards || !byPartner(r) {
		return nil
	}
	var all []*Message
	for _, msg := range []*Message{m.news(r, reader), m.confirmation(r, reader), m.freed(r, reader), m.clash(r, reader, register)} {
		if msg != nil {
			msg.Position, msg.At = r.Position, r.At
			all = append(all, msg)
		}
	}
	if len(all) == 0 {
		return nil
	}
	order := []string{"doorgezet", "botsing", "samen-gevraagd", "vrijgekomen", "ander-plan-verzet", "ander-plan", "ander-bezoek", "samen-bevestigd"}
	first := slices.MinFunc(all, func(a, b *Message) int { return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)) })
	why := []string{}
	for _, code := range []string{"open-plan", "vaste-contactpersoon", "gevolgd", "genoemd", "eigen-melding"} {
		if slices.ContainsFunc(all, func(x *Message) bool { return slices.Contains(x.Why, code) }) {
			why = append(why, code)
		}
	}
	for _, x := range all {
		first.Approach = cmp.Or(first.Approach, x.Approach)
	}
	first.Why = why
	return first
}

// reads reports whether what is told to a partner reaches a reader, and is not the
// reader's own.
func (m model) reads(r *events.Record, partner, reader string) bool {
	maker, _ := m.goesOn(r.Partner, r.Verdict.Today)
	end, listens := m.goesOn(partner, r.Verdict.Today)
	return end == reader && listens && end != maker
}

// news is what a plan, a move or a visit says itself.
func (m model) news(r *events.Record, reader string) *Message {
	maker, _ := m.goesOn(r.Partner, r.Verdict.Today)
	if maker == reader {
		return nil
	}
	msg := &Message{Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID}
	var with []string
	var despite *events.Despite
	asks, onlyAsks := true, false
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		msg.Kind = "ander-plan"
		if d.Replaces != nil {
			msg.Kind = "ander-plan-verzet"
		}
		with, despite = d.With, d.Despite
		if !m.fromPlan(msg, m.order(r), nil) {
			return nil
		}
	case *events.VisitMoved:
		msg.Kind, asks, despite = "ander-plan-verzet", false, d.Despite
		if !m.fromPlan(msg, r.Root(), &with) {
			return nil
		}
	case *events.VisitMade:
		msg.Kind, msg.Employer, msg.Establishment = "ander-bezoek", d.Employer.Key(), d.Establishment
		msg.Date, msg.To, msg.Purpose, msg.AccountManager = d.Date, d.Date, d.Purpose, d.AccountManager
		with, onlyAsks = d.With, d.Replaces != nil
	default:
		return nil
	}
	m.why(r, msg, reader)
	if slices.ContainsFunc(with, func(identity string) bool {
		partner := m.partnerOf(identity)
		return partner != "" && partner != r.Partner && m.reads(r, partner, reader)
	}) {
		msg.Why = append(msg.Why, "genoemd")
		if asks {
			msg.Kind = "samen-gevraagd"
		}
	} else if onlyAsks {
		return nil
	}
	if despite != nil && r.Verdict.Outcome == "bezet" {
		msg.Kind, msg.Reason, msg.ReasonOf, msg.ReasonID = "doorgezet", despite.Reason, r.Event.Source, r.Event.ID
	}
	if len(msg.Why) == 0 {
		return nil
	}
	return msg
}

// confirmation tells who named a partner that it goes along.
func (m model) confirmation(r *events.Record, reader string) *Message {
	if r.Confirms() == 0 {
		return nil
	}
	for _, c := range m.contacts(employerKeys...) {
		if c.Position != r.Confirms() || !m.reads(r, c.Partner, reader) {
			continue
		}
		msg := &Message{Kind: "samen-bevestigd", Why: []string{"eigen-melding"}, Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID,
			Employer: c.Employer, Establishment: c.Establishment, Date: c.Date, To: c.To, Purpose: c.Purpose}
		if c.Open() {
			msg.Why, msg.Approach = append(msg.Why, "open-plan"), c.Approach
		}
		return msg
	}
	return nil
}

// freed tells who has an open plan that holds nothing that the last hold in its way
// was given up.
func (m model) freed(r *events.Record, reader string) *Message {
	today := r.Verdict.Today
	if r.Event.Type == events.TypeVisitMade {
		return nil
	}
	plans := func(m model) map[events.Position]Contact {
		list := map[events.Position]Contact{}
		for _, c := range m.contacts(employerKeys...) {
			if c.Type == events.TypeVisitPlanned {
				list[c.order] = c
			}
		}
		return list
	}
	inTheWay := func(hold, of Contact, group []string) bool {
		terms := m.terms(r, of.Partner)
		apart := func(a, b Contact) bool { return a.Date > b.To.AddDays(terms.QuietDays) }
		return hold.Open() && hold.Holds && hold.Until >= today && !hold.AtRequest && !of.AtRequest && slices.Contains(group, hold.Employer) &&
			(hold.Establishment == "" || of.Establishment == "" || hold.Establishment == of.Establishment) &&
			terms.Disturb(of.Purpose, hold.Purpose) && !apart(hold, of) && !apart(of, hold)
	}
	before, now := plans(m[:len(m)-1]), plans(m)
	var found *Message
	var first Contact
	for root, hold := range before {
		if after, there := now[root]; there && after.Date == hold.Date && after.To == hold.To && after.Status == hold.Status &&
			after.Holds == hold.Holds && after.Employer == hold.Employer && after.Establishment == hold.Establishment &&
			after.Purpose == hold.Purpose && after.AtRequest == hold.AtRequest && after.Until == hold.Until {
			continue
		}
		group := m.same(hold.Employer)
		for other, plan := range now {
			if other == root || !plan.Open() || plan.Holds || plan.Until < today || !slices.Contains(group, plan.Employer) ||
				plan.Partner == r.Partner || !m.reads(r, plan.Partner, reader) || !inTheWay(hold, plan, group) {
				continue
			}
			stuck := false
			for _, still := range now {
				stuck = stuck || still.Partner != plan.Partner && inTheWay(still, plan, group)
			}
			if stuck || found != nil && (plan.Date > first.Date || plan.Date == first.Date && plan.order > first.order) {
				continue
			}
			first = plan
			found = &Message{Kind: "vrijgekomen", Why: []string{"open-plan"}, Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID,
				Employer: hold.Employer, Establishment: hold.Establishment, Date: hold.Date, To: hold.To, Purpose: hold.Purpose, Approach: plan.Approach}
		}
	}
	return found
}

// clash tells both parties of what a visit was found to clash with.
func (m model) clash(r *events.Record, reader string, register *clashModel) *Message {
	d, ok := r.Event.Data.(*events.VisitMade)
	if !ok {
		return nil
	}
	visit := m.order(r)
	found := slices.DeleteFunc(slices.Clone(register.found), func(c Clash) bool {
		return c.Found != r.Position || c.First.ID != visit && c.Later.ID != visit // an approach that it no longer is of may clash, too
	})
	slices.SortFunc(found, func(a, b Clash) int {
		return cmp.Or(cmp.Compare(a.First.ID, b.First.ID), cmp.Compare(a.Later.ID, b.Later.ID))
	})
	var others []Party
	for _, c := range found {
		if c.First.ID == visit {
			others = append(others, c.Later)
		} else {
			others = append(others, c.First)
		}
	}
	maker, listens := m.goesOn(r.Partner, r.Verdict.Today)
	if len(others) > 0 && maker == reader && listens {
		x := m.seen()[others[0].ID]
		msg := &Message{Kind: "botsing", Why: []string{"eigen-melding"}, Partner: x.Partner, Employer: x.Employer, Establishment: x.Establishment,
			Date: x.From, To: x.To, Purpose: x.Purpose}
		for _, c := range m.contacts(employerKeys...) {
			if c.order == x.ID {
				msg.Source, msg.ID, msg.AccountManager = c.Source, c.ID, c.AccountManager
			}
		}
		return msg
	}
	for _, other := range others {
		if m.reads(r, other.Partner, reader) {
			return &Message{Kind: "botsing", Why: []string{"eigen-melding"}, Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID,
				Employer: d.Employer.Key(), Establishment: d.Establishment, Date: d.Date, To: d.Date, Purpose: d.Purpose, AccountManager: d.AccountManager}
		}
	}
	return nil
}

// fromPlan takes over the plan that an approach began with, as it now stands;
// false when there is none or it ended.
func (m model) fromPlan(msg *Message, began events.Position, with *[]string) bool {
	for _, key := range employerKeys {
		for _, c := range m.contacts(key) {
			if c.Type == events.TypeVisitPlanned && c.order == began {
				msg.Employer, msg.Establishment, msg.Date, msg.To, msg.Purpose = key, c.Establishment, c.Date, c.To, c.Purpose
				msg.Source, msg.ID, msg.AccountManager = c.Source, c.ID, c.AccountManager
				if with != nil {
					*with = c.With
				}
				return c.Open()
			}
		}
	}
	return false
}

// why fills in what makes a message the reader's business.
func (m model) why(r *events.Record, msg *Message, reader string) {
	today := r.Verdict.Today
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
			break
		}
	}
	for _, partner := range partners {
		if own(partner) && m.follows(partner, keys, same) {
			msg.Why = append(msg.Why, "gevolgd")
			return
		}
	}
}

// follows reports whether a partner follows an employer, or an establishment that
// something concerns, by the words of it that survive.
func (m model) follows(partner string, keys []string, same func(establishment string) bool) bool {
	whole, parts := false, map[string]bool{}
	for _, r := range m.alive() {
		e, ok := events.EmployerOf(r.Event.Data)
		if !ok || r.Partner != partner || !slices.Contains(keys, e.Key()) {
			continue
		}
		switch r.Event.Data.(type) {
		case *events.EmployerFollowed:
			if e.Establishment == "" {
				whole = true
			} else {
				parts[e.Establishment] = true
			}
		case *events.EmployerUnfollowed:
			if e.Establishment == "" {
				whole, parts = false, map[string]bool{}
			} else {
				delete(parts, e.Establishment)
			}
		}
	}
	for establishment := range parts {
		whole = whole || same(establishment)
	}
	return whole
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
