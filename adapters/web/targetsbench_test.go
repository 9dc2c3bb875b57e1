package web_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/projections"
)

// region gives the records of five years in a region, and then of a last day, as far as
// standings need them: of every hundred 12 placements, 35 visits, 8 services, 2 ends, 3
// employers described; the rest leaves nothing.
func region(n int) func() *events.Record {
	rnd := rand.New(rand.NewPCG(1, 2))
	p, moment := events.Position(0), time.Date(2021, 11, 22, 11, 0, 0, 0, time.UTC)
	last := moment.AddDate(5, 0, 0)
	partners := make([]string, 40)
	for i := range partners {
		partners[i] = fmt.Sprintf("0b1c1c0e-0000-4000-8000-%012d", i+1)
	}
	groups := []string{"DD01", "DD02", "DD03", "DD04", "DD05", "DD08"}
	var placed []events.Position
	return func() *events.Record {
		p++
		if moment = moment.Add(5 * 365 * 24 * time.Hour / time.Duration(n)); moment.After(last) {
			moment = last
		}
		day := events.DateOf(moment)
		e := events.Employer{KvK: fmt.Sprintf("9%07d", rnd.IntN(30_000))}
		r := &events.Record{Book: book.ID, Position: p, At: moment.Truncate(time.Millisecond), Partner: partners[rnd.IntN(40)], Verdict: events.Verdict{Today: day}}
		var d events.Data = &events.VisitPlanned{Employer: e}
		switch k := rnd.IntN(100); {
		case p <= 40:
			id := partners[p-1]
			d = &events.PartnerAdmitted{Partner: id, Identities: []string{"urn:" + id}, Name: "Partner " + strconv.Itoa(int(p)), Kind: "gemeente", From: "2020-01-01"}
		case p <= 40+events.Position(len(benchTargets)):
			set := &events.TargetSet{Target: benchTargets[p-41], Name: "Doel", Period: &events.Period{From: "2021-11-01", To: "2027-12-31"}, Measure: events.MeasurePlacements, Number: n / 6}
			set.Shares = []events.TargetShare{{Partner: "urn:" + partners[0], Number: 100}, {Partner: "urn:" + partners[1], Number: 500}}
			switch p {
			case 42:
				set.Groups = groups[:3]
			case 43:
				set.Measure = events.MeasureJobs
			case 44:
				set.Measure = events.MeasureReached
			}
			d = set
		case k < 12:
			h, yes := events.Hundredths(100*rnd.IntN(40)), rnd.IntN(2) == 0
			d = &events.PlacementMade{Employer: e, Placement: uuid.NewString(), Start: day, Kind: "dienstverband", Region: "AM36", Hours: &h, TargetGroup: groups[rnd.IntN(6)], Register: &yes}
			placed = append(placed, p)
		case k < 47:
			d = &events.VisitMade{Employer: e, Date: day, Purpose: "kennismaking", Form: "op-locatie"}
		case k < 55:
			d = &events.ServiceDelivered{Employer: e, Service: "jobcoach", Date: day, TargetGroup: groups[rnd.IntN(6)]}
		case k < 57 && len(placed) > 0:
			d, r.Verdict.RestsOn = &events.PlacementEnded{End: day}, []events.Position{placed[rnd.IntN(len(placed))]}
		case k < 60:
			d = &events.EmployerDescribed{Employer: e, Gemeente: fmt.Sprintf("GM%04d", 190+rnd.IntN(9)), Size: "10-19"}
		}
		r.Event = events.Event{Type: d.Type(), Data: d}
		return r
	}
}

// benchTargets count placements, those of some target groups, jobs, and employers reached.
var benchTargets = [4]string{placementsTarget, "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e13", jobsTarget, "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e14"}

// BenchmarkStandingHTTP asks how targets stand, of a book of a hundred thousand events or
// of HUISBOEK_BENCH_EVENTS, over HTTP, while twenty events a second are recorded.
func BenchmarkStandingHTTP(b *testing.B) {
	n := 100_000
	if text := os.Getenv("HUISBOEK_BENCH_EVENTS"); text != "" {
		n = must[int](b)(strconv.Atoi(text))
	}
	h := newHouse(b)
	h.moment("2026-11-22T11:00:00Z")
	fold := projections.Journal{}
	views := must[*boltstore.Views](b)(boltstore.OpenViews(filepath.Join(b.TempDir(), "groot.db"), boltstore.Options{NoSync: true}, fold.Name(), fold.Shape()))
	b.Cleanup(func() { views.Close() })
	next := region(n)
	record := func(n int) error {
		list := make([]*events.Record, n)
		for i := range list {
			list[i] = next()
		}
		return views.Update(list[n-1].Checkpoint(), func(tx projections.Tx) error {
			for _, r := range list {
				if err := fold.Apply(tx, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for done := 0; done < n; done += 5000 {
		if err := record(5000); err != nil {
			b.Fatal(err)
		}
	}
	c := h.config(views)
	c.Views.WaitFor = func(context.Context, events.Position) error { return nil }
	c.Moment = func(context.Context, events.Position) (time.Time, error) { return h.now(), nil }
	c.Questions = intake.NewLimits(intake.Rates{PerSecond: 1e6, Burst: 1e6, InFlight: 1000}, time.Now)
	server := httptest.NewServer(must[*web.Server](b)(web.New(c)))
	b.Cleanup(server.Close)
	var body bytes.Buffer
	ask := func(path string) time.Duration {
		body.Reset()
		r := must[*http.Request](b)(http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/v1/doelstellingen/"+path, nil))
		r.Header.Set("Authorization", "Bearer "+h.tokens["board"])
		began := time.Now()
		answer := must[*http.Response](b)(server.Client().Do(r))
		_, err := body.ReadFrom(answer.Body)
		answer.Body.Close()
		took := time.Since(began)
		if err != nil || answer.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d %v %.300s", path, answer.StatusCode, err, body.Bytes())
		}
		return took
	}
	for i, target := range benchTargets {
		b.Logf("target %d, first answer of %d events: %s", i, n, ask(target+"/stand"))
	}
	figures := func(b *testing.B, every []time.Duration) {
		slices.Sort(every)
		b.ReportMetric(float64(every[len(every)/2].Microseconds())/1000, "ms-p50")
		b.ReportMetric(float64(every[len(every)*99/100].Microseconds())/1000, "ms-p99")
		b.ReportMetric(float64(every[len(every)-1].Microseconds())/1000, "ms-slowest")
	}
	for _, tt := range [][2]string{
		{"placements", benchTargets[0] + "/stand"}, {"groups", benchTargets[1] + "/stand"}, {"jobs", benchTargets[2] + "/stand"},
		{"split", benchTargets[0] + "/stand?per=partner,maand"}, {"groups-split", benchTargets[1] + "/stand?per=doelgroep,maand"},
		{"reached", benchTargets[3] + "/stand"}, {"reached-split", benchTargets[3] + "/stand?per=gemeente,maand"},
	} {
		for _, writing := range []string{"no", "yes", "each"} {
			path := tt[1]
			b.Run(fmt.Sprintf("%s/writing=%s", tt[0], writing), func(b *testing.B) {
				ctx, stop := context.WithCancel(b.Context())
				done := make(chan error, 1)
				go func() {
					tick := time.NewTicker(50 * time.Millisecond)
					defer tick.Stop()
					for {
						select {
						case <-ctx.Done():
							done <- nil
							return
						case <-tick.C:
							if writing == "yes" {
								if err := record(1); err != nil {
									done <- err
									return
								}
							}
						}
					}
				}()
				var every []time.Duration
				for b.Loop() {
					if writing == "each" {
						if err := record(1); err != nil {
							b.Fatal(err)
						}
					}
					every = append(every, ask(path))
				}
				stop()
				if err := <-done; err != nil {
					b.Fatal(err)
				}
				figures(b, every)
			})
		}
	}
	b.Run("as-known-on", func(b *testing.B) {
		rnd := rand.New(rand.NewPCG(3, 4))
		var every []time.Duration
		for b.Loop() {
			known := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rnd.Int64N(int64(4*365*24*time.Hour + 300*24*time.Hour))))
			every = append(every, ask(benchTargets[rnd.IntN(3)]+"/stand?bekendOp="+known.Format(time.RFC3339)))
		}
		figures(b, every)
	})
}
