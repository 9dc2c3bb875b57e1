package main

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"huisboek/ledger"
)

// counts are what became of events.
type counts struct {
	Recorded int            `json:"vastgelegd"`
	Again    int            `json:"eerderGezien"` // over NATS, which does not say it, they count as recorded
	Refused  int            `json:"geweigerd"`
	Codes    map[string]int `json:"codes"` // of the refusals: how often each fault or reason, or the problem's word when it has neither
}

func newCounts() counts { return counts{Codes: map[string]int{}} }

func (c *counts) clone() counts {
	clone := *c
	clone.Codes = maps.Clone(c.Codes)
	return clone
}

func (c *counts) answered() int { return c.Recorded + c.Again + c.Refused }

func (c *counts) count(o ledger.Outcome) {
	switch {
	case o.Err != nil:
		c.Refused++
		p := ledger.ProblemOf(o.Err)
		for _, f := range p.Faults {
			c.Codes[f.Code]++
		}
		reasons := reasonsOf(p)
		for _, r := range reasons {
			c.Codes[r.Code]++
		}
		if len(p.Faults)+len(reasons) == 0 {
			c.Codes[problemWord(p)]++
		}
	case o.Receipt.Again:
		c.Again++
	default:
		c.Recorded++
	}
}

// reasonsOf are those for which the region's agreement refuses a plan; none of any
// other problem.
func reasonsOf(p ledger.Problem) []ledger.Reason {
	if p.Receipt == nil {
		return nil
	}
	return p.Receipt.Reasons
}

// problemWord is the last word of a problem's type.
func problemWord(p ledger.Problem) string { return path.Base(p.Type) }

func (c *counts) add(o *counts) {
	c.Recorded += o.Recorded
	c.Again += o.Again
	c.Refused += o.Refused
	for code, n := range o.Codes {
		c.Codes[code] += n
	}
}

// fileReport is what became of one file.
type fileReport struct {
	File string `json:"bestand"`
	counts
	RefusedFile string `json:"geweigerdBestand,omitempty"`
	// RefusedBefore has what was refused before this run went on, when that file was
	// changed meanwhile.
	RefusedBefore string `json:"geweigerdBestandEerder,omitempty"`
	Resumed       int    `json:"hervatNa"` // the event after which this run went on; what was counted before that counts too
}

// submitReport is what --json --quiet prints.
type submitReport struct {
	counts
	Tried bool          `json:"proef"`
	Took  float64       `json:"seconden"`
	Files []*fileReport `json:"bestanden"`
}

func (s *submitter) sum() *counts {
	all := newCounts()
	for _, f := range s.files {
		all.add(&f.counts)
	}
	return &all
}

// report says in the end what became of everything.
func (s *submitter) report() error {
	all, took := s.sum(), time.Since(s.began)
	switch {
	case s.json && s.quiet:
		return printLine(s.out, submitReport{*all, s.way.try, took.Round(time.Millisecond).Seconds(), s.files})
	case s.json:
		return nil
	}
	good := fmt.Sprintf("%d recorded, %d seen before", all.Recorded, all.Again)
	switch {
	case s.way.try:
		good = fmt.Sprintf("%d good, and not recorded", all.Recorded+all.Again)
	case s.way.overNATS():
		good = fmt.Sprintf("%d recorded or seen before", all.Recorded)
	}
	fmt.Fprintf(s.out, "%d answered: %s, %d refused\n", all.answered(), good, all.Refused)
	if all.Refused == 0 {
		return nil
	}
	codes := slices.SortedFunc(maps.Keys(all.Codes), func(a, b string) int {
		return cmp.Or(cmp.Compare(all.Codes[b], all.Codes[a]), cmp.Compare(a, b))
	})
	for _, code := range codes {
		fmt.Fprintf(s.out, "%8d  %s\n", all.Codes[code], code)
	}
	for _, f := range s.files {
		for _, file := range []string{f.RefusedBefore, f.RefusedFile} {
			if file != "" {
				fmt.Fprintf(s.out, "%s has what was refused, and why. It holds what your events hold, personal data too: mend it, submit it, delete it.\n", file)
			}
		}
	}
	return nil
}
