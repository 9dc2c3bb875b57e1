package region_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"huisboek/adapters/boltstore"
	"huisboek/cmd/huisboek/region"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// The first steps of a seed and a size stay what they are: figures of other days can be
// compared only while the set is the same. Who changes it changes this hash, and says so
// in docs/bench.md.
func TestSame(t *testing.T) {
	const want = "de6c5c686feb3941721feaf50ee681f44943325dd2fef8434b6c339ce022b7ae"
	hash := func() string {
		h := sha256.New()
		for i, s := range numbered(region.New(1, 1_000_000)) {
			if i == 10_000 {
				break
			}
			h.Write(raw(t, s))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	if got := hash(); got != want || got != hash() {
		t.Errorf("the first 10,000 events hash to %s, want %s", got, want)
	}
}

// numbered is the steps with their numbers.
func numbered(r *region.Region) func(func(int, *region.Step) bool) {
	return func(yield func(int, *region.Step) bool) {
		i := 0
		for s := range r.Events() {
			if !yield(i, s) {
				return
			}
			i++
		}
	}
}

func raw(tb testing.TB, s *region.Step) []byte {
	tb.Helper()
	b, err := s.Raw()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// Of every thousand events about so many are of a type, and everything that a partner can
// say is said.
func TestMix(t *testing.T) {
	const size = 60_000
	r := region.New(2, size)
	count := map[events.Type]int{}
	employers, contacts := map[string]int{}, map[string]int{}
	var last time.Time
	late := 0
	for i, s := range numbered(r) {
		if i == size {
			if day := events.DateOf(s.At); day < "2025-10-01" || day > "2026-02-28" {
				t.Errorf("the set ends on %s, want about the end of 2025", day)
			}
			break
		}
		if _, err := events.Decode(raw(t, s), s.At); err != nil {
			t.Fatalf("event %d, %s: %v", i, raw(t, s), err)
		}
		if s.At.Before(last) {
			t.Fatalf("event %d comes before the one before it", i)
		}
		last = s.At
		count[s.Data.Type()]++
		employers[s.Employer]++
		if v, ok := s.Data.(*events.VisitMade); ok {
			contacts[v.KvK]++
			if v.Replaces == nil && v.Date < events.DateOf(s.At) {
				late++
			}
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%-32s %6.1f", typ.Name(), 1000*float64(count[typ])/size)
	}
	t.Log(len(employers), "employers; the busiest", employers[region.KvKOf(0)], "events;", late, "visits told late")
	for _, typ := range events.Types() {
		if by := typ.Emitter(); (by == events.ByPartner || by == events.ByEither) && count[typ] == 0 {
			t.Errorf("nobody says %s", typ.Name())
		}
	}
	for typ, want := range map[events.Type]int{
		events.TypeVisitPlanned: 250, events.TypeVisitMade: 350, events.TypeVisitMoved: 30, events.TypeVisitCalledOff: 20, events.TypePlacementMade: 40,
		events.TypePlacementEnded: 12, events.TypeServiceDelivered: 75, events.TypeEmployerDescribed: 120, events.TypeVacancyReported: 35, events.TypeVacancyFilled: 25,
	} {
		if got := 1000 * count[typ] / size; got < want*2/3 || got > want*3/2 {
			t.Errorf("%s: %d of a thousand events, want about %d", typ.Name(), got, want)
		}
	}
	for _, m := range r.Measured {
		if contacts[m.KvK] != m.Contacts {
			t.Errorf("employer %s has %d contacts, want %d", m.KvK, contacts[m.KvK], m.Contacts)
		}
	}
}

// A ledger refuses nothing of it, with its clock where the history is.
func TestRecorded(t *testing.T) {
	size := 20_000
	if testing.Short() {
		size = 2_000
	}
	r := region.New(3, size)
	clock := r.Start()
	l := open(t, func() time.Time { return clock })
	outcomes := map[events.Outcome]int{}
	for i, s := range numbered(r) {
		if i == size {
			break
		}
		clock = s.At
		e, err := events.Decode(raw(t, s), clock)
		if err != nil {
			t.Fatal(err)
		}
		caller := ledger.Caller{Role: ledger.RoleSteward, Credential: "test", Door: ledger.DoorLocal}
		switch {
		case s.Partner == region.Board:
			caller.Role = ledger.RoleBoard
		case s.Partner >= 0:
			caller.Role, caller.Partner = ledger.RolePartner, r.Partners[s.Partner].ID
		}
		receipt, err := l.Record(t.Context(), ledger.Submission{Event: e, Caller: caller})
		if err != nil {
			t.Fatalf("event %d: %v\n%s", i, err, raw(t, s))
		}
		outcomes[receipt.Outcome]++
	}
	t.Log(outcomes)
	if outcomes[events.Refused] > 0 || outcomes[events.Taken] == 0 || outcomes[events.Attention] == 0 {
		t.Errorf("%v: want none refused, some taken and some that ask for attention", outcomes)
	}
}

func open(t *testing.T, now func() time.Time) *ledger.Ledger {
	t.Helper()
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "boek.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	var book *ledger.Book
	store, err := file.Store(book.Name(), book.Shape())
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), ledger.Config{
		Region: region.Code, StewardOIN: region.StewardOIN,
		Stream: new(ledgertest.Memory), Keys: new(ledgertest.MemoryKeys), Store: store, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// BenchmarkTell is how fast the history is told, and written as JSON.
func BenchmarkTell(b *testing.B) {
	r := region.New(1, max(b.N, 100_000))
	b.ReportAllocs()
	for i, s := range numbered(r) {
		if i == b.N {
			break
		}
		raw(b, s)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
