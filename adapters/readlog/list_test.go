package readlog_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/readlog"
)

// With any filter, in pages of any size, the list is what a plain look at everything
// gives: newest first, none left out, none twice.
func TestList(t *testing.T) {
	c := newClock()
	f := openAt(t, filepath.Join(t.TempDir(), "readlog.db"), options(c))
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	begin := c.now()
	for i := range 300 {
		l := look(c)
		l.Name = fmt.Sprint(i)
		l.Who, l.Partner, l.Described = pick("w1", "w2", "w3"), pick("a", "b", "c"), pick("a", "b", "c")
		l.Employer = pick("69599084", "6959908", "68750110") // one begins as another
		c.add(time.Duration(r.IntN(3)) * time.Second)
		if err := f.Write(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	all := list(t, f, readlog.Filter{})
	if len(all) != 300 || all[0].Name != "299" {
		t.Fatalf("%d looks", len(all))
	}
	some := func(of ...string) []string {
		if r.IntN(2) == 0 {
			return nil
		}
		return of[:1+r.IntN(len(of))]
	}
	moment := func() time.Time {
		if r.IntN(2) == 0 {
			return time.Time{}
		}
		return begin.Add(time.Duration(r.IntN(320)) * time.Second)
	}
	for range 300 {
		q := readlog.Filter{Partners: some("a", "c"), Employers: some("6959908", "68750110", "elders"), From: moment(), To: moment()}
		if r.IntN(2) == 0 {
			q.By = pick("a", "w2")
		}
		var want []string
		for _, e := range all {
			mine := q.Partners == nil || slices.Contains(q.Partners, e.Partner)
			if (mine || slices.Contains(q.Partners, e.Described)) && (q.Employers == nil || slices.Contains(q.Employers, e.Employer)) &&
				(q.By == "" || q.By == e.Partner || mine && q.By == e.Who) && !e.At.Before(q.From) && (q.To.IsZero() || e.At.Before(q.To)) {
				want = append(want, e.Name)
			}
		}
		var got []string
		for after := ""; ; {
			page, next, err := f.List(q, after, 1+r.IntN(50))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				got = append(got, e.Name)
			}
			if after = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v:\n%v, want\n%v", q, got, want)
		}
	}
	_, next, err := f.List(readlog.Filter{}, "", 10)
	if err != nil || next == "" {
		t.Fatal(err)
	}
	for _, wrong := range []string{"x", next + "A", "AAAAAAAAAAAAAAAAAAAAAA"} {
		if _, _, err := f.List(readlog.Filter{}, wrong, 10); err != readlog.ErrCursor {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, _, err := f.List(readlog.Filter{By: "w1"}, next, 10); err != readlog.ErrCursor {
		t.Errorf("a cursor of another list: %v", err)
	}
}

// Looks go when they were kept for as long as was said, in small steps, and a file that
// is opened without a word keeps them for as long as it was last told.
func TestKept(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "readlog.db")
	o := options(c)
	if f := openAt(t, path, o); f.Keep() != readlog.DefaultKeep || f.Close() != nil {
		t.Errorf("by default %v", f.Keep())
	}
	o.Keep = 1000 * 24 * time.Hour
	f := openAt(t, path, o)
	for i := range 30 {
		if i == 20 {
			c.add(999 * 24 * time.Hour)
		}
		if err := f.Write(t.Context(), look(c)); err != nil {
			t.Fatal(err)
		}
	}
	if all := list(t, f, readlog.Filter{}); len(all) != 30 {
		t.Fatalf("%d looks", len(all))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	c.add(25 * time.Hour)
	o.Keep = 0
	f = openAt(t, path, o)
	if f.Keep() != 1000*24*time.Hour {
		t.Errorf("it forgot what it was told: %v", f.Keep())
	}
	for f.Tidy() {
	}
	all := list(t, f, readlog.Filter{})
	if len(all) != 10 {
		t.Errorf("%d looks", len(all))
	}
	if n, err := f.Check(t.Context()); n != 10 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	c.add(1000 * 24 * time.Hour)
	for f.Tidy() {
	}
	if size, _ := f.Size(); size != 0 || len(list(t, f, readlog.Filter{})) != 0 {
		t.Errorf("%d bytes", size)
	}
	if err := f.Write(t.Context(), look(c)); err != nil {
		t.Fatal(err)
	}
	if e := list(t, f, readlog.Filter{}); len(e) != 1 || !e[0].At.Equal(c.now()) {
		t.Errorf("%+v", e)
	}
}

// The file has a bound: then the oldest go first, and that is told once.
func TestBound(t *testing.T) {
	c := newClock()
	o := options(c)
	o.MaxBytes = 20_000
	var said strings.Builder
	o.Log = slog.New(slog.NewTextHandler(&said, nil))
	f := openAt(t, filepath.Join(t.TempDir(), "readlog.db"), o)
	for i := range 200 {
		l := look(c)
		l.Name, l.People = fmt.Sprint(i), 1+i%20
		if err := f.Write(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		if size, most := f.Size(); size > most+5_000 {
			t.Fatalf("%d bytes", size)
		}
	}
	all := list(t, f, readlog.Filter{})
	if len(all) < 5 || len(all) > 100 {
		t.Errorf("%d looks", len(all))
	}
	for i, e := range all {
		if e.Name != fmt.Sprint(199-i) {
			t.Errorf("%s at %d", e.Name, i)
		}
	}
	if _, err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(said.String(), "before their time") != 1 {
		t.Error(said.String())
	}
}

// A filter that fits few reads no more than so much at a time: the page is short, and
// says where to go on.
func TestReadsNotAll(t *testing.T) {
	if testing.Short() {
		t.Skip("writes many")
	}
	c := newClock()
	f := openAt(t, filepath.Join(t.TempDir(), "readlog.db"), options(c))
	done := make(chan error)
	for i := range 200 {
		go func() {
			l := look(c)
			var err error
			for j := 0; err == nil && j < readlog.MaxRead/200+1; j++ {
				if l.Who = "anders"; i == 0 && j == 0 {
					l.Who = "ik"
				}
				err = f.Write(t.Context(), l)
			}
			done <- err
		}()
	}
	for range 200 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	q := readlog.Filter{By: "ik"}
	found, pages := 0, 0
	for after := ""; ; pages++ {
		page, next, err := f.List(q, after, 10)
		if err != nil {
			t.Fatal(err)
		}
		found += len(page)
		if after = next; next == "" {
			break
		}
	}
	if found != 1 || pages != 1 {
		t.Errorf("%d looks, and %d pages before the last", found, pages)
	}
}
