package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

var (
	networkTime = flag.Duration("network.time", time.Minute, "how long TestBadNetwork loads the book; with -short ten seconds")
	networkSeed = flag.Uint64("network.seed", 0, "seed of TestBadNetwork; 0 draws one")
)

const (
	networkPartners = 60                     // half of them over NATS, half over HTTP
	networkPace     = 200 * time.Millisecond // between two events of a partner, on average
	networkAnswer   = 3 * time.Second        // how long a partner waits; it should wait longer than that

	// What the process may keep when the load is over. Goroutines come and go with
	// connections, of which there were some thousand. Memory grows with the book
	// (pages of the files, what the ledger and the stream remember of each event)
	// and Go gives back late what it freed; without a leak half of this is used.
	networkGoroutines   = 20
	networkMemory       = 64 << 20
	networkMemoryOfEach = 8 << 10 // event
)

// TestBadNetwork: sixty partners on a bad line plan, move and visit, and offer
// each event again until they have its receipt. Afterwards every event is in the
// book exactly once, at the position that its partner was told; verify is well;
// and the server has given back what the connections took (promises 1 and 2).
func TestBadNetwork(t *testing.T) {
	program, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	seed := *networkSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	last := *networkTime
	if testing.Short() {
		last = 10 * time.Second
	}
	t.Logf("-network.seed=%d", seed)
	b := newBookAs(t, program)
	all := admitRemotes(t, b, program, seed)
	before := b.weigh(t)

	partners := newBadLine(t, strings.TrimPrefix(b.nats, "nats://"), seed)
	web := newBadLine(t, strings.TrimPrefix(b.url, "http://"), seed+1)
	ctx, cancel := context.WithTimeout(t.Context(), last+patience)
	defer cancel()
	closing := make(chan struct{})
	time.AfterFunc(last, func() { close(closing) })
	var load sync.WaitGroup
	for i, r := range all {
		if i%2 == 0 {
			r.overNATS(t, "nats://"+partners.Addr().String())
		} else {
			r.overHTTP("http://" + web.Addr().String())
		}
		load.Go(func() {
			if err := r.work(ctx, closing); err != nil {
				t.Errorf("%s: %v", r.Name, err)
			}
		})
	}
	load.Wait()
	for _, r := range all {
		r.hangUp()
	}
	partners.end()
	web.end()
	told, tries, unheard := 0, 0, 0
	for _, r := range all {
		told += len(r.told)
		tries += r.tries
		unheard += r.unheard
	}
	t.Logf("%d events acknowledged in %s, %d of %d tries got no receipt, and over HTTP %d of those had been recorded; NATS: %s; HTTP: %s",
		told, last, tries-told, tries, unheard, partners, web)
	if t.Failed() {
		return
	}
	if told < networkPartners || tries == told || partners.cuts == 0 || web.cuts == 0 {
		t.Error("the line was not bad enough to show anything")
	}
	exactlyOnce(t, b, all)
	again(t, b, all)
	awaitWeight(t, b, before, told)
	words{program: program}.run(t, "verify", "--data", b.data).well(t, nil)
}

// remote is a partner that has only a bad line.
type remote struct {
	*partner
	rng     *rand.Rand
	offer   func(ctx context.Context, e object, binary bool) (*answer, error)
	hangUp  func()
	told    []*sent // acknowledged
	tries   int
	unheard int // receipts over HTTP that say: recorded by a try whose answer was lost
}

// admitRemotes admits all partners and lets each say one thing over a good line.
func admitRemotes(t *testing.T, b *book, program string, seed uint64) []*remote {
	t.Helper()
	all := make([]*remote, networkPartners)
	for i := range all {
		oin := fmt.Sprintf("00000099%012d", 5_000+i)
		p := &partner{source: "urn:nld:oin:" + oin + ":systeem:crm"}
		words{program: program, dir: b.dir}.run(t, "partner", "add", "--data", b.data, "--oin", oin, "--name", fmt.Sprintf("Partner %d", i), "--kind", "overig", "--json").well(t, p)
		p.Creds = filepath.Join(b.dir, p.Creds)
		p.connect(t, b.server)
		all[i] = &remote{partner: p, rng: rand.New(rand.NewPCG(seed, uint64(i)))}
		first := all[i].event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "voorlichting", "datum": day(0)})
		all[i].told = []*sent{{event: first, name: "dienst-geleverd", id: first["id"].(string), position: p.emit(t, first).Position}}
		all[i].tries = 1
		p.nc.Close()
	}
	return all
}

func (r *remote) overNATS(t *testing.T, address string) {
	t.Helper()
	nc, err := nats.Connect(address, nats.UserCredentials(r.Creds), nats.Timeout(networkAnswer),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 0),
		nats.IgnoreAuthErrorAbort(), nats.IgnoreDiscoveredServers(), nats.PingInterval(networkAnswer/2), nats.MaxPingsOutstanding(1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // a bad line says much
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	r.nc, r.hangUp = nc, nc.Close
	r.offer = func(ctx context.Context, e object, binary bool) (*answer, error) {
		ctx, cancel := context.WithTimeout(ctx, networkAnswer)
		defer cancel()
		m := structured(e)
		if binary {
			m = inBinary(e)
		}
		return r.request(ctx, m)
	}
}

func (r *remote) overHTTP(address string) {
	line := &http.Transport{MaxIdleConnsPerHost: 1}
	client := &http.Client{Transport: line, Timeout: networkAnswer}
	r.hangUp = line.CloseIdleConnections
	r.offer = func(ctx context.Context, e object, binary bool) (*answer, error) {
		return post(ctx, client, address, r.Token, e, binary)
	}
}

// post emits an event over HTTP, structured or binary.
func post(ctx context.Context, client *http.Client, address, token string, e object, binary bool) (*answer, error) {
	body, headers := marshal(e), http.Header{"Content-Type": {"application/cloudevents+json"}}
	if binary {
		m := inBinary(e) // headers and body are those of NATS
		body, headers = m.Data, http.Header{}
		for name, values := range m.Header {
			headers.Set(name, values[0])
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/v1/gebeurtenissen", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = headers
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{raw: resp.Status + " " + string(body)}
	if err := json.Unmarshal(body, a); err != nil {
		return nil, fmt.Errorf("%s: %w", a.raw, err)
	}
	if a.Status == 0 {
		a.Status = resp.StatusCode // 200 or 201, which a receipt over NATS does not say
	}
	return a, nil
}

// work closes the loop from plan to visit and service at one employer after the
// other, until closing; the last loop is closed all the same.
func (r *remote) work(ctx context.Context, closing <-chan struct{}) error {
	for n := 0; ; n++ {
		select {
		case <-closing:
			return nil
		default:
		}
		kvk, approach := r.rng.IntN(len(kvks)), uuid.NewString()
		employer := func(data object) object { // everybody's, or nobody else's
			if n%4 == 0 {
				data["kvkNummer"] = kvks[kvk]
			} else {
				data["voorlopig"] = approach
			}
			return data
		}
		who := manager("am-1", "Ada Voorbeeld", "+31 38 1000101")
		for _, e := range []object{
			r.event("bezoek-gepland", employer(object{"benadering": approach, "datum": day(3), "doel": "kennismaking", "accountmanager": who})),
			r.event("bezoek-verzet", object{"benadering": approach, "datum": day(5)}),
			r.event("bezoek-afgelegd", employer(object{"benadering": approach, "datum": day(0), "doel": "kennismaking", "vorm": "telefoon"})),
			r.event("dienst-geleverd", employer(object{"dienst": "voorlichting", "datum": day(0)})), // rests on nothing: a second one would be let in
		} {
			if err := r.tell(ctx, e); err != nil {
				return err
			}
			if err := r.pause(ctx, 2*networkPace); err != nil {
				return err
			}
		}
	}
}

// tell offers an event, the same each time, until it has an answer.
func (r *remote) tell(ctx context.Context, e object) error {
	name := strings.TrimSuffix(strings.TrimPrefix(e["type"].(string), "nl.werkgeversdiensten."), ".v1")
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		r.tries++
		a, err := r.offer(ctx, e, r.rng.IntN(2) == 0)
		switch {
		case err != nil, a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
			if err := r.pause(ctx, wait); err != nil {
				return fmt.Errorf("%s never got an answer", e["id"])
			}
		case a.Status >= 300 || a.ID != e["id"] || a.Position == 0:
			return fmt.Errorf("%s was answered %s", marshal(e), a.raw)
		default:
			if a.Status == http.StatusOK {
				r.unheard++
			}
			r.told = append(r.told, &sent{event: e, name: name, id: a.ID, position: a.Position})
			return nil
		}
	}
}

// pause lets up to that much time go by: a partner has other things to do.
func (r *remote) pause(ctx context.Context, most time.Duration) error {
	select {
	case <-time.After(time.Duration(r.rng.Int64N(int64(most)))):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// exactlyOnce: the book is as long as what was acknowledged, no two events share
// a position, and every timeline has what was told of it and nothing else.
func exactlyOnce(t *testing.T, b *book, all []*remote) {
	t.Helper()
	whose := map[uint64]string{}
	lines := map[string][]uint64{} // by employer
	asks := map[string]*remote{}
	for _, r := range all {
		for _, s := range r.told {
			if other, taken := whose[s.position]; taken {
				t.Errorf("position %d is of %s and of %s", s.position, other, s.id)
			}
			whose[s.position] = s.id
			data := s.event["data"].(object)
			key, _ := data["kvkNummer"].(string)
			if v, ok := data["voorlopig"].(string); ok {
				key = "voorlopig-" + v
			}
			if key != "" { // a move is seen in its plan
				lines[key] = append(lines[key], s.position)
				asks[key] = r
			}
		}
	}
	if tip, want := b.tip(t), uint64(1+networkPartners+len(whose)); tip != want {
		t.Errorf("the book has %d records, want genesis, %d partners and %d events: %d", tip, networkPartners, len(whose), want)
	}
	tip := b.tip(t)
	for key, want := range lines {
		var got []uint64
		for _, c := range b.timeline(t, asks[key].Token, key, tip) {
			got = append(got, c.Position)
			if c.Type == "nl.werkgeversdiensten.bezoek-gepland.v1" && c.Status != "afgelegd" {
				t.Errorf("employer %s: the plan at %d is %s, and its visit was acknowledged", key, c.Position, c.Status)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("employer %s has %v, want %v", key, got, want)
		}
	}
}

// timeline reads all pages.
func (b *book) timeline(t *testing.T, token, key string, since uint64) (list []contact) {
	t.Helper()
	for next := ""; ; {
		var page employerAnswer
		if status, body := b.get(t, token, fmt.Sprintf("/v1/werkgevers/%s/contacten?aantal=200&vanafPositie=%d&na=%s", key, since, url.QueryEscape(next)), &page); status != 200 {
			t.Fatalf("%s: %d %s", key, status, body)
		}
		list = append(list, page.Contacts...)
		if next = page.Next; next == "" {
			return list
		}
	}
}

// again offers every event once more, over HTTP and a good line: 200, and the
// position of the first time.
func again(t *testing.T, b *book, all []*remote) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	work := make(chan func())
	var hands sync.WaitGroup
	for range 24 {
		hands.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	var line http.Transport
	defer line.CloseIdleConnections()
	client := &http.Client{Transport: &line}
	var seen atomic.Int64
	for _, r := range all {
		for _, s := range r.told {
			work <- func() {
				a, err := post(ctx, client, b.url, r.Token, s.event, false)
				if err != nil || a.Status != http.StatusOK || a.Position != s.position {
					t.Errorf("%s was acknowledged at %d, and offered again: %v %v", s.id, s.position, a, err)
					return
				}
				seen.Add(1)
			}
		}
	}
	close(work)
	hands.Wait()
	t.Logf("%d events offered again", seen.Load())
}

// weight is what a process takes, as it says at /metrics.
type weight struct{ goroutines, memory, heap float64 }

// String is for people.
func (w weight) String() string {
	return fmt.Sprintf("%.0f goroutines, %.1f MiB resident, %.1f MiB of heap in use", w.goroutines, w.memory/(1<<20), w.heap/(1<<20))
}

func (b *book) weigh(t *testing.T) weight {
	t.Helper()
	status, body := b.get(t, b.steward, "/metrics", nil)
	if status != 200 {
		t.Fatalf("/metrics: %d %s", status, body)
	}
	values := map[string]float64{}
	for line := range strings.Lines(string(body)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = v
		}
	}
	w := weight{values["go_goroutines"], values["process_resident_memory_bytes"], values["go_memstats_heap_inuse_bytes"]}
	if w.goroutines == 0 || w.memory == 0 || w.heap == 0 {
		t.Fatalf("/metrics does not say what the process takes: %v", slices.Sorted(maps.Keys(values)))
	}
	return w
}

var errHeavy = errors.New("the server has not given back what it took")

// awaitWeight waits until the server is back where it was.
func awaitWeight(t *testing.T, b *book, before weight, events int) {
	t.Helper()
	memory := before.memory + networkMemory + float64(events)*networkMemoryOfEach
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errHeavy)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	first := b.weigh(t)
	for after := first; ; after = b.weigh(t) {
		if after.goroutines <= before.goroutines+networkGoroutines && after.memory <= memory {
			t.Logf("before %v; right after the load %v; then %v", before, first, after)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%v: before %v, after %v", context.Cause(ctx), before, after)
		}
	}
}
