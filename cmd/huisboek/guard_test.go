package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"go.etcd.io/bbolt"

	"huisboek/adapters/intake"
)

// spent is what a stretch of work took of the whole house, all that runs in its
// background included.
type spent struct {
	Allocs, Bytes        float64 // of memory
	Book, Views, Intake  float64 // transactions of each file that wrote
	Written              float64 // bytes to files, the operating system says
	Records, RecordBytes float64 // in the stream
	Keys                 float64 // that its records are sealed with
}

// list is the same in order, of spentNames.
func (s *spent) list() []*float64 {
	return []*float64{&s.Allocs, &s.Bytes, &s.Book, &s.Views, &s.Intake, &s.Written, &s.Records, &s.RecordBytes, &s.Keys}
}

var spentNames = []string{"allocs", "bytes", "book tx", "views tx", "intake tx", "written", "records", "record bytes", "keys"}

// guarded is a thing that is done often, and the most that doing it once may take.
// Counts do not change with how slow or busy a machine is, but for transactions, of
// which there are fewer when more comes together. What is allowed is two to three
// times what was measured (the race detector makes it up to 1.6 times), so that a slip
// of ten times fails. What may not happen is 0; of writing, far less than a page of a
// file, for Go now and then wakes a thread with some bytes.
type guarded struct {
	what   string
	ask    func(g *guardHouse, i int) *http.Request
	status int
	unit   int   // how many events or questions one request is
	most   spent // for each of them
}

// guards are measured in this order, one after the other, on one house.
var guards = []guarded{
	{"event, one at a time", (*guardHouse).one, http.StatusCreated, 1,
		spent{Allocs: 3_000, Bytes: 1_000_000, Book: 1.1, Views: 1.1, Intake: 1.1, Written: 300_000, Records: 1, RecordBytes: 2_500, Keys: 0.6}},
	{"event, in a batch of 1,000", (*guardHouse).batch, http.StatusOK, intake.MaxBatch,
		spent{Allocs: 1_800, Bytes: 300_000, Book: 0.1, Views: 0.2, Intake: 0.05, Written: 25_000, Records: 1, RecordBytes: 2_500, Keys: 0.3}},
	{"event that is refused", (*guardHouse).wrong, http.StatusBadRequest, 1, spent{Allocs: 350, Bytes: 35_000, Intake: 1.1, Written: 25_000}},
	{"event that is known", (*guardHouse).again, http.StatusOK, 1, spent{Allocs: 850, Bytes: 80_000, Intake: 1.1, Written: 25_000}},
	{"advice", (*guardHouse).advice, http.StatusOK, 1, spent{Allocs: 750, Bytes: 60_000, Written: 100}},
	{"last 50 contacts of 10", (*guardHouse).few, http.StatusOK, 1, spent{Allocs: 650, Bytes: 150_000, Written: 100}},
	{"last 50 contacts of 10,000", (*guardHouse).many, http.StatusOK, 1, spent{Allocs: 1_250, Bytes: 350_000, Written: 100}},
	{"search", (*guardHouse).find, http.StatusOK, 1, spent{Allocs: 650, Bytes: 100_000, Written: 100}},
	{"standing", (*guardHouse).standing, http.StatusOK, 1, spent{Allocs: 700, Bytes: 60_000, Written: 100}},
}

// kept is the most that each file may hold for an event, in rows and in bytes of
// keys and values.
var kept = map[string][2]float64{
	fileFold:   {7, 800},
	fileViews:  {14, 1_200},
	fileIntake: {2.5, 900},
}

// mostKeys is how many keys may be in the stream for each that something is sealed
// with: they are put there ahead of need.
const mostKeys = 6

// TestGuard fails when something takes several times what it took. With -v it says
// what each takes, beside the most that it may: make guard.
func TestGuard(t *testing.T) {
	g := newGuardHouse(t)
	var text strings.Builder
	tab := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tab, "\t%s\t\n", strings.Join(spentNames, "\t"))
	for _, c := range guards {
		fmt.Fprintf(tab, "%s\t", c.what)
		took, may := g.measure(c).list(), c.most.list()
		for i, name := range spentNames {
			fmt.Fprintf(tab, "%s/%s\t", short(*took[i]), short(*may[i]))
			if *took[i] > *may[i] {
				t.Errorf("%s: %s: %s, and may be %s", c.what, name, short(*took[i]), short(*may[i]))
			}
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
	drawn, err := g.keys.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ahead := float64(drawn) / g.keysAfter(0)
	if fmt.Fprintf(&text, "keys in the stream for each in use: %s/%s\n", short(ahead), short(mostKeys)); ahead > mostKeys {
		t.Errorf("%s keys are in the stream for each in use, and may be %s", short(ahead), short(mostKeys))
	}
	n := float64(g.ledger.Position())
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		rows, size := stock(t, g.folder.path(name))
		most := kept[name]
		fmt.Fprintf(&text, "%s: %s/%s rows and %s/%s bytes for each event\n", name, short(rows/n), short(most[0]), short(size/n), short(most[1]))
		if rows/n > most[0] || size/n > most[1] {
			t.Errorf("%s: %s rows and %s bytes for each event, and may be %s and %s", name, short(rows/n), short(size/n), short(most[0]), short(most[1]))
		}
	}
	t.Logf("each takes/may take\n%s", text.String())
}

// short is a number with as many decimals as say something.
func short(n float64) string {
	switch {
	case n == 0:
		return "0"
	case n < 0.1:
		return fmt.Sprintf("%.3f", n)
	case n < 10:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.0f", n)
}

// stock is how many rows a file has, and their bytes.
func stock(t *testing.T, path string) (rows, size float64) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var count func(b *bbolt.Bucket) error
	count = func(b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return count(b.Bucket(k))
			}
			rows++
			size += float64(len(k) + len(v))
			return nil
		})
	}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return count(b) })
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, size
}
