package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
)

// The caps of TestCaps, low, so that they are met all the time.
const (
	capOfPartner = 6
	capOfManager = 2
)

// capped is a plan of TestCaps as its maker knows it.
type capped struct {
	partner  string
	manager  string // of the partner
	approach string
}

// TestCaps: the caps count what holds at all employers together, so no checker of
// one employer sees them. Here they are counted anew over the stream, in its order:
// never does a partner hold more than its cap, never is it refused below it, and an
// account manager is warned about from its own cap on. Plans are made, moved and
// called off at four ledgers at once, several of them by the same person; some are
// taken and hold nothing, and some expire.
func TestCaps(t *testing.T) {
	const ledgers, partners, talkers, each = 4, 3, 12, 40
	c := newCluster(t, ledgers, partners, func(a *events.AgreementSet) {
		a.PlansPerPartner, a.PlansPerManager, a.QuietDays, a.ContactsPerYear = capOfPartner, capOfManager, 0, 0
	}, nil)
	from := c.tip() + 1
	var mu sync.Mutex
	made := map[string]capped{} // by approach
	unmoved := 0
	seed := seeded(t)
	var all sync.WaitGroup
	for i := range talkers {
		rng, p := rand.New(rand.NewPCG(seed, uint64(i))), c.parties[i%partners]
		all.Go(func() {
			var open []string
			for n := range each {
				if i == 0 && n%10 == 9 {
					c.clock.set(noon.AddDate(0, 0, n/10+1))
				}
				var d events.Data
				switch k := len(open); {
				case k > 0 && rng.IntN(5) < 2:
					at := rng.IntN(k)
					d = &events.VisitCalledOff{Approach: open[at]}
					open = slices.Delete(open, at, at+1)
				case k > 0 && rng.IntN(5) == 0:
					d = &events.VisitMoved{Approach: open[rng.IntN(k)], Date: today.AddDays(rng.IntN(9))}
				default:
					v := plan(fmt.Sprint(92_000_000+i*each+n), uuid.NewString(), today.AddDays(rng.IntN(9)))
					v.Purpose = "nazorg" // that disturbs nobody
					if rng.IntN(2) == 0 {
						v.Employer, v.Purpose = at(kvk), "acquisitie" // that all of them want
					}
					who := fmt.Sprint("am-", rng.IntN(4))
					v.AccountManager = manager(who, "Accountmanager "+who)
					mu.Lock()
					made[v.Approach] = capped{p.id, p.id + who, v.Approach}
					mu.Unlock()
					r, err := c.say(i%ledgers, p, v)
					if err != nil {
						t.Errorf("plan: %v", err)
						return
					}
					if r.Outcome != events.Refused {
						open = append(open, v.Approach)
					}
					continue
				}
				r, err := c.say(i%ledgers, p, d)
				if err != nil {
					t.Errorf("%T: %v", d, err)
					return
				}
				if r.Outcome == events.Refused { // a move: it stays what it was, and is not in the stream
					mu.Lock()
					unmoved++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	m := counting{t: t, made: made, holds: map[string]events.Date{}, seen: map[string]int{}}
	for _, r := range c.all(from) {
		m.record(r)
	}
	m.seen["refused to move"] = unmoved
	t.Logf("%v in %d records", m.seen, c.tip()-from+1)
	m.seen["refused to move"] = unmoved
	for _, kind := range []string{"vrij", "let-op", "bezet", "geweigerd", "moved", "moved and began to hold", "called off", "expired"} {
		if m.seen[kind] == 0 {
			t.Errorf("nothing was %s: this shows less than it should", kind)
		}
	}
	c.checkBooks()
}

// counting is the model: what holds, and until when.
type counting struct {
	t     *testing.T
	made  map[string]capped
	holds map[string]events.Date // by approach
	seen  map[string]int
}

// open is how many plans of the partner and of the account manager hold on a day,
// besides one.
func (m *counting) open(of capped, on events.Date) (partner, manager int) {
	for approach, until := range m.holds {
		if until < on {
			delete(m.holds, approach)
			m.seen["expired"]++
			continue
		}
		if approach == of.approach {
			continue
		}
		if o := m.made[approach]; o.partner == of.partner {
			partner++
			if o.manager == of.manager {
				manager++
			}
		}
	}
	return partner, manager
}

// record holds one verdict against the count of what came before it.
func (m *counting) record(r *events.Record) {
	m.t.Helper()
	var d *events.VisitPlanned
	switch data := r.Event.Data.(type) {
	case *events.VisitPlanned:
		d = data
	case *events.PlanRefused:
		d = &data.VisitPlanned
	case *events.VisitMoved:
		m.seen["moved"]++
		m.moved(data.Approach, r)
		delete(m.holds, data.Approach)
		m.hold(data.Approach, data.Date, r)
		return
	case *events.VisitCalledOff:
		m.seen["called off"]++
		delete(m.holds, data.Approach)
		return
	default:
		m.t.Fatalf("a %T at %d", data, r.Position)
	}
	m.seen[string(r.Verdict.Outcome)]++
	partner, manager := m.open(m.made[d.Approach], r.Verdict.Today)
	for _, c := range []struct {
		code     string
		held, of int
	}{{"te-veel-plannen", partner, capOfPartner}, {"te-veel-plannen-medewerker", manager, capOfManager}} {
		if told := slices.Contains(r.Verdict.Reasons, c.code); told != (c.held >= c.of) {
			m.t.Errorf("position %d: %s %v, and %d of %d hold on %s", r.Position, r.Verdict.Outcome, r.Verdict.Reasons, c.held, c.of, r.Verdict.Today)
		}
	}
	if refused := r.Verdict.Outcome == events.Refused; refused != (partner >= capOfPartner) {
		m.t.Errorf("position %d: %s, and %d of %d hold", r.Position, r.Verdict.Outcome, partner, capOfPartner)
	}
	m.hold(d.Approach, d.Date, r)
}

// moved holds the verdict on a move against the count: what holds already is not
// counted, and what does not is, for it begins to hold.
func (m *counting) moved(approach string, r *events.Record) {
	m.t.Helper()
	partner, manager := m.open(m.made[approach], r.Verdict.Today)
	_, holds := m.holds[approach]
	if holds {
		partner, manager = 0, 0
	} else if o := r.Verdict.Outcome; o == events.Free || o == events.Attention {
		m.seen["moved and began to hold"]++
	}
	if partner >= capOfPartner {
		m.t.Errorf("position %d: moved (%s), and %d of %d hold", r.Position, r.Verdict.Outcome, partner, capOfPartner)
	}
	if told := slices.Contains(r.Verdict.Reasons, "te-veel-plannen-medewerker"); told != (manager >= capOfManager) {
		m.t.Errorf("position %d: moved, %v, and %d of %d hold", r.Position, r.Verdict.Reasons, manager, capOfManager)
	}
}

func (m *counting) hold(approach string, until events.Date, r *events.Record) {
	if o := r.Verdict.Outcome; (o == events.Free || o == events.Attention) && until >= r.Verdict.Today {
		m.holds[approach] = until
	}
}
