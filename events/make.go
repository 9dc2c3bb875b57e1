package events

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// NewEvent makes an event from typed data, as the steward, the ledger, the demo
// and tests do. It goes through the same checks as an event from outside; the
// error is Faults when one of them refuses it. Time is at, in UTC to the
// millisecond; the zero time leaves it out.
func NewEvent(source, id string, at time.Time, data Data) (*Event, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("data of a new event: %w", err)
	}
	return NewEventFrom(source, id, at, data.Type(), body)
}

// NewEventFrom is NewEvent for data that somebody wrote in JSON: everything that is
// wrong with it is told.
func NewEventFrom(source, id string, at time.Time, typ Type, data []byte) (*Event, error) {
	b := quote([]byte(`{"specversion":"1.0","id":`), id)
	b = quote(append(b, `,"source":`...), source)
	b = quote(append(b, `,"type":`...), string(typ))
	if !at.IsZero() {
		b = quote(append(b, `,"time":`...), at.UTC().Format(momentLayout))
	}
	b = append(append(b, `,"data":`...), data...)
	return Decode(append(b, '}'), at)
}
