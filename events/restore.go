package events

import (
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// DecodeRecord reads a record of any format that was ever stored, and sets its
// Hash. It keeps the bytes: the caller must not change them afterwards. An
// error wraps ErrVersion when only the format is the trouble; anything else
// that is not exactly what EncodeRecord writes is refused, as damage.
//
// An older format would be read by its own function here and brought up to the
// current Record; stored bytes are never rewritten (docs/design.md).
func DecodeRecord(stored []byte) (*Record, error) {
	t, err := parse(stored)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotRecord, err)
	}
	defer t.release()
	if v := t.find(0, "v"); t.nodes[0].kind != kindObject || v != 1 {
		return nil, fmt.Errorf("%w: no version", errNotRecord)
	}
	switch version := t.raw(1); version {
	case "1":
		return (&recordReader{tree: t, at: 2}).read(stored)
	default:
		if len(version) > 20 {
			version = version[:20]
		}
		return nil, fmt.Errorf("%w: %q", ErrVersion, version)
	}
}

// recordReader reads format 1: its members in their order, and no others.
type recordReader struct {
	*tree
	at  int32 // the member that comes next
	err error
}

func (r *recordReader) read(stored []byte) (*Record, error) {
	rec := &Record{Version: FormatVersion, Hash: HashOf(stored)}
	rec.Book = r.string("boek")
	rec.Position = Position(r.uint("positie"))
	rec.Previous = r.hash("vorige")
	rec.At = r.moment("op")
	rec.Partner = r.string("partner")
	rec.Credential = r.string("toegang")
	rec.Door = r.string("weg")
	rec.Mark = r.hash("kenmerk")
	r.verdict(&rec.Verdict)
	event := r.member("gebeurtenis", kindObject)
	r.done(r.nodes[0].next)
	if r.err != nil {
		return nil, r.err
	}
	if err := r.event(&rec.Event, event, stored); err != nil {
		return nil, err
	}
	return rec, nil
}

// member goes to the next member, which must have that name and kind; 0 after
// an error.
func (r *recordReader) member(name string, k kind) int32 {
	if r.err != nil {
		return 0
	}
	n := r.at
	if n >= int32(len(r.nodes)) || r.nodes[n].name != name || r.nodes[n].kind != k {
		r.fail(name)
		return 0
	}
	r.at = r.nodes[n].next
	return n
}

func (r *recordReader) fail(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", errNotRecord, name)
	}
}

// done checks that nothing stands between the last member and that node.
func (r *recordReader) done(end int32) {
	if r.err == nil && r.at != end {
		r.fail("more members than there are")
	}
}

func (r *recordReader) string(name string) string {
	if n := r.member(name, kindString); n != 0 {
		return r.text(n)
	}
	return ""
}

func (r *recordReader) uint(name string) uint64 {
	n := r.member(name, kindNumber)
	if n == 0 {
		return 0
	}
	u, err := strconv.ParseUint(r.raw(n), 10, 53)
	if err != nil {
		r.fail(name)
	}
	return u
}

func (r *recordReader) hash(name string) (h Hash) {
	if s := r.string(name); r.err == nil && h.UnmarshalText([]byte(s)) != nil {
		r.fail(name)
	}
	return h
}

func (r *recordReader) moment(name string) time.Time {
	s := r.string(name)
	if r.err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s) // takes a fraction too, and is faster than our own layout
	if err != nil || len(s) != len(momentLayout) || s[len(s)-1] != 'Z' {
		r.fail(name)
	}
	return t
}

func (r *recordReader) verdict(v *Verdict) {
	n := r.member("oordeel", kindObject)
	if n == 0 {
		return
	}
	end := r.nodes[n].next
	r.at = n + 1
	v.Outcome = Outcome(r.string("uitkomst"))
	v.Reasons = make([]string, 0)
	for i := range r.entries(r.member("redenen", kindList), kindString) {
		v.Reasons = append(v.Reasons, r.text(i))
	}
	v.Rules = int(r.uint("regels"))
	v.Today = Date(r.string("vandaag"))
	v.RestsOn = make([]Position, 0)
	for i := range r.entries(r.member("steuntOp", kindList), kindNumber) {
		p, err := strconv.ParseUint(r.raw(i), 10, 53)
		if err != nil {
			r.fail("steuntOp")
		}
		v.RestsOn = append(v.RestsOn, Position(p))
	}
	r.done(end)
}

// entries are the nodes in a list, which must all be of that kind.
func (r *recordReader) entries(list int32, k kind) func(func(int32) bool) {
	return func(yield func(int32) bool) {
		if list == 0 {
			return
		}
		for i := list + 1; i < r.nodes[list].next; i = r.nodes[i].next {
			if r.nodes[i].kind != k {
				r.fail(r.nodes[list].name)
				return
			}
			if !yield(i) {
				return
			}
		}
	}
}

// event reads the event of a record: its seals stay where they are.
func (r *recordReader) event(e *Event, n int32, stored []byte) error {
	start := r.nodes[n].start
	e.canonical = stored[start:r.nodes[n].end:r.nodes[n].end]
	e.ContentType = mediaType
	data := int32(0)
	for i := n + 1; i < r.nodes[n].next; i = r.nodes[i].next {
		switch name := r.nodes[i].name; {
		case name == "data" && data == 0:
			data = i
		case name == achteraf && r.nodes[i].kind == kindBool:
			e.Afterwards = r.raw(i) == "true"
		case name != achteraf && r.nodes[i].kind == kindString && attributeName(name):
			r.attribute(e, name, r.text(i))
		default:
			return fmt.Errorf("%w: an attribute of the event", errNotRecord)
		}
	}
	at, ok := kindOf[e.Type]
	if !ok || data == 0 || r.nodes[data].kind != kindObject || e.ID == "" || e.Source == "" {
		return fmt.Errorf("%w: event of type %q", errNotRecord, e.Type)
	}
	e.Data = kinds[at].new()
	in := &reader{tree: r.tree, stored: true}
	in.object(shapes[at].shape, data, reflect.ValueOf(e.Data).Elem())
	if len(in.faults) > 0 {
		return fmt.Errorf("%w: event: %w", errNotRecord, in.faults.tidy())
	}
	for i := range in.spans {
		in.spans[i].start -= start
		in.spans[i].end -= start
	}
	e.spans = in.spans
	return nil
}

func (r *recordReader) attribute(e *Event, name, text string) {
	switch name {
	case "id":
		e.ID = text
	case "source":
		e.Source = text
	case "type":
		e.Type = Type(text)
	case "subject":
		e.Subject = text
	case "time":
		e.Time = text
	case "dataschema":
		e.DataSchema = text
	case "specversion":
	default:
		if e.Extensions == nil {
			e.Extensions = make(map[string]string)
		}
		e.Extensions[name] = text
	}
}
