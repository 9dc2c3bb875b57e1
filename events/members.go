package events

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MemberKind says what a personal member is about, and so which key seals it
// (docs/design.md, "Seal").
type MemberKind uint8

// The kinds of personal members.
const (
	PersonMember   MemberKind = iota + 1 // an account manager: one key per person of a partner
	CardMember                           // name and address of an employer: one key per employer
	ContactsMember                       // an employer's contact persons
	TextMember                           // a free text: a key of its own
)

// Member is a personal member that an event has.
type Member struct {
	Path  string // JSON pointer within data: "/accountmanager"
	Kind  MemberKind
	Value []byte // canonical JSON of the member, plain or a seal; not to be changed
	Seal  *Seal  // nil when the member is plain
}

// span is where a personal member stands in the canonical bytes.
type span struct {
	place      uint8 // 1 + index in the type's list of personal members
	start, end int32
}

// personalMember is Personal[T] for any T.
type personalMember interface {
	plainType() any
	seal() *Seal
	withSeal(*Seal) any
}

func (p Personal[T]) plainType() any       { return (*T)(nil) }
func (p Personal[T]) seal() *Seal          { return p.Seal }
func (p Personal[T]) withSeal(s *Seal) any { return Personal[T]{Seal: s} }

func memberKind(plain reflect.Type, tag string) MemberKind {
	switch {
	case plain == reflect.TypeFor[AccountManager]():
		return PersonMember
	case plain.Kind() == reflect.Slice:
		return ContactsMember
	case tagged(tag, "text"):
		return TextMember
	}
	return CardMember
}

// PersonalMembers are the personal members that the event has, in the order in
// which they stand in Canonical.
func (e *Event) PersonalMembers() []Member {
	if len(e.spans) == 0 {
		return nil
	}
	places := shapes[kindOf[e.Type]].personal
	data := reflect.ValueOf(e.Data).Elem()
	list := make([]Member, len(e.spans))
	for i, s := range e.spans {
		p := places[s.place-1]
		list[i] = Member{
			Path:  p.path,
			Kind:  p.kind,
			Value: e.canonical[s.start:s.end:s.end],
			Seal:  reach(data, p.index).Interface().(personalMember).seal(),
		}
	}
	return list
}

// reach goes to a Go field, through pointers that are known to be there.
func reach(v reflect.Value, index [][]int) reflect.Value {
	for _, step := range index {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		v = v.FieldByIndex(step)
	}
	return v
}

// Splice is Canonical with the personal members at those paths replaced by
// other JSON. Paths that the event does not have are passed over.
func (e *Event) Splice(members map[string][]byte) []byte {
	size := len(e.canonical)
	for _, m := range members {
		size += len(m)
	}
	b := make([]byte, 0, size)
	from := int32(0)
	places := shapes[kindOf[e.Type]].personal
	for _, s := range e.spans {
		if m, ok := members[places[s.place-1].path]; ok {
			b = append(append(b, e.canonical[from:s.start]...), m...)
			from = s.end
		}
	}
	return append(b, e.canonical[from:]...)
}

var errNotSealed = errors.New("a personal member has no seal")

// WithSeals is the event as it is stored: every personal member that it has
// replaced by the seal at its path. It is an error when one has no seal, or when
// a seal has no member.
func (e *Event) WithSeals(seals map[string]Seal) (*Event, error) {
	if len(seals) != len(e.spans) {
		return nil, fmt.Errorf("%w: %d members, %d seals", errNotSealed, len(e.spans), len(seals))
	}
	sealed := *e
	if len(seals) == 0 {
		return &sealed, nil
	}
	places := shapes[kindOf[e.Type]].personal
	data := copyData(e.Data)
	size := len(e.canonical)
	for _, s := range seals {
		size += len(s.Text) + sealLength
	}
	b := make([]byte, 0, size)
	spans := make([]span, len(e.spans))
	from := int32(0)
	for i, s := range e.spans {
		p := places[s.place-1]
		seal, ok := seals[p.path]
		if !ok || seal.Text == "" {
			return nil, fmt.Errorf("%w: %s", errNotSealed, p.path)
		}
		b = append(b, e.canonical[from:s.start]...)
		start := int32(len(b))
		b = seal.append(b)
		spans[i] = span{s.place, start, int32(len(b))}
		from = s.end
		field := reach(data, p.index)
		field.Set(reflect.ValueOf(field.Interface().(personalMember).withSeal(&seal)))
	}
	sealed.canonical = append(b, e.canonical[from:]...)
	sealed.spans = spans
	sealed.Data = data.Addr().Interface().(Data)
	return &sealed, nil
}

// copyData copies the data so far that its personal members can be replaced:
// the struct, and the one that holds "ondanks".
func copyData(d Data) reflect.Value {
	v := reflect.New(reflect.TypeOf(d).Elem()).Elem()
	v.Set(reflect.ValueOf(d).Elem())
	var despite **Despite
	switch d := v.Addr().Interface().(type) {
	case *VisitPlanned:
		despite = &d.Despite
	case *PlanRefused:
		despite = &d.Despite
	case *VisitMoved:
		despite = &d.Despite
	}
	if despite != nil && *despite != nil {
		own := **despite
		*despite = &own
	}
	return v
}

const sealLength = len(`{"sleutel":18446744073709551615,"zegel":""}`) // without its text

// append writes the seal in canonical JSON.
func (s Seal) append(b []byte) []byte {
	b = append(b, `{"sleutel":`...)
	b = strconv.AppendUint(b, uint64(s.Key), 10)
	b = append(b, `,"zegel":`...)
	b, _ = jsontext.AppendQuote(b, s.Text) // fails on invalid UTF-8 only, which it replaces
	return append(b, '}')
}

// Sealed reports whether no personal member of the event is in the clear.
func (e *Event) Sealed() bool {
	for _, s := range e.spans {
		if !bytes.HasPrefix(e.canonical[s.start:s.end], []byte(`{"sleutel":`)) {
			return false
		}
	}
	return true
}

// segment escapes a name for a JSON pointer (RFC 6901).
func segment(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
