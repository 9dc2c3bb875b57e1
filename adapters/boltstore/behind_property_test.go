package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// house is views in a folder, a model of them at every position, and who reads them.
type house struct {
	t     *rapid.T
	path  string
	views *Views
	now   map[string]string
	at    events.Position
	was   map[events.Position]map[string]string
	begun []*begun
}

// begun is a View that did not end yet.
type begun struct {
	at    events.Position
	end   chan bool
	ended chan []string
}

// TestBehindEqualsPlain: whatever is written, read, undone, flushed, exchanged and
// cut off in whatever order, views are what a plain map is, who began to read goes on
// seeing what was there, and the file is always what the views were at its checkpoint.
func TestBehindEqualsPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "behind")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		h := &house{t: t, path: filepath.Join(dir, "beelden.db"), now: map[string]string{}, was: map[events.Position]map[string]string{0: {}}}
		h.open()
		defer func() { h.views.Close() }()
		defer h.endAll() // also of a case that failed
		t.Repeat(map[string]func(*rapid.T){
			"update":  h.update,
			"undo":    h.undo,
			"flush":   h.flush,
			"begin":   h.begin,
			"end":     h.end,
			"compact": h.compact,
			"crash":   h.crash,
			"reopen":  h.reopen,
			"":        h.check,
		})
	})
}

func (h *house) open() {
	v, err := OpenViews(h.path, Options{NoSync: true}, "counter", 1)
	if err != nil {
		h.t.Fatal(err)
	}
	v.now.rows.drop()
	v.now.rows = newBehind(v.now.rows.store, never)
	h.views = v
}

var (
	aKey    = rapid.StringMatching("[ab\x00]{1,4}")
	aPrefix = rapid.StringMatching("[ab\x00]{0,3}")
)

// steps are what an Update does, to the views and to a copy of the model.
func (h *house) steps(t *rapid.T, tx projections.Tx, want map[string]string) {
	for range rapid.IntRange(0, 8).Draw(t, "steps") {
		switch rapid.IntRange(0, 4).Draw(t, "step") {
		case 0:
			k := aKey.Draw(t, "delete")
			tx.Delete([]byte(k))
			delete(want, k)
		case 1: // more than a part of a shelf holds
			p := aPrefix.Draw(t, "many")
			for i := range partSize + 9 {
				k := fmt.Sprintf("%s%c%d", p, 'a'+i%2, i*7919%1000)
				tx.Put([]byte(k), []byte(k))
				want[k] = k
			}
		case 2:
			sameRows(t, tx, want, aPrefix.Draw(t, "from"), aPrefix.Draw(t, "prefix"))
		default:
			k, v := aKey.Draw(t, "put"), aKey.Draw(t, "value")
			tx.Put([]byte(k), []byte(v))
			want[k] = v
		}
		k := aKey.Draw(t, "get")
		v, ok := want[k]
		if got := tx.Get([]byte(k)); string(got) != v || (got != nil) != ok {
			t.Fatalf("Get %q: %q; want %q, %v", k, got, v, ok)
		}
	}
}

func (h *house) update(t *rapid.T) {
	want := maps.Clone(h.now)
	h.at++
	if err := h.views.Update(checkpoint(h.at), func(tx projections.Tx) error { h.steps(t, tx, want); return nil }); err != nil {
		t.Fatal(err)
	}
	h.now, h.was[h.at] = want, want
}

// undo is an Update that fails in one of the ways there are.
func (h *house) undo(t *rapid.T) {
	bug := errors.New("bug")
	how := rapid.IntRange(0, 2).Draw(t, "how")
	defer func() {
		if p := recover(); p != nil && p != bug {
			panic(p)
		}
	}()
	err := h.views.Update(checkpoint(h.at+1), func(tx projections.Tx) error {
		h.steps(t, tx, maps.Clone(h.now))
		switch how {
		case 0:
			return bug
		case 1:
			panic(bug)
		}
		tx.Put(nil, nil)
		return nil
	})
	if err == nil {
		t.Fatal("an Update that failed has no error")
	}
}

func (h *house) flush(t *rapid.T) {
	if err := h.views.now.rows.flush(); err != nil {
		t.Fatal(err)
	}
}

func (h *house) begin(*rapid.T) {
	b := &begun{h.at, make(chan bool), make(chan []string, 1)}
	reading := make(chan bool)
	go func() {
		var rows []string
		h.views.View(func(tx projections.Tx, at events.Checkpoint) error {
			if at.Position != b.at {
				rows = append(rows, fmt.Sprint("at ", at.Position))
			}
			reading <- true
			<-b.end
			tx.Scan(nil, func(k, v []byte) bool {
				if !bytes.Equal(tx.Get(k), v) {
					rows = append(rows, "not what Get says")
				}
				rows = append(rows, string(k)+"="+string(v))
				return true
			})
			return nil
		})
		b.ended <- rows
	}()
	<-reading
	h.begun = append(h.begun, b)
}

// end lets who began first read, and compares.
func (h *house) end(t *rapid.T) {
	if len(h.begun) == 0 {
		return
	}
	b := h.begun[0]
	h.begun = h.begun[1:]
	b.end <- true
	if d := cmp.Diff(rowsOf(h.was[b.at]), <-b.ended); d != "" {
		t.Fatalf("who began at %d (-want +got):\n%s", b.at, d)
	}
}

func (h *house) endAll() {
	for len(h.begun) > 0 {
		h.end(h.t)
	}
}

// compact exchanges the file; it waits for who reads the old one.
func (h *house) compact(t *rapid.T) {
	h.endAll()
	if err := h.views.Compact(); err != nil {
		t.Fatal(err)
	}
	h.views.now.rows.drop()
	h.views.now.rows = newBehind(h.views.now.rows.store, never)
}

// crash opens what is in the file at this moment.
func (h *house) crash(t *rapid.T) {
	file, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	path := h.path + ".crash"
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := OpenViews(path, Options{NoSync: true}, "counter", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	h.same(t, v)
}

func (h *house) reopen(t *rapid.T) {
	h.endAll()
	if err := h.views.Close(); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.check(t)
}

// same compares views with what they were at their position, and gives it.
func (h *house) same(t *rapid.T, v *Views) (at events.Position) {
	if err := v.View(func(tx projections.Tx, here events.Checkpoint) error {
		at = here.Position
		if at > 0 && here != checkpoint(at) {
			t.Errorf("at %v", here)
		}
		sameRows(t, tx, h.was[at], "", "")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return at
}

func (h *house) check(t *rapid.T) {
	if at := h.same(t, h.views); at != h.at {
		t.Fatalf("at %d, want %d", at, h.at)
	}
	if at, err := h.views.Checkpoint(); at.Position != h.at || err != nil {
		t.Fatalf("Checkpoint %d, %v", at.Position, err)
	}
}

func rowsOf(model map[string]string) (rows []string) {
	for _, k := range slices.Sorted(maps.Keys(model)) {
		rows = append(rows, k+"="+model[k])
	}
	return rows
}
