package boltstore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/projections"
)

// region makes n records as a region's partners would: 40 partners, employers as
// skewed as they are in life, of every hundred events about 25 plans, of which
// some move, 40 visits, 15 services and 15 placements. Seals are as long as real
// ones.
func region(n, employers int) []*events.Record {
	rnd := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rnd, 1.1, 20, uint64(employers-1))
	seal := func() *events.Seal {
		return &events.Seal{Key: events.KeyID(rnd.IntN(1 << 20)), Text: strings.Repeat("zegel-", 30)}
	}
	partners := make([]string, 40)
	for i := range partners {
		partners[i] = uuid.Must(uuid.NewRandomFromReader(newReader(rnd))).String()
	}
	groups := []string{"DD01", "DD02", "DD03", "DD04", "DD05", "DD08"}
	at := time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)
	type plan struct {
		partner string
		root    events.Position
	}
	var plans []plan
	list := make([]*events.Record, n)
	for i := range list {
		p := events.Position(i + 1)
		at = at.Add(2 * 365 * 24 * time.Hour / time.Duration(n))
		partner := rnd.IntN(len(partners))
		r := &events.Record{Position: p, At: at, Partner: partners[partner], Hash: events.Hash{byte(p), byte(p >> 8), byte(p >> 16)}}
		e := events.Employer{KvK: fmt.Sprintf("9%07d", zipf.Uint64())}
		day := events.DateOf(at)
		r.Verdict.Today = day
		who := events.Personal[events.AccountManager]{Seal: seal()}
		var d events.Data
		switch k := rnd.IntN(100); {
		case k < 25:
			d = &events.VisitPlanned{Employer: e, Approach: uuid.NewString(), Date: day.AddDays(rnd.IntN(30)), Purpose: "acquisitie", AccountManager: who}
			plans = append(plans, plan{r.Partner, p})
		case k < 28 && len(plans) > 0:
			x := plans[len(plans)-1-rnd.IntN(min(len(plans), 1000))]
			r.Partner = x.partner
			d = &events.VisitMoved{Approach: "x", Date: day.AddDays(20)}
			r.Verdict.RestsOn = []events.Position{x.root}
		case k < 68:
			v := &events.VisitMade{Employer: e, Date: day, Purpose: "kennismaking", Form: "op-locatie", AccountManager: who,
				Outcome: []string{"vervolgafspraak"}, TargetGroups: groups[:rnd.IntN(3)]}
			if rnd.IntN(3) == 0 && len(plans) > 0 {
				x := plans[len(plans)-1-rnd.IntN(min(len(plans), 1000))]
				r.Partner, v.Approach = x.partner, uuid.NewString()
				r.Verdict.RestsOn = []events.Position{x.root}
			}
			d = v
		case k < 83:
			d = &events.ServiceDelivered{Employer: e, Service: "jobcoach", Date: day, TargetGroup: groups[rnd.IntN(len(groups))]}
		case k < 98:
			d = &events.PlacementMade{Employer: e, Placement: uuid.NewString(), Start: day, Kind: "dienstverband", Region: "AM36", TargetGroup: groups[rnd.IntN(len(groups))]}
		default:
			d = &events.EmployerDescribed{Employer: e, Name: events.Personal[string]{Seal: seal()}, Gemeente: "GM0193"}
		}
		r.Event = events.Event{ID: uuid.NewString(), Source: fmt.Sprintf("urn:nld:oin:0000009900000000%04d:systeem:crm", partner), Type: d.Type(), Data: d}
		list[i] = r
	}
	return list
}

type reader struct{ *rand.Rand }

func newReader(r *rand.Rand) reader { return reader{r} }

func (r reader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return len(b), nil
}

func stream(records []*events.Record) *growing {
	return &growing{records: records, more: make(chan struct{})}
}

func benchViews(b *testing.B, o Options) *Views {
	b.Helper()
	fold := projections.NewViews()
	v, err := OpenViews(filepath.Join(b.TempDir(), "beelden.db"), o, fold.Name(), fold.Shape())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { v.Close() })
	return v
}

// inFile waits until nothing waits.
func inFile(b *testing.B, v *Views) {
	b.Helper()
	if err := v.now.rows.drain(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkContacts50 reads the last fifty contacts of an employer with 10,000,
// in one View.
func BenchmarkContacts50(b *testing.B) {
	records := region(10_000, 1)
	v := benchViews(b, Options{NoSync: true})
	if err := projections.Rebuild(b.Context(), stream(records), projections.NewViews(), v, nil); err != nil {
		b.Fatal(err)
	}
	inFile(b, v)
	took := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		err := v.View(func(tx projections.Tx, _ events.Checkpoint) error {
			items, _, err := projections.NewEmployers().Contacts(tx, []string{"90000000"}, projections.Timeline{}, "", 50)
			if len(items) != 50 {
				b.Fatal(len(items), err)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		if len(took) < cap(took) {
			took = append(took, time.Since(began))
		}
	}
	report(b, took)
}

// BenchmarkApply folds batches into views of 100,000 events, durably.
func BenchmarkApply(b *testing.B) {
	const before = 100_000
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			v := benchViews(b, Options{})
			records := region(before+50_000, 20_000)
			source, fold := stream(records), projections.NewViews()
			if err := projections.RebuildUntil(b.Context(), source, fold, v, before, nil); err != nil {
				b.Fatal(err)
			}
			at := before
			took := make([]time.Duration, 0, 1<<16)
			for b.Loop() {
				if at+size > len(records) {
					b.StopTimer()
					b.Skip("no records left")
				}
				batch := records[at : at+size]
				began := time.Now()
				err := v.Update(batch[size-1].Checkpoint(), func(tx projections.Tx) error {
					for _, r := range batch {
						if err := fold.Apply(tx, r); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
				at += size
			}
			b.ReportMetric(float64(size)*float64(len(took))/b.Elapsed().Seconds(), "events/s")
			report(b, took)
		})
	}
}

// BenchmarkRebuild100k makes the views of 100,000 events from zero.
func BenchmarkRebuild100k(b *testing.B) { rebuild(b, 100_000) }

// BenchmarkRebuild1M is the same of a million; it takes some seconds.
func BenchmarkRebuild1M(b *testing.B) {
	if testing.Short() {
		b.Skip("short")
	}
	rebuild(b, 1_000_000)
}

// rebuild is what Views.Rebuild does with the second file.
func rebuild(b *testing.B, n int) {
	records, fold := region(n, n/5), projections.NewViews()
	v := &Views{name: fold.Name(), shape: fold.Shape()}
	path := filepath.Join(b.TempDir(), "beelden.db")
	var used time.Duration
	for b.Loop() {
		began := processorTime()
		h, err := v.hold(path, Options{NoSync: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := projections.Rebuild(b.Context(), stream(records), fold, h.rows, nil); err != nil {
			b.Fatal(err)
		}
		if err := h.finish(Options{}); err != nil {
			b.Fatal(err)
		}
		used += processorTime() - began
		size, _ := h.file.Size()
		b.ReportMetric(float64(size)/float64(n), "bytes/event")
		if err := errors.Join(h.close(), os.Remove(path)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(used.Microseconds())/float64(n*b.N), "cpu-µs/event")
}

// processorTime is what this process used of the processors: on a machine that does
// more than this, it says more than the clock.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func report(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	for _, q := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*q/100].Nanoseconds())/1e3, fmt.Sprintf("p%d-µs", q))
	}
}
