package events

import (
	"cmp"
	"slices"
	"strings"
)

// Sentence is one sentence in the two languages that people are answered in.
type Sentence struct {
	NL string `json:"nl"`
	EN string `json:"en"`
}

// Fault is one thing wrong with a submission. Field is a JSON pointer into the
// structured event ("/data/datum"; "" is the whole), also for an event that came
// in binary mode; Code is for programs and never changes (codes.md). No fault
// echoes a value.
type Fault struct {
	Field    string   `json:"veld"`
	Code     string   `json:"code"`
	Sentence Sentence `json:"zin"`
}

// Faults is everything wrong with a submission, in the order of the fields; as
// an error it is a refusal.
type Faults []Fault

// maxFaults is how many faults are told at once.
const maxFaults = 100

// Error lists fields and codes on one line.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, x := range f {
		parts[i] = x.Field + ": " + x.Code
	}
	return "refused: " + strings.Join(parts, "; ")
}

// tidy sorts by field and code, drops repeats and what is over the limit, so
// that the same event gives the same faults however it is written.
func (f Faults) tidy() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code))
	})
	f = slices.CompactFunc(f, func(a, b Fault) bool { return a.Field == b.Field && a.Code == b.Code })
	return f[:min(len(f), maxFaults)]
}

// TooLarge reports whether the submission was not even read, for its size.
func (f Faults) TooLarge() bool {
	return len(f) == 1 && f[0].Code == string(codeTooLarge) && f[0].Field == ""
}
