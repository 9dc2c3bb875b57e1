package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/client"
	"huisboek/events"
	"huisboek/ledger"
)

// sampleKvK is one of the numbers that KvK publishes for tests.
const sampleKvK = "69599084"

// sample are the events that a check emits itself, in the order in which it does.
type sample struct {
	id                         string
	plan, other, faulty, taken []byte
}

// newSample makes them under a source, which must be of its form; whether it is
// the partner's own the book will say.
func newSample(source string, now time.Time) (*sample, error) {
	if source == "" {
		return nil, usageError("check without FILE emits a sample of its own: give --source urn:nld:oin:<20 digits>:systeem:<name>")
	}
	name := "Voorbeeld van huisboek check"
	plan := &events.VisitPlanned{
		Employer: events.Employer{KvK: sampleKvK}, Approach: uuid.NewString(), Purpose: "kennismaking",
		Date: events.DateOf(now).AddDays(14),
		AccountManager: events.Personal[events.AccountManager]{Plain: &events.AccountManager{
			Employee: "huisboek-check", Name: name, Phone: "+31 38 0000000",
		}},
	}
	s := &sample{id: uuid.NewString()}
	first, err := events.NewEvent(source, s.id, now, plan)
	if err != nil {
		var faults events.Faults
		if errors.As(err, &faults) {
			return nil, usageError("--source: " + faults[0].Sentence.EN)
		}
		return nil, err
	}
	s.plan = first.Canonical()
	plan.Purpose = "advies"
	other, err := events.NewEvent(source, s.id, now, plan)
	if err != nil {
		return nil, err
	}
	s.other = other.Canonical()
	taken, err := events.NewEvent(source, uuid.NewString(), now, &events.EventRetracted{Event: events.Ref{Source: source, ID: s.id}})
	if err != nil {
		return nil, err
	}
	s.taken = taken.Canonical()
	s.faulty = []byte(strings.NewReplacer(
		`"kvkNummer":"`+sampleKvK+`"`, `"kvkNummer":"`+sampleKvK[1:]+`","kleur":"rood"`,
		`"datum":"`+string(plan.Date)+`"`, `"datum":"2026-02-30"`,
		s.id, uuid.NewString(),
	).Replace(string(s.plan)))
	return s, nil
}

// sample goes through them and says what the answers mean.
func (c *checker) sample(ctx context.Context, s *sample) error {
	all := [][]byte{s.plan, s.plan, s.other, s.faulty}
	if !c.way.try {
		all = append(all, s.taken)
	}
	out, err := c.ask(ctx, all...)
	if err != nil {
		return err
	}
	if err := out[0].Err; err != nil {
		c.found.Refused++
		if client.RefusedPlan(err) != nil {
			c.tell("voorbeeld", mind, "voorbeeld-afspraken")
			c.faults(checkLine{Step: "voorbeeld", Verdict: mind}, err)
			return nil
		}
		c.tell("voorbeeld", wrong, "voorbeeld-geweigerd", problemWords(err))
		c.faults(checkLine{Step: "voorbeeld", Verdict: wrong}, err)
		return nil
	}
	c.found.Good++
	first := out[0].Receipt
	if c.way.try {
		c.tell("voorbeeld", good, "voorbeeld-geprobeerd", c.source, sampleKvK, receiptWords(first))
	} else {
		c.tell("voorbeeld", good, "voorbeeld", c.source, sampleKvK, first.Position, receiptWords(first))
	}
	c.repeated(first, out[1])
	if hasStatus(out[2].Err, http.StatusConflict) {
		c.tell("andere-inhoud", good, "andere-inhoud", problemWords(out[2].Err))
	} else {
		c.tell("andere-inhoud", wrong, "andere-inhoud-niet")
	}
	if hasStatus(out[3].Err, http.StatusBadRequest) {
		c.tell("fouten", good, "fouten", len(ledger.ProblemOf(out[3].Err).Faults))
		c.faults(checkLine{Step: "fouten", Verdict: good}, out[3].Err)
	} else {
		c.tell("fouten", wrong, "fouten-niet")
	}
	if c.way.try {
		return nil
	}
	if err := out[4].Err; err != nil {
		c.tell("opruimen", wrong, "opruimen-niet", problemWords(err))
		return nil
	}
	c.tell("opruimen", good, "opruimen", out[4].Receipt.Position)
	return nil
}

// repeated judges the answer to an event that was recorded just before.
func (c *checker) repeated(first *ledger.Receipt, o ledger.Outcome) {
	switch {
	case o.Err != nil || o.Receipt.Position != first.Position:
		c.tell("herhaling", wrong, "herhaling-niet")
	case c.way.try:
		c.tell("herhaling", good, "herhaling-geprobeerd")
	default:
		c.tell("herhaling", good, "herhaling", first.Position)
	}
}

func hasStatus(err error, status int) bool {
	return err != nil && ledger.ProblemOf(err).Status == status
}
