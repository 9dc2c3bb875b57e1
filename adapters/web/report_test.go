package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	gojson "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

const reports = "/v1/gebeurtenissen"

// post sends a body with headers, given as name, value, ….
func (h *house) post(who, query string, body []byte, headers ...string) reply {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.server.URL+reports+query, bytes.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[who])
	}
	return h.send(r)
}

// structured sends one event as it is.
func (h *house) structured(who, query string, body []byte) reply {
	h.t.Helper()
	return h.post(who, query, body, "Content-Type", intake.Structured)
}

func visit(day events.Date) *events.VisitMade {
	return &events.VisitMade{Employer: at(employer), Date: day, Purpose: "advies", Form: "video", AccountManager: managerA}
}

func plan(day events.Date) *events.VisitPlanned {
	return &events.VisitPlanned{Employer: at(employer), Approach: uuid.NewString(), Date: day, Purpose: "advies", AccountManager: managerA}
}

// raw is a new event of a partner in structured form.
func (h *house) raw(partner string, data events.Data) []byte {
	h.t.Helper()
	return h.event(oins[partner]+":systeem:test", data).Canonical()
}

// binary is the same event in binary mode (CloudEvents HTTP binding 1.0.2, 3.1).
func binary(t testing.TB, raw []byte) (headers []string, body []byte) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	for name, value := range members {
		var text string
		if name != "data" && json.Unmarshal(value, &text) == nil && name != "datacontenttype" {
			headers = append(headers, "ce-"+name, strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
		}
	}
	return append(headers, "Content-Type", "application/json"), members["data"]
}

type receipt struct {
	Outcome  string           `json:"oordeel"`
	ID       string           `json:"id"`
	Position *events.Position `json:"positie"`
}

func (r reply) receipt(t testing.TB) receipt {
	t.Helper()
	var out receipt
	decode(t, r, &out)
	return out
}

// TestReport: recorded, seen before, other content; and each mode is the same
// event with the same answer, also at the other door.
func TestReport(t *testing.T) {
	h := newHouse(t)
	h.say(partnerB, plan("2026-09-05")) // something to be advised about
	raw := h.raw(partnerA, plan("2026-09-04"))
	first := h.structured("a", "", raw)
	got := first.receipt(t)
	if first.status != 201 || got.Outcome != "bezet" || got.Position == nil || *got.Position != h.last+1 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	if kind := first.header.Get("Content-Type"); kind != "application/json" || first.header.Get("Location") != "" {
		t.Errorf("Content-Type %q, Location %q", kind, first.header.Get("Location"))
	}
	headers, data := binary(t, raw)
	for name, again := range map[string]reply{
		"structured":     h.structured("a", "", raw),
		"with a charset": h.post("a", "", raw, "Content-Type", "application/cloudevents+json; charset=utf-8"),
		"as JSON":        h.post("a", "", raw, "Content-Type", "application/json"),
		"without a type": h.post("a", "", raw),
		"binary":         h.post("a", "", data, headers...),
		"explicit trial": h.structured("a", "?proef=false", raw),
	} {
		if again.status != 200 || again.body != first.body {
			t.Errorf("%s: %d %s\nwant %s", name, again.status, again.body, first.body)
		}
	}
	nats, err := h.desk.Report(t.Context(), ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: "n", Door: ledger.DoorNATS}, nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	if body := must[[]byte](t)(gojson.Marshal(nats)); string(body) != first.body {
		t.Errorf("over NATS %s\nover HTTP %s", body, first.body)
	}
	other := bytes.Replace(raw, []byte("2026-09-04"), []byte("2026-09-06"), 1)
	if r := h.structured("a", "", other); r.status != 409 || r.problem(t).Faults[0].Code != "andere-inhoud" {
		t.Errorf("other content: %d %s", r.status, r.body)
	}
	if n := h.ledger.Position(); n != h.last+1 {
		t.Errorf("%d events were recorded", n-h.last)
	}
}

// TestReportAnswers is the status of everything that can come in, and that what
// is refused is not recorded.
func TestReportAnswers(t *testing.T) {
	h := newHouse(t)
	h.record(steward, stewardSource, &events.PartnerDeparted{Partner: partnerC, From: "2026-09-01"})
	good := func() []byte { return h.raw(partnerA, visit("2026-08-20")) }
	headers, data := binary(t, good())
	large := append(good(), bytes.Repeat([]byte(" "), events.MaxSize)...)
	admitted := h.event(stewardSource, &events.PartnerAdmitted{Partner: uuid.NewString(),
		Identities: []string{"urn:nld:oin:00000099000000005000"}, Name: "Partner D", Kind: "sw", From: "2026-01-01"}).Canonical()
	batch := []string{"Content-Type", intake.Batch}
	structured := []string{"Content-Type", intake.Structured}
	for _, tt := range []struct {
		name, who, query string
		body             []byte
		headers          []string
		status           int
		code             string // the problem's, and its first fault
	}{
		{"structured", "a", "", good(), structured, 201, ""},
		{"binary", "a", "", data, headers, 201, ""},
		{"steward", "steward", "", admitted, structured, 201, ""},
		{"exactly as large as may be", "a", "", large[:events.MaxSize], structured, 201, ""},
		{"no token", "", "", good(), structured, 401, "niet-aangemeld"},
		{"token in the query", "", "?token=" + h.tokens["a"], good(), structured, 401, "niet-aangemeld"},
		{"token in a cookie", "", "", good(), append([]string{"Cookie", "token=" + h.tokens["a"]}, structured...), 401, "niet-aangemeld"},
		{"another's source", "b", "", good(), structured, 403, "niet-toegestaan source-niet-van-u"},
		{"steward's event by a partner", "a", "", admitted, structured, 403, "niet-toegestaan rol-mag-niet"},
		{"partner's event by the steward", "steward", "", good(), structured, 403, "niet-toegestaan rol-mag-niet"},
		{"board", "board", "", good(), structured, 403, "niet-toegestaan rol-mag-niet"},
		{"auditor", "auditor", "", good(), structured, 403, "niet-toegestaan rol-mag-niet"},
		{"partner that left", "c", "", h.raw(partnerC, visit("2026-08-20")), structured, 403, "niet-toegestaan niet-actief"},
		{"nothing", "a", "", nil, structured, 400, "ongeldig ongeldige-json"},
		{"no JSON", "a", "", []byte("{"), structured, 400, "ongeldig ongeldige-json"},
		{"deep", "a", "", []byte(strings.Repeat("[", 100) + strings.Repeat("]", 100)), structured, 400, "ongeldig te-diep"},
		{"binary without attributes", "a", "", data, []string{"Content-Type", "application/json"}, 400, "ongeldig verkeerde-soort"},
		{"attribute twice", "a", "", data, append([]string{"ce-id", "x"}, headers...), 400, "ongeldig dubbel-veld"},
		{"unknown parameter", "a", "?trial=true", good(), structured, 400, "ongeldig onbekend"},
		{"trial of another word", "a", "?proef=ja", good(), structured, 400, "ongeldig ongeldig"},
		{"empty trial", "a", "?proef=", good(), structured, 400, "ongeldig ongeldig"},
		{"trial twice", "a", "?proef=true&proef=true", good(), structured, 400, "ongeldig dubbel"},
		{"unreadable query", "a", "?%zz", good(), structured, 400, "ongeldig onleesbaar"},
		{"no JSON for an answer", "a", "", good(), append([]string{"Accept", "text/html"}, structured...), 406, "vorm-niet-beschikbaar"},
		{"problems only", "a", "", good(), append([]string{"Accept", "application/problem+json"}, structured...), 406, "vorm-niet-beschikbaar"},
		{"large", "a", "", large, structured, 413, "te-groot te-groot"},
		{"large binary", "a", "", large, headers, 413, "te-groot te-groot"},
		{"batch of too many", "a", "", []byte("[" + strings.Repeat("1,", intake.MaxBatch) + "1]"), batch, 413, "te-groot"},
		{"XML", "a", "", good(), []string{"Content-Type", "application/cloudevents+xml"}, 415, "niet-ondersteund"},
		{"a form", "a", "", good(), []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "niet-ondersteund"},
		{"gzip", "a", "", good(), append([]string{"Content-Encoding", "gzip"}, structured...), 415, "niet-ondersteund"},
		{"identity", "a", "", good(), append([]string{"Content-Encoding", "Identity"}, structured...), 201, ""},
		{"no batch", "a", "", []byte(`{}`), batch, 400, "ongeldig geen-reeks"},
		{"empty body for a batch", "a", "", nil, batch, 400, "ongeldig geen-reeks"},
		{"null for a batch", "a", "", []byte(`null`), batch, 400, "ongeldig geen-reeks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := h.ledger.Position()
			r := h.post(tt.who, tt.query, tt.body, tt.headers...)
			if r.status != tt.status {
				t.Fatalf("%d, want %d: %s", r.status, tt.status, r.body)
			}
			if recorded := h.ledger.Position() - before; (r.status == 201) != (recorded == 1) || recorded > 1 {
				t.Errorf("%d, and %d recorded", r.status, recorded)
			}
			if tt.code == "" {
				return
			}
			p := r.problem(t)
			code := p.Type[strings.LastIndexByte(p.Type, '/')+1:]
			if len(p.Faults) > 0 {
				code += " " + p.Faults[0].Code
			}
			if code != tt.code || p.Status != r.status || r.header.Get("Content-Type") != ledger.ProblemMediaType {
				t.Errorf("%s, want %s: %s", code, tt.code, r.body)
			}
			if r.header.Get("X-Frame-Options") != "DENY" || r.header.Get("API-Version") == "" || r.header.Get("X-Request-Id") == "" {
				t.Errorf("headers %v", r.header)
			}
		})
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"} {
		if r := h.do(method, "a", reports); r.status != 405 || r.header.Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", method, r.status, r.header.Get("Allow"))
		}
	}
}

func TestAccept(t *testing.T) {
	h := newHouse(t)
	raw := h.raw(partnerA, visit("2026-08-20"))
	for accept, takes := range map[string]bool{
		"": true, "application/json": true, "application/*": true, "*/*": true, "APPLICATION/JSON; charset=utf-8": true,
		"text/html, */*;q=0.1": true, "application/json;q=0, application/json": true, "application/problem+json, application/json": true,
		"application/json, a;b,": true, // a server that reads it carelessly fails on it
		"text/html":              false, "application/problem+json": false, "application/json;q=0": false, "application/json;q=0, */*": false,
		"*/*;q=0": false, "application/*;q=0.0, */*": false, "application/json;q=x": false, "json": false, ",;,": false, "a;b,": false,
	} {
		want := map[bool]int{true: 200, false: 406}[takes]
		if r := h.post("a", "?proef=true", raw, "Content-Type", intake.Structured, "Accept", accept); r.status != want {
			t.Errorf("event, Accept %q: %d, want %d", accept, r.status, want)
		}
		r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/v1/partners", nil))
		r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
		r.Header.Set("Accept", accept)
		if got := h.send(r); got.status != want {
			t.Errorf("read, Accept %q: %d, want %d", accept, got.status, want)
		}
	}
}

// TestTrial: a trial says what would be, and leaves nothing.
func TestTrial(t *testing.T) {
	h := newHouse(t)
	h.say(partnerB, plan("2026-09-05"))
	raw := h.raw(partnerA, plan("2026-09-04"))
	trial := h.structured("a", "?proef=true", raw)
	if trial.status != 200 || !contains(trial.body, `"positie":null`) || h.structured("a", "?proef=true", raw).body != trial.body {
		t.Fatalf("%d %s", trial.status, trial.body)
	}
	if h.ledger.Position() != h.last || len(h.stream.Stored()) != int(h.last) {
		t.Error("a trial was recorded")
	}
	bad := h.structured("a", "?proef=true", []byte(`{}`))
	batch := h.post("a", "?proef=true", fmt.Appendf(nil, "[%s,%s,{}]", raw, raw), "Content-Type", intake.Batch)
	if bad.status != 400 || batch.status != 200 {
		t.Errorf("%d %s; %d %s", bad.status, bad.body, batch.status, batch.body)
	}
	if got := items(t, batch); !cmp.Equal(got, []string{"201 proef", "200 proef", "400 ongeldig"}) {
		t.Errorf("batch: %q", got)
	}
	list, err := h.client("a").Deliveries(t.Context(), web.DeliveriesQuestion{})
	if err != nil || len(list.Deliveries) != 0 || h.ledger.Position() != h.last {
		t.Errorf("%v: a trial left %+v, position %d", err, list, h.ledger.Position())
	}
	// A trial says what would be; all else of the receipt is the same.
	would := strings.NewReplacer(
		"Uw plan zou wel worden vastgelegd, maar de werkgever niet vasthouden: bel eerst, of meld het met ondanks.", "Uw plan is vastgelegd maar houdt de werkgever niet vast: bel eerst, of meld het opnieuw met vervangt en ondanks.",
		"Your plan would be recorded, but would not hold the employer: call first, or report it with ondanks.", "Your plan is recorded but does not hold the employer: call first, or report it again with vervangt and ondanks.",
	)
	trial.body = would.Replace(trial.body)
	if real := h.structured("a", "", raw); real.status != 201 ||
		strings.Replace(real.body, fmt.Sprintf(`"positie":%d}`, h.last+1), `"positie":null}`, 1) != trial.body {
		t.Errorf("the trial %s\nwas in fact %d %s", trial.body, real.status, real.body)
	}
	known := h.structured("a", "?proef=true", raw)
	if known.status != 200 || known.body != trial.body {
		t.Errorf("a trial of what is recorded: %d %s", known.status, known.body)
	}
}

// items is each result of a batch in a word or two.
func items(t testing.TB, r reply) (out []string) {
	t.Helper()
	var answer web.BatchAnswer
	decode(t, r, &answer)
	counts := map[string]int{}
	for _, item := range answer.Items {
		word := "proef"
		switch {
		case item.Problem != nil && item.Receipt == nil && item.Problem.Status == item.Status:
			word = item.Problem.Type[strings.LastIndexByte(item.Problem.Type, '/')+1:]
		case item.Problem != nil || item.Receipt == nil:
			t.Errorf("neither receipt nor problem, or both: %+v", item)
		case item.Receipt.Position != nil:
			word = fmt.Sprint(*item.Receipt.Position)
		}
		out = append(out, fmt.Sprint(item.Status, " ", word))
		switch item.Status {
		case 201:
			counts["new"]++
		case 200:
			counts["again"]++
		default:
			counts["refused"]++
		}
	}
	if counts["new"] != answer.Recorded || counts["again"] != answer.Again || counts["refused"] != answer.Refused {
		t.Errorf("counted %d, %d, %d of %v", answer.Recorded, answer.Again, answer.Refused, counts)
	}
	return out
}

func TestBatch(t *testing.T) {
	h := newHouse(t)
	send := func(who string, events ...[]byte) reply {
		t.Helper()
		return h.post(who, "", append(append([]byte("["), bytes.Join(events, []byte(","))...), ']'), "Content-Type", intake.Batch)
	}
	planned := plan("2026-09-20")
	one, moved := h.raw(partnerA, planned), h.raw(partnerA, &events.VisitMoved{Approach: planned.Approach, Date: "2026-09-21"})
	other := bytes.Replace(one, []byte("2026-09-20"), []byte("2026-09-22"), 1)
	foreign := h.raw(partnerB, visit("2026-08-20"))
	next := int(h.last) + 1
	for _, tt := range []struct {
		name string
		with [][]byte
		want []string
	}{
		{"empty", nil, nil},
		{"one rests on another", [][]byte{one, moved}, []string{fmt.Sprint("201 ", next), fmt.Sprint("201 ", next+1)}},
		{"again, other content, another's, nonsense, and on", [][]byte{one, other, foreign, []byte("7"), []byte(`{"id":1,"id":2}`), h.raw(partnerA, visit("2026-08-21"))},
			[]string{fmt.Sprint("200 ", next), "409 andere-inhoud", "403 niet-toegestaan", "400 ongeldig", "400 ongeldig", fmt.Sprint("201 ", next+2)}},
	} {
		r := send("a", tt.with...)
		if r.status != 200 {
			t.Fatalf("%s: %d %s", tt.name, r.status, r.body)
		}
		if diff := cmp.Diff(tt.want, items(t, r)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	single := h.structured("a", "", one)
	if batch := send("a", one); !contains(batch.body, `"ontvangstbewijs":`+single.body) {
		t.Errorf("alone %s\nin a batch %s", single.body, batch.body)
	}
	if refused, batch := h.structured("a", "", other), send("a", other); !contains(batch.body, `"probleem":`+refused.body) {
		t.Errorf("alone %s\nin a batch %s", refused.body, batch.body)
	}
}
