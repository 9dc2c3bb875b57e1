package ledger_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// crowd is a book on a real server with employers that have a history.
type crowd struct {
	*cluster
	employers []string
}

// newCrowd gives every employer so many contacts: visits of two partners, for every
// purpose, the last ones of these days.
func newCrowd(b *testing.B, employers, contacts int) *crowd {
	c := &crowd{cluster: newCluster(b, 1, 12, func(a *events.AgreementSet) {
		a.PlansPerPartner, a.PlansPerManager = 100_000, 100_000 // counted, and never reached
	}, nil)}
	purposes := events.Values("doel")
	var all []ledger.Submission
	for i := range employers {
		c.employers = append(c.employers, fmt.Sprint(93_000_000+i))
		for n := range contacts {
			p := c.parties[n%2]
			d := visit(c.employers[i], today.AddDays(-n%1500))
			d.Purpose, d.AtRequest = purposes[n%len(purposes)], n%11 == 0
			e, err := events.NewEvent(p.source(), uuid.NewString(), noon, d)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, ledger.Submission{Event: e, Caller: p.caller})
		}
	}
	c.recordAll(all)
	return c
}

func (c *crowd) recordAll(all []ledger.Submission) {
	c.t.Helper()
	for part := range slices.Chunk(all, 1000) {
		for _, o := range c.ledgers[0].RecordAll(c.t.Context(), part) {
			if o.Err != nil {
				c.t.Fatal(o.Err)
			}
		}
	}
}

// plans makes plans of ten other partners, spread over the employers, and what calls them off.
func (c *crowd) plans(n int) (plans, off []ledger.Submission) {
	c.t.Helper()
	for i := range n {
		p, approach := c.parties[2+i%10], uuid.NewString()
		for _, x := range []struct {
			d    events.Data
			into *[]ledger.Submission
		}{{plan(c.employers[i%len(c.employers)], approach, today.AddDays(1+i%20)), &plans}, {&events.VisitCalledOff{Approach: approach}, &off}} {
			e, err := events.NewEvent(p.source(), uuid.NewString(), noon, x.d)
			if err != nil {
				c.t.Fatal(err)
			}
			*x.into = append(*x.into, ledger.Submission{Event: e, Caller: p.caller})
		}
	}
	return plans, off
}

// timed lets so many callers record them, and says how long that took.
func (c *crowd) timed(all []ledger.Submission, callers int) time.Duration {
	work := make(chan ledger.Submission, len(all))
	for _, s := range all {
		work <- s
	}
	close(work)
	began := time.Now()
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			for s := range work {
				if _, err := c.ledgers[0].Record(c.t.Context(), s); err != nil {
					c.t.Error(err)
				}
			}
		})
	}
	done.Wait()
	return time.Since(began)
}

// held lets a partner of its own hold every employer.
func (c *crowd) held() {
	c.t.Helper()
	for _, e := range c.employers {
		if r, err := c.say(0, c.parties[1], plan(e, uuid.NewString(), today.AddDays(10))); err != nil || r.Outcome == events.Taken {
			c.t.Fatal(r, err)
		}
	}
}

// BenchmarkVerdict records plans on a real server with the verdict and without it, in
// turns. All plans want a few employers that somebody holds, so that all are taken, or
// they go to an employer each that nobody holds. ratio is the time with the verdict over
// the time without.
func BenchmarkVerdict(b *testing.B) {
	for _, at := range []struct{ employers, contacts int }{{4, 10}, {4, 10_000}, {1000, 10}} {
		for _, callers := range []int{1, 1000} {
			b.Run(fmt.Sprintf("employers=%d/contacts=%d/callers=%d", at.employers, at.contacts, callers), func(b *testing.B) {
				c := newCrowd(b, at.employers, at.contacts)
				if at.employers < 1000 {
					c.held()
				}
				n := max(callers, 100)
				var with, without time.Duration
				turns := 0
				for b.Loop() {
					for _, unjudged := range []bool{turns%2 == 0, turns%2 != 0} {
						plans, off := c.plans(n)
						c.ledgers[0].Unjudged(unjudged)
						took := c.timed(plans, callers)
						c.ledgers[0].Unjudged(true)
						c.recordAll(off)
						if unjudged {
							without += took
						} else {
							with += took
						}
					}
					turns++
				}
				all := float64(n * turns)
				b.ReportMetric(all/with.Seconds(), "plans/s")
				b.ReportMetric(all/without.Seconds(), "unjudged/s")
				b.ReportMetric(with.Seconds()/without.Seconds(), "ratio")
				b.ReportMetric((with-without).Seconds()*1e6/all, "µs/verdict")
			})
		}
	}
}

// BenchmarkAsk asks before a plan about an employer with ten contacts, and about one
// with ten thousand, for every purpose.
func BenchmarkAsk(b *testing.B) {
	purposes := events.Values("doel")
	for _, contacts := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("contacts=%d", contacts), func(b *testing.B) {
			c := newCrowd(b, 1, contacts)
			c.held()
			plans, _ := c.plans(200)
			c.recordAll(plans)
			var all []time.Duration
			for b.Loop() {
				began := time.Now()
				q := ledger.Question{Employer: at(c.employers[0]), Partner: c.parties[0].id, Purpose: purposes[len(all)%len(purposes)], Date: today.AddDays(7)}
				if _, _, err := c.ledgers[0].Advise(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				all = append(all, time.Since(began))
			}
			b.ReportMetric(p99(all), "p99-µs")
		})
	}
}

// BenchmarkAskAll asks about the 200 employers of a business park in one question.
func BenchmarkAskAll(b *testing.B) {
	c := newCrowd(b, 200, 50)
	c.held()
	plans, _ := c.plans(400)
	c.recordAll(plans)
	var park []events.Employer
	for _, e := range c.employers {
		park = append(park, at(e))
	}
	var all []time.Duration
	for b.Loop() {
		began := time.Now()
		list, _, err := c.ledgers[0].AdviseAll(b.Context(), ledger.Question{Partner: c.parties[0].id, Purpose: "acquisitie", Date: today.AddDays(7)}, park)
		if err != nil || len(list) != len(park) || list[0].Outcome != events.Taken {
			b.Fatal(len(list), err)
		}
		all = append(all, time.Since(began))
	}
	b.ReportMetric(p99(all), "p99-µs")
}

func p99(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)*99/100].Microseconds())
}
