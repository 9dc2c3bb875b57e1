package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// said is an outcome as a caller is told it, without its position.
type said struct {
	Status int
	Type   string
	Again  bool
	Advice *ledger.Advice
	Faults []string
}

func saidOf(t *testing.T, o ledger.Outcome) said {
	t.Helper()
	if o.Err != nil {
		p := ledger.ProblemOf(o.Err)
		return said{Status: p.Status, Type: p.Type, Faults: faultsOf(t, p)}
	}
	return said{Status: 200, Again: o.Receipt.Again, Advice: &o.Receipt.Advice}
}

// A batch with everything in it, tried and then recorded, gives the same outcomes
// both times, and a third time what was recorded is known.
func TestBatch(t *testing.T) {
	h := newHouse(t, nil)
	before := h.ledger.Position()
	approach := uuid.NewString()
	plan := eventOf(source, "bezoek-gepland", "plan", `{"kvkNummer":"`+kvk+`","benadering":"`+approach+`","datum":"2026-12-01","doel":"acquisitie","accountmanager":{"medewerker":"m1","naam":"Planner Een","telefoon":"038-0000001"}}`)
	moved := eventOf(source, "bezoek-verzet", "verzet", `{"benadering":"`+approach+`","datum":"2026-12-08"}`)
	all := []string{
		plan,
		moved, // rests on the plan
		plan,  // a repeat within the batch
		eventOf(source, "bezoek-verzet", "verzet", `{"benadering":"`+approach+`","datum":"2026-12-09"}`), // other content
		event("fout", `,"kleur":1`),
		`12`, `null`, `[]`, `"x"`,
		`{"id":"a","id":"b"}`,
		`{"specversion":"1.0","id":"` + "\xff" + `"}`,
		strings.Repeat("[", 17) + strings.Repeat("]", 17),
		eventOf("urn:nld:oin:"+otherOIN+":systeem:crm", "bezoek-afgelegd", "vreemd", visit("")),
		eventOf(source, "bezoek-afgelegd", "laatste", strings.Replace(visit(""), kvk, "68750110", 1)),
	}
	want := []struct {
		status int
		again  bool
		code   string
	}{
		{200, false, ""}, {200, false, ""}, {200, true, ""}, {409, false, "andere-inhoud"}, {400, false, "onbekend-veld"},
		{400, false, "verkeerde-soort"}, {400, false, "verkeerde-soort"}, {400, false, "verkeerde-soort"}, {400, false, "verkeerde-soort"},
		{400, false, "dubbel-veld"}, {400, false, "ongeldige-tekens"}, {400, false, "te-diep"}, {403, false, "source-niet-van-u"}, {200, false, ""},
	}
	body := []byte(" [" + strings.Join(all, ",\n") + "]\n")

	tried, err := h.desk.TryAll(t.Context(), h.caller, body)
	if err != nil {
		t.Fatal(err)
	}
	if h.ledger.Position() != before || len(h.deliveries()) != 0 {
		t.Fatal("trying left something")
	}
	done, err := h.desk.ReportAll(t.Context(), h.caller, body)
	if err != nil {
		t.Fatal(err)
	}
	if len(tried) != len(all) || len(done) != len(all) {
		t.Fatalf("%d events: %d tried, %d recorded", len(all), len(tried), len(done))
	}
	for i, w := range want {
		a, b := saidOf(t, tried[i]), saidOf(t, done[i])
		if d := cmp.Diff(a, b, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%d: tried and recorded differ: %s", i, d)
		}
		if b.Status != w.status || b.Again != w.again || w.code != "" && !slices.ContainsFunc(b.Faults, func(f string) bool { return strings.HasSuffix(f, w.code) }) {
			t.Errorf("%d: got %+v, want %+v", i, b, w)
		}
		if r := tried[i].Receipt; r != nil && r.Position != 0 {
			t.Errorf("%d: tried, and at %d", i, r.Position)
		}
	}
	if at := done[0].Receipt.Position; done[1].Receipt.Position != at+1 || done[2].Receipt.Position != at || done[13].Receipt.Position != at+2 {
		t.Errorf("not in order: %v %v %v", done[1].Receipt, done[2].Receipt, done[13].Receipt)
	}
	if at := h.ledger.Position(); at != before+3 {
		t.Errorf("the book went from %d to %d", before, at)
	}

	h.file.Flush()
	items := h.deliveries()
	slices.Reverse(items)
	if len(items) != len(all) {
		t.Fatalf("%d noted", len(items))
	}
	for i, d := range items {
		status := want[i].status
		if status == 200 && !want[i].again {
			status = http.StatusCreated
		}
		if d.Status != status || (d.Position == nil) != (status >= 400) || (d.Problem == nil) != (status < 400) {
			t.Errorf("noted of %d: %+v", i, d)
		}
	}
	if d := items[3]; *d.ID != "verzet" || *d.Source != source || *d.Type != events.TypeVisitMoved || *d.Problem != "andere-inhoud" ||
		len(d.Faults) != 1 || d.Faults[0] != (intake.FaultCode{Field: "/id", Code: "andere-inhoud"}) {
		t.Errorf("noted of the conflict: %+v", d)
	}
	if d := items[5]; d.ID != nil || d.Source != nil || d.Type != nil {
		t.Errorf("noted of what is no event: %+v", d)
	}
	if d := h.day(); d.Recorded != 3 || d.Again != 1 || d.Refused != 10 || d.Deferred != 0 || d.Codes["dubbel-veld"] != 1 || d.Codes["source-niet-van-u"] != 1 {
		t.Errorf("counted %+v", d)
	}
}

func TestBatchAsAWhole(t *testing.T) {
	h := newHouse(t, nil)
	before := h.ledger.Position()
	deep := func(n int) string { return "[" + strings.Repeat("[", n) + strings.Repeat("]", n) + "]" }
	for _, c := range []struct {
		name   string
		body   string
		status int
		count  int
	}{
		{"nothing", "", 400, 0},
		{"null", "null", 400, 0},
		{"an object", event("een", ""), 400, 0},
		{"a text", `"x"`, 400, 0},
		{"not JSON", "[1,", 400, 0},
		{"a comma too many", "[1,]", 400, 0},
		{"no comma", "[1 2]", 400, 0},
		{"something behind it", "[] []", 400, 0},
		{"a byte order mark", "\xef\xbb\xbf[]", 400, 0},
		{"bad UTF-8 outside a text", "[\xff]", 400, 0},
		{"deeper than anybody reads", deep(10_000), 400, 0},
		{"deeper by far", deep(2_000_000), 400, 0},
		{"deep, but readable", deep(9_000), 0, 1},
		{"empty", "[]", 0, 0},
		{"empty, with space", " [ \n] ", 0, 0},
		{"a thousand", "[" + strings.Repeat("1,", 999) + "1]", 0, 1_000},
		{"a thousand and one", "[" + strings.Repeat("1,", 1_000) + "1]", 413, 0},
		{"millions, and broken at the end", "[" + strings.Repeat("1,", 8_000_000), 413, 0},
		{"too many bytes", "[" + strings.Repeat(" ", intake.MaxBatchBytes) + "]", 413, 0},
		{"just not too many bytes", "[" + strings.Repeat(" ", intake.MaxBatchBytes-2) + "]", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, ask := range map[string]func(context.Context, ledger.Caller, []byte) ([]ledger.Outcome, error){
				"report": h.desk.ReportAll, "try": h.desk.TryAll,
			} {
				out, err := ask(t.Context(), h.caller, []byte(c.body))
				if c.status == 0 {
					if err != nil || out == nil || len(out) != c.count {
						t.Errorf("%s: %d outcomes, %v", name, len(out), err)
					}
				} else if p := ledger.ProblemOf(err); p.Status != c.status || len(out) != 0 {
					t.Errorf("%s: told %d %s", name, p.Status, p.Detail)
				} else {
					faultsOf(t, p)
				}
			}
		})
	}
	if p := h.ledger.Position(); p != before {
		t.Errorf("the book is at %d", p)
	}
}

// A batch of small values costs what is read of it, and no value a copy.
func TestBatchIsNotCopied(t *testing.T) {
	h := newHouse(t, func(c *intake.Config) { c.File = nil })
	body := []byte("[" + strings.Repeat("1,", 8_000_000))
	n := testing.AllocsPerRun(1, func() {
		if _, err := h.desk.ReportAll(t.Context(), h.caller, body); err == nil {
			t.Error("taken")
		}
	})
	if n > 1_000 {
		t.Errorf("%v allocations for refusing %d values", n, len(body)/2)
	}
}

// A batch is taken out of the share before anything is decided on, and all of it
// or nothing.
func TestLimitsOfADesk(t *testing.T) {
	c := newClock()
	h := newHouse(t, func(cfg *intake.Config) {
		cfg.Limits = intake.NewLimits(intake.Rates{PerSecond: 1, Burst: 1_000}, c.now)
	})
	three := func(id string) []byte {
		return []byte("[" + event(id+"1", "") + "," + event(id+"2", "") + "," + event(id+"3", "") + "]")
	}
	before := h.ledger.Position()
	if out, err := h.desk.ReportAll(t.Context(), h.caller, three("a")); err != nil || out[2].Err != nil {
		t.Fatal(out, err)
	}
	if _, err := h.desk.TryAll(t.Context(), h.caller, []byte("["+strings.Repeat("1,", 993)+"1]")); err != nil {
		t.Fatal(err) // a trial counts as well; three are left
	}
	if _, err := h.desk.ReportAll(t.Context(), h.caller, []byte("no batch")); ledger.ProblemOf(err).Status != 400 {
		t.Fatal(err) // counts for one
	}
	if after := retryAfter(t, second(h.desk.ReportAll(t.Context(), h.caller, three("b")))); after.Round(time.Millisecond) != time.Second {
		t.Errorf("told to wait %v", after)
	}
	retryAfter(t, second(h.desk.TryAll(t.Context(), h.caller, three("b"))))
	for i := range 2 {
		if _, err := h.desk.Report(t.Context(), h.caller, nil, []byte(event(fmt.Sprint("c", i), ""))); err != nil {
			t.Fatal(err)
		}
	}
	retryAfter(t, second(h.desk.Report(t.Context(), h.caller, nil, []byte(event("d", "")))))
	retryAfter(t, second(h.desk.Try(t.Context(), h.caller, nil, []byte(event("d", "")))))
	retryAfter(t, second(h.desk.ReportAll(t.Context(), h.caller, []byte("no batch"))))
	if p := h.ledger.Position(); p != before+5 {
		t.Errorf("the book went from %d to %d", before, p)
	}
	if d := h.day(); d.Deferred != 3+1+1 || d.Recorded != 5 || d.Refused != 1 || d.Codes["geen-reeks"] != 1 {
		t.Errorf("counted %+v", d)
	}
	if items := h.deliveries(); len(items) != 6 {
		t.Errorf("%d noted", len(items))
	}
	other := h.caller
	other.Credential = "toegang-2"
	if _, err := h.desk.Report(t.Context(), other, nil, []byte(event("e", ""))); err != nil {
		t.Errorf("another credential of the same partner: %v", err)
	}
}

// fake is a ledger that answers what a test wants.
type fake struct {
	intake.Ledger
	err error
}

func (f fake) Record(context.Context, ledger.Submission) (*ledger.Receipt, error) { return nil, f.err }
func (f fake) RecordAll(_ context.Context, all []ledger.Submission) []ledger.Outcome {
	out := make([]ledger.Outcome, len(all))
	for i := range out {
		out[i].Err = f.err
	}
	return out
}

// What only has to come back is counted, not listed.
func TestWhatIsNoted(t *testing.T) {
	for _, c := range []struct {
		name     string
		err      error
		status   int // 0: deferred
		problem  string
		ofCaller func(*ledger.Caller)
		nothing  bool
	}{
		{"busy", ledger.ErrBusy, 0, "", nil, false},
		{"full", ledger.ErrFull, 0, "", nil, false},
		{"halted", ledger.ErrHalted, 0, "", nil, false},
		{"too late", context.DeadlineExceeded, 0, "", nil, false},
		{"gone", fmt.Errorf("ack: %w", context.Canceled), 0, "", nil, false},
		{"forbidden", ledger.ErrForbidden, 403, "niet-toegestaan", nil, false},
		{"our failure", errors.New("kanarie"), 500, "interne-fout", nil, false},
		{"of the steward", ledger.ErrForbidden, 0, "", func(c *ledger.Caller) { c.Partner = "" }, true},
		{"of the steward, busy", ledger.ErrBusy, 0, "", func(c *ledger.Caller) { c.Partner = "" }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, func(cfg *intake.Config) { cfg.Ledger = fake{err: c.err} })
			caller := h.caller
			if c.ofCaller != nil {
				c.ofCaller(&caller)
			}
			h.desk.Report(t.Context(), caller, nil, []byte(event("een", "")))
			h.desk.ReportAll(t.Context(), caller, []byte("["+event("twee", "")+"]"))
			items := h.deliveries()
			days, err := h.file.Days("", today, today)
			if err != nil || len(days) != 0 {
				t.Errorf("noted of nobody: %v %v", days, err)
			}
			switch {
			case c.nothing:
				if days, err = h.file.Days(h.caller.Partner, today, today); len(items)+len(days) != 0 || err != nil {
					t.Errorf("noted: %v %v %v", items, days, err)
				}
			case c.status == 0:
				if d := h.day(); len(items) != 0 || d.Deferred != 2 || d.Refused != 0 {
					t.Errorf("noted: %v %+v", items, d)
				}
			default:
				if len(items) != 2 || items[0].Status != c.status || *items[0].Problem != c.problem || *items[0].ID != "twee" || h.day().Codes[c.problem] != 2 {
					t.Errorf("noted: %+v", items)
				}
			}
		})
	}
}

// What a door refuses is noted as what the desk refuses is, and who sends nothing
// else than that does not push out what comes from others.
func TestRefusedAtADoor(t *testing.T) {
	c := newClock()
	h := newHouse(t, func(cfg *intake.Config) {
		cfg.Limits = intake.NewLimits(intake.Rates{PerSecond: 1, Burst: intake.MaxBatch}, c.now)
	})
	busy := []error{ledger.ErrBusy, &intake.LimitError{RetryAfter: time.Second}, fmt.Errorf("door: %w", context.DeadlineExceeded)}
	for _, err := range busy {
		h.desk.Refused(h.caller, err)
	}
	if d := h.day(); d.Deferred != len(busy) || d.Refused != 0 || len(h.deliveries()) != 0 {
		t.Errorf("what only has to come back: %+v %v", d, h.deliveries())
	}
	h.desk.Refused(h.caller, ledger.NewProblem(400, "ongeldig", "t", "d", events.Fault{Field: "/query/x", Code: "onbekend"}))
	items := h.deliveries()
	if len(items) != 1 || items[0].Status != 400 || *items[0].Problem != "ongeldig" || items[0].Source != nil || items[0].ID != nil ||
		len(items[0].Faults) != 1 || items[0].Faults[0] != (intake.FaultCode{Field: "/query/x", Code: "onbekend"}) || items[0].Credential != h.caller.Credential {
		t.Errorf("noted %+v", items)
	}
	for range intake.MaxBatch + 500 {
		h.desk.Refused(h.caller, ledger.NewProblem(415, "niet-ondersteund", "t", "d"))
	}
	if d := h.day(); d.Refused != 1+intake.MaxBatch+500 || d.Codes["niet-ondersteund"] != intake.MaxBatch+500 || d.Deferred != len(busy) {
		t.Errorf("counted %+v", d)
	}
	if items, _, err := h.file.List(h.caller.Partner, "", "", 5_000); err != nil || len(items) != intake.MaxBatch {
		t.Errorf("%v: a flood has %d lines", err, len(items))
	}
	retryAfter(t, second(h.desk.Report(t.Context(), h.caller, nil, []byte(event("een", ""))))) // it counts for its share
	h.desk.Refused(ledger.Caller{Role: ledger.RoleSteward, Credential: "r"}, ledger.ErrForbidden)
	if days, err := h.file.Days("", today, today); err != nil || len(days) != 0 {
		t.Errorf("noted of nobody: %v %v", days, err)
	}
}

// Nothing of what an event says gets into the file, but its label.
func TestNothingPersonalIsNoted(t *testing.T) {
	h := newHouse(t, nil)
	for _, data := range []string{
		event("een", `,"notitie":"kanarie","accountmanager":{"medewerker":"kanarie","naam":"Kanarie Geel","telefoon":"038-0000001"}`),
		event("twee", `,"kanarie geel":1,"vorm":"kanarie"`),
		event("111222333", ""), "kanarie", `{"id":"kanarie\u0007"}`,
		eventOf("kanarie", "kanarie", "drie", `"kanarie"`),
	} {
		h.desk.Report(t.Context(), h.caller, nil, []byte(data))
	}
	h.desk.Report(t.Context(), h.caller, with(binary("111222333"), header{"ce-kanarie": {"kanarie"}, "x-kanarie": {"kanarie"}}), []byte(visit(`,"notitie":"kanarie"`)))
	if !h.file.Flush() {
		t.Fatal("not written")
	}
	text := bytes.ToLower(must[[]byte](t)(json.Marshal(h.deliveries())))
	for _, word := range []string{"kanarie", "111222333", "zin"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("%s in %s", word, text)
		}
	}
	if len(h.deliveries()) != 7 {
		t.Errorf("%d noted", len(h.deliveries()))
	}
}

func TestWithoutAFile(t *testing.T) {
	h := newHouse(t, func(c *intake.Config) { c.File = nil })
	if _, err := h.desk.Report(t.Context(), h.caller, nil, []byte(event("een", ""))); err != nil {
		t.Error(err)
	}
	if out, err := h.desk.ReportAll(t.Context(), h.caller, []byte("["+event("een", "")+"]")); err != nil || !out[0].Receipt.Again {
		t.Error(out, err)
	}
}
