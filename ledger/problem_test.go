package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
)

func TestProblemOf(t *testing.T) {
	faults := events.Faults{{Field: "/data/datum", Code: "datum", Sentence: events.Sentence{NL: "nl", EN: "en"}}}
	for _, tt := range []struct {
		err    error
		status int
		kind   string
		faults int
	}{
		{faults, 400, "ongeldig", 1},
		{fmt.Errorf("line 3: %w", faults), 400, "ongeldig", 1},
		{ledger.ErrForbidden, 403, "niet-toegestaan", 0},
		{fmt.Errorf("%w: %w", ledger.ErrForbidden, faults), 403, "niet-toegestaan", 1},
		{&ledger.ConflictError{Position: 17}, 409, "andere-inhoud", 1},
		{fmt.Errorf("record: %w", &ledger.ConflictError{Position: 17}), 409, "andere-inhoud", 1},
		{ledger.ErrBusy, 503, "te-druk", 0},
		{fmt.Errorf("append: %w", ledger.ErrFull), 503, "opslag-vol", 0},
		{ledger.ErrHalted, 503, "boek-staat-stil", 0},
		{ledger.ErrDamaged, 503, "boek-staat-stil", 0},
		{fmt.Errorf("%w: %w", ledger.ErrHalted, ledger.ErrFull), 503, "boek-staat-stil", 0},
		{ledger.ErrUnknown, 503, "uitkomst-onbekend", 0},
		{context.DeadlineExceeded, 503, "uitkomst-onbekend", 0},
		{context.Canceled, 503, "uitkomst-onbekend", 0},
		{ledger.NewProblem(429, "te-vaak", "Te vaak", "Wacht even."), 429, "te-vaak", 0},
		{errors.New("geheim 0381000101"), 500, "interne-fout", 0},
		{nil, 500, "interne-fout", 0},
	} {
		p := ledger.ProblemOf(tt.err)
		if p.Status != tt.status || !strings.HasSuffix(p.Type, "/"+tt.kind) || len(p.Faults) != tt.faults || p.Title == "" || p.Detail == "" {
			t.Errorf("%v: %+v", tt.err, p)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "geheim") || !strings.Contains(string(text), `"fouten":[`) || strings.Contains(string(text), `"positie"`) {
			t.Errorf("%v: %s", tt.err, text)
		}
	}
}
