package intake_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"huisboek/adapters/intake"
	"huisboek/ledger"
)

// foreseen are the answers that there may be while the book is well.
var foreseen = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}

// briefly is an outcome without its advice, which later events change.
func briefly(t *testing.T, o ledger.Outcome) said {
	t.Helper()
	s := saidOf(t, o)
	if s.Advice = nil; o.Err != nil && !slices.Contains(foreseen, s.Status) {
		t.Fatalf("told %d: %v", s.Status, o.Err)
	}
	return s
}

// FuzzReport: whatever comes in, there is a receipt or a problem; a trial says so
// before; a second time says the same; and what was refused is not in the book.
// Each pair of lines of headers is a name and a value.
func FuzzReport(f *testing.F) {
	h := newHouse(f, nil)
	head := "ce-specversion\n1.0\nce-type\nnl.werkgeversdiensten.bezoek-afgelegd.v1\nce-source\n" + source + "\nce-id\neen\ncontent-type\napplication/json"
	f.Add("", []byte(event("een", "")))
	f.Add("content-type\n"+intake.Structured, []byte(event("twee", `,"notitie":"x"`)))
	f.Add(head, []byte(visit("")))
	f.Add(head+"\nCE-ID\ntwee\nCe-Source\nx", []byte(visit("")))
	f.Add("content-type\n"+intake.Batch, []byte("["+event("drie", "")+"]"))
	f.Add("ce-\n%ff\nContent-Type\ntext/html", []byte("\xff"))
	f.Fuzz(func(t *testing.T, headers string, body []byte) {
		lines := strings.Split(headers, "\n")
		head := header{}
		for i := 0; i+1 < len(lines); i += 2 {
			head[lines[i]] = append(head[lines[i]], lines[i+1])
		}
		outcome := func(r *ledger.Receipt, err error) ledger.Outcome { return ledger.Outcome{Receipt: r, Err: err} }
		before := h.ledger.Position()
		tried := briefly(t, outcome(h.desk.Try(t.Context(), h.caller, head, body)))
		first := outcome(h.desk.Report(t.Context(), h.caller, head, body))
		told, grown := briefly(t, first), h.ledger.Position()-before
		if d := cmp.Diff(tried, told, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("tried and told differ: %s", d)
		}
		if recorded := first.Err == nil && !first.Receipt.Again; recorded != (grown == 1) || !recorded && grown != 0 {
			t.Fatalf("told %+v, and the book grew by %d", told, grown)
		}
		again := outcome(h.desk.Report(t.Context(), h.caller, head, body))
		if told.Again = first.Err == nil; first.Err == nil && first.Receipt.Position != again.Receipt.Position {
			t.Fatalf("at %d and at %d", first.Receipt.Position, again.Receipt.Position)
		}
		if d := cmp.Diff(told, briefly(t, again), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("a second time: %s", d)
		}
		items, _, err := h.file.List(h.caller.Partner, "", "", 1)
		if err != nil || len(items) != 1 || (items[0].Outcome == intake.OutcomeRefused) != (first.Err != nil) {
			t.Fatalf("noted %+v %v", items, err)
		}
	})
}

// FuzzBatch: the same for batches; what was recorded is known the next time.
func FuzzBatch(f *testing.F) {
	h := newHouse(f, nil)
	f.Add([]byte("[" + event("een", "") + "," + event("twee", `,"kleur":1`) + "]"))
	f.Add([]byte("[" + event("drie", "") + "," + event("drie", "") + "," + event("drie", `,"notitie":"x"`) + "]"))
	f.Add([]byte(`[1,null,[],{"a":1,"a":2},"` + "\xff" + `"]`))
	f.Add([]byte("[" + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "]"))
	f.Add([]byte("[] []"))
	f.Fuzz(func(t *testing.T, body []byte) {
		before := h.ledger.Position()
		tried, err1 := h.desk.TryAll(t.Context(), h.caller, body)
		if h.ledger.Position() != before {
			t.Fatal("trying recorded something")
		}
		done, err2 := h.desk.ReportAll(t.Context(), h.caller, body)
		if (err1 == nil) != (err2 == nil) || len(tried) != len(done) {
			t.Fatalf("tried: %d %v; done: %d %v", len(tried), err1, len(done), err2)
		}
		if err2 != nil {
			briefly(t, ledger.Outcome{Err: err2})
		}
		grown := h.ledger.Position() - before
		for i, o := range done {
			if d := cmp.Diff(briefly(t, tried[i]), briefly(t, o), cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("%d: tried and told differ: %s", i, d)
			}
			if o.Err == nil && !o.Receipt.Again {
				grown--
			}
		}
		if grown != 0 {
			t.Fatalf("the book grew by %d too many", grown)
		}
		again, err := h.desk.ReportAll(t.Context(), h.caller, body)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("a second time: %v", err)
		}
		for i, o := range done {
			if o.Err == nil && (again[i].Err != nil || !again[i].Receipt.Again || again[i].Receipt.Position != o.Receipt.Position) {
				t.Fatalf("%d a second time: %+v", i, again[i])
			}
		}
	})
}

// FuzzCursor: any text as a cursor gives a list or ErrCursor.
func FuzzCursor(f *testing.F) {
	file := openFile(f, newPath(f), intake.Options{})
	for i := range 30 {
		file.Note(partnerA, delivery([]string{intake.OutcomeRefused, intake.OutcomeRecorded}[i%2], i))
		if i == 20 {
			file.Flush()
		}
	}
	for _, outcome := range []string{"", intake.OutcomeRefused, intake.OutcomeAgain} {
		_, next, err := file.List(partnerA, outcome, "", 3)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(outcome, next)
	}
	f.Add("iets", "AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, outcome, after string) {
		items, next, err := file.List(partnerA, outcome, after, 3)
		if err != nil && !errors.Is(err, intake.ErrCursor) || len(items) > 3 || err != nil && (len(items) > 0 || next != "") {
			t.Fatalf("%d items, %q, %v", len(items), next, err)
		}
		if next == "" {
			return
		}
		more, _, err := file.List(partnerA, outcome, next, 3)
		if err != nil || len(more) == 0 {
			t.Fatalf("the next page: %d items, %v", len(more), err)
		}
	})
}
