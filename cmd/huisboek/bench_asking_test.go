//go:build linux

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"huisboek/cmd/huisboek/region"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// benchWritten is how many events a second are recorded while questions are asked.
const benchWritten = 300

// benchAsked asks one question after the other while events are recorded where it is
// asked: ask returns how many rows it read, if that says something.
func benchAsked(b *testing.B, events *benchEvents, record func(*benchTold) error, ask func(i int) (rows int, err error)) {
	took, rows := make([]time.Duration, 0, b.N), 0
	benchWriting(b, events, benchWritten, record, func() {
		b.ResetTimer()
		for i := range b.N {
			began := time.Now()
			n, err := ask(i)
			if err != nil {
				b.Error(err)
				return
			}
			took = append(took, time.Since(began))
			rows += n
		}
		b.StopTimer()
	})
	if b.Failed() {
		return
	}
	benchPercentiles(b, took)
	if rows > 0 {
		b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
	}
}

// http asks over HTTP on loopback, on a connection that is kept.
func (o *benchBook) http(b *testing.B, path func(i int) string) {
	client := o.server.Client()
	benchAsked(b, o.events, o.record, func(i int) (int, error) {
		answer, err := client.Do(o.get(b, path(i)))
		if err != nil {
			return 0, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", answer.Status, body)
		}
		return 0, err
	})
}

// handled asks the same in process, without a connection.
func (o *benchBook) handled(b *testing.B, path func(i int) string) {
	benchAsked(b, o.events, o.record, func(i int) (int, error) {
		return 0, o.handle(path(i))
	})
}

func (o *benchBook) handle(path string) error {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+o.token)
	w := httptest.NewRecorder()
	if o.web.ServeHTTP(w, r); w.Code != http.StatusOK {
		return fmt.Errorf("%d: %s", w.Code, w.Body)
	}
	return nil
}

// benchAsksFor gives employers to ask about: as often as something happens there.
func benchAsksFor() func() string {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(benchSeed, 2)), 1.1, 40, region.Employers-1)
	return func() string { return region.KvKOf(int(zipf.Uint64())) }
}

// BenchmarkLast50 asks for the last fifty contacts of an employer: of those that
// something happens at, as often as it does, and of employers with a known number. Peers
// beside ours: the same over HTTP, PostgreSQL, and a cursor of bbolt over rows that stand
// in that order.
func BenchmarkLast50(b *testing.B) {
	s := sharedBench(b)
	zipf := benchAsksFor()
	employers := map[string]func() string{"zipf": zipf}
	names := []string{"zipf"}
	for _, m := range s.region.Measured {
		name := fmt.Sprint(m.Contacts)
		names, employers[name] = append(names, name), func() string { return m.KvK }
	}
	for _, name := range names {
		employer := employers[name]
		b.Run("contacts="+name, func(b *testing.B) {
			b.Run("peer=huisboek", func(b *testing.B) {
				ours := s.ours(b)
				benchAsked(b, ours.events, ours.record, func(int) (int, error) { return ours.last50(employer()) })
			})
			b.Run("peer=huisboek-http", func(b *testing.B) {
				s.ours(b).http(b, func(int) string { return "/v1/werkgevers/" + employer() + "/contacten?aantal=50" })
			})
			b.Run("peer=postgres", func(b *testing.B) {
				pg := s.pg(b)
				benchAsked(b, pg.events, func(e *benchTold) error { return pg.insert(pg.conns[0], e) }, func(int) (int, error) {
					return pg.rows(pg.conns[1], benchLast50, employer())
				})
			})
			b.Run("peer=bbolt", func(b *testing.B) {
				bolt := s.bbolt(b)
				benchAsked(b, bolt.events, func(e *benchTold) error { return bolt.put([]benchTold{*e}) }, func(int) (int, error) {
					return bolt.last50(employer())
				})
			})
		})
	}
}

// last50 is the question in process: a view of the views.
func (o *benchBook) last50(employer string) (rows int, err error) {
	err = o.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		view := projections.NewEmployers()
		keys, err := view.Same(tx, employer)
		if err != nil {
			return err
		}
		list, _, err := view.Contacts(tx, keys, projections.Timeline{}, "", 50)
		rows = len(list)
		return err
	})
	return rows, err
}

// BenchmarkSearch searches among the employers that have a card by their name, whole or
// with a letter missing, and half of the time with their place.
func BenchmarkSearch(b *testing.B) {
	s := sharedBench(b)
	ours := s.ours(b)
	if _, err := ours.search.waitFor(b.Context(), ours.ledger.Position()); err != nil {
		b.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(benchSeed, 3))
	text := func() string {
		e := s.region.Employer(dice.IntN(10_000))
		q := e.Name
		if cut := 1 + dice.IntN(len(q)-1); dice.IntN(2) == 0 {
			q = q[:cut] + q[cut+1:]
		}
		if dice.IntN(2) == 0 {
			q += " " + e.Place
		}
		return q
	}
	b.Run("peer=huisboek", func(b *testing.B) {
		benchAsked(b, ours.events, ours.record, func(int) (int, error) {
			hits, _ := ours.search.index().Find(text(), 0, 20)
			return len(hits), nil
		})
	})
	b.Run("peer=huisboek-http", func(b *testing.B) {
		ours.http(b, func(int) string { return "/v1/werkgevers?zoek=" + url.QueryEscape(text()) })
	})
}

// BenchmarkAdvice asks whom to call before a visit.
func BenchmarkAdvice(b *testing.B) {
	ours := sharedBench(b).ours(b)
	employer := benchAsksFor()
	day := events.DateOf(ours.Now()).AddDays(7)
	b.Run("peer=huisboek", func(b *testing.B) {
		benchAsked(b, ours.events, ours.record, func(int) (int, error) {
			_, _, err := ours.ledger.Advise(b.Context(), ledger.Question{
				Employer: events.Employer{KvK: employer()}, Partner: ours.set.region.Partners[0].ID, Purpose: "acquisitie", Date: day,
			})
			return 1, err
		})
	})
	b.Run("peer=huisboek-http", func(b *testing.B) {
		ours.http(b, func(int) string {
			return fmt.Sprintf("/v1/werkgevers/%s/advies?doel=acquisitie&datum=%s", employer(), day)
		})
	})
}

// BenchmarkStanding asks how a target of the region stands: ours with every partner's
// share, months, path and forecast, through the handler and over HTTP; of PostgreSQL the
// sums that its trigger keeps.
func BenchmarkStanding(b *testing.B) {
	s := sharedBench(b)
	for i, of := range []string{"placements", "reached", "visits"} {
		b.Run("of="+of, func(b *testing.B) {
			ours := s.ours(b)
			path := func(int) string { return "/v1/doelstellingen/" + s.region.Targets[i] + "/stand" }
			if err := ours.handle(path(0)); err != nil { // the first one counts everything: BenchmarkOpening has it
				b.Fatal(err)
			}
			b.Run("peer=huisboek", func(b *testing.B) { ours.handled(b, path) })
			b.Run("peer=huisboek-http", func(b *testing.B) { ours.http(b, path) })
			typ, ok := map[string]events.Type{"placements": events.TypePlacementMade, "visits": events.TypeVisitMade}[of]
			if !ok {
				return // it has no sum of employers reached, each once
			}
			b.Run("peer=postgres", func(b *testing.B) {
				pg := s.pg(b)
				benchAsked(b, pg.events, func(e *benchTold) error { return pg.insert(pg.conns[0], e) }, func(int) (int, error) {
					return pg.rows(pg.conns[1], benchTotal, string(typ))
				})
			})
		})
	}
}
