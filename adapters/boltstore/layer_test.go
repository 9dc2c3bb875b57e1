package boltstore

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/projections"
)

// TestTxEqualsMap: whatever is put, deleted and scanned in whatever order, a
// transaction reads what a plain map has, and so do those after it.
func TestTxEqualsMap(t *testing.T) {
	s := newStore(t)
	rapid.Check(t, func(t *rapid.T) {
		at := checkpoint(1)
		want := map[string]string{}
		if err := s.Update(at, func(tx projections.Tx) error { // what the case before left
			tx.Scan(nil, func(k, _ []byte) bool { tx.Delete(k); return true })
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		key := rapid.StringMatching("[ab\x00]{1,4}")
		prefix := rapid.StringMatching("[ab\x00]{0,3}")
		for range rapid.IntRange(1, 4).Draw(t, "transactions") {
			err := s.Update(at, func(tx projections.Tx) error {
				for range rapid.IntRange(0, 12).Draw(t, "steps") {
					switch rapid.IntRange(0, 4).Draw(t, "step") {
					case 0:
						k := key.Draw(t, "delete")
						tx.Delete([]byte(k))
						delete(want, k)
					case 1: // more than a part of a shelf holds
						p := prefix.Draw(t, "many")
						for i := range 2*partSize + 9 {
							k := fmt.Sprintf("%s%c%d", p, 'a'+i%2, i*7919%1000)
							tx.Put([]byte(k), []byte(k))
							want[k] = k
						}
					case 2:
						sameRows(t, tx, want, prefix.Draw(t, "from"), prefix.Draw(t, "prefix"))
					default:
						k, v := key.Draw(t, "put"), key.Draw(t, "value")
						tx.Put([]byte(k), []byte(v))
						want[k] = v
					}
					k := key.Draw(t, "get")
					v, ok := want[k]
					if got := tx.Get([]byte(k)); string(got) != v || (got != nil) != ok {
						t.Fatalf("Get %q: %q; want %q, %v", k, got, v, ok)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := s.Update(at, func(tx projections.Tx) error { sameRows(t, tx, want, "", ""); return nil })
		if err != nil {
			t.Fatal(err)
		}
	})
}

func sameRows(t *rapid.T, tx projections.Tx, want map[string]string, from, prefix string) {
	var rows, got []string
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if strings.HasPrefix(k, prefix) && k >= from {
			rows = append(rows, k+"="+want[k])
		}
	}
	tx.ScanFrom([]byte(from), []byte(prefix), func(k, v []byte) bool {
		got = append(got, string(k)+"="+string(v))
		return true
	})
	if d := cmp.Diff(rows, got); d != "" {
		t.Fatalf("from %q within %q (-want +got):\n%s", from, prefix, d)
	}
}

// TestWritesInAScan: who scans may scan and write; what is written behind where it is
// comes too, and what is before it not.
func TestWritesInAScan(t *testing.T) {
	s := newStore(t)
	put(t, s, 1, "ka=1", "kc=1", "ke=1")
	var got []string
	err := s.Update(checkpoint(2), func(tx projections.Tx) error {
		tx.Put([]byte("kb"), []byte("2"))
		tx.Scan([]byte("k"), func(k, v []byte) bool {
			got = append(got, fmt.Sprintf("%s=%s", k, v))
			if string(k) == "kb" {
				for i := range 3 * partSize {
					tx.Put(fmt.Appendf(nil, "j%d", i), nil)
				}
				tx.Put([]byte("kaa"), []byte("2"))
				tx.Put([]byte("kd"), []byte("2"))
				tx.Put([]byte("ke"), []byte("2"))
				tx.Delete([]byte("kc"))
			}
			n := 0
			tx.Scan([]byte("k"), func(_, _ []byte) bool { n++; return true })
			got = append(got, fmt.Sprint(n))
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"ka=1", "4", "kb=2", "5", "kd=2", "5", "ke=2", "5"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
