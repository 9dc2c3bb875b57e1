package story_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/cmd/huisboek/story"
	"huisboek/events"
)

const today events.Date = "2026-11-22"

// digest is a hash over everything that is emitted.
func digest(t *testing.T, s *story.Story) string {
	t.Helper()
	h := sha256.New()
	for _, p := range s.Partners {
		fmt.Fprintf(h, "%+v\n", p)
	}
	for step := range s.Events() {
		e, err := step.Event()
		if err != nil {
			t.Fatalf("%s %s: %v", step.Data.Type().Name(), step.ID, err)
		}
		h.Write(e.Canonical())
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameSeedSameStory(t *testing.T) {
	one := digest(t, story.Year(7, today))
	if again := digest(t, story.Year(7, today)); again != one {
		t.Error("the same seed and day gave two stories")
	}
	if a, b := story.Year(7, today), story.Year(8, today); a.Partners[0].ID == b.Partners[0].ID || a.Employers[1].KvK == b.Employers[1].KvK && a.Employers[1].Name == b.Employers[1].Name {
		t.Error("two seeds gave the same story")
	}
}

// On several days to look back from, a leap day and the turn of the year among
// them, each event is one that Decode takes, within its year and in order.
func TestEveryEventIsTaken(t *testing.T) {
	for _, day := range []events.Date{today, "2024-02-29", "2027-01-01"} {
		t.Run(string(day), func(t *testing.T) {
			s := story.Year(1, day)
			last, n := s.Start, 0
			first := day.AddDays(-365)
			ids := make(map[string]bool)
			for step := range s.Events() {
				n++
				e, err := step.Event()
				if err != nil {
					t.Fatalf("%s %+v: %v", step.Data.Type().Name(), step.Data, err)
				}
				if at, ok := e.LoggedAt(); !ok || at.Sub(step.At).Abs() >= time.Second {
					t.Fatalf("logged at %s, told at %s", e.Time, step.At)
				}
				if step.At.Before(last) {
					t.Fatalf("%s comes after %s", step.At, last)
				}
				last = step.At
				if d := events.DateOf(step.At); d.Before(first) || !d.Before(day) {
					t.Fatalf("told on %s, outside %s and the day before %s", d, first, day)
				}
				if w := step.At.Weekday(); w == time.Saturday || w == time.Sunday {
					t.Fatalf("told on a %s: %s", w, step.At)
				}
				source := "urn:nld:oin:" + story.StewardOIN + ":systeem:huisboek"
				if step.Partner >= 0 {
					source = s.Partners[step.Partner].Source()
				}
				says := map[int]events.Emitter{story.Steward: events.BySteward, story.Board: events.ByBoard}[step.Partner]
				if by := step.Data.Type().Emitter(); step.Source != source || (by == events.BySteward || by == events.ByBoard) && by != says {
					t.Fatalf("%s: source %s is not partner %d's", step.Data.Type().Name(), step.Source, step.Partner)
				}
				if ids[step.ID] {
					t.Fatalf("id %s comes twice", step.ID)
				}
				ids[step.ID] = true
			}
			if n != s.Len() || n < 13_000 || n > 16_000 {
				t.Errorf("%d events (Len %d), want 13,000 to 16,000", n, s.Len())
			}
		})
	}
}

// The story keeps the rules that the ledger will hold it to.
func TestRulesAreKept(t *testing.T) {
	for seed := range uint64(3) {
		keepRules(t, story.Year(seed, today))
	}
}

// kept is what a partner must remember of what it told.
type kept struct {
	plans, placements, vacancies map[string]int // who began it, by its id
	left                         map[string]int // places of a vacancy
	closed                       map[string]bool
	told                         map[events.Ref]events.Type
	old, heir                    int // who went on in whom, and since when
	since                        events.Date
}

// may reports whether what a partner began is another's to go on with on a day.
func (k *kept) may(began, partner int, on events.Date) bool {
	return began == partner || began == k.old && partner == k.heir && !on.Before(k.since)
}

func keepRules(t *testing.T, s *story.Story) {
	t.Helper()
	k := kept{
		map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]bool{}, map[events.Ref]events.Type{},
		s.Highlights.Merged, s.Highlights.Heir, s.Highlights.MergedOn,
	}
	sources := make(map[string]int)
	for i, p := range s.Partners {
		sources[p.Source()] = i
	}
	planOf := make(map[events.Ref]string)
	for step := range s.Events() {
		day := events.DateOf(step.At)
		ref := events.Ref{Source: step.Source, ID: step.ID}
		replaces := events.ReplacesOf(step.Data)
		if replaces != nil && (k.told[*replaces] != step.Data.Type() || !k.may(sources[replaces.Source], step.Partner, day)) {
			t.Fatalf("%s corrects %+v, which is no own event of that type", ref.ID, *replaces)
		}
		if step.Partner == k.old && !day.Before(k.since) {
			t.Fatalf("%s on %s of a partner that went on in another on %s", step.Data.Type().Name(), day, k.since)
		}
		switch d := step.Data.(type) {
		case *events.VisitPlanned:
			if _, again := k.plans[d.Approach]; again != (replaces != nil) {
				t.Fatalf("approach %s: planned before %t, correction %t", d.Approach, again, replaces != nil)
			}
			k.plans[d.Approach] = step.Partner
			planOf[ref] = d.Approach
			if from := planDay(d.Date, d.Period); from.Before(day) {
				t.Fatalf("planned on %s for %s", day, from)
			}
		case *events.VisitMoved:
			k.open(t, d.Approach, step.Partner, day)
			if from := planDay(d.Date, d.Period); from.Before(day) {
				t.Fatalf("moved on %s to %s", day, from)
			}
		case *events.VisitCalledOff:
			k.open(t, d.Approach, step.Partner, day)
			k.closed[d.Approach] = true
		case *events.VisitMade:
			if d.Date.After(day) {
				t.Fatalf("told on %s of a visit on %s", day, d.Date)
			}
			if d.Approach != "" && replaces == nil {
				k.open(t, d.Approach, step.Partner, day)
				k.closed[d.Approach] = true
			}
		case *events.ServiceDelivered:
			if d.Date.After(day) || d.Period != nil && d.Period.To.After(day) {
				t.Fatalf("told on %s of a service still to come: %+v", day, d)
			}
		case *events.PlacementMade:
			if _, again := k.placements[d.Placement]; again != (replaces != nil) {
				t.Fatalf("placement %s: reported before %t, correction %t", d.Placement, again, replaces != nil)
			}
			k.placements[d.Placement] = step.Partner
			if d.Start.After(day) {
				t.Fatalf("told on %s of a placement from %s", day, d.Start)
			}
		case *events.PlacementEnded:
			if p, ok := k.placements[d.Placement]; !ok || !k.may(p, step.Partner, day) || d.End.After(day) {
				t.Fatalf("placement %s ended by %d on %s (told %s), begun by %d: %t", d.Placement, step.Partner, d.End, day, p, ok)
			}
		case *events.VacancyReported:
			if _, again := k.vacancies[d.Vacancy]; again != (replaces != nil) {
				t.Fatalf("vacancy %s: reported before %t, correction %t", d.Vacancy, again, replaces != nil)
			}
			k.vacancies[d.Vacancy], k.left[d.Vacancy] = step.Partner, d.Count
			if d.Date.After(day) {
				t.Fatalf("told on %s of a vacancy since %s", day, d.Date)
			}
		case *events.VacancyFilled:
			k.vacancy(t, d.Vacancy, step.Partner, day)
			if d.Date.After(day) {
				t.Fatalf("told on %s of a vacancy filled on %s", day, d.Date)
			}
			if k.left[d.Vacancy]--; d.Count == nil {
				k.left[d.Vacancy] = 0
			}
		case *events.VacancyWithdrawn:
			k.vacancy(t, d.Vacancy, step.Partner, day)
			k.left[d.Vacancy] = 0
		case *events.EventRetracted:
			if _, ok := k.told[d.Event]; !ok || !k.may(sources[d.Event.Source], step.Partner, day) {
				t.Fatalf("%s retracts %+v, which is no own event", ref.ID, d.Event)
			}
			delete(k.told, d.Event)
			k.closed[planOf[d.Event]] = true
			continue
		}
		k.told[ref] = step.Data.Type()
	}
}

// vacancy: only one's own, while it is open.
func (k *kept) vacancy(t *testing.T, id string, partner int, on events.Date) {
	t.Helper()
	if p, ok := k.vacancies[id]; !ok || !k.may(p, partner, on) || k.left[id] == 0 {
		t.Fatalf("vacancy %s of partner %d: reported %t by %d, %d left", id, partner, ok, p, k.left[id])
	}
}

func (k *kept) open(t *testing.T, approach string, partner int, on events.Date) {
	t.Helper()
	if p, ok := k.plans[approach]; !ok || !k.may(p, partner, on) || k.closed[approach] {
		t.Fatalf("approach %s of partner %d: planned %t by %d, closed %t", approach, partner, ok, p, k.closed[approach])
	}
}

func planDay(d events.Date, p *events.Period) events.Date {
	if p != nil {
		return p.From
	}
	return d
}

// The year has something of everything, in believable amounts.
func TestSomethingOfEverything(t *testing.T) {
	s := story.Year(1, today)
	count := make(map[events.Type]int)
	by := make(map[int]int)
	placements := make(map[int]int)
	plans := make(map[string][]int)
	corrections, months := 0, make(map[string]int)
	for step := range s.Events() {
		count[step.Data.Type()]++
		by[step.Partner]++
		months[events.DateOf(step.At).Month()]++
		if events.ReplacesOf(step.Data) != nil {
			corrections++
		}
		switch d := step.Data.(type) {
		case *events.PlacementMade:
			placements[step.Partner]++
		case *events.VisitPlanned:
			if !slices.Contains(plans[d.KvK], step.Partner) {
				plans[d.KvK] = append(plans[d.KvK], step.Partner)
			}
		}
	}
	for _, want := range []struct {
		typ      events.Type
		min, max int
	}{
		{events.TypeEmployerDescribed, 2000, 2500},
		{events.TypeVisitPlanned, 2500, 6000},
		{events.TypeVisitMoved, 150, 900},
		{events.TypeVisitCalledOff, 150, 900},
		{events.TypeVisitMade, 3000, 6500},
		{events.TypeServiceDelivered, 600, 2500},
		{events.TypePlacementMade, 400, 1500},
		{events.TypePlacementEnded, 50, 500},
		{events.TypeContactAppointed, 150, 500},
		{events.TypeContactReleased, 10, 100},
		{events.TypeEventRetracted, 20, 300},
		{events.TypeVacancyReported, 350, 1000},
		{events.TypeVacancyFilled, 150, 800},
		{events.TypeVacancyWithdrawn, 30, 300},
		{events.TypeSignalNoted, 300, 900},
		{events.TypePartnerSucceeded, 1, 1},
		{events.TypeEmployersLinked, 12, 12}, // 8 twins, 2 of a concern, 1 goes on under another number, 1 unlinked
		{events.TypeEmployersUnlinked, 1, 1},
	} {
		if n := count[want.typ]; n < want.min || n > want.max {
			t.Errorf("%s: %d, want %d to %d", want.typ.Name(), n, want.min, want.max)
		}
	}
	if corrections < 100 {
		t.Errorf("%d corrections, want at least 100", corrections)
	}
	for i, p := range s.Partners {
		if by[i] < 50 || placements[i] < 5 {
			t.Errorf("%s: %d events, %d placements", p.Name, by[i], placements[i])
		}
	}
	shared := 0
	for _, who := range plans {
		if len(who) > 1 {
			shared++
		}
	}
	if shared < 200 {
		t.Errorf("%d employers were planned by more than one partner, want at least 200", shared)
	}
	if months["2026-08"] >= months["2026-10"] {
		t.Errorf("August has %d events, October %d", months["2026-08"], months["2026-10"])
	}
	t.Log(s.Len(), count)
}

func TestOnlyInvented(t *testing.T) {
	s := story.Year(1, today)
	if len(s.Partners) != 18 {
		t.Errorf("%d partners, want 13 municipalities, UWV and 4 SW companies", len(s.Partners))
	}
	for _, p := range s.Partners {
		if len(p.OIN) != 20 || !strings.HasPrefix(p.OIN, "00000099") {
			t.Errorf("%s: OIN %s has not the test prefix", p.Name, p.OIN)
		}
		if _, err := events.NewEvent("urn:nld:oin:00000099000000001000:systeem:huisboek", p.ID, s.Start, p.Admitted("2025-11-22")); err != nil {
			t.Errorf("%s cannot be admitted: %v", p.Name, err)
		}
	}
	published := "69599084 68727720 90004760 68750110 90001354 69599068 69599076 90005414 55344526 90002520 90000749 90001745 90003942 55505201"
	seen := make(map[string]bool)
	for _, e := range s.Employers {
		if seen[e.KvK] || seen[e.Name] {
			t.Errorf("%s %s comes twice", e.KvK, e.Name)
		}
		seen[e.KvK], seen[e.Name] = true, true
		if !strings.HasPrefix(e.KvK, "9000") && !strings.Contains(published, e.KvK) {
			t.Errorf("%s is not a fictitious number", e.KvK)
		}
		if _, found := events.HasBSN(e.KvK + " " + e.Name); found {
			t.Errorf("%s %s trips the BSN guard", e.KvK, e.Name)
		}
	}
}

func TestHighlights(t *testing.T) {
	for seed := range uint64(6) {
		s := story.Year(seed, today)
		h := s.Highlights
		busy, quiet := s.Employers[h.Busy].KvK, s.Employers[h.Quiet].KvK
		fixed, planner, visitor := -1, -1, -1
		var lastVisit events.Date
		described := false
		for step := range s.Events() {
			e, ok := events.EmployerOf(step.Data)
			if !ok {
				continue
			}
			if e.KvK == quiet {
				if step.Data.Type() != events.TypeEmployerDescribed {
					t.Errorf("seed %d: the quiet employer has a %s", seed, step.Data.Type().Name())
				}
				described = true
			}
			if e.KvK != busy {
				continue
			}
			switch d := step.Data.(type) {
			case *events.ContactAppointed:
				fixed = step.Partner
			case *events.ContactReleased:
				fixed = -1
			case *events.VisitPlanned:
				if !planDay(d.Date, d.Period).Before(today) {
					planner = step.Partner
					if d.Date != h.PlanOn {
						t.Errorf("seed %d: planned for %s, highlighted %s", seed, d.Date, h.PlanOn)
					}
				}
			case *events.VisitMade:
				if d.Date >= lastVisit {
					lastVisit, visitor = d.Date, step.Partner
				}
			}
		}
		if !described || fixed != h.Fixed || planner != h.Planner || visitor != h.Visitor || lastVisit < today.AddDays(-14) {
			t.Errorf("seed %d: fixed %d planner %d visitor %d on %s, described %t; highlighted %+v", seed, fixed, planner, visitor, lastVisit, described, h)
		}
		for _, p := range []int{h.Fixed, h.Planner, h.Visitor} {
			if p == h.Asker {
				t.Errorf("seed %d: asker %d is one of them: %+v", seed, h.Asker, h)
			}
		}
	}
}
