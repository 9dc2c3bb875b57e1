package ledgertest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
)

// TestKeys is what every ledger.Keys must do. open gives an empty one.
func TestKeys(t *testing.T, open func(t *testing.T) ledger.Keys) {
	for name, test := range map[string]func(*testing.T, ledger.Keys){
		"ids follow each other": testKeyIDs,
		"erase":                 testErase,
		"read":                  testReadKeys,
		"context":               testKeyContext,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// RandomKeys draws n keys.
func RandomKeys(n int) [][ledger.KeySize]byte {
	keys := make([][ledger.KeySize]byte, n)
	for i := range keys {
		rand.Read(keys[i][:])
	}
	return keys
}

func testKeyIDs(t *testing.T, k ledger.Keys) {
	wantLastKey(t, k, 0)
	var all [][ledger.KeySize]byte
	for _, n := range []int{1, 2, 1, 1000} {
		keys := RandomKeys(n)
		first, err := k.Append(t.Context(), keys)
		if err != nil || first != events.KeyID(len(all)+1) {
			t.Fatalf("Append of %d gave id %d, %v; want %d", n, first, err, len(all)+1)
		}
		all = append(all, keys...)
		wantLastKey(t, k, events.KeyID(len(all)))
	}
	for _, id := range []events.KeyID{1, 3, 4, 500, 1004} {
		wantKey(t, k, id, all[id-1])
	}
	for _, id := range []events.KeyID{0, 1005, 1 << 40} {
		wantErased(t, k, id)
	}
	if _, err := k.Append(t.Context(), nil); err == nil {
		t.Error("appending no keys gives an id")
	}
}

func testErase(t *testing.T, k ledger.Keys) {
	keys := RandomKeys(100)
	if _, err := k.Append(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	for _, ids := range [][]events.KeyID{{1}, {50, 51, 52}, {100}, {50}, {}} { // first, inner, last, again, none
		if err := k.Erase(t.Context(), ids); err != nil {
			t.Fatalf("Erase(%v): %v", ids, err)
		}
		for _, id := range ids {
			wantErased(t, k, id)
		}
	}
	wantLastKey(t, k, 100) // an id is never given out again
	for _, id := range []events.KeyID{2, 49, 53, 99} {
		wantKey(t, k, id, keys[id-1])
	}
	if first, err := k.Append(t.Context(), keys[:1]); err != nil || first != 101 {
		t.Errorf("after erasing the last key the next is %d, %v; want 101", first, err)
	}
}

// testReadKeys reads keys that lie together, that lie apart, and that are gone: also the
// last of all, after which nothing comes.
func testReadKeys(t *testing.T, k ledger.Keys) {
	const all = 1_000
	keys := RandomKeys(all)
	if _, err := k.Append(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	erased := []events.KeyID{3, 400, 401, 402, 999, 1000}
	if err := k.Erase(t.Context(), erased); err != nil {
		t.Fatal(err)
	}
	var every []events.KeyID
	for id := range events.KeyID(all + 5) {
		every = append(every, id+1)
	}
	for name, ids := range map[string][]events.KeyID{
		"none": nil, "one": {7}, "all and more": every, "the first": every[:200], "up to an erased one": every[100:400],
		"apart": {1, 2, 3, 450, 900, 998}, "every fifth": fifths(every), "erased": erased, "past the end": {5_000, 1 << 40},
	} {
		t.Run(name, func(t *testing.T) {
			var want, got []events.KeyID
			for _, id := range ids {
				if id <= all && !slices.Contains(erased, id) {
					want = append(want, id)
				}
			}
			if err := k.Read(t.Context(), ids, func(id events.KeyID, key [ledger.KeySize]byte) error {
				got = append(got, id)
				if key != keys[id-1] {
					t.Errorf("key %d is another", id)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("read %v, want %v", got, want)
			}
		})
	}
	stop := errors.New("enough")
	if err := k.Read(t.Context(), every, func(events.KeyID, [ledger.KeySize]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Read with a function that fails: %v", err)
	}
}

func fifths(ids []events.KeyID) (some []events.KeyID) {
	for i := 0; i < len(ids); i += 5 {
		some = append(some, ids[i])
	}
	return some
}

func testKeyContext(t *testing.T, k ledger.Keys) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Append(ctx, RandomKeys(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a context that has ended: %v", err)
	}
	wantLastKey(t, k, 0)
}

func wantLastKey(t *testing.T, k ledger.Keys, want events.KeyID) {
	t.Helper()
	if got, err := k.Last(t.Context()); err != nil || got != want {
		t.Errorf("Last = %d, %v; want %d", got, err, want)
	}
}

func wantKey(t *testing.T, k ledger.Keys, id events.KeyID, want [ledger.KeySize]byte) {
	t.Helper()
	if got, err := k.Get(t.Context(), id); err != nil || got != want {
		t.Errorf("Get(%d) = %x, %v; want %x", id, got[:4], err, want[:4])
	}
}

func wantErased(t *testing.T, k ledger.Keys, id events.KeyID) {
	t.Helper()
	if _, err := k.Get(t.Context(), id); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("Get(%d): %v, want ErrErased", id, err)
	}
}
