package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"huisboek/adapters/readlog"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// described is a house in which A and B each described an employer, A with two contact
// persons, B with one, and C one without any.
func described(t *testing.T) *house {
	h := newHouse(t)
	people := func(names ...string) events.Personal[[]events.ContactPerson] {
		var list []events.ContactPerson
		for _, n := range names {
			list = append(list, events.ContactPerson{Name: n})
		}
		return plain(list)
	}
	h.say(partnerA, &events.EmployerDescribed{Employer: at(employer), Name: plain("Van A"), Contacts: people("Een van A", "Twee van A")})
	h.say(partnerB, &events.EmployerDescribed{Employer: at("68750110"), Name: plain("Van B"), Contacts: people("Een van B")})
	h.say(partnerC, &events.EmployerDescribed{Employer: at("68727720"), Name: plain("Van C")})
	h.synced()
	return h
}

// entries are all looks, the oldest first.
func (h *house) entries() []readlog.Entry {
	h.t.Helper()
	all, next, err := h.looks.List(readlog.Filter{}, "", 1000)
	if err != nil || next != "" {
		h.t.Fatalf("%q, %v", next, err)
	}
	slices.Reverse(all)
	return all
}

// Exactly the answers with contact persons are in the log, each before it is sent, with
// what it was for; one that cannot be is not given.
func TestLooksAreLogged(t *testing.T) {
	h := described(t)
	base := "/v1/werkgevers/" + employer
	for _, tt := range []struct {
		who, path, header string
		status, people    int // in the answer, and so in the log
		purpose           string
	}{
		{"a", base, "", 200, 2, readlog.PurposeExchange},
		{"a", base + "?verwerking=contact-voorbereiden", "", 200, 2, readlog.PurposePrepare},
		{"a", base + "?concern=true&verwerking=gegevens-bijhouden", "", 200, 2, readlog.PurposeKeep},
		{"a", base + "?vestigingsnummer=000037178598&verwerking=uitwisseling", "", 200, 2, readlog.PurposeExchange},
		{"a", base, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 200, 2, readlog.PurposeExchange},
		{"a", base, "nonsense", 200, 2, readlog.PurposeExchange},
		{"b", "/v1/werkgevers/68750110", "", 200, 1, readlog.PurposeExchange},
		{"c", "/v1/werkgevers/68727720", "", 200, 0, ""},
		{"b", base, "", 200, 0, ""},
		{"steward", base, "", 200, 0, ""},
		{"board", base, "", 403, 0, ""},
		{"auditor", base, "", 403, 0, ""},
		{"", base, "", 401, 0, ""},
		{"a", base + "?verwerking=nieuwsgierigheid", "", 400, 0, ""},
		{"a", base + "/contacten", "", 200, 0, ""},
		{"a", base + "/contacten?verwerking=uitwisseling", "", 400, 0, ""},
		{"a", base + "/advies", "", 200, 0, ""},
		{"a", "/v1/berichten", "", 200, 0, ""},
		{"a", "/v1/werkgevers?zoek=van", "", 200, 0, ""},
	} {
		before := h.entries()
		r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+tt.path, nil))
		if r.Header.Set("Traceparent", tt.header); tt.who != "" {
			r.Header.Set("Authorization", "Bearer "+h.tokens[tt.who])
		}
		got := h.send(r)
		name := fmt.Sprintf("%s %s %q", tt.who, tt.path, tt.header)
		if n := strings.Count(got.body, "Een van") + strings.Count(got.body, "Twee van"); got.status != tt.status || n != tt.people {
			t.Errorf("%s: %d with %d contact persons, want %d with %d: %.200s", name, got.status, n, tt.status, tt.people, got.body)
		}
		after := h.entries()
		if tt.people == 0 {
			if len(after) != len(before) {
				t.Errorf("%s is in the log", name)
			}
			continue
		}
		if len(after) != len(before)+1 {
			t.Fatalf("%s: %d looks more", name, len(after)-len(before))
		}
		e := after[len(after)-1]
		partner := map[string]string{"a": partnerA, "b": partnerB}[tt.who]
		if e.People != tt.people || e.Purpose != tt.purpose || e.Who != h.ids[tt.who] || e.Partner != partner || e.Described != partner ||
			e.Role != "partner" || e.Door != "http" || e.Name != "werkgeverLezen" || e.At.Before(h.now()) {
			t.Errorf("%s: %+v", name, e)
		}
		if strings.HasPrefix(tt.header, "00-") != (e.Trace == "4bf92f3577b34da6a3ce929d0e0e4736" && e.Parent == "00f067aa0ba902b7") || len(e.Trace) != 32 {
			t.Errorf("%s: trace %q of %q", name, e.Trace, e.Parent)
		}
		if strings.Contains(tt.path, "vestiging") != (e.Establishment == "000037178598") || !strings.Contains(tt.path, e.Employer) {
			t.Errorf("%s: %s %s", name, e.Employer, e.Establishment)
		}
	}
	first := h.entries()[0]
	if again := h.entries()[1]; first.Records[0].Subject != again.Records[0].Subject || first.Records[0].Subject == first.Records[1].Subject {
		t.Errorf("one person has one number: %v, %v", first.Records, again.Records)
	}
}

// broken is a log that cannot be written, or not yet.
type broken struct {
	web.ReadLog
	err   error
	asked atomic.Int32
	sent  func() bool
}

func (b *broken) Write(context.Context, readlog.Look) error {
	b.asked.Add(1)
	if b.sent != nil && b.sent() {
		return errors.New("the answer was sent already")
	}
	return b.err
}

// What cannot be logged is refused, with nobody in it; what holds no contact persons
// goes on. A door without a log gives nobody away.
func TestUnlogged(t *testing.T) {
	h := described(t)
	log := &broken{ReadLog: h.looks, err: errors.New("no space left on device: Een van A")}
	s := h.door(func(c *web.Config) { c.ReadLog = log })
	w := h.ask(s, "a", "/v1/werkgevers/"+employer)
	if w.Code != 503 || w.Header().Get("Retry-After") != "5" || !contains(w.Body.String(), "probleem/inzage-niet-vastgelegd") || contains(w.Body.String(), "van A") {
		t.Errorf("%d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	for who, path := range map[string]string{"b": "/v1/werkgevers/" + employer, "c": "/v1/werkgevers/68727720", "a": "/v1/werkgevers/" + employer + "/advies"} {
		if w := h.ask(s, who, path); w.Code != 200 {
			t.Errorf("%s %s: %d %s", who, path, w.Code, w.Body)
		}
	}
	if log.asked.Load() != 1 {
		t.Errorf("%d looks were to be written", log.asked.Load())
	}
	log.err = nil
	if w := h.ask(s, "a", "/v1/werkgevers/"+employer); w.Code != 200 || !contains(w.Body.String(), "Een van A") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if err := h.looks.Close(); err != nil { // the real one, that can write no more
		t.Fatal(err)
	}
	if r := h.get("a", "/v1/werkgevers/"+employer); r.status != 503 || contains(r.body, "van A") {
		t.Errorf("%d %s", r.status, r.body)
	}
	without := h.door(func(c *web.Config) { c.ReadLog = nil })
	if w := h.ask(without, "a", "/v1/werkgevers/"+employer); w.Code != 200 || contains(w.Body.String(), "Een van A") || !contains(w.Body.String(), `"aantalContactpersonen":2`) {
		t.Errorf("without a log: %d %s", w.Code, w.Body)
	}
	if w := h.ask(without, "auditor", "/v1/inzagen"); w.Code != 503 || !contains(w.Body.String(), "inzagen-niet-beschikbaar") {
		t.Errorf("without a log: %d %s", w.Code, w.Body)
	}
}

// The look is on disk when the first byte of its answer leaves, and not later.
func TestLoggedBeforeSent(t *testing.T) {
	h := described(t)
	answer := &firstByte{header: http.Header{}}
	log := &broken{ReadLog: h.looks, sent: func() bool { return answer.sent }}
	s := h.door(func(c *web.Config) { c.ReadLog = log })
	r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/werkgevers/"+employer, nil))
	r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
	s.ServeHTTP(answer, r)
	if answer.status != 200 || log.asked.Load() != 1 {
		t.Errorf("%d, asked %d times", answer.status, log.asked.Load())
	}
}

type firstByte struct {
	header http.Header
	status int
	sent   bool
}

func (f *firstByte) Header() http.Header         { return f.header }
func (f *firstByte) WriteHeader(status int)      { f.status, f.sent = status, true }
func (f *firstByte) Write(b []byte) (int, error) { f.sent = true; return len(b), nil }

// Who reads the log, and what of it.
func TestReadLog(t *testing.T) {
	h := described(t)
	see := func(who, query string) []web.LookedAt {
		t.Helper()
		var a web.ReadLogAnswer
		r := h.get(who, "/v1/inzagen"+query)
		if decode(t, r, &a); r.status != 200 {
			t.Fatalf("%s %s: %d %s", who, query, r.status, r.body)
		}
		return a.Looks
	}
	purposes := []string{readlog.PurposePrepare, readlog.PurposeKeep, readlog.PurposeExchange}
	for i, day := range []events.Date{"2026-09-01", "2026-09-02", "2026-09-03"} {
		h.day(day)
		must[*web.EmployerAnswer](t)(h.client("a").EmployerFor(t.Context(), at(employer), purposes[i], 0))
	}
	must[*web.EmployerAnswer](t)(h.client("b").Employer(t.Context(), at("68750110"), 0))
	h.record(steward, stewardSource, &events.PartnerSucceeded{Partner: partnerB, By: partnerA, From: "2026-09-03"})
	h.record(steward, stewardSource, &events.EmployersLinked{Employer: events.WholeEmployer{KvK: "68750110"}, With: events.WholeEmployer{KvK: "90004760"}, Kind: "dezelfde"})
	h.synced()
	must[*web.EmployerAnswer](t)(h.client("a").ConcernFor(t.Context(), at("90004760"), readlog.PurposePrepare, h.last)) // what B described
	for _, tt := range []struct {
		who, query string
		want       int
	}{
		{"auditor", "", 5}, {"a", "", 5}, {"c", "", 0},
		{"auditor", "?van=2026-09-02", 4}, {"auditor", "?tot=2026-09-02", 2}, {"auditor", "?van=2026-09-02&tot=2026-09-02", 1},
		{"auditor", "?werkgever=" + employer, 3}, {"auditor", "?werkgever=68750110", 2}, {"auditor", "?werkgever=90004760", 2}, {"auditor", "?werkgever=90005414", 0},
		{"auditor", "?door=" + partnerA, 4}, {"auditor", "?door=" + partnerB, 1}, {"auditor", "?door=" + h.ids["a"], 4}, {"auditor", "?door=x", 0},
		{"a", "?door=" + h.ids["b"], 1}, // whose work it goes on with
		{"c", "?door=" + h.ids["a"], 0},
	} {
		if got := see(tt.who, tt.query); len(got) != tt.want {
			t.Errorf("%s %s: %d looks, want %d", tt.who, tt.query, len(got), tt.want)
		}
	}
	first := see("auditor", "?aantal=1")[0]
	if first.Partner.Name != "Partner A" || first.Described.Name != "Partner B" || first.Purpose != readlog.PurposePrepare || first.People != 1 ||
		first.Employer.Key != "90004760" || first.Role != "partner" || first.Door != "http" || *first.Credential != h.ids["a"] || len(first.Lines) != 1 {
		t.Errorf("%+v", first)
	}
	l := first.Lines[0]
	if l.About.Activity != readlog.Activity(readlog.PurposePrepare) || len(l.About.Subject) != 32 || l.Name != "werkgeverLezen" || l.Status != 1 || l.Parent != nil || !l.End.Equal(first.At) {
		t.Errorf("%+v", l)
	}
	if raw := h.get("auditor", "/v1/inzagen").body; strings.Contains(raw, "van A") || strings.Contains(raw, "van B") || strings.Contains(raw, "Van A") {
		t.Error("the log names somebody: " + raw)
	}
	// page by page, with the client
	var seen int
	for q := (web.ReadLogQuestion{Max: 2}); ; {
		a := must[*web.ReadLogAnswer](t)(h.client("auditor").ReadLog(t.Context(), q))
		seen += len(a.Looks)
		if q.After = a.Next; q.After == "" {
			break
		}
	}
	if seen != 5 {
		t.Errorf("%d looks in pages", seen)
	}
	for who, query := range map[string]string{"steward": "", "board": ""} {
		if r := h.get(who, "/v1/inzagen"+query); r.status != 403 {
			t.Errorf("%s: %d", who, r.status)
		}
	}
	for query, field := range map[string]string{
		"?van=x": "van", "?tot=2026-02-30": "tot", "?van=2026-09-02&tot=2026-09-01": "tot", "?werkgever=x": "werkgever", "?na=x": "na", "?aantal=201": "aantal",
		"?door=" + strings.Repeat("x", 101): "door", "?vanafPositie=1": "vanafPositie", "?wie=a": "wie",
	} {
		if r := h.get("auditor", "/v1/inzagen"+query); r.status != 400 || !contains(r.body, `"/query/`+field+`"`) {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}

// Another partner's credential is not told to who described the contact persons, and
// cannot be guessed by asking for it.
func TestOthersCredential(t *testing.T) {
	h := described(t)
	look := readlog.Look{
		Who: h.ids["c"], Partner: partnerC, Role: "partner", Door: "http", Purpose: readlog.PurposePrepare, Name: "werkgeverLezen",
		Employer: employer, Described: partnerA, Began: h.now(), People: 1,
	}
	if err := h.looks.Write(t.Context(), look); err != nil {
		t.Fatal(err)
	}
	for who, shown := range map[string]bool{"a": false, "c": true, "auditor": true} {
		for query, want := range map[string]bool{"": true, "?door=" + partnerC: true, "?door=" + h.ids["c"]: shown} {
			r := h.get(who, "/v1/inzagen"+query)
			if got := contains(r.body, employer); got != want || contains(r.body, h.ids["c"]) != shown {
				t.Errorf("%s %s: %s", who, query, r.body)
			}
		}
	}
}

// After an erasure there is nobody to look at, and nothing to log; what was logged
// before stays, and is of nobody.
func TestLookErased(t *testing.T) {
	h := described(t)
	must[*web.EmployerAnswer](t)(h.client("a").Employer(t.Context(), at(employer), 0))
	if _, err := h.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: employer, Ground: "verzoek"}, steward); err != nil {
		t.Fatal(err)
	}
	got := must[*web.EmployerAnswer](t)(h.client("a").Employer(t.Context(), at(employer), h.ledger.Position()))
	if len(got.Card.People) != 0 || len(h.entries()) != 1 {
		t.Errorf("%d contact persons, %d looks", len(got.Card.People), len(h.entries()))
	}
}
