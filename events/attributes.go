package events

import (
	"mime"
	"strings"
)

func (env *envelope) typeOf(e *Event, n int32) {
	s, ok := env.word(n, nil)
	e.Type = Type(s)
	if ok && !e.Type.Known() {
		env.add(codeUnknownType)
	}
	env.keep("type", s)
}

func (env *envelope) timeOf(e *Event, n int32) {
	s, ok := env.word(n, nil)
	switch e.Time = s; {
	case !ok:
	case !isMoment(s):
		env.add(codeMoment)
	default:
		if at, _ := e.LoggedAt(); !env.now.IsZero() && at.After(env.now.Add(maxAhead)) {
			env.add(codeFuture)
		}
	}
	env.keep("time", s)
}

// isJSONType takes application/json, with charset utf-8 if any.
func isJSONType(s string) bool {
	if s == mediaType {
		return true
	}
	t, params, err := mime.ParseMediaType(s)
	charset, has := params["charset"]
	return err == nil && t == mediaType && (!has || strings.EqualFold(charset, "utf-8"))
}

// afterwards reads achteraf: a boolean, and in headers the word for one.
func (env *envelope) afterwards(e *Event, n int32) {
	switch raw := env.raw(n); {
	case env.nodes[n].kind == kindBool:
		e.Afterwards = raw == "true"
	case env.binary && (raw == `"true"` || raw == `"false"`):
		e.Afterwards = raw == `"true"`
	default:
		env.add(codeKind, kindNames[kindBool])
		return
	}
	text := "false"
	if e.Afterwards {
		text = "true"
	}
	env.attrs = append(env.attrs, attribute{name: achteraf, text: text, boolean: true})
}

var maxExtension = 1024

// extension reads any other extension attribute. In headers all values are
// text, so integers and booleans become text here too: the same event must not
// depend on how it came in (docs/contract.md, "Same content").
func (env *envelope) extension(e *Event, name string, n int32) {
	var s string
	switch env.nodes[n].kind {
	case kindString:
		s = env.text(n)
		if c, limit := stringFault(formats["extension"], &maxExtension, s); c == codeTooLong {
			env.add(c, limit)
		} else if c != "" {
			env.add(c)
		}
	case kindNumber:
		s = env.raw(n)
		if c := numberFault(s, false); c != "" {
			env.add(c)
		} else if _, bsn := HasBSN(s); bsn {
			env.add(codeBSN)
		}
	case kindBool:
		s = env.raw(n)
	default:
		env.add(codeKind, kindNames[kindString])
	}
	if e.Extensions == nil {
		e.Extensions = make(map[string]string)
	}
	e.Extensions[name] = s
	env.keep(name, s)
}
