package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"huisboek/adapters/access"
	"huisboek/adapters/agenda"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// A calendar program sends no header of its own, so the address is the credential. It
// must therefore stand nowhere: what is logged and counted of a request is its route
// (outside), a refusal never repeats an address, and no error in this file holds one.

const (
	calendarPrefix = "/agenda/"
	calendarSuffix = ".ics"
	calendarPath   = calendarPrefix + "{adres}"
)

// CalendarPath is where the calendar with a token is read.
func CalendarPath(token string) string { return calendarPrefix + token + calendarSuffix }

// calendar answers with a calendar. Whoever does not have its address is told that
// nothing is there, also when something was.
func (s *Server) calendar(w http.ResponseWriter, r *http.Request) {
	token, whole := strings.CutSuffix(r.PathValue("adres"), calendarSuffix)
	feed, employee, err := s.feed.FeedOf(token)
	if errors.Is(err, access.ErrUnknownToken) || err == nil && (!whole || r.URL.RawQuery != "") {
		if err = s.guesses(r); err == nil {
			err = problemNotFound
		}
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	leave, err := s.asks(feed.ID)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer leave()
	var body []byte
	if !s.working.hold(func() { body, err = s.calendarOf(r.Context(), &feed, employee) }) {
		err = problemBusy
	}
	if errors.Is(err, ledger.ErrForbidden) { // its partner does not take part (any more)
		err = problemNotFound
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if err := s.feed.FeedUsed(feed.ID, s.today()); err != nil && !errors.Is(err, access.ErrNoFeed) {
		s.cfg.Log.WarnContext(r.Context(), "the day on which a calendar was read is not remembered", "request", requestID(r.Context()), "feed", feed.ID, "error", err)
	}
	hash := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(hash[:16]) + `"`
	w.Header().Set("Cache-Control", "private, no-cache") // kept by who asks only, and asked for again each time
	w.Header().Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", agenda.MediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body) // of a HEAD nothing is sent
}

// guesses counts a request for nothing with those from the same machine.
func (s *Server) guesses(r *http.Request) error {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return s.cfg.Questions.Take("agenda van "+host, 1)
}

// matches reports whether a caller has what it asks for (RFC 9110, 13.1.2).
func matches(ifNoneMatch []string, tag string) bool {
	for _, list := range ifNoneMatch {
		for one := range strings.SplitSeq(list, ",") {
			if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
				return true
			}
		}
	}
	return false
}

// planned is a plan with what has to be looked up for it.
type planned struct {
	projections.Planned
	at *calendarEmployer // one for all plans there
}

// calendarEmployer is an employer as calendars name it.
type calendarEmployer struct {
	card        *projections.Card // nil: nobody described it
	name, place *string           // when opened
	opened      bool
}

// open unseals, once and outside of a transaction.
func (e *calendarEmployer) open(v *sight) error {
	if e.opened || e.card == nil {
		return nil
	}
	var erased bool
	var e1, e2 error
	e.name, e1 = unsealed(v, e.card.Source, e.card.ID, "/naam", e.card.Name, &erased)
	e.place, e2 = unsealed(v, e.card.Source, e.card.ID, "/plaats", e.card.Place, &erased)
	e.opened = true
	return errors.Join(e1, e2)
}

// calendarOf is the calendar of a feed, for as whom it is read.
func (s *Server) calendarOf(ctx context.Context, f *access.Feed, employee string) ([]byte, error) {
	v, err := s.sight(ctx, f.Caller())
	if err != nil {
		return nil, err
	}
	var keys []events.KeyID
	if f.Scope == access.FeedManager {
		if keys, err = s.cfg.Ledger.KeysOf(f.Partner, employee); err != nil {
			return nil, err
		}
	}
	var plans []planned
	if _, err := s.read(ctx, 0, func(tx projections.Tx) error {
		plans, err = v.planned(tx, f.Scope, keys)
		return err
	}); err != nil {
		return nil, err
	}
	c := agenda.Calendar{Name: v.calendarName(f)}
	for i := range plans {
		it, err := v.calendarItem(&plans[i], s.cfg.Book.ID, f.Scope)
		if err != nil {
			return nil, err
		}
		c.Items = append(c.Items, it)
	}
	return c.Bytes()
}

// planned are the plans of a scope, by their first day; of an account manager those
// that are sealed with one of its keys.
func (v *sight) planned(tx projections.Tx, scope string, keys []events.KeyID) (list []planned, err error) {
	whose := v.mine
	if scope == access.FeedRegion {
		whose = nil
		for id := range v.partners {
			whose = append(whose, id)
		}
	}
	employers := map[string]*calendarEmployer{}
	for _, partner := range whose {
		all, err := projections.Agenda{}.Planned(tx, partner, v.today)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			if seal := p.AccountManager.Seal; scope == access.FeedManager && (seal == nil || !slices.Contains(keys, seal.Key)) {
				continue
			}
			at := employers[p.Employer]
			if at == nil {
				card, err := cardOf(tx, p.Employer)
				if err != nil {
					return nil, err
				}
				at = &calendarEmployer{card: card}
				employers[p.Employer] = at
			}
			list = append(list, planned{p, at})
		}
	}
	slices.SortFunc(list, func(a, b planned) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Root, b.Root))
	})
	return list, nil
}

// cardOf is the card of an employer, under whatever key it has one.
func cardOf(tx projections.Tx, key string) (*projections.Card, error) {
	e, err := events.ParseEmployerKey(key)
	if err != nil {
		return nil, err
	}
	g, err := groupOf(tx, e, false)
	if err != nil {
		return nil, err
	}
	return projections.NewEmployers().Card(tx, g.Keys)
}

func (v *sight) calendarName(f *access.Feed) string {
	switch {
	case f.Name != "":
		return f.Name
	case f.Scope == access.FeedRegion:
		return "Plannen in de regio"
	}
	return "Plannen van " + v.name(f.Partner).Name
}

// calendarItem is a plan as every reader of employers may see it: no contact person
// of the employer, no free text.
func (v *sight) calendarItem(p *planned, book, scope string) (agenda.Item, error) {
	it := agenda.Item{
		UID: fmt.Sprintf("%d@%s.huisboek", p.Root, book), Sequence: p.Sequence, Changed: p.Changed,
		Off: p.Off(), From: p.From, To: p.To, Time: p.Time, Duration: p.Duration,
	}
	if err := p.at.open(v); err != nil {
		return it, err
	}
	who := p.Employer
	if p.at.name != nil {
		who = *p.at.name
	}
	if p.at.place != nil {
		it.Location = *p.at.place
	}
	partner := v.name(p.Partner).Name
	it.Summary = calendarWords[p.Status] + who + ": " + p.Purpose
	if scope == access.FeedRegion {
		it.Summary += " (" + partner + ")"
	}
	var erased bool
	person, err := v.person(p.Partner, p.Source, p.ID, p.AccountManager, &erased)
	if err != nil {
		return it, err
	}
	lines := []string{"Partner: " + partner}
	if person != nil {
		line := "Accountmanager: " + person.Name
		if person.Phone != "" {
			line += ", " + person.Phone
		}
		lines = append(lines, line)
	}
	employer := "Werkgever: " + p.Employer
	if p.Establishment != "" {
		employer += ", vestiging " + p.Establishment
	}
	it.Description = strings.Join(append(lines, employer, "Doel: "+p.Purpose, "Stand: "+v.standing(p)), "\n")
	return it, nil
}

// calendarWords stand before the name of what does not go on.
var calendarWords = map[string]string{
	projections.StatusCalledOff: "Afgezegd: ",
	projections.StatusWithdrawn: "Ingetrokken: ",
}

// standing says how a plan is, in a calendar.
func (v *sight) standing(p *planned) string {
	switch {
	case p.Status == projections.StatusCalledOff:
		return "afgezegd."
	case p.Status == projections.StatusWithdrawn:
		return "ingetrokken."
	case p.Status == projections.StatusMade:
		return "afgelegd."
	case p.Expired(v.today):
		return "verlopen; er is geen bezoek gemeld."
	case !p.Holds:
		return p.Status + "; dit plan houdt de werkgever niet vast, want een ander ging voor."
	}
	return p.Status + "; dit plan houdt de werkgever vast."
}
