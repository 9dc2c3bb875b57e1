package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// jobHours is how many paid hours a week are one job, in hundredths.
const jobHours = 2550

// amountOf is a sum of weights as it is answered. It is rounded once, half up: never
// add up what was rounded.
func amountOf(m Measure, weight int64) Amount {
	if m == events.MeasureJobs {
		return Amount(halfUp(1000*weight, jobHours))
	}
	return Amount(10 * weight)
}

// apportion gives weights as amounts that add up to the amount of their sum: each
// rounded down, and what is left by thousandths to those that lost most by that, the
// first of equals first.
func apportion(m Measure, weights []int64) []Amount {
	amounts := make([]Amount, len(weights))
	if m != events.MeasureJobs {
		for i, w := range weights {
			amounts[i] = amountOf(m, w)
		}
		return amounts
	}
	sum, lost, order := int64(0), make([]int64, len(weights)), make([]int, len(weights))
	for i, w := range weights {
		n := 1000 * w / jobHours
		if 1000*w%jobHours < 0 {
			n--
		}
		amounts[i], lost[i], order[i] = Amount(n), 1000*w-n*jobHours, i
		sum += w
	}
	left := amountOf(m, sum)
	for _, a := range amounts {
		left -= a
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lost[b], lost[a]) })
	for _, i := range order[:left] {
		amounts[i]++
	}
	return amounts
}

// divide is each one's part of a weight: parts differ by one at most, the first have
// the larger ones.
func divide(weight int64, among int) []int64 {
	parts := make([]int64, among)
	for i := range parts {
		parts[i] = weight / int64(among)
		if int64(i) < weight%int64(among) {
			parts[i]++
		}
	}
	return parts
}

// agreed is what each partner took on, by partner, and for each identity that no
// partner has; the sum is of all.
func agreed(f source, v *Version) (by map[string]int, unknown map[string]int, sum int) {
	by, unknown = map[string]int{}, map[string]int{}
	for _, s := range v.Shares {
		sum += s.Number
		if partner := f.PartnerOf(s.Partner); partner != "" {
			by[partner] += s.Number
		} else {
			unknown[s.Partner] += s.Number
		}
	}
	return by, unknown, sum
}

// withAgreed adds what partners took on to their shares, and those that have nothing yet.
func withAgreed(f source, v *Version, shares []Share, own func(string) bool) []Share {
	by, unknown, _ := agreed(f, v)
	for i := range shares {
		s := &shares[i]
		if n, ok := by[s.Partner]; ok && s.Partner != "" {
			s.Agreed = &n
			delete(by, s.Partner)
		}
		s.Own = s.Partner != "" && own(s.Partner)
	}
	for partner, n := range by {
		shares = append(shares, Share{Partner: partner, Agreed: &n, Own: own(partner)})
	}
	for identity, n := range unknown {
		shares = append(shares, Share{Label: identity, Agreed: &n})
	}
	slices.SortFunc(shares, func(a, b Share) int {
		if (a.Partner == "") != (b.Partner == "") {
			return cmp.Compare(b.Partner, a.Partner) // those without one come last
		}
		return cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Label, b.Label))
	})
	return shares
}
