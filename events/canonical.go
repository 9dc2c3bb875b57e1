package events

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// write makes the canonical form: RFC 8785 with null members left out, integers
// as written and attributes normalised (docs/contract.md, "Same content"). It may
// only be called without faults: then every name is ASCII, so the order of
// bytes is the order of UTF-16 units that RFC 8785 asks for, and numbers are
// such that only trailing zeros of decimals can differ.
func (env *envelope) write(e *Event) {
	env.attrs = append(env.attrs, attribute{name: "data"})
	slices.SortFunc(env.attrs, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	b := make([]byte, 0, len(env.src))
	for i, a := range env.attrs {
		b = append(b, "{,"[min(i, 1)])
		b = append(append(append(b, '"'), a.name...), `":`...)
		switch {
		case a.name == "data":
			b = env.canonical(b, env.data, &e.spans)
		case a.boolean:
			b = append(b, a.text...)
		default:
			b = quote(b, a.text)
		}
	}
	e.canonical = append(b, '}')
}

// canonical writes a value and notes where personal members come to stand.
func (t *tree) canonical(b []byte, n int32, spans *[]span) []byte {
	start := int32(len(b))
	switch t.nodes[n].kind {
	case kindObject:
		b = t.canonicalObject(b, n, spans)
	case kindList:
		b = append(b, '[')
		for i := n + 1; i < t.nodes[n].next; i = t.nodes[i].next {
			if i > n+1 {
				b = append(b, ',')
			}
			b = t.canonical(b, i, spans)
		}
		b = append(b, ']')
	case kindString:
		if t.nodes[n].escaped {
			b = quote(b, t.text(n))
		} else {
			b = append(b, t.raw(n)...)
		}
	case kindNumber:
		raw := t.raw(n)
		if strings.Contains(raw, ".") {
			raw = strings.TrimSuffix(strings.TrimRight(raw, "0"), ".")
		}
		b = append(b, raw...)
	default:
		b = append(b, t.raw(n)...)
	}
	if p := t.nodes[n].personal; p != 0 {
		*spans = append(*spans, span{p, start, int32(len(b))})
	}
	return b
}

func (t *tree) canonicalObject(b []byte, n int32, spans *[]span) []byte {
	var space [32]int32
	order := space[:0]
	for i := n + 1; i < t.nodes[n].next; i = t.nodes[i].next {
		if t.nodes[i].kind != kindNull {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(t.nodes[a].name, t.nodes[b].name) })
	b = append(b, '{')
	for k, i := range order {
		if k > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), t.nodes[i].name...), `":`...)
		b = t.canonical(b, i, spans)
	}
	return append(b, '}')
}

// quote writes a string as RFC 8785 does.
func quote(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) // fails on invalid UTF-8 only, which strings here never hold
	return b
}
