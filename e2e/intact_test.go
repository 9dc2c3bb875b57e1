package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// intact is a stopped data folder with some thousands of events in several block
// files, some of them erased, and what it holds.
type intact struct {
	program  string
	dir      string // of the data folder and the credentials
	partners []*partner
	sent     []*sent // everything acknowledged, by sender
	by       map[*sent]*partner
	records  map[uint64][]byte
	keys     map[uint64][]byte
	// highestKey is the highest id of a key that a record names.
	highestKey uint64
}

// theIntact is made once for all tests that damage copies of it.
var theIntact struct {
	sync.Mutex
	*intact
}

func someIntact(t *testing.T) *intact {
	t.Helper()
	theIntact.Lock()
	defer theIntact.Unlock()
	if theIntact.intact == nil {
		theIntact.intact = makeIntact(t, 3600)
	}
	return theIntact.intact
}

// makeIntact makes one with so many visits. Their free texts make the records
// large, so that few fill several blocks.
func makeIntact(t *testing.T, visits int) *intact {
	t.Helper()
	program, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(built), "intact-")
	if err != nil {
		t.Fatal(err)
	}
	b := newBookIn(t, program, dir, "--max-bytes", fmt.Sprint(31<<20), "--max-key-bytes", fmt.Sprint(31<<20)) // blocks of 4 MB
	in := &intact{program: program, dir: b.dir, by: map[*sent]*partner{}}
	for i, oin := range []string{oinZwolle, oinUWV} {
		in.partners = append(in.partners, b.admit(t, oin, fmt.Sprintf("Partner %d", i), "gemeente"))
	}
	const parts = 3 // each start draws keys anew, so that the key stream fills more than one block
	for part := range parts {
		if part > 0 {
			b.server = startAs(t, program, b.data)
		}
		for i, p := range in.partners {
			p.connect(t, b.server)
			in.emit(t, p, part*10+i, visits/parts/len(in.partners))
		}
		if part == 1 {
			words{program: program}.run(t, "erase", "--data", b.data, "--partner", in.partners[0].ID, "--employee", "am-1", "--ground", "verzoek").well(t, nil)
		}
		b.stop(t)
	}
	for stream, least := range map[string]int{recordStream: 3, keyStream: 1} {
		if n := len(blocks(t, b.data, stream)); n < least {
			t.Fatalf("%s has %d blocks, want %d or more", stream, n, least)
		}
	}
	in.records, in.keys = messages(t, b.data, recordStream), messages(t, b.data, keyStream)
	for _, stored := range in.records {
		for _, named := range regexp.MustCompile(`"sleutel":(\d+)`).FindAllSubmatch(stored, -1) {
			id, err := strconv.ParseUint(string(named[1]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			in.highestKey = max(in.highestKey, id)
		}
	}
	if in.highestKey < uint64(visits) {
		t.Fatalf("the highest key in use is %d", in.highestKey)
	}
	return in
}

func (in *intact) emit(t *testing.T, p *partner, seed, n int) {
	t.Helper()
	text := strings.Repeat("Een lang gesprek over vacatures en begeleiding. ", 40)[:1900]
	rng := rand.New(rand.NewPCG(uint64(seed), 0))
	work := make(chan *sent)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for s := range work {
				a, err := p.request(t.Context(), structured(s.event))
				if err != nil || a.Status != 0 {
					t.Errorf("%v: %+v", err, a)
					continue
				}
				s.position = a.Position
			}
		})
	}
	for range n {
		e := p.event("bezoek-afgelegd", object{
			"kvkNummer": kvks[rng.IntN(len(kvks))], "datum": day(-rng.IntN(300)), "doel": "advies", "vorm": "video",
			"accountmanager": manager(fmt.Sprintf("am-%d", rng.IntN(4)), "Accountmanager Voorbeeld", "038-1000999"), "toelichting": text,
		})
		s := &sent{event: e, id: e["id"].(string)}
		in.sent, in.by[s] = append(in.sent, s), p
		work <- s
	}
	close(work)
	all.Wait()
}

func (in *intact) data() string { return filepath.Join(in.dir, "data") }

// copy is a copy of the data folder in a folder of its own.
func (in *intact) copy(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	copyTree(t, in.data(), data)
	return data
}
