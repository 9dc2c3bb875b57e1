package events

import (
	"errors"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// kind is the kind of a JSON value: its first character, with one for the two
// booleans and one for all numbers.
type kind byte

const (
	kindNull   kind = 'n'
	kindBool   kind = 't'
	kindNumber kind = '0'
	kindString kind = '"'
	kindList   kind = '['
	kindObject kind = '{'
)

// tree is a JSON text taken apart: its values in the order of the text, a
// container before what is in it. One flat list costs one allocation, and most
// strings are substrings of the text.
type tree struct {
	src   string
	nodes []node
	pos   int
	work
}

// work is what the readers of a tree need while they read, and not longer.
type work struct {
	path  []step
	attrs []attribute
}

// node is one value. What is in a container begins at the node behind it and
// ends before node next.
type node struct {
	kind       kind
	escaped    bool  // a string with a backslash in it
	personal   uint8 // 1 + index of the personal member it is; set by the reader
	start, end int32 // in the text
	next       int32
	name       string // of a member of an object
}

// maxDepth is how deep containers may be nested; the deepest event has five.
const maxDepth = 16

var (
	errSyntax  = errors.New("not valid JSON")
	errTooDeep = errors.New("nested too deep")
)

// strict is what jsontext refuses for us: everything that RFC 8259 and RFC 7493
// refuse, trailing data, invalid UTF-8 and lone surrogates included. Duplicate
// names are found by the reader, so that all of them are told at once.
var strict = jsontext.AllowDuplicateNames(true)

// trees keeps trees for the lists in them, which never leave this package.
var trees = sync.Pool{New: func() any {
	return &tree{nodes: make([]node, 0, 64), work: work{make([]step, 0, 8), make([]attribute, 0, 12)}}
}}

// parse takes a JSON text apart. The tree must be released when it is done with;
// the strings it gave stay valid.
func parse(text []byte) (*tree, error) {
	if !jsontext.Value(text).IsValid(strict) {
		return nil, errSyntax
	}
	t := trees.Get().(*tree)
	t.src, t.pos = string(text), 0
	t.space()
	if !t.value("", 1) {
		t.release()
		return nil, errTooDeep
	}
	return t, nil
}

// release gives the tree back.
func (t *tree) release() {
	clear(t.nodes) // the names would keep the text alive
	clear(t.attrs)
	clear(t.path[:cap(t.path)])
	t.src, t.nodes, t.attrs, t.path = "", t.nodes[:0], t.attrs[:0], t.path[:0]
	trees.Put(t)
}

// value reads one value of a text that is known to be valid; false means that
// it is nested too deep.
func (t *tree) value(name string, depth int) bool {
	i := len(t.nodes)
	t.nodes = append(t.nodes, node{start: int32(t.pos), name: name})
	n := node{name: name, start: int32(t.pos)}
	switch c := t.src[t.pos]; c {
	case '{', '[':
		n.kind = kind(c)
		if depth > maxDepth || !t.container(c == '{', depth) {
			return false
		}
	case '"':
		n.kind = kindString
		n.escaped = t.quoted()
	case 'n', 't':
		n.kind = kind(c)
		t.pos += 4
	case 'f':
		n.kind = kindBool
		t.pos += 5
	default:
		n.kind = kindNumber
		t.number()
	}
	n.end, n.next = int32(t.pos), int32(len(t.nodes))
	t.nodes[i] = n
	return true
}

func (t *tree) container(object bool, depth int) bool {
	t.pos++
	t.space()
	for t.src[t.pos] != '}' && t.src[t.pos] != ']' {
		name := ""
		if object {
			start := t.pos
			escaped := t.quoted()
			name = unquote(t.src[start:t.pos], escaped)
			t.space()
			t.pos++ // the colon
			t.space()
		}
		if !t.value(name, depth+1) {
			return false
		}
		t.space()
		if t.src[t.pos] == ',' {
			t.pos++
			t.space()
		}
	}
	t.pos++
	return true
}

// quoted passes over a string and tells whether it has escapes.
func (t *tree) quoted() (escaped bool) {
	for t.pos++; ; t.pos++ {
		switch t.src[t.pos] {
		case '\\':
			escaped = true
			t.pos++
		case '"':
			t.pos++
			return escaped
		}
	}
}

func (t *tree) number() {
	for t.pos < len(t.src) {
		switch c := t.src[t.pos]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			t.pos++
		default:
			return
		}
	}
}

func (t *tree) space() {
	for t.pos < len(t.src) {
		switch t.src[t.pos] {
		case ' ', '\t', '\r', '\n':
			t.pos++
		default:
			return
		}
	}
}

// raw is the value as it is written.
func (t *tree) raw(i int32) string { return t.src[t.nodes[i].start:t.nodes[i].end] }

// text is what a string stands for.
func (t *tree) text(i int32) string { return unquote(t.raw(i), t.nodes[i].escaped) }

// find is the member of an object with that name, or 0.
func (t *tree) find(object int32, name string) int32 {
	for i := object + 1; i < t.nodes[object].next; i = t.nodes[i].next {
		if t.nodes[i].name == name {
			return i
		}
	}
	return 0
}

func unquote(quoted string, escaped bool) string {
	if !escaped {
		return quoted[1 : len(quoted)-1]
	}
	b, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil { // the text is valid
		return ""
	}
	return string(b)
}

// syntaxFault tells where a text stops being JSON. The pointer is left out: it
// could hold anything.
func syntaxFault(text []byte, field string) Fault {
	if !utf8.Valid(text) {
		at := 0
		for at < len(text) {
			r, n := utf8.DecodeRune(text[at:])
			if r == utf8.RuneError && n <= 1 {
				break
			}
			at += n
		}
		return codeUTF8.fault(field, at)
	}
	v := jsontext.Value(text).Clone()
	var syntax *jsontext.SyntacticError
	if err := v.Compact(strict); errors.As(err, &syntax) {
		return codeSyntax.fault(field, syntax.ByteOffset)
	}
	return codeSyntax.fault(field, len(text))
}
