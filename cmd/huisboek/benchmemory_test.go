package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections/search/searchtest"
)

// What a start and an open book cost is measured in a process that did nothing else:
// the benchmark fills a book, closes it, and starts itself again with this set to its
// folder.
const envOpened = "HUISBOEK_BENCH_OPENED"

// BenchmarkStart opens a book in a process of its own and asks it every kind of question:
// how long each phase of the start took, and how much memory is resident besides page
// cache, once it can be searched and after the questions. The book has
// HUISBOEK_BENCH_EVENTS events (20,000) of the last two years at two employers for every
// five events, up to 400,000; HUISBOEK_BENCH_BOOK is a folder to keep it in for the next
// run, HUISBOEK_BENCH_HEAP where to write a profile of the heap.
func BenchmarkStart(b *testing.B) {
	n := 20_000
	if said, err := strconv.Atoi(os.Getenv("HUISBOEK_BENCH_EVENTS")); err == nil {
		n = said
	}
	dir := os.Getenv("HUISBOEK_BENCH_BOOK")
	if dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprintf("events-%d", n))
	if _, err := os.Stat(filepath.Join(dir, "asked.json")); err != nil {
		fillMixed(b, dir, n)
	}
	sums := map[string]float64{}
	for range b.N {
		for name, x := range opened(b, dir) {
			sums[name] += x
		}
	}
	for name, x := range sums {
		b.ReportMetric(x/float64(b.N), name)
	}
	b.ReportMetric(0, "ns/op")
}

// askedOf is with what a filled book is asked.
type askedOf struct {
	Token   string
	Targets []string
	Until   time.Time // the last moment
}

// opened runs TestOpened on a folder.
func opened(tb testing.TB, dir string) map[string]float64 {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), os.Args[0], "-test.run=^TestOpened$", "-test.v")
	cmd.Env = append(os.Environ(), envOpened+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	figures := map[string]float64{}
	for line := range strings.Lines(string(out)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " = "); ok {
			figures[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	return figures
}

// TestOpened is not a test: BenchmarkStart runs it in a process of its own.
func TestOpened(t *testing.T) {
	dir := os.Getenv(envOpened)
	if dir == "" {
		t.Skip("it is for BenchmarkStart")
	}
	var to askedOf
	data, err := os.ReadFile(filepath.Join(dir, "asked.json"))
	if err == nil {
		err = json.Unmarshal(data, &to)
	}
	if err != nil {
		t.Fatal(err)
	}
	tell := func(name string, x float64) { fmt.Printf("%s = %.3f\n", name, x) }
	phases := &phaseLog{tell: tell}
	began := time.Now()
	since := func(name string) { tell(name+"-s", time.Since(began).Seconds()) }
	h, err := openHouse(t.Context(), settings{
		Dir: filepath.Join(dir, "data"), Asking: intake.Rates{InFlight: 64}, Log: slog.New(phases), Scrub: true, Registry: prometheus.NewRegistry(),
		Now: func() time.Time { return to.Until.Add(time.Since(began)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	since("open")
	ask := asker(t, h, to.Token)
	ask("/v1/werkgevers/90000001/contacten?aantal=50")
	if _, err := h.search.waitFor(t.Context(), h.ledger.Position()); err != nil {
		t.Fatal(err)
	}
	since("searchable")
	tellMemory(tell, "searchable")
	day := events.DateOf(to.Until)
	for i, target := range to.Targets {
		began := time.Now()
		ask("/v1/doelstellingen/" + target + "/stand?peildatum=" + string(day))
		tell(fmt.Sprintf("standing-%d-s", i+1), time.Since(began).Seconds())
	}
	for scrubbed := false; !scrubbed; scrubbed = int(h.scrubbed.position.Load()) >= int(h.ledger.Position()) {
		runtime.Gosched()
		time.Sleep(10 * time.Millisecond) // nothing says when it has come there
	}
	dice, took := rand.New(rand.NewPCG(1, 1)), map[string][]time.Duration{}
	questions := searchtest.Questions(1_000)
	timed := func(name, path string) {
		began := time.Now()
		ask(path)
		took[name] = append(took[name], time.Since(began))
	}
	for i := range 2_000 {
		if q := questions[i%len(questions)]; len(q) >= 2 && len([]rune(q)) <= 100 {
			timed("search", "/v1/werkgevers?zoek="+url.QueryEscape(q))
		}
		timed("employer", fmt.Sprintf("/v1/werkgevers/%08d/contacten?aantal=50", 90_000_000+dice.IntN(400_000)))
		timed("standing", "/v1/doelstellingen/"+to.Targets[i%len(to.Targets)]+"/stand?peildatum="+string(day))
	}
	for name, list := range took {
		slices.Sort(list)
		tell(name+"-p99-ms", float64(list[len(list)*99/100].Microseconds())/1000)
	}
	tellMemory(tell, "asked")
	tell("goroutines", float64(runtime.NumGoroutine()))
	if path := os.Getenv("HUISBOEK_BENCH_HEAP"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		runtime.GC()
		if err := pprof.Lookup("heap").WriteTo(f, 0); err != nil {
			t.Fatal(err)
		}
	}
	debug.FreeOSMemory()
	tellMemory(tell, "freed")
}

// asker asks over HTTP, in process; an answer that is none ends the test.
func asker(tb testing.TB, h *house, token string) func(path string) {
	return func(path string) {
		tb.Helper()
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if h.web.ServeHTTP(w, r); w.Code != http.StatusOK {
			tb.Fatal(path, w.Code, w.Body)
		}
	}
}

// phaseLog tells what a log says that something took.
type phaseLog struct{ tell func(string, float64) }

func (p *phaseLog) Enabled(context.Context, slog.Level) bool { return true }
func (p *phaseLog) WithAttrs([]slog.Attr) slog.Handler       { return p }
func (p *phaseLog) WithGroup(string) slog.Handler            { return p }
func (p *phaseLog) Handle(_ context.Context, r slog.Record) error {
	name := strings.ReplaceAll(r.Message, " ", "-")
	r.Attrs(func(a slog.Attr) bool {
		switch {
		case a.Key == "step":
			name = a.Value.String()
		case a.Key == "took" && r.Message != "request" && a.Value.Kind() == slog.KindDuration:
			p.tell("phase-"+name+"-s", a.Value.Duration().Seconds())
		}
		return true
	})
	return nil
}

// tellMemory tells what is resident besides page cache, and what the heap has.
func tellMemory(tell func(string, float64), when string) {
	const mb = 1 << 20
	f, err := os.Open("/proc/self/status")
	if err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if name, value, _ := strings.Cut(lines.Text(), ":"); name == "RssAnon" {
				kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
				tell(when+"-rss-MB", kb/1024)
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	tell(when+"-inuse-MB", float64(m.HeapInuse)/mb)
	tell(when+"-gc-cpu-pct", 100*m.GCCPUFraction)
	runtime.GC()
	runtime.ReadMemStats(&m)
	tell(when+"-live-MB", float64(m.HeapAlloc)/mb)
}

// fillMixed makes a book of n events of all that costs memory, and notes how to ask it.
func fillMixed(tb testing.TB, dir string, n int) {
	tb.Helper()
	const years = 2
	var clock atomic.Int64 // what was recorded so far
	end := time.Now().Truncate(time.Hour)
	now := func() time.Time {
		return end.AddDate(-years, 0, 0).Add(time.Duration(float64(clock.Load()) / float64(n) * float64(years*365*24*time.Hour)))
	}
	h, err := openHouse(tb.Context(), settings{Dir: filepath.Join(dir, "data"), Region: "AM36", Rates: intake.Rates{InFlight: 256}, Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	var callers []ledger.Caller
	var sources []string
	for i := range 24 {
		oin := fmt.Sprintf("0000009900000000%d000", i+1)
		oin = oin[:8] + fmt.Sprintf("%012d", (i+1)*1000)
		made, err := h.addPartner(tb.Context(), newPartner{OIN: oin, Name: fmt.Sprint("Partner ", i), Kind: "gemeente"}, nil)
		if err != nil {
			tb.Fatal(err)
		}
		callers = append(callers, ledger.Caller{Role: ledger.RolePartner, Partner: made.Partner, Credential: "bench", Door: ledger.DoorNATS})
		sources = append(sources, "urn:nld:oin:"+oin+":systeem:crm")
	}
	agreement := events.DefaultAgreement()
	agreement.PlansPerPartner = 0 // or most of them would be refused
	steward := func(role ledger.Role, d events.Data) {
		e, err := events.NewEvent("urn:nld:oin:"+h.ledger.StewardOIN()+":systeem:bench", uuid.NewString(), now(), d)
		if err != nil {
			tb.Fatal(err)
		}
		recordNow(tb, h, ledger.Caller{Role: role, Credential: "bench-2", Door: ledger.DoorLocal}, e.Canonical())
	}
	steward(ledger.RoleSteward, &agreement)
	to := askedOf{Until: end}
	period := &events.Period{From: events.DateOf(now()), To: events.DateOf(end).AddDays(90)}
	for _, set := range []events.TargetSet{
		{Measure: events.MeasurePlacements}, {Measure: events.MeasurePlacements, Groups: []string{"DD01", "DD02"}}, {Measure: events.MeasureReached}, {Measure: events.MeasureVisits},
	} {
		set.Target, set.Name, set.Period, set.Number = uuid.NewString(), "Doel", period, n/10
		to.Targets = append(to.Targets, set.Target)
		steward(ledger.RoleBoard, &set)
	}
	_, to.Token, err = h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: callers[0].Partner, Kind: access.KindToken})
	if err != nil {
		tb.Fatal(err)
	}
	mix := newMix(n)
	var all sync.WaitGroup
	for c := range 500 {
		all.Go(func() {
			for i := c; i < n; i += 500 {
				e, err := events.NewEvent(sources[i%24], uuid.NewString(), now(), mix.event(i, events.DateOf(now())))
				if err != nil {
					tb.Error(err)
					return
				}
				recordNow(tb, h, callers[i%24], e.Canonical())
				clock.Add(1)
			}
		})
	}
	all.Wait()
	data, err := json.Marshal(to)
	if err == nil {
		err = h.waitForViews(context.Background())
	}
	if err == nil {
		err = h.Close()
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "asked.json"), data, 0o600)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// recordNow records an event by the book's clock.
func recordNow(tb testing.TB, h *house, c ledger.Caller, raw []byte) {
	tb.Helper()
	e, err := events.Decode(raw, h.Now())
	if err == nil {
		_, err = h.ledger.Record(context.Background(), ledger.Submission{Event: e, Caller: c})
	}
	if err != nil {
		tb.Error(err)
	}
}

// mix is what happens in a region: of every twenty events four describe an employer that
// was not described before, as long as there are any, and then one that was.
type mix struct {
	names []string
	place []string
}

func newMix(n int) *mix {
	m := new(mix)
	for _, e := range searchtest.Employers(min(400_000, max(100, 2*n/5))) {
		m.names, m.place = append(m.names, e.Names[0]), append(m.place, e.Place)
	}
	return m
}

func (m *mix) event(i int, day events.Date) events.Data {
	dice := rand.New(rand.NewPCG(8, uint64(i)))
	of := dice.IntN(len(m.names))
	if i%20 < 4 {
		of = i/20*4%len(m.names) + i%20
		of %= len(m.names)
	}
	employer := events.Employer{KvK: fmt.Sprintf("%08d", 90_000_000+of)}
	groups := [][]string{nil, {"DD01"}, {"DD02"}, {"DD03"}, {"DD04"}, {"DD05"}}
	group, hours, yes := groups[dice.IntN(len(groups))], events.Hundredths(100*(8+dice.IntN(32))), dice.IntN(2) == 0
	who := events.AccountManager{Employee: fmt.Sprint("am-", i%1200), Name: fmt.Sprint("Accountmanager ", i%1200), Phone: "038-0000001", Email: "am@example.nl"}
	switch k := i % 20; {
	case k < 4:
		d := &events.EmployerDescribed{Employer: employer, Gemeente: "GM0193", Size: "10-19", Sector: "markt"}
		postcode := fmt.Sprintf("%dAB", 7700+of%640)
		d.Name.Plain, d.Place.Plain, d.Postcode.Plain = &m.names[of], &m.place[of], &postcode
		return d
	case k < 11:
		d := &events.VisitMade{Employer: employer, Date: day, Purpose: "acquisitie", Form: "op-locatie", Outcome: []string{"vervolgafspraak"}, TargetGroups: group}
		d.AccountManager.Plain = &who
		if k == 4 {
			text := "Kennisgemaakt; belt terug na het weekend over twee plekken in het magazijn."
			d.Note.Plain = &text
		}
		return d
	case k < 14:
		d := &events.VisitPlanned{Employer: employer, Approach: uuid.NewString(), Date: day.AddDays(1 + dice.IntN(30)), Purpose: "acquisitie"}
		d.AccountManager.Plain = &who
		return d
	case k < 17:
		d := &events.PlacementMade{Employer: employer, Placement: uuid.NewString(), Start: day, Kind: "dienstverband", Region: "AM36", Hours: &hours, Register: &yes}
		if group != nil {
			d.TargetGroup = group[0]
		}
		return d
	case k < 18:
		return &events.ServiceDelivered{Employer: employer, Service: "jobcoach", Date: day}
	case k < 19:
		return &events.VacancyReported{Employer: employer, Vacancy: uuid.NewString(), Occupation: "Magazijnmedewerker", Count: 2}
	}
	return &events.SignalNoted{Employer: employer, Theme: "krimp"}
}
