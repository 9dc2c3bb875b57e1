package events

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// shape is what a Go struct says about a JSON object: the one descriptor that
// the reader (read.go) and the JSON Schemas (schema.go) are made from. It is
// built from the struct tags of data.go once, when the program starts.
type shape struct {
	typ     reflect.Type
	members []member // in the order of the struct
	byName  map[string]int
}

// member is one member of an object.
type member struct {
	name     string
	index    []int // of the Go field
	required bool
	value    valueRule
}

// valueRule is what a value must be. Of a list it is the rule for the list, and
// elem the one for what is in it.
type valueRule struct {
	kind     kind
	typ      reflect.Type // of the Go value, without pointer and Personal
	pointer  bool
	personal MemberKind // not 0: a Personal
	format   *format
	name     string // of the format, for the schema
	enum     *enum
	enumName string
	decimals bool // Hundredths
	min, max *int // characters, entries or value
	elem     *valueRule
	object   *shape
	place    uint8 // of a personal member: 1 + index in its type's list
}

// dataShape is the shape of a type's data, with its personal members.
type dataShape struct {
	*shape
	personal []personalPlace
}

// personalPlace is where a type has a personal member.
type personalPlace struct {
	path  string // "/ondanks/reden"
	kind  MemberKind
	index [][]int // Go field by Go field
}

// shapes holds the shape of every type's data, by the order in kinds.
var shapes = func() []*dataShape {
	list := make([]*dataShape, len(kinds))
	for i, k := range kinds {
		d := &dataShape{}
		d.shape = d.describe(reflect.TypeOf(k.new()).Elem(), "", nil)
		list[i] = d
	}
	return list
}()

// describe reads the tags of a struct. It panics on a tag that means nothing:
// that is a mistake in data.go, found by any test.
func (d *dataShape) describe(t reflect.Type, path string, index [][]int) *shape {
	s := &shape{typ: t, byName: make(map[string]int)}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" {
			continue
		}
		m := member{name: name, index: f.Index}
		here := append(index[:len(index):len(index)], f.Index)
		m.value = d.rule(f.Type, path+"/"+name, here, f.Tag.Get("check"))
		m.required = tagged(f.Tag.Get("check"), "required")
		s.byName[name] = len(s.members)
		s.members = append(s.members, m)
	}
	if len(s.members) > 64 {
		panic("events: more members than the reader's set holds: " + t.Name())
	}
	return s
}

// rule describes one value from its Go type and its tag.
func (d *dataShape) rule(t reflect.Type, path string, index [][]int, tag string) valueRule {
	r := valueRule{typ: t}
	if t.Kind() == reflect.Pointer {
		r.pointer = true
		r.typ = t.Elem()
	}
	if p, ok := reflect.Zero(t).Interface().(personalMember); ok {
		r.typ = reflect.TypeOf(p.plainType()).Elem()
		r.personal = memberKind(r.typ, tag)
		d.personal = append(d.personal, personalPlace{path, r.personal, index})
		r.place = uint8(len(d.personal))
	}
	switch r.typ.Kind() {
	case reflect.String:
		r.kind = kindString
	case reflect.Bool:
		r.kind = kindBool
	case reflect.Int, reflect.Int64, reflect.Uint64:
		r.kind = kindNumber
	case reflect.Slice:
		r.kind = kindList
		elem := d.rule(r.typ.Elem(), path, nil, withoutLimits(tag))
		r.elem = &elem
		tag = onlyLimits(tag)
	case reflect.Struct:
		r.kind = kindObject
		r.object = d.describe(r.typ, path, index)
	default:
		panic(fmt.Sprintf("events: no rule for %v at %s", t, path))
	}
	r.tag(tag, path)
	return r
}

// tag adds what the check tag says.
func (r *valueRule) tag(tag, path string) {
	for word := range strings.SplitSeq(tag, ",") {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "", "required":
		case "hundredths":
			r.decimals = true
		case "min", "max":
			n, err := strconv.Atoi(value)
			if err != nil {
				panic("events: bad limit at " + path)
			}
			if key == "min" {
				r.min = &n
			} else {
				r.max = &n
			}
		case "enum":
			r.enum, r.enumName = enums[value], value
			if r.enum == nil {
				panic("events: no such list at " + path)
			}
		default:
			r.format, r.name = formats[key], key
			if r.format == nil {
				panic("events: no such format at " + path)
			}
		}
	}
	if r.format != nil && r.max == nil && r.format.max > 0 {
		r.max = &r.format.max
	}
	if r.kind == kindString && r.format == nil && r.enum == nil {
		panic("events: text without a rule at " + path)
	}
}

func tagged(tag, word string) bool {
	for w := range strings.SplitSeq(tag, ",") {
		if w == word {
			return true
		}
	}
	return false
}

// Of a list min and max are of the list, all else of its entries.
func onlyLimits(tag string) string { return filterTag(tag, true) }

func withoutLimits(tag string) string { return filterTag(tag, false) }

func filterTag(tag string, limits bool) string {
	var keep []string
	for w := range strings.SplitSeq(tag, ",") {
		isLimit := strings.HasPrefix(w, "min=") || strings.HasPrefix(w, "max=")
		if isLimit == limits && w != "required" {
			keep = append(keep, w)
		}
	}
	return strings.Join(keep, ",")
}
