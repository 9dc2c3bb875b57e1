package natsdoor_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/intake"
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

// The ways to say one and the same event, as they come over NATS; all of them
// are tested where they are read (intake).
func TestOneEventInEveryMode(t *testing.T) {
	h := start(t, nil)
	first := h.report(nats.Header{"content-type": {"application/cloudevents+json"}}, event("een", ""))
	if first.Position != 3 || first.Receipt.ID != "een" || first.Outcome != events.Free {
		t.Fatalf("first: %+v", first)
	}
	for _, c := range []struct {
		name   string
		header nats.Header
		data   string
	}{
		{"no headers", nil, event("een", "")},
		{"binary in capitals", nats.Header{
			"CE-SpecVersion": {"1.0"}, "Ce-Type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"}, "ce-SOURCE": {source}, "ce-Id": {"een"},
			"CONTENT-TYPE": {"application/json; charset=utf-8"},
		}, visit("")},
		{"headers of JetStream's own", with(binary("een"), nats.Header{
			"Nats-Msg-Id": {"x"}, "Nats-Expected-Last-Sequence": {"1"}, "Nats-TTL": {"1s"}, "Nats-Rollup": {"all"}, "Nats-Batch-Id": {"a"},
		}), visit("")},
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
	for _, c := range []struct {
		name   string
		header nats.Header
		data   string
		status int
		faults []string
	}{
		{"nothing", nil, "", 400, []string{" ongeldige-json"}},
		{"a batch", nats.Header{"content-type": {"application/cloudevents-batch+json"}}, "[" + event("een", "") + "]", 415, nil},
		{"an attribute twice, in two spellings", with(binary("een"), nats.Header{"Ce-Id": {"twee"}}), visit(""), 400, []string{"/id dubbel-veld"}},
		{"too large", nil, event("een", `,"notitie":"`+strings.Repeat("x", 65<<10)+`"`), 413, []string{" te-groot"}},
		{"not one's own source", nil, strings.Replace(event("een", ""), partnerOIN, "00000099000000002000", 1), 403, []string{"/source source-niet-van-u"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := h.report(c.header, c.data)
			if got := faultsOf(t, r.Problem); r.Status != c.status || !slices.Equal(got, c.faults) || r.retryAfter != "" {
				t.Errorf("got %d %v (%s) %q, want %d %v", r.Status, got, r.Detail, r.retryAfter, c.status, c.faults)
			}
		})
	}
	if p := h.ledger.Position(); p != 2 {
		t.Errorf("the book is at %d: something was recorded", p)
	}
}

// faultsOf are the fields and codes of a problem, in order; each says something.
func faultsOf(t testing.TB, p ledger.Problem) (got []string) {
	t.Helper()
	for _, f := range p.Faults {
		got = append(got, f.Field+" "+f.Code)
		if f.Sentence.NL == "" || f.Sentence.EN == "" {
			t.Errorf("fault %s says nothing", f.Code)
		}
	}
	slices.Sort(got)
	return got
}

// The members of a problem, as everybody reads them.
func TestShapeOfAProblem(t *testing.T) {
	h := start(t, nil)
	h.report(nil, event("een", ""))
	body := h.ask(h.nc, "melden", nil, event("een", `,"uitkomst":["overig"]`)).Data
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
	answer := h.ask(h.nc, "vragen.werkgever."+kvk, nil, "")
	kind, body := answer.Header.Get("content-type"), answer.Data
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil || kind != "application/json" {
		t.Fatalf("%s: %s %v", kind, body, err)
	}
	if got["positie"] != 3.0 || got["oordeel"] == "" {
		t.Errorf("got %s", body)
	}
	for _, name := range []string{"redenen", "bel", "laatsteBezoek", "anderePlannen", "dekking"} {
		if _, ok := got[name]; !ok {
			t.Errorf("no %s in %s", name, body)
		}
	}
	for _, word := range []string{"1", "111222333", "6959908x", "voorlopig-niet"} {
		answer := h.ask(h.nc, "vragen.werkgever."+word, nil, "")
		kind, body := answer.Header.Get("content-type"), answer.Data
		if kind != ledger.ProblemMediaType || !strings.Contains(string(body), "geen-kvk-nummer") ||
			strings.Count(string(body), "voorlopig-<uuid>") != 3 || strings.Contains(string(body), `"`+word) {
			t.Errorf("%s: %s %s", word, kind, body)
		}
	}
}

// TestCoverage: the advice says of whom something may be missing in it, and comes
// without that when nobody can say.
func TestCoverage(t *testing.T) {
	type coverage struct {
		Complete bool `json:"volledig"`
	}
	var given atomic.Pointer[coverage]
	var broken atomic.Bool
	h := start(t, func(c *natsdoor.Config) {
		c.Coverage = func(_ context.Context, c ledger.Caller) (any, error) {
			if c.Role != ledger.RolePartner || c.Partner == "" {
				t.Errorf("asked for %+v", c)
			}
			if broken.Load() {
				return nil, errors.New("a row cannot be read")
			}
			return given.Load(), nil
		}
	})
	asked := func() string { return string(h.ask(h.nc, "vragen.werkgever."+kvk, nil, "").Data) }
	if body := asked(); !strings.Contains(body, `"dekking":null`) || !strings.Contains(body, `"oordeel":"vrij"`) {
		t.Errorf("while the views are made anew: %s", body)
	}
	given.Store(&coverage{true})
	if body := asked(); !strings.Contains(body, `"dekking":{"volledig":true}`) {
		t.Errorf("got %s", body)
	}
	broken.Store(true)
	if body := asked(); !strings.Contains(body, `"status":500`) || strings.Contains(body, "row") {
		t.Errorf("when it fails: %s", body)
	}
}

// fake is a desk that answers what a test wants.
type fake struct {
	id    string // of its receipts; "een" when it is empty
	err   atomic.Pointer[error]
	began chan request // nil: nobody looks
	goOn  chan struct{}

	mu      sync.Mutex
	refused []string
}

// request is what the desk was asked.
type request struct {
	caller ledger.Caller
	body   string
}

func (f *fake) Report(_ context.Context, c ledger.Caller, _ map[string][]string, body []byte) (*ledger.Receipt, error) {
	if f.began != nil {
		f.began <- request{c, string(body)}
	}
	if f.goOn != nil {
		<-f.goOn
	}
	if err := f.err.Load(); err != nil {
		return nil, *err
	}
	return &ledger.Receipt{ID: cmp.Or(f.id, "een"), Position: 7}, nil
}

func (f *fake) Refused(c ledger.Caller, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = append(f.refused, fmt.Sprint(c.Credential, " ", ledger.ProblemOf(err).Status))
}

// refusals are the ones that the desk was told of.
func (f *fake) refusals() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.refused)
}

func (f *fake) behind(c *natsdoor.Config) { c.Desk = f }

func TestWhatTheLedgerSays(t *testing.T) {
	f := &fake{}
	h := start(t, f.behind)
	for _, c := range []struct {
		err    error
		status int
		again  string // retry-after
	}{
		{ledger.ErrBusy, 503, "2"}, {ledger.ErrFull, 503, "2"}, {ledger.ErrHalted, 503, "2"}, {ledger.ErrUnknown, 503, "2"},
		{context.DeadlineExceeded, 503, "2"},
		{ledger.ErrForbidden, 403, ""}, {&ledger.ConflictError{Position: 3}, 409, ""},
		{errors.New("kanarie in an error of our own"), 500, ""},
		{&intake.LimitError{RetryAfter: time.Microsecond}, 429, "1"},
		{&intake.LimitError{RetryAfter: 3*time.Second + 1}, 429, "4"},
		{fmt.Errorf("desk: %w", &intake.LimitError{RetryAfter: time.Minute}), 429, "60"},
	} {
		f.err.Store(&c.err)
		if r := h.report(nil, event("een", "")); r.Status != c.status || r.retryAfter != c.again || strings.Contains(r.Detail, "kanarie") {
			t.Errorf("%v: told %d %s, retry-after %q", c.err, r.Status, r.Detail, r.retryAfter)
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
	f := &fake{began: make(chan request), goOn: make(chan struct{})}
	h := start(t, f.behind)
	if err := h.nc.Publish("melden", []byte(event("een", ""))); err != nil {
		t.Fatal(err)
	}
	r := <-f.began
	if r.body != event("een", "") || r.caller.Partner != h.partner || r.caller.Door != ledger.DoorNATS || r.caller.Credential != "proef" {
		t.Errorf("got %+v", r)
	}
	close(f.goOn)
}

// Close answers what is under way.
func TestCloseAnswersFirst(t *testing.T) {
	f := &fake{began: make(chan request), goOn: make(chan struct{})}
	h := start(t, f.behind)
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
	h := start(t, f.behind)
	for range 4_096 {
		if err := h.nc.Publish("melden", []byte(event("een", ""))); err != nil {
			t.Fatal(err)
		}
	}
	if r := h.report(nil, event("een", "")); r.Status != 503 || !strings.HasSuffix(r.Type, "te-druk") || r.retryAfter != "2" {
		t.Errorf("told %d %s %q", r.Status, r.Type, r.retryAfter)
	}
	if r := read(t, h.ask(h.nc, "vragen.werkgever."+kvk, nil, "")); r.Status != 503 {
		t.Errorf("a question: told %d", r.Status)
	}
	if got := f.refusals(); !slices.Equal(got, []string{"proef 503"}) { // of the event, not of the question
		t.Errorf("the desk was told of %q", got)
	}
	close(f.goOn)
}

// One credential does not take all hands: of its flood what is over its share is
// told so at once, and another's requests are worked on.
func TestOneFlood(t *testing.T) {
	const share = 8
	f := &fake{began: make(chan request, 10_000), goOn: make(chan struct{})}
	h := start(t, func(c *natsdoor.Config) {
		c.Desk, c.Reports = f, intake.NewLimits(intake.Rates{InFlight: share}, nil)
	})
	for range share {
		if err := h.nc.Publish("melden", []byte(event("een", ""))); err != nil {
			t.Fatal(err)
		}
	}
	for range 5_000 { // more than there are hands
		if r := h.report(nil, event("een", "")); r.Status != 429 || !strings.HasSuffix(r.Type, "te-veel") || r.retryAfter != "1" {
			t.Fatalf("over the share: told %d %s %q", r.Status, r.Type, r.retryAfter)
		}
	}
	if r := read(t, h.ask(h.nc, "vragen.werkgever."+kvk, nil, "")); r.Status != 0 {
		t.Errorf("a question, which has a share of its own: told %d", r.Status)
	}
	other := h.dial(h.otherSeed)
	var all sync.WaitGroup
	all.Go(func() {
		if r := read(t, h.ask(other, "melden", nil, event("een", ""))); r.Position != 7 {
			t.Errorf("another credential: told %+v", r)
		}
	})
	for range share + 1 {
		<-f.began // the other's is among them: it has begun beside the flood
	}
	close(f.goOn)
	all.Wait()
	if got := slices.Compact(f.refusals()); len(f.refusals()) != 5_000 || !slices.Equal(got, []string{"proef 429"}) {
		t.Errorf("the desk was told of %d: %q", len(f.refusals()), got)
	}
	if n := len(f.began); n != 0 {
		t.Errorf("%d more were begun", n)
	}
	if r := h.report(nil, event("een", "")); r.Position != 7 { // its share is free again
		t.Errorf("after the flood: told %+v", r)
	}
}

// Questions have a rate too, of whatever kind they are.
func TestTooManyQuestions(t *testing.T) {
	h := start(t, func(c *natsdoor.Config) {
		c.Questions = intake.NewLimits(intake.Rates{PerSecond: 0.001, Burst: intake.MaxBatch}, nil)
		c.Messages = func(context.Context, ledger.Caller, string, int) (any, error) { return struct{}{}, nil }
	})
	for i := range intake.MaxBatch {
		if r := read(t, h.ask(h.nc, []string{"vragen.werkgever." + kvk, "vragen.berichten"}[i%2], nil, "")); r.Status != 0 {
			t.Fatalf("question %d: told %d", i, r.Status)
		}
	}
	for _, subject := range []string{"vragen.werkgever." + kvk, "vragen.berichten"} {
		if r := read(t, h.ask(h.nc, subject, nil, "")); r.Status != 429 || r.retryAfter == "" {
			t.Errorf("%s over the rate: told %d, retry-after %q", subject, r.Status, r.retryAfter)
		}
	}
	if r := h.report(nil, event("een", "")); r.Position != 3 {
		t.Errorf("an event all the same: told %+v", r)
	}
}

// Who does not read its answers holds nobody up.
func TestAnswersThatNobodyReads(t *testing.T) {
	h := start(t, nil)
	if r := h.report(nil, event("nul", "")); r.Status != 0 {
		t.Fatal(r.Detail)
	}
	deaf := &deafDialer{heard: make(chan struct{})}
	nc := h.dial(h.seed, nats.SetCustomDialer(deaf), nats.NoReconnect())
	if _, err := nc.SubscribeSync("_INBOX.nooit.>"); err != nil { // an answer for each comes down its line
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	deaf.deaf.Store(true)
	t.Cleanup(func() { close(deaf.heard) })
	for i := range 1_000 {
		m := nats.NewMsg("melden")
		m.Reply, m.Data = []string{"_INBOX.nooit.gelezen", "_INBOX.van-niemand", ""}[i%3], []byte(event("nul", ""))
		if err := nc.PublishMsg(m); err != nil {
			t.Fatal(err)
		}
	}
	other := h.dial(h.otherSeed)
	for i := range 20 {
		if r := read(t, h.ask(other, "melden", nil, event(fmt.Sprint("ander-", i), ""))); r.Status != 0 {
			t.Fatalf("another account: told %d %s", r.Status, r.Detail)
		}
	}
}

// deafDialer makes connections that stop reading when it is told to.
type deafDialer struct {
	deaf  atomic.Bool
	heard chan struct{} // closed: they read again
}

// Dial implements nats.CustomDialer.
func (d *deafDialer) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	return deafConn{c, d}, err
}

type deafConn struct {
	net.Conn
	d *deafDialer
}

func (c deafConn) Read(p []byte) (int, error) {
	if c.d.deaf.Load() {
		<-c.d.heard
	}
	return c.Conn.Read(p)
}
