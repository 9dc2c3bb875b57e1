package readlog_test

import (
	"testing"

	"huisboek/adapters/readlog"
)

// A traceparent counts only when it is as the standard says (W3C Trace Context).
func TestParseTrace(t *testing.T) {
	const id, op = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for header, ok := range map[string]bool{
		"00-" + id + "-" + op + "-01":      true,
		"00-" + id + "-" + op + "-00":      true,
		"cc-" + id + "-" + op + "-01":      true,
		"cc-" + id + "-" + op + "-01-more": true,
		"00-" + id + "-" + op + "-01-more": false,
		"ff-" + id + "-" + op + "-01":      false,
		"":                                 false,
		id:                                 false,
		"00-" + id + "-" + op:              false,
		"00-" + id[1:] + "-" + op + "-01":  false,
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-" + op + "-01":       false,
		"00-00000000000000000000000000000000-" + op + "-01":       false,
		"00-" + id + "-0000000000000000-01":                       false,
		" 00-" + id + "-" + op + "-01":                            false,
		"00-" + id + "-" + op + "-01\n":                           false,
		"00-" + id + "-" + op + "-1":                              false,
		"00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01": false,
	} {
		trace, parent, got := readlog.ParseTrace(header)
		if got != ok || ok && (trace != id || parent != op) {
			t.Errorf("%q: %q, %q, %t", header, trace, parent, got)
		}
	}
}
