package story

import (
	"cmp"
	"slices"
	"time"

	"huisboek/events"
)

// Goals are the region's targets: drie doelen is genoeg.
type Goals struct {
	// Placements is on its path, and has doubles. Reached is ahead, and Jobs behind.
	Placements, Reached, Jobs string // UUIDs
	// Double is an employer where two partners reported one placement, and nobody said
	// so yet; of Matched the steward did.
	Double, Matched int
	Twice           [2]events.Ref // the two reports at Double
}

// firstGoal is the first of the employers of which that is told.
const firstGoal = 90

// goals tells what the board set out to reach, so that it is believable beside what came
// of it; and of two placements that were told twice.
func (t *teller) goals(h *Highlights) {
	h.Double, h.Matched = firstGoal, firstGoal+1
	h.Goals.Placements, h.Goals.Reached, h.Goals.Jobs = t.dice.uuid(), t.dice.uuid(), t.dice.uuid()
	h.Twice = t.twice(h.Double, false)
	t.twice(h.Matched, true)

	period := t.boardYear()
	so := t.since(period.From)
	gone := float64(period.From.DaysUntil(t.cal.date(t.cal.end))) / 365
	likely := func(n int, times float64) int { return 5 * int(float64(n)/gone*times/5) }

	uwv := t.ofKind("uwv")[0]
	placements := likely(so.placements, 1)
	shares := []events.TargetShare{{Partner: t.partners[uwv].Identity(), Number: placements / 20 * 5}}
	for i := range t.partners {
		if n := likely(so.by[i], 0.95); i != uwv && i != t.old && n > 0 {
			shares = append(shares, events.TargetShare{Partner: t.partners[i].Identity(), Number: n})
		}
	}
	in := true
	board := &thread{teller: t} // one decision after the other
	resolve := func(data events.Data) { board.tell(t.cal.later(12, 0), Board, data) }
	resolve(&events.TargetSet{
		Target: h.Goals.Placements, Name: "Plaatsingen", Period: period, Measure: events.MeasurePlacements, Number: placements, Shares: shares,
		Definition: events.Definition{Note: "Elke plaatsing die in de periode begint."}, Decision: "Regionaal Beraad, tweede vergadering",
	})
	resolve(&events.TargetSet{
		Target: h.Goals.Reached, Name: "Werkgevers bezocht", Period: period, Measure: events.MeasureReached, Number: likely(so.employers, 0.8),
		Definition: events.Definition{Note: "Werkgevers met ten minste een bezoek."}, Decision: "Regionaal Beraad, tweede vergadering",
	})
	resolve(&events.TargetSet{
		Target: h.Goals.Jobs, Name: "Banen banenafspraak", Period: period, Measure: events.MeasureJobs, Number: likely(so.hours/2550, 1), Register: &in,
		Definition: events.Definition{Note: "Plaatsingen uit het doelgroepregister, in banen van 25,5 uur."}, Decision: "Regionaal Beraad, tweede vergadering",
	})
	t.decree(14, t.employerCounts())
}

// boardYear is the year that a board would speak of now: the calendar year, or in its
// first months the year from July, so that some months of it are over.
func (t *teller) boardYear() *events.Period {
	now := t.cal.day(t.cal.end - 1)
	first := time.Date(now.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	if now.Month() < time.May {
		first = first.AddDate(0, -6, 0)
	}
	return &events.Period{From: events.Date(first.Format(time.DateOnly)), To: events.Date(first.AddDate(1, 0, -1).Format(time.DateOnly))}
}

// twice tells of one placement by the employer's own municipality and by UWV.
func (t *teller) twice(employer int, said bool) [2]events.Ref {
	e := &t.employers[employer]
	one, other := t.thread(e, e.home), t.thread(e, t.ofKind("uwv")[0])
	start := t.cal.earlier(t.cal.end, 45)
	hours, register := events.Hundredths(2800), false
	made := events.PlacementMade{
		Employer: e.ref(), Placement: t.dice.uuid(), Start: t.cal.date(start), Kind: "dienstverband", Region: Region,
		Hours: &hours, TargetGroup: "DD05", Register: &register, Sector: e.sector,
	}
	ref, _ := one.emit(t.cal.later(start, 2), &made)
	again := made
	again.Placement = t.dice.uuid()
	with, _ := other.emit(t.cal.later(start, 5), &again)
	if said {
		t.decree(t.cal.later(start, 14), &events.PlacementsMatched{Placement: &ref, With: &with, Reason: plain("Beide partners noemden dezelfde begeleider.")})
	}
	return [2]events.Ref{ref, with}
}

// toldSince is what came since a day.
type toldSince struct {
	placements, employers int
	hours                 int   // hundredths, of who is in the register
	by                    []int // placements by partner
}

func (t *teller) since(from events.Date) toldSince {
	so := toldSince{by: make([]int, len(t.partners))}
	seen := map[string]bool{}
	for i := range t.steps {
		switch d := t.steps[i].Data.(type) {
		case *events.PlacementMade:
			if d.Start.Before(from) || d.Replaces != nil {
				continue
			}
			so.placements++
			so.by[t.steps[i].Partner]++
			if d.Register != nil && *d.Register && d.Hours != nil {
				so.hours += int(*d.Hours)
			}
		case *events.VisitMade:
			if !d.Date.Before(from) && !seen[d.Key()] {
				seen[d.Key()] = true
				so.employers++
			}
		}
	}
	return so
}

// employerCounts is how many employers there would be, so that good work reaches few of
// the small ones and many of the large.
func (t *teller) employerCounts() *events.EmployersCounted {
	type part struct{ gemeente, size string }
	n := map[part]int{}
	for i := range t.employers {
		e := &t.employers[i]
		of := t.dice.between(1, 3)
		switch e.size {
		case "1":
			of = t.dice.between(20, 40)
		case "2-4":
			of = t.dice.between(6, 12)
		case "5-9":
			of = t.dice.between(3, 7)
		case "10-19", "20-49":
			of = t.dice.between(2, 4)
		}
		n[part{e.place.gemeente, e.size}] += of
		n[part{gemeente: e.place.gemeente}] += of
	}
	counted := &events.EmployersCounted{From: t.cal.date(0), Origin: "Verzonnen voor de demo"}
	for p, count := range n {
		counted.Counts = append(counted.Counts, events.EmployerCount{Gemeente: p.gemeente, Size: p.size, Count: count})
	}
	slices.SortFunc(counted.Counts, func(a, b events.EmployerCount) int {
		return cmp.Or(cmp.Compare(a.Gemeente, b.Gemeente), cmp.Compare(a.Size, b.Size))
	})
	return counted
}
