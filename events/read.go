package events

import (
	"reflect"
	"strconv"
	"strings"
)

// reader fills Go values from a tree by their shapes, and collects what is wrong.
type reader struct {
	*tree
	stored bool // a record: seals instead of plain values, forms not checked again
	faults Faults
	spans  []span // of the seals of a record, in the text
}

// step is one step of the path to where the reader is.
type step struct {
	name  string
	index int // of a list, when name is ""
}

// set is a set of members of one shape, by index.
type set uint64

func (s set) has(i int) bool { return s&(1<<i) != 0 }

// found is what an object had: members that are there, and those that are wrong.
type found struct {
	*shape
	present, wrong set
}

// has reports whether the member is there, right or wrong.
func (f found) has(name string) bool {
	i, ok := f.byName[name]
	return ok && f.present.has(i)
}

// good reports whether the members are all there and nothing is wrong with them.
func (f found) good(names ...string) bool {
	for _, name := range names {
		if i, ok := f.byName[name]; !ok || !f.present.has(i) || f.wrong.has(i) {
			return false
		}
	}
	return true
}

func (r *reader) push(name string) { r.path = append(r.path, step{name: name}) }
func (r *reader) pushIndex(i int)  { r.path = append(r.path, step{index: i}) }
func (r *reader) pop()             { r.path = r.path[:len(r.path)-1] }
func (r *reader) add(c code, a ...any) bool {
	r.faults = append(r.faults, c.fault(r.pointer(), a...))
	return false
}

// pointer is the JSON pointer to where the reader is.
func (r *reader) pointer() string {
	var b strings.Builder
	for _, s := range r.path {
		b.WriteByte('/')
		if s.name == "" {
			b.WriteString(strconv.Itoa(s.index))
		} else {
			b.WriteString(segment(s.name))
		}
	}
	return b.String()
}

// object reads an object into a struct.
func (r *reader) object(s *shape, n int32, v reflect.Value) found {
	f := found{shape: s}
	var named set
	for i := n + 1; i < r.nodes[n].next; i = r.nodes[i].next {
		at, ok := s.byName[r.nodes[i].name]
		if !ok {
			r.unknown(r.nodes[i].name)
			continue
		}
		m := &s.members[at]
		r.push(m.name)
		switch {
		case named.has(at):
			f.wrong |= 1 << at
			r.add(codeDuplicate)
		case r.nodes[i].kind != kindNull: // null is absent (docs/contract.md, "Same content")
			f.present |= 1 << at
			if !r.value(&m.value, i, v.FieldByIndex(m.index)) {
				f.wrong |= 1 << at
			}
		}
		named |= 1 << at
		r.pop()
	}
	for i := range s.members {
		if s.members[i].required && !f.present.has(i) {
			r.push(s.members[i].name)
			r.add(codeMissing)
			r.pop()
		}
	}
	return f
}

// unknown refuses a member by name, unless the name itself should not be told.
func (r *reader) unknown(name string) {
	if !tellable(name) {
		r.add(codeUnknown)
		return
	}
	r.push(name)
	r.add(codeUnknown)
	r.pop()
}

// tellable reports whether a name that was sent looks like a name.
func tellable(name string) bool {
	_, bsn := HasBSN(name)
	return len(name) <= 64 && isWord(name, "_-") && !bsn
}

// value reads one value into a Go field; false when something is wrong with it.
func (r *reader) value(rule *valueRule, n int32, v reflect.Value) bool {
	if rule.personal != 0 {
		return r.personal(rule, n, v)
	}
	if rule.pointer {
		p := reflect.New(rule.typ)
		v.Set(p)
		v = p.Elem()
	}
	return r.plain(rule, n, v)
}

// personal reads a Personal: a seal from a record, a plain value from anywhere else.
func (r *reader) personal(rule *valueRule, n int32, v reflect.Value) bool {
	r.nodes[n].personal = rule.place
	seal := r.nodes[n].kind == kindObject && (r.find(n, "sleutel") != 0 || r.find(n, "zegel") != 0)
	switch {
	case r.stored:
		s, ok := r.seal(n)
		if !ok {
			return r.add(codeKind, kindNames[kindObject])
		}
		v.Field(1).Set(reflect.ValueOf(s))
		r.spans = append(r.spans, span{rule.place, r.nodes[n].start, r.nodes[n].end})
		return true
	case seal:
		return r.add(codeSealed)
	}
	p := reflect.New(rule.typ)
	v.Field(0).Set(p)
	return r.plain(rule, n, p.Elem())
}

// seal reads {"sleutel", "zegel"} in just that order, as it is written.
func (r *reader) seal(n int32) (*Seal, bool) {
	if r.nodes[n].kind != kindObject || r.nodes[n].next != n+3 {
		return nil, false
	}
	key, text := r.nodes[n+1], r.nodes[n+2]
	if key.name != "sleutel" || key.kind != kindNumber || text.name != "zegel" || text.kind != kindString {
		return nil, false
	}
	id, err := strconv.ParseUint(r.raw(n+1), 10, 53)
	return &Seal{KeyID(id), r.text(n + 2)}, err == nil
}

// plain reads a value of the kind that the rule asks for.
func (r *reader) plain(rule *valueRule, n int32, v reflect.Value) bool {
	if r.nodes[n].kind != rule.kind {
		return r.add(codeKind, kindNames[rule.kind])
	}
	switch rule.kind {
	case kindString:
		s := r.text(n)
		v.SetString(s)
		return r.stored || r.checkString(rule, s)
	case kindBool:
		v.SetBool(r.src[r.nodes[n].start] == 't')
	case kindNumber:
		return r.number(rule, n, v)
	case kindList:
		return r.list(rule, n, v)
	case kindObject:
		before := len(r.faults)
		r.object(rule.object, n, v)
		return len(r.faults) == before
	}
	return true
}

// list reads a list; entries must differ from each other.
func (r *reader) list(rule *valueRule, n int32, v reflect.Value) bool {
	count := 0
	for i := n + 1; i < r.nodes[n].next; i = r.nodes[i].next {
		count++
	}
	before := len(r.faults)
	if !r.stored {
		if rule.min != nil && count < *rule.min {
			r.add(codeTooFew, *rule.min)
		}
		if rule.max != nil && count > *rule.max {
			r.add(codeTooMany, *rule.max)
		}
	}
	s := reflect.MakeSlice(rule.typ, count, count)
	v.Set(s)
	at := 0
	for i := n + 1; i < r.nodes[n].next; i = r.nodes[i].next {
		r.pushIndex(at)
		r.value(rule.elem, i, s.Index(at))
		r.pop()
		at++
	}
	if !r.stored && rule.elem.kind != kindObject {
		r.repeats(n, count)
	}
	return len(r.faults) == before
}

// repeats finds entries of a list that stand in it already.
func (r *reader) repeats(n int32, count int) {
	if count < 2 {
		return
	}
	seen := make(map[string]bool, count)
	at := 0
	for i := n + 1; i < r.nodes[n].next; i = r.nodes[i].next {
		value := r.raw(i)
		if r.nodes[i].kind == kindString {
			value = `"` + r.text(i)
		}
		if seen[value] {
			r.pushIndex(at)
			r.add(codeTwice)
			r.pop()
		}
		seen[value] = true
		at++
	}
}
