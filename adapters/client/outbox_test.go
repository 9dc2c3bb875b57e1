package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/adapters/client"
	"huisboek/events"
	"huisboek/ledger"
)

// book is a sender that injects faults: each event gets the next answer of its
// script, and a receipt when that is at its end.
type book struct {
	mu       sync.Mutex
	script   map[string][]error // by id; nil is a receipt
	offered  []string
	recorded []string
	receipt  func(id string, r *ledger.Receipt)
}

// errLost: the event was recorded and the answer did not arrive.
var errLost = errors.New("the line broke")

func (f *book) Send(ctx context.Context, event []byte) (*ledger.Receipt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var e struct{ ID string }
	if err := json.Unmarshal(event, &e, json.MatchCaseInsensitiveNames(true)); err != nil {
		return nil, err
	}
	f.offered = append(f.offered, e.ID)
	var err error
	if s := f.script[e.ID]; len(s) > 0 {
		err, f.script[e.ID] = s[0], s[1:]
	}
	if err != nil && !errors.Is(err, errLost) {
		return nil, err
	}
	at := slices.Index(f.recorded, e.ID)
	again := at >= 0
	if !again {
		at = len(f.recorded)
		f.recorded = append(f.recorded, e.ID)
	}
	if err != nil {
		return nil, err
	}
	r := &ledger.Receipt{ID: e.ID, Position: events.Position(at + 3), Again: again}
	if f.receipt != nil {
		f.receipt(e.ID, r)
	}
	return r, nil
}

func problem(status int, faults ...events.Fault) error {
	return ledger.NewProblem(status, "proef", "Proef", "Een antwoord van de proef.", faults...)
}

func repeat(err error, n int) []error {
	return slices.Repeat([]error{err}, n)
}

// What becomes of three events, a, b and c, by what the book says to b.
func TestRun(t *testing.T) {
	later := func(status int, after time.Duration) error {
		return &client.Deferred{Err: problem(status), After: after}
	}
	for _, c := range []struct {
		name     string
		b        []error
		offered  string // without repeats of b
		times    int    // that b was offered
		refused  bool   // b is in the list of refused ones
		stands   bool   // Flush returns an error and b and c are kept
		min, max time.Duration
	}{
		{"an answer", nil, "abc", 1, false, false, 0, 0},
		{"the line is down", repeat(errors.New("no route"), 12), "abc", 13, false, false, 140 * time.Second, 283 * time.Second},
		{"the answer is lost", []error{errLost}, "abc", 2, false, false, 100 * time.Millisecond, 200 * time.Millisecond},
		{"no time left", []error{context.DeadlineExceeded}, "abc", 2, false, false, 100 * time.Millisecond, 200 * time.Millisecond},
		{"come back", []error{later(503, 30*time.Second)}, "abc", 2, false, false, 30 * time.Second, 31 * time.Second},
		{"too many, come back", []error{later(429, 2*time.Minute)}, "abc", 2, false, false, 2 * time.Minute, 121 * time.Second},
		{"come back, not said when", []error{problem(503), problem(503)}, "abc", 3, false, false, 300 * time.Millisecond, 600 * time.Millisecond},
		{"a failure of the book", []error{problem(500)}, "abc", 2, false, false, 100 * time.Millisecond, 200 * time.Millisecond},
		{"a failure without end", repeat(problem(500), 99), "abc", 25, true, false, 8 * time.Minute, 17 * time.Minute},
		{"refused", []error{problem(400)}, "abc", 1, true, false, 0, 0},
		{"refused, wrapped", []error{fmt.Errorf("door: %w", problem(409))}, "abc", 1, true, false, 0, 0},
		{"too large", []error{problem(413)}, "abc", 1, true, false, 0, 0},
		{"not one's own", []error{problem(403, events.Fault{Field: "/source", Code: "source-niet-van-u"})}, "abc", 1, true, false, 0, 0},
		{"not active", []error{problem(403, events.Fault{Field: "/source", Code: "niet-actief"})}, "ab", 1, false, true, 0, 0},
		{"not allowed at all", []error{problem(403)}, "ab", 1, false, true, 0, 0},
		{"not known", []error{problem(401)}, "ab", 1, false, true, 0, 0},
		{"no such path", []error{problem(404)}, "ab", 1, false, true, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &book{script: map[string][]error{"b": c.b}}
				box := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{})
				put(t, box, service("a"), service("b"), service("c"))
				began := time.Now()
				err := box.Flush(t.Context(), f)
				took := time.Since(began)
				if (err != nil) != c.stands {
					t.Errorf("got %v", err)
				}
				if got := strings.Join(slices.Compact(f.offered), ""); got != c.offered {
					t.Errorf("offered %v", f.offered)
				}
				if got := len(f.offered) - len(c.offered) + 1; got != c.times {
					t.Errorf("b was offered %d times, want %d", got, c.times)
				}
				if took < c.min || took > c.max {
					t.Errorf("it took %s, want %s to %s", took, c.min, c.max)
				}
				refused := must[[]client.Refusal](t)(box.Refused())
				if (len(refused) == 1) != c.refused || len(refused) > 1 {
					t.Errorf("refused: %+v", refused)
				}
				wait := 0
				if c.stands {
					wait = 2
				}
				if n := must[int](t)(box.Len()); n != wait {
					t.Errorf("%d wait, want %d", n, wait)
				}
			})
		})
	}
}

// A receipt of another event, or without a position, takes nothing off.
func TestRunWrongReceipt(t *testing.T) {
	for name, spoil := range map[string]func(*ledger.Receipt){
		"another id":  func(r *ledger.Receipt) { r.ID = "z" },
		"no position": func(r *ledger.Receipt) { r.Position = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				f := &book{receipt: func(_ string, r *ledger.Receipt) {
					if n++; n < 3 {
						spoil(r)
					}
				}}
				box := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{})
				put(t, box, service("a"))
				if err := box.Flush(t.Context(), f); err != nil || len(f.offered) != 3 {
					t.Errorf("%v after %d offers", err, len(f.offered))
				}
			})
		})
	}
}

// Run goes on with what comes later, and ends with its context.
func TestRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		box := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{
			OnReceipt: func(_ []byte, r *ledger.Receipt) error { told = append(told, r.ID); return nil },
		})
		ctx, stop := context.WithCancel(t.Context())
		f := &book{}
		done := make(chan error)
		go func() { done <- box.Run(ctx, f) }()
		for i := range 3 {
			put(t, box, service(strconv.Itoa(i)))
			synctest.Wait()
		}
		if err := box.Flush(ctx, f); !errors.Is(err, client.ErrRunning) {
			t.Errorf("a second one: %v", err)
		}
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if want := []string{"0", "1", "2"}; !slices.Equal(f.recorded, want) || !slices.Equal(told, want) {
			t.Errorf("recorded %v, told %v", f.recorded, told)
		}
	})
}

// Run ends when the outbox is closed, also while it waits for a better line.
func TestRunClosed(t *testing.T) {
	for name, script := range map[string][]error{"nothing to do": nil, "the line is down": repeat(errLost, 1000)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				box := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{})
				put(t, box, service("a"))
				done := make(chan error)
				go func() { done <- box.Run(t.Context(), &book{script: map[string][]error{"a": script}}) }()
				synctest.Wait()
				if err := box.Close(); err != nil {
					t.Error(err)
				}
				if err := <-done; !errors.Is(err, client.ErrClosed) {
					t.Errorf("ended with %v", err)
				}
				if err := box.Put(service("b")); !errors.Is(err, client.ErrClosed) {
					t.Errorf("put into a closed one: %v", err)
				}
			})
		})
	}
}

// What Put takes and what it does not; of what it does not, nothing is kept.
func TestPut(t *testing.T) {
	large := service(strings.Repeat("a", events.MaxSize))
	for _, c := range []struct {
		name  string
		event []byte
		check bool
		want  error // nil when it is kept; any problem when it is one
	}{
		{"an event", service("a"), false, nil},
		{"a checked event", service("a"), true, nil},
		{"faults that nobody looked for", []byte(`{"source":"s","id":"1"}`), false, nil},
		{"faults", []byte(`{"source":"s","id":"1"}`), true, ledger.Problem{}},
		{"nothing", nil, false, client.ErrEvent},
		{"no JSON", []byte("id;datum"), false, client.ErrEvent},
		{"no JSON, checked", []byte("id;datum"), true, ledger.Problem{}},
		{"two", []byte(`{"source":"s","id":"1"}{"source":"s","id":"2"}`), false, client.ErrEvent},
		{"a list", []byte(`[{"source":"s","id":"1"}]`), false, client.ErrEvent},
		{"no id", []byte(`{"source":"s"}`), false, client.ErrEvent},
		{"no source", []byte(`{"id":"1"}`), false, client.ErrEvent},
		{"a number for an id", []byte(`{"source":"s","id":1}`), false, client.ErrEvent},
		{"an id twice", []byte(`{"source":"s","id":"1","id":"2"}`), false, client.ErrEvent},
		{"no UTF-8", []byte("{\"source\":\"s\",\"id\":\"\xff\"}"), false, client.ErrEvent},
		{"too large", large, false, client.ErrEvent},
		{"too large, checked", large, true, ledger.Problem{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{Check: c.check})
			err := b.Put(c.event)
			var p ledger.Problem
			if _, isProblem := c.want.(ledger.Problem); isProblem {
				if !errors.As(err, &p) {
					t.Errorf("got %v", err)
				}
			} else if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if n := must[int](t)(b.Len()); (n == 1) != (c.want == nil) {
				t.Errorf("%d are kept", n)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.db")
	size := int64(len(service("a")))
	b := must[*client.Outbox](t)(client.Open(path, client.Options{MaxBytes: 3*size + 1}))
	put(t, b, service("a"), service("b"), service("c"))
	if err := b.Put(service("d")); !errors.Is(err, client.ErrFull) {
		t.Errorf("too many bytes: %v", err)
	}
	// One is recorded, one refused: what was refused still takes room.
	if err := b.Flush(t.Context(), &book{script: map[string][]error{"b": {problem(400)}, "c": {problem(401)}}}); err == nil {
		t.Error("c was answered")
	}
	put(t, b, service("d"))
	if err := b.Put(service("e")); !errors.Is(err, client.ErrFull) {
		t.Errorf("what was refused takes no room: %v", err)
	}
	b.Close()
	b = openOutbox(t, path, client.Options{MaxEvents: 3})
	if err := b.Put(service("e")); !errors.Is(err, client.ErrFull) {
		t.Errorf("too many events: %v", err)
	}
	if err := b.Discard(must[[]client.Refusal](t)(b.Refused())[0].Number); err != nil {
		t.Fatal(err)
	}
	put(t, b, service("e"))
	f := &book{}
	if err := b.Flush(t.Context(), f); err != nil || !slices.Equal(f.recorded, []string{"c", "d", "e"}) {
		t.Errorf("%v, recorded %v", err, f.recorded)
	}
}

func TestRefusedList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.db")
	b := must[*client.Outbox](t)(client.Open(path, client.Options{}))
	put(t, b, service("a"), service("b"), service("c"), service("d"))
	f := &book{script: map[string][]error{"a": {problem(400)}, "b": {problem(409)}, "c": {problem(413)}}}
	if err := b.Flush(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	b.Close()
	b = openOutbox(t, path, client.Options{})
	list := must[[]client.Refusal](t)(b.Refused())
	if len(list) != 3 || list[1].Problem.Status != 409 || !bytes.Equal(list[1].Event, service("b")) || list[1].At.IsZero() {
		t.Fatalf("got %+v", list)
	}
	if err := b.Requeue(list[1].Number, 99); err == nil {
		t.Error("99 is in the list")
	}
	if err := b.Discard(list[1].Number, list[1].Number); err == nil {
		t.Error("discarded twice")
	}
	put(t, b, service("e"))
	if err := b.Requeue(list[1].Number, list[0].Number); err != nil {
		t.Fatal(err)
	}
	if err := b.Discard(list[2].Number); err != nil {
		t.Fatal(err)
	}
	f = &book{}
	if err := b.Flush(t.Context(), f); err != nil || !slices.Equal(f.recorded, []string{"e", "b", "a"}) {
		t.Errorf("%v, recorded %v", err, f.recorded)
	}
	if left := must[[]client.Refusal](t)(b.Refused()); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{})
		if at := must[time.Time](t)(b.Oldest()); !at.IsZero() {
			t.Errorf("nothing waits since %s", at)
		}
		first := time.Now()
		put(t, b, service("a"))
		<-time.After(time.Hour)
		put(t, b, service("b"))
		if at := must[time.Time](t)(b.Oldest()); !at.Equal(first) {
			t.Errorf("got %s, want %s", at, first)
		}
	})
}

// Callbacks are told everything at least once: again when they failed, and again
// when the process ended before it was known that they had been told.
func TestCallbacks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.db")
	var told []string
	var fail error
	o := client.Options{
		OnReceipt: func(event []byte, r *ledger.Receipt) error {
			if !bytes.Equal(event, service(r.ID)) {
				t.Errorf("receipt of %s with %s", r.ID, event)
			}
			told = append(told, fmt.Sprintf("%s%d%v", r.ID, r.Position, r.Again))
			return fail
		},
		OnRefused: func(r client.Refusal) error {
			told = append(told, fmt.Sprint("no ", r.Problem.Status))
			return fail
		},
	}
	want := func(want ...string) {
		t.Helper()
		if !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		told = nil
	}
	b := must[*client.Outbox](t)(client.Open(path, o))
	f := &book{script: map[string][]error{"b": {problem(400)}}, recorded: []string{"c"}}
	put(t, b, service("a"), service("b"), service("c"))
	fail = errors.New("the caller's own file is full")
	if err := b.Flush(t.Context(), f); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	want("a4false")
	b.Close()

	b = must[*client.Outbox](t)(client.Open(path, o))
	if err := b.Flush(t.Context(), f); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	want("a4false")
	fail = nil
	if err := b.Flush(t.Context(), f); err != nil {
		t.Error(err)
	}
	want("a4false", "no 400", "c3true")
	b.Close()

	b = openOutbox(t, path, o)
	if err := b.Flush(t.Context(), f); err != nil {
		t.Error(err)
	}
	want()
	if !slices.Equal(f.offered, []string{"a", "b", "c"}) {
		t.Errorf("offered %v: an answer was not kept", f.offered)
	}
}

// Many goroutines put at once; each of them keeps its own order.
func TestPutTogether(t *testing.T) {
	b := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{})
	f := &book{}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Run(ctx, f) }()
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 20 {
				if err := b.Put(service(fmt.Sprintf("%d-%02d", g, n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	stop()
	<-done
	if err := b.Flush(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	for _, id := range f.recorded {
		who, n, _ := strings.Cut(id, "-")
		if last[who] >= n && n != "00" {
			t.Errorf("%s after %s", n, last[who])
		}
		last[who] = n
	}
	if len(f.recorded) != 160 {
		t.Errorf("%d recorded", len(f.recorded))
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.db")
	openOutbox(t, path, client.Options{})
	if _, err := client.Open(path, client.Options{}); !errors.Is(err, client.ErrLocked) {
		t.Errorf("got %v", err)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "o.db")
	openOutbox(t, path, client.Options{})
	if info := must[os.FileInfo](t)(os.Stat(path)); info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if left := must[[]os.DirEntry](t)(os.ReadDir(dir)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := client.Open(filepath.Join(dir, "no", "o.db"), client.Options{}); err == nil || errors.Is(err, client.ErrDamaged) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
