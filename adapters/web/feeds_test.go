package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// json asks with a method and a body.
func (h *house) json(method, who, path, body string) reply {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[who])
	}
	return h.send(r)
}

// makeFeed makes an address for somebody.
func (h *house) makeFeed(who, body string) (made web.NewFeed) {
	h.t.Helper()
	r := h.json(http.MethodPost, who, "/v1/agenda-adressen", body)
	if r.status != http.StatusCreated {
		h.t.Fatalf("%s: %d %s", body, r.status, r.body)
	}
	decode(h.t, r, &made)
	later := h.now().Add(time.Second)
	h.clock.Store(&later)
	return made
}

// TestFeedsMade: who may make, see and end which address, and that it is told once.
func TestFeedsMade(t *testing.T) {
	h := newHouse(t)
	h.access.UseClock(h.now)
	for name, tt := range map[string]struct {
		who, body string
		status    int
		faults    string
	}{
		"no token":                {"", `{"voor":"partner"}`, 401, ""},
		"the board":               {"board", `{"voor":"regio"}`, 403, ""},
		"the auditor":             {"auditor", `{"voor":"regio"}`, 403, ""},
		"nothing":                 {"a", `{}`, 400, "/voor ontbreekt"},
		"no JSON":                 {"a", `{"voor"`, 400, " ongeldige-json"},
		"not an object":           {"a", `["regio"]`, 400, " verkeerde-soort"},
		"null":                    {"a", `null`, 400, " verkeerde-soort"},
		"twice":                   {"a", `{"voor":"regio","voor":"partner"}`, 400, " ongeldige-json"},
		"another scope":           {"a", `{"voor":"alles"}`, 400, "/voor onbekende-waarde"},
		"a number":                {"a", `{"voor":1,"naam":["x"]}`, 400, "/naam verkeerde-soort /voor verkeerde-soort"},
		"unknown members":         {"a", `{"voor":"partner","partner":"x","adres":"y"}`, 400, "/adres onbekend-veld /partner onbekend-veld"},
		"manager without manager": {"a", `{"voor":"accountmanager"}`, 400, "/medewerker ontbreekt"},
		"partner with manager":    {"a", `{"voor":"partner","medewerker":"am-1"}`, 400, "/medewerker onbekend-veld"},
		"long name":               {"a", `{"voor":"partner","naam":"` + strings.Repeat("é", 201) + `"}`, 400, "/naam te-lang"},
		"name of two lines":       {"a", `{"voor":"partner","naam":"a\nb"}`, 400, "/naam geen-regel"},
		"the steward's partner":   {"steward", `{"voor":"partner"}`, 400, "/voor onbekende-waarde"},
		"the steward's manager":   {"steward", `{"voor":"accountmanager","medewerker":"am-1"}`, 400, "/voor onbekende-waarde"},
		"too large":               {"a", `{"naam":"` + strings.Repeat("x", 64<<10) + `"}`, 413, ""},
	} {
		r := h.json(http.MethodPost, tt.who, "/v1/agenda-adressen", tt.body)
		var faults []string
		if r.status != 401 {
			for _, f := range r.problem(t).Faults {
				if f.Sentence.NL == "" || f.Sentence.EN == "" {
					t.Errorf("%s: %s says nothing", name, f.Code)
				}
				faults = append(faults, f.Field+" "+f.Code)
			}
		}
		if r.status != tt.status || strings.Join(faults, " ") != tt.faults {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}

	mine := h.makeFeed("a", `{"voor":"accountmanager","medewerker":"am-1","naam":"telefoon"}`)
	others := h.makeFeed("b", `{"voor":"regio"}`)
	region := h.makeFeed("steward", `{"voor":"regio","naam":"Muur"}`)
	if mine.Partner == nil || mine.Partner.ID != partnerA || mine.Made != "2026-09-01" || mine.Used != nil || region.Partner != nil {
		t.Errorf("%+v and %+v", mine, region)
	}
	for _, f := range []web.NewFeed{mine, others, region} {
		if token := strings.TrimSuffix(strings.TrimPrefix(f.Address, "/agenda/"), ".ics"); len(token) != 43 || web.CalendarPath(token) != f.Address {
			t.Errorf("address %q", f.Address)
		}
	}
	lists := func(who string, want ...web.Feed) {
		t.Helper()
		r := h.get(who, "/v1/agenda-adressen")
		var got web.FeedsAnswer
		decode(t, r, &got)
		if d := cmp.Diff(append([]web.Feed{}, want...), got.Feeds); d != "" {
			t.Errorf("%s sees %s", who, d)
		}
		for _, secret := range []string{mine.Address, others.Address, region.Address, "am-1"} {
			if strings.Contains(r.body, secret) || strings.Contains(r.body, strings.TrimSuffix(strings.TrimPrefix(secret, "/agenda/"), ".ics")) {
				t.Errorf("%s sees an address or of whom it is", who)
			}
		}
	}
	lists("a", mine.Feed)
	lists("b", others.Feed)
	lists("c")
	lists("steward", mine.Feed, others.Feed, region.Feed)
	if r := h.get("board", "/v1/agenda-adressen"); r.status != 403 {
		t.Errorf("the board: %d", r.status)
	}

	if r := h.get("", mine.Address); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	used := events.Date("2026-09-01")
	mine.Used = &used
	lists("a", mine.Feed)

	ends := func(who, id string, want int) {
		t.Helper()
		if r := h.do(http.MethodDelete, who, "/v1/agenda-adressen/"+id); r.status != want || (want == 204) != (r.body == "") {
			t.Errorf("%s ends it: %d %s", who, r.status, r.body)
		}
	}
	ends("b", mine.ID, 404)
	ends("board", mine.ID, 403)
	ends("", mine.ID, 401)
	ends("a", region.ID, 404)
	ends("a", mine.ID, 204)
	ends("a", mine.ID, 404)
	ends("steward", others.ID, 204)
	lists("steward", region.Feed)
	for _, gone := range []web.NewFeed{mine, others} {
		if r := h.get("", gone.Address); r.status != 404 {
			t.Errorf("ended, and %d", r.status)
		}
	}
}

func planner(employee string) events.Personal[events.AccountManager] {
	return plain(events.AccountManager{Employee: employee, Name: "Consulent " + employee, Phone: "038 000 01 12"})
}

// nastyName is 200 characters of what a calendar has to escape and fold.
var nastyName = func() string {
	name := []rune(strings.Repeat(`Bakkerij "De, Korst"; Zonen\& 👩🏽‍🔧 café <x> `, 5))
	return strings.TrimSpace(string(name[:199])) + "é"
}()

// agendaStory is everything that can become of a plan, by two partners, and the
// position at which each began.
func (h *house) agendaStory() map[string]events.Position {
	roots := map[string]events.Position{}
	approaches := map[string]string{}
	count := 0
	plan := func(name, partner, kvk, employee string, how func(*events.VisitPlanned)) events.Ref {
		h.t.Helper()
		count++
		approaches[name] = fmt.Sprintf("6f9619ff-8b86-4011-b42d-00cf4fc964%02x", count)
		d := &events.VisitPlanned{Employer: events.Employer{KvK: kvk}, Approach: approaches[name], Purpose: "nazorg", AccountManager: planner(employee)}
		how(d)
		r, ref := h.say(partner, d)
		roots[name] = r.Position
		return ref
	}
	on := func(day events.Date, at ...string) func(*events.VisitPlanned) {
		return func(d *events.VisitPlanned) {
			if d.Date = day; len(at) > 0 {
				d.Time = at[0]
			}
			if len(at) > 1 {
				d.Duration = at[1]
			}
		}
	}
	h.say(partnerA, &events.EmployerDescribed{Employer: events.Employer{KvK: "69599084"}, Name: plain(nastyName), Place: plain("Zwolle, Assendorp")})
	plan("autumn before", partnerA, "69599084", "am-1", on("2026-10-25", "01:30"))
	plan("autumn twice", partnerA, "69599084", "am-1", on("2026-10-25", "02:30", "PT30M"))
	plan("autumn after", partnerA, "69599084", "am-1", on("2026-10-25", "03:30", "PT1H30M"))
	plan("spring before", partnerA, "68727720", "am-2", on("2027-03-28", "01:30"))
	plan("spring never", partnerA, "68727720", "am-2", on("2027-03-28", "02:30"))
	plan("spring after", partnerA, "68727720", "am-2", on("2027-03-28", "03:00"))
	plan("period", partnerA, "68750110", "am-2", func(d *events.VisitPlanned) {
		d.Period, d.Establishment = &events.Period{From: "2026-12-28", To: "2027-01-03"}, "000037178598"
	})
	plan("moved", partnerA, "68750110", "am-1", on("2026-09-10"))
	h.say(partnerA, &events.VisitMoved{Approach: approaches["moved"], Date: "2026-09-15", Time: "10:30", Duration: "PT45M"})
	plan("off", partnerB, "90004760", "b-9", on("2026-09-20", "09:00"))
	h.say(partnerB, &events.VisitCalledOff{Approach: approaches["off"]})
	gone := plan("gone", partnerB, "69599068", "b-9", on("2026-09-21"))
	h.say(partnerB, &events.EventRetracted{Event: gone})
	plan("made", partnerA, "69599076", "am-1", on("2026-09-01"))
	h.say(partnerA, &events.VisitMade{Employer: events.Employer{KvK: "69599076"}, Date: "2026-09-01", Approach: approaches["made"], Purpose: "nazorg", Form: "telefoon"})
	h.synced()
	return roots
}

// uids are which plans a calendar has.
func uids(body string, roots map[string]events.Position) (names []string) {
	for name, root := range roots {
		if strings.Contains(body, fmt.Sprintf("UID:%d@%s.huisboek\r\n", root, book.ID)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestCalendar: which plans each scope has, as long as its address holds.
func TestCalendar(t *testing.T) {
	h := newHouse(t)
	roots := h.agendaStory()
	first := h.makeFeed("a", `{"voor":"accountmanager","medewerker":"am-1"}`)
	nobody := h.makeFeed("a", `{"voor":"accountmanager","medewerker":"b-9"}`) // another partner's
	partner := h.makeFeed("a", `{"voor":"partner"}`)
	region := h.makeFeed("b", `{"voor":"regio"}`)
	wall := h.makeFeed("steward", `{"voor":"regio","naam":"Muur, gang"}`)
	ofA := []string{"autumn after", "autumn before", "autumn twice", "made", "moved", "period", "spring after", "spring before", "spring never"}
	everybodys := slices.Sorted(slices.Values(append([]string{"off", "gone"}, ofA...)))
	for _, tt := range []struct {
		feed web.NewFeed
		want []string
	}{
		{first, []string{"autumn after", "autumn before", "autumn twice", "made", "moved"}},
		{nobody, nil}, {partner, ofA}, {region, everybodys}, {wall, everybodys},
	} {
		r := h.get("", tt.feed.Address)
		if d := cmp.Diff(tt.want, uids(r.body, roots)); r.status != 200 || d != "" {
			t.Errorf("%s: %d %s", tt.feed.Scope, r.status, d)
		}
		if got := r.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
			t.Errorf("as %q", got)
		}
		if got := r.header.Get("Cache-Control"); got != "private, no-cache" || r.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("kept by %q", got)
		}
	}
	if body := h.get("", wall.Address).body; !strings.Contains(body, "\r\nX-WR-CALNAME:Muur\\, gang\r\n") {
		t.Errorf("not called what it is: %.300s", body)
	}

	// A successor's are those of whom it goes on with.
	h.day("2026-09-02")
	h.record(steward, stewardSource, &events.PartnerSucceeded{Partner: partnerA, By: partnerC, From: "2026-09-02"})
	h.synced()
	heirs := h.makeFeed("c", `{"voor":"partner"}`)
	if d := cmp.Diff(ofA, uids(h.get("", heirs.Address).body, roots)); d != "" {
		t.Error(d)
	}
	heirsManager := h.makeFeed("c", `{"voor":"accountmanager","medewerker":"am-1"}`)
	if got := uids(h.get("", heirsManager.Address).body, roots); len(got) != 5 {
		t.Errorf("%v", got)
	}
	// And who left reads nothing any more.
	for _, f := range []web.NewFeed{first, partner} {
		if r := h.get("", f.Address); r.status != 404 {
			t.Errorf("of who left: %d", r.status)
		}
	}
	h.record(steward, stewardSource, &events.PartnerDeparted{Partner: partnerB, From: "2026-09-03"})
	h.synced()
	if r := h.get("", region.Address); r.status != 200 {
		t.Errorf("the day before it leaves: %d", r.status)
	}
	h.day("2026-09-03")
	if r := h.get("", region.Address); r.status != 404 {
		t.Errorf("the day it leaves: %d", r.status)
	}
}

// TestCalendarErased: whoever was erased is in no calendar, and an employer without a
// name has its number.
func TestCalendarErased(t *testing.T) {
	h := newHouse(t)
	h.agendaStory()
	f := h.makeFeed("steward", `{"voor":"regio"}`)
	before := strings.ReplaceAll(h.get("", f.Address).body, "\r\n ", "")
	for _, want := range []string{"Accountmanager: Consulent am-1\\, 038 000 01 12", "SUMMARY:Bakkerij", "SUMMARY:Afgezegd: 90004760: nazorg (Partner B)", "LOCATION:Zwolle\\, Assendorp"} {
		if !strings.Contains(before, want) {
			t.Errorf("no %q in %s", want, before)
		}
	}
	for _, q := range []ledger.EraseRequest{{Partner: partnerA, Employee: "am-1", Ground: "verzoek"}, {Employer: "69599084", Ground: "verzoek"}} {
		if _, err := h.ledger.Erase(t.Context(), q, steward); err != nil {
			t.Fatal(err)
		}
	}
	h.last = h.ledger.Position()
	h.synced()
	after := strings.ReplaceAll(h.get("", f.Address).body, "\r\n ", "")
	for _, gone := range []string{"Consulent am-1", "Bakkerij", "Assendorp"} {
		if strings.Contains(after, gone) {
			t.Errorf("%q is still there", gone)
		}
	}
	if !strings.Contains(after, "SUMMARY:69599084: nazorg (Partner A)") || !strings.Contains(after, "Consulent am-2") {
		t.Error("not its number, or more is gone than was erased")
	}
}

// TestCalendarAsked: the same is not sent twice, and what is not there is not told
// from what never was.
func TestCalendarAsked(t *testing.T) {
	h := newHouse(t)
	h.agendaStory()
	f := h.makeFeed("a", `{"voor":"partner"}`)
	get := func(path string, header ...string) reply {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		return h.send(r)
	}
	first := get(f.Address)
	tag := first.header.Get("ETag")
	for _, have := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if r := get(f.Address, "If-None-Match", have); r.status != 304 || r.body != "" || r.header.Get("ETag") != tag {
			t.Errorf("%s: %d, %d bytes", have, r.status, len(r.body))
		}
	}
	if r := get(f.Address, "If-None-Match", `"x"`); r.status != 200 || r.body != first.body {
		t.Errorf("of another: %d", r.status)
	}
	if r := h.do(http.MethodHead, "", f.Address); r.status != 200 || r.body != "" || r.header.Get("ETag") != tag {
		t.Errorf("HEAD: %d, %d bytes", r.status, len(r.body))
	}
	h.say(partnerA, &events.VisitPlanned{Employer: events.Employer{KvK: "69599084"}, Approach: "0b9d2c54-6c0e-4f0c-9a53-1f6c7a3f2d10",
		Date: "2026-12-02", Purpose: "nazorg", AccountManager: planner("am-1")})
	h.synced()
	if r := get(f.Address, "If-None-Match", tag); r.status != 200 || r.header.Get("ETag") == tag {
		t.Errorf("something changed, and %d", r.status)
	}

	unknown := get("/agenda/" + strings.Repeat("A", 43) + ".ics")
	same := func(name string, r reply) {
		t.Helper()
		if r.status != 404 || r.body != unknown.body || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	same("never was", unknown)
	same("without its end", get(strings.TrimSuffix(f.Address, ".ics")))
	same("with a query", get(f.Address+"?x=1"))
	same("a credential's token", get("/agenda/"+h.tokens["a"]+".ics"))
	same("nothing", get("/agenda/.ics"))
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if r := h.do(method, "", f.Address); r.status != 405 {
			t.Errorf("%s: %d", method, r.status)
		}
	}
	h.do(http.MethodDelete, "a", "/v1/agenda-adressen/"+f.ID)
	same("ended", get(f.Address))

	// Whoever tries is held up, and nobody else.
	g := h.makeFeed("b", `{"voor":"partner"}`)
	s := h.door(func(c *web.Config) {
		c.Questions = intake.NewLimits(intake.Rates{PerSecond: 1, Burst: intake.MaxBatch}, h.now)
	})
	held := 0
	for range intake.MaxBatch + 5 {
		if w := h.ask(s, "", "/agenda/"+strings.Repeat("A", 43)+".ics"); w.Code == 429 && w.Header().Get("Retry-After") != "" {
			held++
		}
	}
	if w := h.ask(s, "", g.Address); held != 5 || w.Code != 200 {
		t.Errorf("%d held up; who has an address gets %d", held, w.Code)
	}
	for range intake.MaxBatch {
		held = h.ask(s, "", g.Address).Code
	}
	if held != 429 {
		t.Errorf("who has an address and asks all day gets %d", held)
	}
}

// TestCalendarLeavesNoTrace: an address is in no log, no metric and no refusal,
// whatever goes wrong.
func TestCalendarLeavesNoTrace(t *testing.T) {
	h := newHouse(t)
	h.agendaStory()
	f := h.makeFeed("a", `{"voor":"accountmanager","medewerker":"am-1"}`)
	token := strings.TrimSuffix(strings.TrimPrefix(f.Address, "/agenda/"), ".ics")
	registry := prometheus.NewRegistry()
	var log bytes.Buffer
	fails := error(nil)
	panics := false
	s := h.door(func(c *web.Config) {
		c.Metrics = registry
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
		c.Moment = func(context.Context, events.Position) (time.Time, error) {
			if panics {
				panic("broken")
			}
			return time.Time{}, fails
		}
		c.Ready = func() bool { return fails == nil || panics || fails.Error() != "rebuild" }
	})
	answers := ""
	ask := func(method, path string, want int) {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Header.Set("Referer", "https://boek.voorbeeld.invalid"+f.Address)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
		answers += fmt.Sprint(w.Header(), w.Body)
	}
	fails = errors.New("disk")
	ask("GET", f.Address, 500)
	panics = true
	ask("GET", f.Address, 500)
	fails, panics = errors.New("rebuild"), false
	ask("GET", f.Address, 503)
	fails = nil
	ask("GET", f.Address, 200)
	ask("HEAD", f.Address, 200)
	ask("GET", f.Address+"?"+token, 404)
	ask("GET", f.Address+"/", 404)
	ask("GET", "/"+token, 404)
	ask("GET", "/agenda//"+token+".ics", 404)
	ask("POST", f.Address, 405)
	ask("GET", "/v1/werkgevers?zoek="+token, 401)
	if err := h.access.RemoveFeed(f.ID); err != nil {
		t.Fatal(err)
	}
	ask("GET", f.Address, 404)
	answers += h.ask(s, "steward", "/metrics").Body.String()
	if !strings.Contains(answers, `route="GET /agenda/{adres}",status="200"`) || !strings.Contains(log.String(), "GET /agenda/{adres}") {
		t.Error("the search finds nothing at all: the route is not there either")
	}
	for where, text := range map[string]string{"log": log.String(), "answers or metrics": answers} {
		for _, part := range []string{token, token[:12], token[len(token)-12:], "am-1"} {
			if i := strings.Index(strings.ReplaceAll(text, "Consulent am-1", ""), part); i >= 0 {
				t.Errorf("%s: …%s", where, text[max(0, i-200):i])
			}
		}
	}
}

// BenchmarkCalendar is a region of 2,000 plans at 500 employers with names.
func BenchmarkCalendar(b *testing.B) {
	h := newHouse(b)
	for i := range 2_000 {
		e := events.Employer{Provisional: fmt.Sprintf("0b9d2c54-6c0e-4f0c-9a53-%012x", i%500)}
		if i < 500 {
			h.say(partnerA, &events.EmployerDescribed{Employer: e, Name: plain(fmt.Sprintf("Werkgever %d", i)), Place: plain("Zwolle")})
		}
		h.say(partnerA, &events.VisitPlanned{Employer: e, Approach: fmt.Sprintf("6f9619ff-8b86-4011-b42d-%012x", i),
			Date: events.Date("2026-10-01").AddDays(i % 60), Purpose: "nazorg", AccountManager: planner(fmt.Sprintf("am-%d", i%20)), AtRequest: true}) // no cap refuses it
	}
	h.synced()
	f := h.makeFeed("steward", `{"voor":"regio"}`)
	var body string
	for b.Loop() {
		body = h.get("", f.Address).body
	}
	b.ReportMetric(float64(len(body)), "bytes")
	b.ReportMetric(float64(strings.Count(body, "BEGIN:VEVENT")), "plans")
}
