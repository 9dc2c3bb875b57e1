package events

import "time"

// MaxSize is the size of the largest event that is taken in, in bytes of its
// structured form (NL GOV profile for CloudEvents 1.1, chapter on size).
const MaxSize = 64 << 10

// Event is a CloudEvent of the NL GOV profile, checked and normalised. From
// Decode its personal members are plain; from a Record they are sealed.
type Event struct {
	ID          string
	Source      string
	Type        Type
	Subject     string            // optional
	Time        string            // optional, RFC 3339, exactly as the maker wrote it
	DataSchema  string            // optional
	ContentType string            // always "application/json"
	Extensions  map[string]string // other extension attributes, by name; nil when none
	Afterwards  bool              // the extension attribute achteraf: old history
	Data        Data

	canonical []byte
	spans     []span // of the personal members in canonical
}

// Canonical is the structured event in canonical JSON (RFC 8785 after the
// normalisation of docs/contract.md, "Same content"). It is what is compared, sealed
// and stored; callers must not change it. For an event read from a Record it is
// the stored bytes, seals in place.
func (e *Event) Canonical() []byte { return e.canonical }

// LoggedAt is Time as a moment; ok is false when the event carries none.
func (e *Event) LoggedAt() (t time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339Nano, e.Time)
	return t, err == nil
}
