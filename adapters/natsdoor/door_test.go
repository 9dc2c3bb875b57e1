package natsdoor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsdoor"
	"huisboek/adapters/natsserver"
	"huisboek/events"
	"huisboek/ledger"
)

// with is a header with more in it.
func with(h nats.Header, more nats.Header) nats.Header {
	for k, v := range more {
		h[k] = v
	}
	return h
}

// The ways to say one and the same event.
func TestOneEventInEveryMode(t *testing.T) {
	h := start(t, nil)
	first := h.report(nats.Header{"content-type": {"application/cloudevents+json"}}, event("een", ""))
	if first.Position != 3 || first.Receipt.ID != "een" || first.Outcome != events.Free {
		t.Fatalf("first: %+v", first)
	}
	binaryJSON := visit("")
	for _, c := range []struct {
		name   string
		header nats.Header
		data   string
	}{
		{"no headers", nil, event("een", "")},
		{"empty content type", nats.Header{"content-type": {""}}, event("een", "")},
		{"structured in capitals", nats.Header{"Content-Type": {"Application/CloudEvents+JSON; charset=UTF-8"}}, event("een", "")},
		{"plain JSON", nats.Header{"content-type": {"application/json"}}, event("een", "")},
		{"structured wins from ce- headers", with(binary("ander"), nats.Header{"content-type": {"application/cloudevents+json"}}), event("een", "")},
		{"binary", binary("een"), binaryJSON},
		{"binary in capitals", nats.Header{
			"CE-SpecVersion": {"1.0"}, "Ce-Type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"}, "ce-SOURCE": {source}, "ce-Id": {"een"},
			"CONTENT-TYPE": {"application/json; charset=utf-8"},
		}, binaryJSON},
		{"binary, percent-encoded", with(binary("%65en"), nil), binaryJSON},
		{"headers of JetStream's own", with(binary("een"), nats.Header{
			"Nats-Msg-Id": {"x"}, "Nats-Expected-Last-Sequence": {"1"}, "Nats-TTL": {"1s"}, "Nats-Rollup": {"all"}, "Nats-Batch-Id": {"a"},
		}), binaryJSON},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := h.report(c.header, c.data); r.Status != 0 || r.Position != first.Position {
				t.Errorf("got %+v, want position %d", r, first.Position)
			}
		})
	}
	if p := h.ledger.Position(); p != first.Position {
		t.Errorf("the book is at %d", p)
	}
}

// No header of a partner gets into the stream.
func TestHeadersStayOutside(t *testing.T) {
	h := start(t, nil)
	h.report(with(binary("een"), nats.Header{
		"Nats-Msg-Id": {"x"}, "Nats-TTL": {"1s"}, "Nats-Rollup": {"all"}, "X-Kanarie": {"kanarie"}, "Nats-Schedule": {"@every 1s"},
	}), visit(""))
	nc, err := h.env.Server.Connect(natsserver.User{Name: "proef", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		t.Fatal(err)
	}
	js, err := nc.JetStream()
	if err != nil {
		t.Fatal(err)
	}
	m, err := js.GetMsg("HUISBOEK_AM36", 3)
	if err != nil {
		t.Fatal(err)
	}
	for name := range m.Header {
		if name != "Nats-Expected-Last-Sequence" {
			t.Errorf("header %s is stored", name)
		}
	}
	if strings.Contains(string(m.Data), "kanarie") {
		t.Errorf("stored: %s", m.Data)
	}
}

func TestRefused(t *testing.T) {
	h := start(t, nil)
	twice := binary("een")
	twice["Ce-Id"] = []string{"twee"}
	for _, c := range []struct {
		name   string
		header nats.Header
		data   string
		status int
		faults []string
	}{
		{"nothing", nil, "", 400, []string{" ongeldige-json"}},
		{"a batch", nats.Header{"content-type": {"application/cloudevents-batch+json"}}, "[" + event("een", "") + "]", 415, nil},
		{"a batch with ce- headers", with(binary("een"), nats.Header{"content-type": {"application/cloudevents-batch+json"}}), "[]", 415, nil},
		{"another format", with(binary("een"), nats.Header{"content-type": {"application/cloudevents+avro"}}), "x", 415, nil},
		{"text", nats.Header{"content-type": {"text/plain"}}, event("een", ""), 415, nil},
		{"a content type that is none", nats.Header{"content-type": {"application/json; ="}}, event("een", ""), 415, nil},
		{"binary text", with(binary("een"), nats.Header{"content-type": {"text/plain"}}), visit(""), 400, []string{"/datacontenttype datacontenttype"}},
		{"an attribute twice, in two spellings", twice, visit(""), 400, []string{"/id dubbel-veld"}},
		{"an attribute twice", with(binary("een"), nats.Header{"ce-id": {"een", "een"}}), visit(""), 400, []string{"/id dubbel-veld"}},
		{"content type twice", with(binary("een"), nats.Header{"Content-Type": {"application/json"}}), visit(""), 400, []string{" dubbel-veld"}},
		{"a number of a person as a header's name, twice", with(binary("een"), nats.Header{"ce-111222333": {"a", "b"}}), visit(""), 400, []string{" dubbel-veld"}},
		{"an attribute that has no name", with(binary("een"), nats.Header{"ce-": {"x"}}), visit(""), 400, []string{" kenmerknaam"}},
		{"no attributes but one", nats.Header{"ce-id": {"een"}}, visit(""), 400, []string{"/source ontbreekt", "/specversion ontbreekt", "/type ontbreekt"}},
		{"not one's own source", nil, strings.Replace(event("een", ""), partnerOIN, "00000099000000002000", 1), 403, []string{"/source source-niet-van-u"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := h.report(c.header, c.data)
			var got []string
			for _, f := range r.Faults {
				got = append(got, f.Field+" "+f.Code)
				if f.Sentence.NL == "" || f.Sentence.EN == "" {
					t.Errorf("fault %s says nothing", f.Code)
				}
			}
			slices.Sort(got)
			if r.Status != c.status || !slices.Equal(got, c.faults) {
				t.Errorf("got %d %v (%s), want %d %v", r.Status, got, r.Detail, c.status, c.faults)
			}
		})
	}
	if p := h.ledger.Position(); p != 2 {
		t.Errorf("the book is at %d: something was recorded", p)
	}
}

// The members of a problem, as everybody reads them.
func TestShapeOfAProblem(t *testing.T) {
	h := start(t, nil)
	h.report(nil, event("een", ""))
	_, body := h.ask("melden", nil, event("een", `,"uitkomst":["overig"]`))
	var p map[string]any
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"type", "title", "status", "detail", "fouten"} {
		if _, ok := p[name]; !ok {
			t.Errorf("no %s in %s", name, body)
		}
	}
	if p["status"] != 409.0 || len(p) != 5 {
		t.Errorf("got %s", body)
	}
}

func TestEmployerQuestion(t *testing.T) {
	h := start(t, nil)
	h.report(nil, event("een", ""))
	kind, body := h.ask("vragen.werkgever."+kvk, nil, "")
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil || kind != "application/json" {
		t.Fatalf("%s: %s %v", kind, body, err)
	}
	if got["positie"] != 3.0 || got["oordeel"] == "" {
		t.Errorf("got %s", body)
	}
	for _, name := range []string{"redenen", "bel", "laatsteBezoek", "anderePlannen"} {
		if _, ok := got[name]; !ok {
			t.Errorf("no %s in %s", name, body)
		}
	}
	for _, word := range []string{"1", "111222333", "6959908x", "voorlopig-niet"} {
		kind, body := h.ask("vragen.werkgever."+word, nil, "")
		if kind != ledger.ProblemMediaType || !strings.Contains(string(body), "geen-kvk-nummer") || strings.Contains(string(body), `"`+word) {
			t.Errorf("%s: %s %s", word, kind, body)
		}
	}
}

// fake is a ledger that answers what a test wants.
type fake struct {
	natsdoor.Ledger
	err   atomic.Pointer[error]
	began chan ledger.Submission
	goOn  chan struct{}
}

func (f *fake) Record(_ context.Context, s ledger.Submission) (*ledger.Receipt, error) {
	if f.began != nil {
		f.began <- s
	}
	if f.goOn != nil {
		<-f.goOn
	}
	if err := f.err.Load(); err != nil {
		return nil, *err
	}
	return &ledger.Receipt{ID: s.Event.ID, Position: 7}, nil
}

func TestWhatTheLedgerSays(t *testing.T) {
	f := &fake{}
	h := start(t, func(l *ledger.Ledger) natsdoor.Ledger { f.Ledger = l; return f })
	for _, c := range []struct {
		err    error
		status int
	}{
		{ledger.ErrBusy, 503}, {ledger.ErrFull, 503}, {ledger.ErrHalted, 503}, {ledger.ErrUnknown, 503}, {context.DeadlineExceeded, 503},
		{ledger.ErrForbidden, 403}, {&ledger.ConflictError{Position: 3}, 409},
		{errors.New("kanarie in an error of our own"), 500},
	} {
		f.err.Store(&c.err)
		if r := h.report(nil, event("een", "")); r.Status != c.status || strings.Contains(r.Detail, "kanarie") {
			t.Errorf("%v: told %d %s", c.err, r.Status, r.Detail)
		}
	}
	h.unknown.Store(true)
	f.err.Store(nil)
	if r := h.report(nil, event("een", "")); r.Status != 403 {
		t.Errorf("an account of nobody: told %d %s", r.Status, r.Detail)
	}
}

// A report without a reply is recorded, under the one who sent it.
func TestWithoutReply(t *testing.T) {
	f := &fake{began: make(chan ledger.Submission), goOn: make(chan struct{})}
	h := start(t, func(*ledger.Ledger) natsdoor.Ledger { return f })
	if err := h.nc.Publish("melden", []byte(event("een", ""))); err != nil {
		t.Fatal(err)
	}
	s := <-f.began
	if s.Event.ID != "een" || s.Caller.Partner != h.partner || s.Caller.Door != ledger.DoorNATS {
		t.Errorf("got %+v", s)
	}
	close(f.goOn)
}

// Close answers what is under way.
func TestCloseAnswersFirst(t *testing.T) {
	f := &fake{began: make(chan ledger.Submission), goOn: make(chan struct{})}
	h := start(t, func(*ledger.Ledger) natsdoor.Ledger { return f })
	var all sync.WaitGroup
	all.Go(func() {
		if r := h.report(nil, event("een", "")); r.Position != 7 {
			t.Errorf("got %+v", r)
		}
	})
	<-f.began
	all.Go(h.door.Close)
	close(f.goOn)
	all.Wait()
}

// When all hands are full, a partner is told so at once.
func TestBusy(t *testing.T) {
	f := &fake{goOn: make(chan struct{})}
	h := start(t, func(*ledger.Ledger) natsdoor.Ledger { return f })
	for range 4_096 {
		if err := h.nc.Publish("melden", []byte(event("een", ""))); err != nil {
			t.Fatal(err)
		}
	}
	if r := h.report(nil, event("een", "")); r.Status != 503 || !strings.HasSuffix(r.Type, "te-druk") {
		t.Errorf("told %d %s", r.Status, r.Type)
	}
	close(f.goOn)
}
