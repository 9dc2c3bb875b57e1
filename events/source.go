package events

import "strings"

// The two kinds of identity that a source begins with (NL GOV profile for
// CloudEvents 1.1, "source"; docs/design.md, "Partner").
const (
	oinPrefix = "urn:nld:oin:"
	kvkPrefix = "urn:nld:kvknr:"
)

// IdentityOf is the organisation that a source names, "urn:nld:oin:<20 digits>"
// or "urn:nld:kvknr:<8 digits>"; ok is false when it is not a source.
func IdentityOf(source string) (identity string, ok bool) {
	identity, system, ok := splitSource(source)
	if !ok {
		return "", false
	}
	if strings.HasPrefix(identity, oinPrefix) && !strings.HasPrefix(system, ":systeem:") {
		return "", false
	}
	return identity, true
}

// splitSource takes a source apart into its identity and what follows, either
// "", ".<naam>" or ":systeem:<naam>". With a KvK number all three are in use in
// the profile's own examples.
func splitSource(source string) (identity, rest string, ok bool) {
	n := 0
	switch {
	case strings.HasPrefix(source, oinPrefix):
		n = len(oinPrefix) + 20
	case strings.HasPrefix(source, kvkPrefix):
		n = len(kvkPrefix) + 8
	}
	if n == 0 || len(source) < n || !isIdentity(source[:n]) {
		return "", "", false
	}
	identity, rest = source[:n], source[n:]
	name := systemOf(rest)
	return identity, rest, rest == "" || name != "" && isSystemName(name)
}

// systemOf is the name of the system in what follows an identity.
func systemOf(rest string) string {
	if name, ok := strings.CutPrefix(rest, ":systeem:"); ok {
		return name
	}
	name, _ := strings.CutPrefix(rest, ".")
	if len(name) == len(rest) {
		return ""
	}
	return name
}

// isSource is the check of the format "source".
func isSource(s string) bool {
	_, ok := IdentityOf(s)
	return ok
}

// isIdentity is the check of the format "identity".
func isIdentity(s string) bool {
	if n, ok := strings.CutPrefix(s, oinPrefix); ok {
		return len(n) == 20 && digits(n)
	}
	n, ok := strings.CutPrefix(s, kvkPrefix)
	return ok && len(n) == 8 && digits(n)
}

// isSystemName takes letters, digits, dot, dash and underscore, and begins with
// a letter or digit: what needs no escaping in a URN.
func isSystemName(s string) bool {
	return len(s) <= 100 && isWord(s, "._-")
}

// isWord reports whether s begins with an ASCII letter or digit and holds only
// those and the others given.
func isWord(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			continue
		}
		if i == 0 || strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return s != ""
}
