package targets

import (
	"math"

	"huisboek/events"
)

// Method says in one sentence how a forecast is made.
var Method = events.Sentence{
	NL: "De verwachting is wat er nu staat, met voor elke maand die nog komt het gemiddelde van de laatste drie tot twaalf gesloten maanden; de marge volgt uit hoe die maanden van elkaar verschillen, en houdt in vier van de vijf gevallen; wat is afgeschermd, telt alleen mee in de bovenkant.",
	EN: "The expectation is what there is now, with for each month to come the mean of the last three to twelve closed months; the range follows from how those months differ, and holds four times in five; what is not shown counts in its upper end only.",
}

const (
	leastMonths = 3
	mostMonths  = 12
)

// Pace is what a forecast goes by.
type Pace struct {
	Closed []Amount    // what came in each closed month, of a stock by how much it changed; oldest first
	Sofar  Amount      // what counts by the end of Known
	Known  events.Date //
}

// PartnerPace is the pace of one partner, as far as it may be shown, and what it took on.
type PartnerPace struct {
	Partner string // internal UUID
	Agreed  Amount
	Pace
}

// forecast is where a target is going on a day of its period. It is nil outside the
// period, and before there are three closed months to go by. Of the partners, in their
// order, the first that falls short most is named, when there is anything short.
func forecast(v *Version, on events.Date, all Pace, partners []PartnerPace) *Forecast {
	if on.Before(v.Period.From) || !on.Before(v.Period.To) || len(all.Closed) < leastMonths {
		return nil
	}
	f := &Forecast{Months: min(len(all.Closed), mostMonths)}
	togo := map[events.Date]float64{} // after a day: mostly the same one for all
	left := func(p *Pace) float64 {
		known := max(p.Known, v.Period.From.AddDays(-1))
		n, ok := togo[known]
		if !ok {
			n = monthsBetween(known, v.Period.To)
			togo[known] = n
		}
		return n
	}
	f.Expected, f.Low, f.High = all.end(v, left(&all))
	f.Left = int(math.Ceil(left(&all)))
	f.Short = Amount(v.TargetSet.Number)*one - f.Expected
	for _, p := range partners {
		if len(p.Closed) < leastMonths || f.Short <= 0 {
			continue
		}
		if expected, _, _ := p.end(v, left(&p.Pace)); p.Agreed-expected > f.MostShort {
			f.Most, f.MostShort = p.Partner, p.Agreed-expected
		}
	}
	return f
}

// end is where a pace leads to at the end of the period, in whole things or in tenths
// of a job, with so many months to go. The range is rounded inwards, or it would hold more
// often than it says.
func (p *Pace) end(v *Version, left float64) (expected, low, high Amount) {
	closed := p.Closed[max(0, len(p.Closed)-mostMonths):]
	expected, low, high = Foresee(closed, p.Sofar, left, v.Definition.Standing)
	s := v.step()
	expected = nearest(expected, s)
	return expected, min(expected, (low+s-1)/s*s), max(expected, high/s*s)
}

// Foresee is what there will be when the months that are left go as the closed ones
// went, and between what it will be in four cases of five. The fewer months to go by,
// the wider; what cannot fall does not get below what there is.
func Foresee(closed []Amount, sofar Amount, left float64, falls bool) (expected, low, high Amount) {
	n := float64(len(closed))
	if n == 0 || left <= 0 {
		return sofar, sofar, sofar
	}
	mean, variance := 0.0, 0.0
	for _, c := range closed {
		mean += float64(c) / n
	}
	for _, c := range closed {
		variance += (float64(c) - mean) * (float64(c) - mean) / max(n-1, 1)
	}
	// What comes one by one differs by chance as much as there is of it. Only when the
	// months differ clearly more is the deviation a guess from so few of them.
	chance := math.Abs(mean) * float64(one)
	wide := fourInFive
	if variance > 1.5*chance {
		wide = student(len(closed))
	}
	wide *= math.Sqrt(max(variance, chance) * left * (1 + left/n))
	least := float64(sofar)
	if falls {
		least = 0
	}
	end := float64(sofar) + mean*left
	amount := func(x float64) Amount { return Amount(math.Round(max(x, least))) }
	return amount(end), amount(end - wide), amount(end + wide)
}

// fourInFive is how many standard deviations to either side hold four cases of five;
// student is the same when the deviation is taken from n months.
const fourInFive = 1.2816

func student(n int) float64 {
	of := [...]float64{1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722, 1.3634}
	return of[min(max(n, leastMonths), mostMonths)-leastMonths]
}

// monthsBetween is how many months there are after one day up to and including
// another, with parts of a month by its days.
func monthsBetween(after, to events.Date) float64 {
	months := 0.0
	for day := after.AddDays(1); !day.After(to); {
		last := LastOf(day.Month())
		part := day.DaysUntil(min(last, to)) + 1
		months += float64(part) / float64(day.AddDays(1-dayOf(day)).DaysUntil(last)+1)
		day = last.AddDays(1)
	}
	return months
}
