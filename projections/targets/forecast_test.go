package targets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"huisboek/events"
)

// wholes is a series of whole things.
func wholes(n ...int) []Amount {
	out := make([]Amount, len(n))
	for i, x := range n {
		out[i] = Amount(x) * one
	}
	return out
}

func TestForesee(t *testing.T) {
	for _, c := range []struct {
		name                string
		closed              []Amount
		sofar               Amount
		left                float64
		falls               bool
		expected, low, high Amount
	}{
		{"ten a month: what chance does", wholes(10, 10, 10, 10, 10, 10), 60_000, 6, false, 120_000, 105_961, 134_039}, // 1.2816·√(10·6·2)
		{"half a month to go", wholes(10, 10, 10, 10, 10, 10, 10, 10, 10, 10), 105_000, .5, false, 110_000, 107_063, 112_937},
		{"growing: at the mean pace", wholes(2, 4, 6, 8, 10, 12), 42_000, 6, false, 84_000, 64_870, 103_130}, // Student, five degrees
		{"nothing ever", wholes(0, 0, 0, 0), 0, 8, false, 0, 0, 0},
		{"nothing more", wholes(10, 0, 0, 0, 0, 0), 10_000, 6, false, 20_000, 10_000, 40_872},
		{"no months to go", wholes(10, 10, 10), 30_000, 0, false, 30_000, 30_000, 30_000},
		{"nothing to go by", nil, 30_000, 3, false, 30_000, 30_000, 30_000},
		{"a stock that falls", wholes(-5, -5, -5, -5), 40_000, 4, true, 20_000, 11_894, 28_106},
		{"a stock is never less than none", wholes(-5, -5, -5, -5), 12_000, 4, true, 0, 0, 106},
	} {
		expected, low, high := Foresee(c.closed, c.sofar, c.left, c.falls)
		if expected != c.expected || low != c.low || high != c.high {
			t.Errorf("%s: %d, %d to %d; want %d, %d to %d", c.name, expected, low, high, c.expected, c.low, c.high)
		}
	}
}

// Fewer months to go by, or more to go, give a wider range.
func TestForeseeWidens(t *testing.T) {
	for _, series := range [][]int{{7, 7, 7, 7}, {0, 20, 3, 9}} {
		last := Amount(math.MaxInt64)
		for n := 1; n <= 3; n++ {
			var closed []Amount
			for range n {
				closed = append(closed, wholes(series...)...)
			}
			_, low, high := Foresee(closed, 1000*one, 6, true)
			if high-low >= last {
				t.Errorf("%v: %d wide from %d months, %d from fewer", series, high-low, len(closed), last)
			}
			last = high - low
		}
		last = -1
		for _, left := range []float64{.1, .5, 1, 3, 9} {
			_, low, high := Foresee(wholes(series...), 1000*one, left, true)
			if high-low <= last {
				t.Errorf("%v: %d wide with %v months to go, %d with fewer", series, high-low, left, last)
			}
			last = high - low
		}
	}
}

// The range holds four times in five: of two thousand years that go by chance, with so
// many a month, and of such in which they come in clumps.
func TestForeseeHolds(t *testing.T) {
	for _, clumps := range []float64{0, 1, 3} { // the variance is so many times the mean more
		for _, mean := range []float64{3, 10, 35, 100} {
			for _, months := range []int{3, 5, 6, 8, 11} {
				if clumps > mean/3 {
					continue // months of nothing and then many: too little is known of these from few
				}
				r := rand.New(rand.NewPCG(6, uint64(months)))
				month := func() Amount {
					if clumps > 0 {
						return Amount(poisson(r, clumps*gamma(r, mean/clumps))) * one
					}
					return Amount(poisson(r, mean)) * one
				}
				const years = 2000
				held := 0
				for range years {
					p := Pace{Known: LastOf(fmt.Sprintf("2026-%02d", months))}
					for range months {
						p.Closed = append(p.Closed, month())
						p.Sofar += p.Closed[len(p.Closed)-1]
					}
					end := p.Sofar
					for range 12 - months {
						end += month()
					}
					f := forecast(aYear(100), p.Known, p, nil)
					if f.Low <= end && end <= f.High {
						held++
					}
				}
				if share := 100 * float64(held) / years; share < 74 || share > 86 {
					t.Errorf("%v a month, clumps of %v, %d months: held %.1f %%", mean, clumps, months, share)
				}
			}
		}
	}
}

// poisson draws a number of things that come by chance.
func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for left := mean; ; n++ {
		if left -= r.ExpFloat64(); left < 0 {
			return n
		}
	}
}

// gamma draws by Marsaglia and Tsang; k is at least one.
func gamma(r *rand.Rand, k float64) float64 {
	for d := k - 1.0/3; ; {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func TestMonthsBetween(t *testing.T) {
	for _, c := range []struct {
		after, to events.Date
		want      float64
	}{
		{"2025-12-31", "2026-12-31", 12},
		{"2026-11-30", "2026-12-31", 1},
		{"2026-11-15", "2026-12-31", 1.5},
		{"2026-11-15", "2026-11-30", .5},
		{"2026-11-10", "2026-11-25", .5},
		{"2026-12-31", "2026-12-31", 0},
		{"2027-03-01", "2026-12-31", 0},
		{"2028-02-15", "2028-03-31", 1 + 14.0/29},
		{"2026-12-15", "2027-01-31", 1 + 16.0/31},
	} {
		if got := monthsBetween(c.after, c.to); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("after %s to %s: %v, want %v", c.after, c.to, got, c.want)
		}
	}
}

func TestForecast(t *testing.T) {
	ten := Pace{Closed: wholes(10, 10, 10, 10, 10, 10), Sofar: 60 * one, Known: "2026-06-30"}
	uwv := PartnerPace{"uwv", 80 * one, Pace{wholes(4, 4, 4, 4, 4, 4), 24 * one, "2026-06-30"}}
	zwolle := PartnerPace{"zwolle", 75 * one, Pace{wholes(6, 6, 6, 6, 6, 6), 36 * one, "2026-06-30"}}
	young := PartnerPace{"young", 500 * one, Pace{wholes(1, 1), 2 * one, "2026-06-30"}}
	jobs, stock := aYear(140), aYear(140)
	jobs.Measure = events.MeasureJobs
	stock.Definition.Standing = true
	for _, c := range []struct {
		name string
		v    *Version
		on   events.Date
		all  Pace
		of   []PartnerPace
		want *Forecast
	}{
		{"half way", aYear(140), "2026-06-30", ten, nil, &Forecast{Expected: 120_000, Low: 106_000, High: 134_000, Months: 6, Left: 6, Short: 20_000}},
		{"more than enough", aYear(100), "2026-06-30", ten, []PartnerPace{uwv}, &Forecast{Expected: 120_000, Low: 106_000, High: 134_000, Months: 6, Left: 6, Short: -20_000}},
		{"most is short at one", aYear(140), "2026-06-30", ten, []PartnerPace{zwolle, uwv, young}, &Forecast{Expected: 120_000, Low: 106_000, High: 134_000, Months: 6, Left: 6, Short: 20_000, Most: "uwv", MostShort: 32_000}},
		{"the running month in part", aYear(140), "2026-07-16", Pace{ten.Closed, 65 * one, "2026-07-16"}, nil, &Forecast{Expected: 120_000, Low: 107_000, High: 132_000, Months: 6, Left: 6, Short: 20_000}},
		{"known to the end of June, asked in July", aYear(140), "2026-07-16", ten, nil, &Forecast{Expected: 120_000, Low: 106_000, High: 134_000, Months: 6, Left: 6, Short: 20_000}},
		{"no more than twelve months", aYear(140), "2026-06-30", Pace{append(wholes(90, 90, 90), wholes(10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10)...), 60 * one, "2026-06-30"}, nil,
			&Forecast{Expected: 120_000, Low: 108_000, High: 132_000, Months: 12, Left: 6, Short: 20_000}},
		{"jobs in tenths", jobs, "2026-06-30", ten, nil, &Forecast{Expected: 120_000, Low: 106_000, High: 134_000, Months: 6, Left: 6, Short: 20_000}},
		{"jobs in tenths, odd", jobs, "2026-06-30", Pace{ten.Closed, 60_449, "2026-06-30"}, nil, &Forecast{Expected: 120_400, Low: 106_500, High: 134_400, Months: 6, Left: 6, Short: 19_600}},
		{"a stock may fall", stock, "2026-06-30", Pace{wholes(-5, -5, -5), 40 * one, "2026-06-30"}, nil, &Forecast{Expected: 10_000, Low: 0, High: 22_000, Months: 3, Left: 6, Short: 130_000}},
		{"two months are too few", aYear(140), "2026-06-30", Pace{wholes(10, 10), 20 * one, "2026-06-30"}, nil, nil},
		{"three will do, also of before", aYear(140), "2026-01-01", Pace{wholes(9, 10, 11), 0, "2026-01-01"}, nil, &Forecast{Expected: 120_000, Low: 89_000, High: 150_000, Months: 3, Left: 12, Short: 20_000}},
		{"before the period", aYear(140), "2025-12-31", ten, nil, nil},
		{"on the last day", aYear(140), "2026-12-31", ten, nil, nil},
		{"after the period", aYear(140), "2027-02-01", ten, nil, nil},
	} {
		got := forecast(c.v, c.on, c.all, c.of)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	if strings.Count(Method.NL, ".") != 1 || strings.Count(Method.EN, ".") != 1 {
		t.Error("the method is one sentence")
	}
}
