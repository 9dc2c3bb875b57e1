package e2e_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
