package events

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// DecodeBinary reads an event in binary mode, over HTTP or NATS: its attributes
// are the headers that begin with "ce-", without that and in lower case, and
// the body is data (CloudEvents 1.0.2, HTTP protocol binding 3.1 and NATS
// protocol binding 3.1). The result, its Canonical included, is that of the
// same event in structured mode; faults point into that form. An empty content
// type is application/json.
func DecodeBinary(attributes map[string]string, contentType string, body []byte, now time.Time) (*Event, error) {
	env := envelope{now: now, binary: true}
	if len(body) > MaxSize {
		return nil, Faults{codeTooLarge.fault("", MaxSize)}
	}
	b := []byte{'{'}
	size := len(body)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if size += len(name) + len(attributes[name]); size > 3*MaxSize { // three bytes may stand for one
			return nil, Faults{codeTooLarge.fault("", MaxSize)}
		}
		value, ok := headerValue(attributes[name])
		if !ok {
			env.before = append(env.before, badHeader(name))
			env.told += "/" + name + "/"
			continue
		}
		b = append(quote(append(quote(b, strings.ToValidUTF8(name, "\uFFFD")), ':'), value), ',')
	}
	if contentType != "" {
		b = append(quote(append(b, `"datacontenttype":`...), strings.ToValidUTF8(contentType, "\uFFFD")), ',')
	}
	switch {
	case len(body) == 0:
		b = append(b, `"data":null}`...)
	case jsontext.Value(body).IsValid(strict):
		b = append(append(append(b, `"data":`...), body...), '}')
	default:
		env.told += "/data/"
		env.before = append(env.before, syntaxFault(body, "/data"))
		b = append(b, `"data":null}`...)
	}
	return decode(b, env)
}

// badHeader refuses a header's value.
func badHeader(name string) Fault {
	if !attributeName(name) || !tellable(name) {
		return codeAttribute.fault("")
	}
	return codePercent.fault("/" + name)
}

// headerValue takes an attribute out of a header: a quoted string is unquoted,
// then what is percent-encoded is decoded, and the result must be UTF-8 (HTTP
// protocol binding 3.1.3.2).
func headerValue(s string) (string, bool) {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = unbackslash(s[1 : len(s)-1])
	}
	if strings.IndexByte(s, '%') < 0 {
		return s, utf8.ValidString(s)
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, ok1 := hexDigit(s[i+1])
		low, ok2 := hexDigit(s[i+2])
		if !ok1 || !ok2 {
			return "", false
		}
		b = append(b, high<<4|low)
		i += 2
	}
	return string(b), utf8.Valid(b)
}

func unbackslash(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
