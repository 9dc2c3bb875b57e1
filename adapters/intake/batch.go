package intake

import (
	"bytes"
	"io"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
	"huisboek/ledger"
)

// Limits on a batch; more is refused as a whole (docs/contract.md, "HTTP").
const (
	MaxBatch      = 1_000    // events
	MaxBatchBytes = 16 << 20 // of the body: sixteen times a thousand events of the usual size
)

// FaultNoBatch is the fault of a body that is no batch; the others of an event are
// those of package events and of the ledger.
var FaultNoBatch = events.Fault{Field: "", Code: "geen-reeks", Sentence: events.Sentence{
	NL: "Een reeks is een JSON-lijst van gebeurtenissen.", EN: "A batch is a JSON array of events.",
}}

var (
	errNoList  = events.Faults{FaultNoBatch}
	errTooMany = ledger.NewProblem(http.StatusRequestEntityTooLarge, "te-groot", "Te groot",
		"Er is niets vastgelegd: een reeks heeft ten hoogste 1.000 gebeurtenissen. Knip hem in stukken.")
)

// entries takes a batch apart into its events as they were written: whether each
// is a proper event is told of each, a name twice or bad UTF-8 in a text too. It
// reads no further than one event too many, and copies nothing: a body of
// millions of small values costs no more than one of a thousand.
func entries(body []byte) ([]jsontext.Value, error) {
	if len(body) > MaxBatchBytes {
		return nil, ledger.TooLarge(MaxBatchBytes)
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != jsontext.KindBeginArray {
		return nil, errNoList
	}
	items := []jsontext.Value{}
	for d.PeekKind() != jsontext.KindEndArray {
		v, err := d.ReadValue()
		if err != nil {
			return nil, errNoList
		}
		if len(items) == MaxBatch {
			return nil, errTooMany
		}
		end := d.InputOffset() // v itself is the decoder's, and good until its next call only
		items = append(items, body[int(end)-len(v):end:end])
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, errNoList
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errNoList
	}
	return items, nil
}
