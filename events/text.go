package events

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// textFault is what is wrong with a text as a text: "" when nothing is.
func textFault(s string, lines bool) code {
	if strings.TrimSpace(s) == "" {
		return codeEmpty
	}
	for _, r := range s {
		if isControl(r) && !(lines && (r == '\n' || r == '\r' || r == '\t')) {
			return codeControl
		}
	}
	return ""
}

// isControl are the control characters that CloudEvents 1.0 keeps out of
// strings: U+0000 to U+001F and U+007F to U+009F.
func isControl(r rune) bool { return r < 0x20 || r >= 0x7F && r <= 0x9F }

func hasSpaceOrControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return isControl(r) || unicode.IsSpace(r) })
}

// longerThan reports whether s has more than n characters (code points).
func longerThan(s string, n int) bool { return len(s) > n && utf8.RuneCountInString(s) > n }
