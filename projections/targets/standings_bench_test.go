package targets

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/projections"
)

// fiveYears begins the books of the benchmarks.
var fiveYears = time.Date(2022, 1, 1, 8, 0, 0, 0, time.UTC)

// regionBook gives the records of a region one by one: 40 partners; of every hundred 35
// visits, 20 plans (which leave nothing here), 12 descriptions, 10 services, 6
// placements, and what goes with them.
func regionBook(n int) func() *events.Record {
	rnd := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rnd, 1.1, 20, 29_999)
	partners := make([]string, 40)
	for i := range partners {
		partners[i] = fmt.Sprintf("0b1c1c0e-0000-4000-8000-%012d", i+1)
	}
	groups := []string{"DD01", "DD02", "DD03", "DD04", "DD05", "DD08"}
	kinds := []string{"dienstverband", "uitzend", "detachering", "bbl", "beschut-werk"}
	var placed, visited, open []events.Position
	p, at := events.Position(0), fiveYears
	said := func(list []events.Position) events.Position {
		return list[len(list)-1-rnd.IntN(min(len(list), 500))]
	}
	return func() *events.Record {
		p++
		at = at.Add(5 * 365 * 24 * time.Hour / time.Duration(n))
		day := events.DateOf(at)
		r := &events.Record{Book: bookID, Position: p, At: at.Truncate(time.Millisecond), Partner: partners[rnd.IntN(40)], Verdict: events.Verdict{Today: day}}
		e := events.Employer{KvK: fmt.Sprintf("9%07d", zipf.Uint64())}
		var d events.Data = &events.VisitPlanned{Employer: e}
		switch k := rnd.IntN(100); {
		case k < 35:
			d = &events.VisitMade{Employer: e, Date: day, Purpose: "kennismaking", Form: "op-locatie", TargetGroups: groups[:rnd.IntN(3)]}
			visited = append(visited, p)
		case k < 55:
		case k < 67:
			d = &events.EmployerDescribed{Employer: e, Gemeente: "GM0193", Size: "10-19"}
		case k < 77:
			d = &events.ServiceDelivered{Employer: e, Service: "jobcoach", Date: day, TargetGroup: groups[rnd.IntN(6)]}
		case k < 83:
			h, yes := events.Hundredths(100*rnd.IntN(40)), rnd.IntN(2) == 0
			d = &events.PlacementMade{Employer: e, Placement: uuid.NewString(), Start: day.AddDays(rnd.IntN(30)), Kind: kinds[rnd.IntN(5)], Hours: &h,
				TargetGroup: groups[rnd.IntN(6)], Register: &yes}
			placed = append(placed, p)
		case k < 86 && len(placed) > 0:
			d, r.Verdict.RestsOn = &events.PlacementEnded{End: day}, []events.Position{said(placed)}
		case k < 87:
			d = &events.EmployersLinked{Employer: events.WholeEmployer{KvK: e.KvK}, With: events.WholeEmployer{KvK: fmt.Sprintf("8%07d", p)}, Kind: "dezelfde"}
			if rnd.IntN(10) == 0 {
				r.Verdict.Reasons = []string{"koppeling-geldt"}
			}
		case k < 89 && len(visited) > 0:
			d, r.Verdict.RestsOn = &events.VisitMade{Employer: e, Date: day, Purpose: "nazorg", Form: "telefoon", Replaces: new(events.Ref)}, []events.Position{said(visited)}
		case k < 90 && len(visited) > 0:
			d, r.Verdict.RestsOn = &events.EventRetracted{}, []events.Position{said(visited)}
		case k < 91 && len(placed) > 0:
			d, r.Verdict.RestsOn = &events.JointVisitConfirmed{}, []events.Position{said(placed)}
		case k < 95:
			d = &events.VacancyReported{Employer: e, Vacancy: "v", Count: 2}
			open = append(open, p)
		case k < 97 && len(open) > 0:
			d, r.Verdict.RestsOn = &events.VacancyFilled{Date: day}, []events.Position{said(open)}
		default:
			d = &events.SignalNoted{Employer: e, Theme: "krimp"}
		}
		r.Event = events.Event{Type: d.Type(), Data: d}
		return r
	}
}

// benchBook is the journal of a book in a file.
func benchBook(b *testing.B, n int) (*boltstore.Views, func() *events.Record) {
	b.Helper()
	v, err := boltstore.OpenViews(filepath.Join(b.TempDir(), "beelden.db"), boltstore.Options{NoSync: true}, projections.Journal{}.Name(), projections.Journal{}.Shape())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { v.Close() })
	next := regionBook(n)
	for done := 0; done < n; done += 5000 {
		recordMore(b, v, next, min(5000, n-done))
	}
	return v, next
}

func recordMore(b *testing.B, v *boltstore.Views, next func() *events.Record, n int) {
	b.Helper()
	list := make([]*events.Record, n)
	for i := range list {
		list[i] = next()
	}
	err := v.Update(list[n-1].Checkpoint(), func(tx projections.Tx) error {
		for _, r := range list {
			if err := (projections.Journal{}).Apply(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStandings1M reads the journal of a million events: lines as such, as known at
// any moment of five years, and now, with nothing and with a hundred events more.
func BenchmarkStandings1M(b *testing.B) {
	const n = 1_000_000
	v, next := benchBook(b, n)
	view := func(b *testing.B, fn func(tx projections.Tx) error) {
		b.Helper()
		if err := v.View(func(tx projections.Tx, _ events.Checkpoint) error { return fn(tx) }); err != nil {
			b.Fatal(err)
		}
	}
	for _, part := range []projections.Part{projections.PartVisits, projections.PartPlacements} {
		b.Run("Lines-"+string(rune(part)), func(b *testing.B) {
			b.ReportAllocs()
			lines := 0
			for b.Loop() {
				view(b, func(tx projections.Tx) error {
					return projections.Journal{}.Lines(tx, part, 0, func(*projections.Line) bool { lines++; return true })
				})
			}
			b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
		})
		b.Run("As-"+string(rune(part)), func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(1, 2))
			slowest := time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				at := fiveYears.Add(time.Duration(rnd.Int64N(int64(5 * 365 * 24 * time.Hour))))
				began := time.Now()
				view(b, func(tx projections.Tx) error {
					_, err := NewStandings().As(tx, Known{at}, part, projections.PartEmployers)
					return err
				})
				slowest = max(slowest, time.Since(began))
			}
			b.ReportMetric(slowest.Seconds()*1000, "ms-slowest")
		})
		b.Run("AsEnd-"+string(rune(part)), func(b *testing.B) {
			for b.Loop() {
				view(b, func(tx projections.Tx) error {
					_, err := NewStandings().As(tx, Known{}, part, projections.PartEmployers)
					return err
				})
			}
		})
	}
	s := NewStandings()
	ask := func(b *testing.B) {
		view(b, func(tx projections.Tx) error { return s.Now(tx, func(*Facts) error { return nil }) })
	}
	began := time.Now()
	ask(b)
	b.Logf("everything read in %s", time.Since(began))
	for _, part := range shelved {
		b.Logf("items of %c: %d", part, s.live.Len(part))
	}
	b.Run("Now", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ask(b)
		}
	})
	b.Run("NowAfter100", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			recordMore(b, v, next, 100)
			b.StartTimer()
			ask(b)
		}
	})
}
