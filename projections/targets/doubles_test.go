package targets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// placementLine is a report of a placement.
func placementLine(p events.Position, partner, employer string, from events.Date) *projections.Line {
	return &projections.Line{
		Position: p, Type: events.TypePlacementMade, Partner: partner, Employer: employer, From: from, Sort: "uitzend", Hours: -1, Count: -1,
		Today: "2026-10-01",
	}
}

// TestDoublesScore: what points there are for what, and which pairs are found.
func TestDoublesScore(t *testing.T) {
	for _, tt := range []struct {
		name  string
		b     func(a, b *projections.Line)
		score int
		found bool
	}{
		{"AllAlike", func(a, b *projections.Line) {
			a.Hours, b.Hours, a.Groups, b.Groups = 2400, 2400, []string{"DD01"}, []string{"DD01"}
		}, 100, true},
		{"EmployerDayAndKind", func(_, _ *projections.Line) {}, 75, true},
		{"SevenDays", func(_, b *projections.Line) { b.From = "2026-09-08" }, 65, true},
		{"EightDays", func(_, b *projections.Line) { b.From = "2026-09-09" }, 57, false},
		{"FourteenDaysAndHours", func(a, b *projections.Line) { a.Hours, b.Hours, b.From = 2400, 2600, "2026-09-15" }, 65, true},
		{"ThirtyOneDaysAndHours", func(a, b *projections.Line) { a.Hours, b.Hours, b.From = 2400, 2400, "2026-10-02" }, 65, true},
		{"ThirtyTwoDays", func(a, b *projections.Line) {
			a.Hours, b.Hours, b.From, a.Groups, b.Groups = 2400, 2400, "2026-10-03", []string{"DD01"}, []string{"DD01"}
		}, 70, false},
		{"HoursJustTooFar", func(a, b *projections.Line) { a.Hours, b.Hours, b.From = 2400, 2601, "2026-09-15" }, 57, false},
		{"OtherKind", func(_, b *projections.Line) { b.Sort = "bbl" }, 60, true},
		{"OtherGroup", func(a, b *projections.Line) { a.Groups, b.Groups = []string{"DD01"}, []string{"DD02"} }, 55, false},
		{"GroupSaidOnce", func(a, _ *projections.Line) { a.Groups = []string{"DD01"} }, 75, true},
		{"OtherRegister", func(a, b *projections.Line) { a.Register, b.Register = projections.RegisterYes, projections.RegisterNo }, 55, false},
		{"SamePartner", func(_, b *projections.Line) { b.Partner = "a" }, 75, false},
		{"OtherEmployer", func(_, b *projections.Line) { b.Employer = "90004760" }, 45, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := placementLine(1, "a", "69599084", "2026-09-01"), placementLine(2, "b", "69599084", "2026-09-01")
			tt.b(a, b)
			for _, said := range []bool{false, true} { // what was said of is shown with its score in any case
				f := NewFacts()
				f.Apply(a)
				f.Apply(b)
				if said {
					f.Apply(&projections.Line{Position: 3, Type: events.TypePlacementsMatched, Partner: "book", Steward: true, Pair: [2]events.Position{2, 1}})
				}
				list := f.Doubles()
				if len(list) == 0 {
					if tt.found || said {
						t.Fatal("not found")
					}
					continue
				}
				if d := list[0]; len(list) > 1 || !tt.found && !said || d.Score != tt.score || d.A.Root != 1 || d.B.Root != 2 {
					t.Fatalf("%+v", list)
				}
			}
		})
	}
}

// TestDoublesHints: what a partner is told names no hours, days or groups.
func TestDoublesHints(t *testing.T) {
	f := NewFacts()
	a, b := placementLine(1, "a", "69599084", "2026-09-01"), placementLine(2, "b", "69599084", "2026-09-01")
	a.Hours, b.Hours, a.Groups, b.Groups = 2400, 2400, []string{"DD01"}, []string{"DD01"}
	f.Apply(a)
	f.Apply(b)
	d := f.Doubles()[0]
	if got := d.Hints(); !slices.Equal(got, []string{LikeEmployer, LikeKind, LikeMonth, LikeStrongly}) {
		t.Error(got)
	}
}

// TestDoublesWords: who decides of a pair, by what was said in order.
func TestDoublesWords(t *testing.T) {
	const steward = "book"
	type word struct {
		by   string
		same bool
	}
	for _, tt := range []struct {
		name  string
		words []word
		want  string
	}{
		{"Nobody", nil, DoublePossible},
		{"One", []word{{"a", true}}, DoubleWaits},
		{"OneTwice", []word{{"a", true}, {"a", true}}, DoubleWaits},
		{"Both", []word{{"a", true}, {"b", true}}, DoubleSame},
		{"OneNot", []word{{"a", false}}, DoubleDistinct},
		{"OneOfThemNot", []word{{"a", true}, {"b", false}}, DoubleDistinct},
		{"TakenBack", []word{{"a", true}, {"b", true}, {"a", false}}, DoubleDistinct},
		{"AndSaidAgain", []word{{"a", true}, {"b", false}, {"b", true}}, DoubleSame},
		{"StewardAlone", []word{{steward, true}}, DoubleSame},
		{"StewardOverBoth", []word{{steward, false}, {"a", true}, {"b", true}}, DoubleDistinct},
		{"StewardsLast", []word{{steward, false}, {"a", false}, {steward, true}}, DoubleSame},
		{"HeirOfOne", []word{{"heir", true}}, DoubleWaits},
		{"HeirAndOther", []word{{"heir", true}, {"b", true}}, DoubleSame},
		{"HeirAfterwards", []word{{"a", true}, {"b", true}, {"heir", false}}, DoubleDistinct},
		{"Stranger", []word{{"c", true}}, DoublePossible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := NewFacts()
			f.Apply(&projections.Line{Position: 1, Type: events.TypePartnerSucceeded, Of: "a", By: "heir", From: "2026-09-15"})
			f.Apply(placementLine(2, "a", "69599084", "2026-09-01"))
			f.Apply(placementLine(3, "b", "69599084", "2026-09-01"))
			for i, w := range tt.words {
				typ := events.TypePlacementsDistinct
				if w.same {
					typ = events.TypePlacementsMatched
				}
				f.Doubles() // so that what was kept is brought up to date
				f.Apply(&projections.Line{Position: events.Position(4 + i), Type: typ, Partner: w.by, Steward: w.by == steward, Pair: [2]events.Position{3, 2}, Today: "2026-10-01"})
			}
			list := f.Doubles()
			if len(list) != 1 || list[0].State != tt.want {
				t.Fatalf("%+v, want %s", list, tt.want)
			}
			if n := len(f.Cluster(f.Item(projections.PartPlacements, 2))); (n == 2) != (tt.want == DoubleSame) {
				t.Errorf("%d in the cluster", n)
			}
		})
	}
}

// manyPlacements are reports of five years, at employers as skewed as they are in life.
func manyPlacements(n int) *Facts {
	rnd := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rnd, 1.1, 20, 5999)
	f := NewFacts()
	day := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		from := events.Date(day.AddDate(0, 0, i*5*365/n).Format(time.DateOnly))
		l := placementLine(events.Position(i+1), fmt.Sprint(rnd.IntN(40)), fmt.Sprintf("9%07d", zipf.Uint64()), from)
		l.Hours, l.Groups = 100*rnd.IntN(40), []string{bookGroups[rnd.IntN(2)]}
		f.Apply(l)
	}
	return f
}

// BenchmarkDoubles finds the doubles among 60,000 placements: at once, and after one more.
func BenchmarkDoubles(b *testing.B) {
	f := manyPlacements(60_000)
	b.Run("All", func(b *testing.B) {
		for b.Loop() {
			f.alike.forget()
			f.Doubles()
		}
		b.ReportMetric(float64(len(f.Doubles())), "doubles")
	})
	b.Run("OneMore", func(b *testing.B) {
		p := events.Position(1_000_000)
		for b.Loop() {
			p++
			f.Apply(placementLine(p, "a", "90000001", "2026-09-01"))
			f.Doubles()
			f.Apply(&projections.Line{Position: p + 1, Type: events.TypeEventRetracted, Target: p})
			p++
		}
	})
}
