package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

var (
	tampers    = flag.Int("tampers", 200, "rounds of TestTampering")
	tamperSeed = flag.Uint64("tampers.seed", 0, "first seed of TestTampering; round n has seed+n; 0 draws one")
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

// TestTampering: flip, cut, zero and remove block files of records and keys at
// random places, with and without the server's index. Each is found at start, by
// verify, or by the background reading, and the message names which stream and
// where; or else every event that was acknowledged is there, byte for byte, and
// every seal opens: then the damaged place was one that no record rests on
// (promise 4: no silent gap).
func TestTampering(t *testing.T) {
	in := someIntact(t)
	words{program: in.program}.run(t, "verify", "--data", in.copy(t)).well(t, nil)
	seed := *tamperSeed
	if seed == 0 {
		seed = rand.Uint64N(1 << 32)
	}
	tally := map[string]int{}
	for n := range *tampers {
		if !t.Run(fmt.Sprintf("seed=%d", seed+uint64(n)), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed+uint64(n), 0))
			tally[in.tamper(t, r, n%10 == 9)]++
		}) {
			t.Fatalf("repeat with -tampers=1 -tampers.seed=%d", seed+uint64(n))
		}
	}
	t.Logf("%d records in %d blocks, %d keys in %d: found by %v", len(in.records), len(blocks(t, in.data(), recordStream)), len(in.keys), len(blocks(t, in.data(), keyStream)), tally)
}

// tamper damages a copy and says by what that was found.
func (in *intact) tamper(t *testing.T, r *rand.Rand, serving bool) string {
	data := in.copy(t)
	what := damage(t, r, data)
	by := in.findByVerify
	if serving {
		by = in.findByServing
	}
	found, message := by(t, data)
	if found == "" {
		in.allThere(t, data, what)
		return "nothing that a record rests on"
	}
	t.Logf("%s: %s: %s", what, found, strings.TrimSpace(message))
	if !namesWhatAndWhere(message, what) {
		t.Errorf("%s: the message does not say what and where: %s", what, message)
	}
	return found
}

var where = regexp.MustCompile(`position \d+|key \d+|is gone|ends at`)

func namesWhatAndWhere(message, what string) bool {
	stream := "stream"
	if strings.Contains(what, keyStream) {
		stream = "key"
	}
	return (strings.Contains(message, recordStream) || strings.Contains(message, stream)) && where.MatchString(message)
}

// findByVerify runs verify on the folder, which nobody serves.
func (in *intact) findByVerify(t *testing.T, data string) (found, message string) {
	got := words{program: in.program}.run(t, "verify", "--data", data)
	switch {
	case got.code == 0:
		return "", ""
	case got.code != 1:
		t.Errorf("verify: %v", got)
	}
	if strings.Contains(got.stdout, "FAULT") {
		return "verify", got.stdout
	}
	return "opening", got.stderr
}

// findByServing starts a server: it refuses to start, or its background reading
// stops the book and readyz says no.
func (in *intact) findByServing(t *testing.T, data string) (found, message string) {
	s := serveAs(t, in.program, data)
	switch err := s.awaitReady(t); {
	case errors.Is(err, errEnded):
		if code := s.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("serve: exit %d\n%s", code, s.logged())
		}
		return "start", s.logged()
	case err != nil:
		t.Fatal(err)
	}
	defer s.kill()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	read := func() bool {
		return strings.Contains(s.logged(), "everything was read and is whole") || strings.Contains(s.logged(), "the book has halted")
	}
	if err := s.await(ctx, read); err != nil {
		t.Fatalf("the background reading did not end: %v\n%s", err, s.logged())
	}
	if !strings.Contains(s.logged(), "the book has halted") {
		return "", ""
	}
	var a answer
	if status, _ := s.get(t, "", "/readyz", &a); status != 503 || len(a.Faults) == 0 {
		t.Errorf("readyz of a halted book: %s", a.raw)
	}
	p := *in.partners[0]
	p.connect(t, s)
	if got := p.ask(t, structured(p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)}))); got.Status != 503 {
		t.Errorf("a halted book recorded: %s", got.raw)
	}
	return "background reading", s.logged()
}

// allThere holds a folder in which no damage was found against what was
// acknowledged: the stored bytes, and each event again, which compares every
// member with its seal.
func (in *intact) allThere(t *testing.T, data, what string) {
	t.Helper()
	t.Logf("%s: nothing found; looking at every record", what)
	if got := messages(t, data, recordStream); !maps.EqualFunc(got, in.records, bytes.Equal) {
		t.Fatalf("%s: %d records are left of %d, or they are others, and nothing found it", what, len(got), len(in.records))
	}
	keys := messages(t, data, keyStream)
	for id := range in.highestKey + 1 { // what is behind it was drawn ahead, and never will be used
		if !bytes.Equal(keys[id], in.keys[id]) {
			t.Fatalf("%s: key %d is not what it was, and nothing found it", what, id)
		}
	}
	s := startAs(t, in.program, data)
	defer s.stop(t)
	for _, p := range in.partners {
		copied := *p
		copied.connect(t, s)
		for _, e := range in.sent {
			if in.by[e] != p {
				continue
			}
			if a := copied.ask(t, structured(e.event)); a.Status != 0 || a.Position != e.position {
				t.Fatalf("%s: the event of position %d is answered %s", what, e.position, a.raw)
			}
		}
	}
}

// damage harms one block file of a stream and says how.
func damage(t *testing.T, r *rand.Rand, data string) string {
	t.Helper()
	stream := []string{recordStream, keyStream}[r.IntN(2)]
	all := blocks(t, data, stream)
	block := all[r.IntN(len(all))]
	content, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	at, what, changed := r.IntN(len(content)), "", slices.Clone(content)
	switch r.IntN(4) {
	case 0:
		what = "flip"
		changed[at] ^= 1 << r.IntN(8)
	case 1:
		what = "cut"
		changed = changed[:at]
	case 2:
		what = "zero"
		for content[at] == 0 {
			at = r.IntN(len(content))
		}
		clear(changed[at:min(len(content), at+1+r.IntN(4096))])
	case 3:
		what = "remove"
		changed = nil
	}
	if changed == nil {
		err = os.Remove(block)
	} else {
		err = os.WriteFile(block, changed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	index := "index kept"
	if r.IntN(2) == 0 {
		index = "index removed"
		if err := os.Remove(filepath.Join(filepath.Dir(block), "index.db")); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%s %s %s at %d of %d, %s", what, stream, filepath.Base(block), at, len(content), index)
}

// TestWrongParts: a folder of which a part is missing, older, changed or another
// book's is refused or repaired, with a word about which part; it never becomes
// a new, empty book.
func TestWrongParts(t *testing.T) {
	in := someIntact(t)
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, data string)
		code int
		says []string
	}{
		{"Untouched", func(*testing.T, string) {}, 0, []string{"records and keys", "book", "views"}},
		{"StreamsGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "nats")) }, 1, []string{"stream", "is gone"}},
		{"RecordStreamGone", func(t *testing.T, data string) { remove(t, streamDir(t, data, recordStream)) }, 1, []string{recordStream + " is gone"}},
		{"KeyStreamGone", func(t *testing.T, data string) { remove(t, streamDir(t, data, keyStream)) }, 1, []string{keyStream + " is gone"}},
		{"RecordMetaGone", func(t *testing.T, data string) {
			remove(t, filepath.Join(streamDir(t, data, recordStream), "meta.inf"))
		}, 1, []string{recordStream}},
		{"KeyMetaGone", func(t *testing.T, data string) { remove(t, filepath.Join(streamDir(t, data, keyStream), "meta.inf")) }, 1, []string{keyStream}},
		{"SecretGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "book.secret")) }, 1, []string{"book.secret"}},
		{"SecretChanged", func(t *testing.T, data string) { flip(t, filepath.Join(data, "book.secret"), 7) }, 1, nil},
		{"AccessGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "access.db")) }, 1, []string{"access.db"}},
		{"BookFileGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "book.db")) }, 0, []string{"book"}},
		{"ViewsGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "views.db")) }, 0, []string{"views"}},
		{"ViewsCut", func(t *testing.T, data string) { cut(t, filepath.Join(data, "views.db"), 1<<20) }, 0, []string{"views"}},
		{"BookFileCut", func(t *testing.T, data string) { cut(t, filepath.Join(data, "book.db"), 1<<20) }, 1, []string{"book.db", "damaged"}},
		{"AccessCut", func(t *testing.T, data string) { cut(t, filepath.Join(data, "access.db"), 2*os.Getpagesize()) }, 1, []string{"access.db"}},
		{"BookRowChanged", func(t *testing.T, data string) { changeRow(t, filepath.Join(data, "book.db")) }, 1, []string{"FAULT  book", "rebuild"}},
		{"ViewRowChanged", func(t *testing.T, data string) { changeRow(t, filepath.Join(data, "views.db")) }, 1, []string{"FAULT  views", "rebuild"}},
		{"ViewRowRemoved", func(t *testing.T, data string) { removeRow(t, filepath.Join(data, "views.db")) }, 1, []string{"FAULT  views", "rebuild"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := in.copy(t)
			tt.harm(t, data)
			got := words{program: in.program}.run(t, "verify", "--data", data)
			text := got.stdout + got.stderr
			if got.code != tt.code {
				t.Fatalf("want exit %d: %v", tt.code, got)
			}
			for _, says := range tt.says {
				if !strings.Contains(text, says) {
					t.Errorf("does not say %q: %v", says, got)
				}
			}
			t.Log(strings.TrimSpace(text))
			if stored := messages(t, in.data(), recordStream); len(stored) != len(in.records) {
				t.Fatal("the copy was not one")
			}
		})
	}
}

// TestRebuildRepairs: a view that differs from the stream is made anew by rebuild,
// which says what the difference was.
func TestRebuildRepairs(t *testing.T) {
	in := someIntact(t)
	data := in.copy(t)
	changeRow(t, filepath.Join(data, "views.db"))
	var done struct {
		Position   uint64 `json:"positie"`
		Difference string `json:"verschil"`
	}
	words{program: in.program}.run(t, "rebuild", "--data", data, "--json").well(t, &done)
	if done.Difference == "" || done.Position != uint64(len(in.records)) {
		t.Errorf("%+v", done)
	}
	words{program: in.program}.run(t, "verify", "--data", data).well(t, nil)
}

// TestAccessFile: every value of the access file is under a MAC: a changed byte
// in any of them is found when the file is opened, and the entry is named.
func TestAccessFile(t *testing.T) {
	b := newBook(t)
	b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	b.stop(t)
	path := filepath.Join(b.data, "access.db")
	good := readText(t, path)
	type place struct{ bucket, key string }
	var places []place
	eachValue(t, path, func(bucket, key, _ []byte) []byte {
		places = append(places, place{string(bucket), string(key)})
		return nil
	})
	if len(places) < 5 { // three credentials, an account, the ledger's seed
		t.Fatalf("%d values: %v", len(places), places)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range places {
		for range 3 {
			if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
				t.Fatal(err)
			}
			eachValue(t, path, func(bucket, key, value []byte) []byte {
				if string(bucket) != p.bucket || string(key) != p.key {
					return nil
				}
				value = slices.Clone(value)
				value[rng.IntN(len(value))] ^= 1 << rng.IntN(8)
				return value
			})
			got := cli(t, "access", "list", "--data", b.data)
			if got.code != 1 || !strings.Contains(got.stderr, "MAC") || !strings.Contains(got.stderr, p.bucket) || !strings.Contains(got.stderr, p.key) {
				t.Errorf("%v: %v", p, got)
			}
		}
	}
	if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	cli(t, "access", "list", "--data", b.data).well(t, nil)
}

// eachValue gives every value of every bucket; what fn gives back, unless nil,
// takes its place.
func eachValue(t *testing.T, path string, fn func(bucket, key, value []byte) []byte) {
	t.Helper()
	update(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			changed := map[string][]byte{}
			err := b.ForEach(func(k, v []byte) error {
				if v != nil {
					if now := fn(name, k, v); now != nil {
						changed[string(k)] = now
					}
				}
				return nil
			})
			for k, v := range changed {
				err = errors.Join(err, b.Put([]byte(k), v))
			}
			return err
		})
	})
}

func update(t *testing.T, path string, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// aRow gives a row in the middle of the one fold in a bbolt file.
func aRow(t *testing.T, path string, fn func(rows *bbolt.Bucket, key, value []byte) error) {
	t.Helper()
	update(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			rows := b.Bucket([]byte("rows"))
			if rows == nil {
				return nil
			}
			n, c := rows.Stats().KeyN/2, rows.Cursor()
			k, v := c.First()
			for range n {
				k, v = c.Next()
			}
			return fn(rows, slices.Clone(k), slices.Clone(v))
		})
	})
}

func changeRow(t *testing.T, path string) {
	t.Helper()
	aRow(t, path, func(rows *bbolt.Bucket, key, value []byte) error {
		if len(value) == 0 {
			value = []byte{0}
		}
		value[len(value)/2] ^= 1
		return rows.Put(key, value)
	})
}

func removeRow(t *testing.T, path string) {
	t.Helper()
	aRow(t, path, func(rows *bbolt.Bucket, key, _ []byte) error { return rows.Delete(key) })
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	b := []byte(readText(t, path))
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// cut leaves the first bytes of a file.
func cut(t *testing.T, path string, leave int) {
	t.Helper()
	if err := os.Truncate(path, int64(leave)); err != nil {
		t.Fatal(err)
	}
}

// TestStopsOnDamageWhileServing: a block that is damaged under a running server
// is found by verify, stops recording, and leaves reading on.
func TestStopsOnDamageWhileServing(t *testing.T) {
	in := someIntact(t)
	data := in.copy(t)
	s := startAs(t, in.program, data)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.await(ctx, func() bool { return strings.Contains(s.logged(), "everything was read") }); err != nil {
		t.Fatal(err)
	}
	if status, _ := s.get(t, "", "/readyz", nil); status != 200 {
		t.Fatalf("readyz: %d", status)
	}
	block := blocks(t, data, recordStream)[0]
	flip(t, block, 2<<20)
	var got result
	for got = range verifications(t, in.program, data) {
		if got.code != 0 {
			break // until then the server answered from memory
		}
	}
	if !namesWhatAndWhere(got.stdout, recordStream) {
		t.Errorf("%v", got)
	}
	status, body := s.get(t, "", "/readyz", nil)
	var p answer
	if err := json.Unmarshal(body, &p); err != nil || status != 503 || len(p.Faults) != 1 || p.Faults[0].Code != "boek-staat-stil" {
		t.Errorf("readyz: %d %s", status, body)
	}
	if status, _ := s.get(t, in.partners[0].Token, "/v1/werkgevers/"+kvks[0], nil); status != 200 {
		t.Errorf("reading stopped as well: %d", status)
	}
	s.end(syscall.SIGTERM)
}

// verifications runs verify again and again, until patience is at its end.
func verifications(t *testing.T, program, data string) iter.Seq[result] {
	return func(yield func(result) bool) {
		for end := time.Now().Add(patience); time.Now().Before(end); {
			if !yield(words{program: program}.run(t, "verify", "--data", data)) {
				return
			}
		}
		t.Error("the damage was not found in time")
	}
}
