package events

import (
	"errors"
	"fmt"
	"strconv"
)

// momentLayout is how moments are written: RFC 3339 in UTC with milliseconds.
const momentLayout = "2006-01-02T15:04:05.000Z"

// ErrVersion: the record was written in a stored format that this version of
// Huisboek does not know. A newer version wrote it.
var ErrVersion = errors.New("stored format not known to this version")

var (
	errNotRecord = errors.New("not a stored record")
	errInClear   = errors.New("a record may hold no personal member in the clear")
)

// EncodeRecord gives the bytes of a record as they are stored, in format 1, and
// sets its Hash. Version may be 0 for the current one. It refuses an event with
// a personal member in the clear: what is in the stream is there for ever.
func EncodeRecord(r *Record) ([]byte, error) {
	switch {
	case r.Version != FormatVersion && r.Version != 0:
		return nil, fmt.Errorf("%w: %d", ErrVersion, r.Version)
	case len(r.Event.canonical) == 0:
		return nil, fmt.Errorf("%w: no event", errNotRecord)
	case !r.Event.Sealed():
		return nil, errInClear
	}
	r.Version = FormatVersion
	b := make([]byte, 0, len(r.Event.canonical)+512)
	b = strconv.AppendInt(append(b, `{"v":`...), int64(r.Version), 10)
	b = quote(append(b, `,"boek":`...), r.Book)
	b = strconv.AppendUint(append(b, `,"positie":`...), uint64(r.Position), 10)
	b = append(base64url.AppendEncode(append(b, `,"vorige":"`...), r.Previous[:]), '"')
	b = append(r.At.UTC().AppendFormat(append(b, `,"op":"`...), momentLayout), '"')
	b = quote(append(b, `,"partner":`...), r.Partner)
	b = quote(append(b, `,"toegang":`...), r.Credential)
	b = quote(append(b, `,"weg":`...), r.Door)
	b = append(base64url.AppendEncode(append(b, `,"kenmerk":"`...), r.Mark[:]), '"')
	b = appendVerdict(append(b, `,"oordeel":`...), &r.Verdict)
	b = append(append(append(b, `,"gebeurtenis":`...), r.Event.canonical...), '}')
	r.Hash = HashOf(b)
	return b, nil
}

func appendVerdict(b []byte, v *Verdict) []byte {
	b = quote(append(b, `{"uitkomst":`...), string(v.Outcome))
	b = append(b, `,"redenen":[`...)
	for i, reason := range v.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote(b, reason)
	}
	b = strconv.AppendInt(append(b, `],"regels":`...), int64(v.Rules), 10)
	b = quote(append(b, `,"vandaag":`...), string(v.Today))
	b = append(b, `,"steuntOp":[`...)
	for i, p := range v.RestsOn {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(p), 10)
	}
	return append(b, "]}"...)
}
