package archive_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"huisboek/adapters/archive"
	"huisboek/events"
)

const (
	book  = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a01"
	other = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a02"
)

func erasure(in string, at events.Position, keys ...events.KeyID) string {
	ids := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(keys)), ","), "[]")
	more := ""
	if in != "" {
		more = fmt.Sprintf(`,"uitvoering":%q`, in)
	}
	return fmt.Sprintf(`{"boek":%q,"positie":%d,"sleutels":[%s]%s}`, book, at, ids, more)
}

func restore(as, of string, at events.Position, key events.KeyID) string {
	return fmt.Sprintf(`{"boek":%q,"hersteld":{"uitvoering":%q,"ouder":%q,"positie":%d,"sleutel":%d,"op":"2026-11-22T10:00:00Z"}}`, book, as, of, at, key)
}

// TestErased is the rule that says which keys of an incarnation were erased, whichever
// incarnation they were erased in.
func TestErased(t *testing.T) {
	for _, c := range []struct {
		name string
		list []string
		of   string // "" is the first
		want []events.KeyID
	}{
		{"nothing", nil, "", nil},
		{"one's own", []string{erasure("", 7, 3, 1), erasure("", 8, 2)}, "", []events.KeyID{1, 2, 3}},
		{"another book's", []string{strings.Replace(erasure("", 7, 3), book, other, 1)}, "", nil},
		{"half a line, and the whole one after it", []string{erasure("", 7, 3)[:40], erasure("", 7, 3)}, "", []events.KeyID{3}},
		{"after the backup: its keys only", []string{erasure("", 90, 10, 11), erasure("", 120, 9, 10, 11, 12), restore("A", book, 100, 10)}, "A", []events.KeyID{9, 10}},
		{"a key that the restored book gave out is not the one of the lost tail", []string{
			erasure("", 120, 11), restore("A", book, 100, 10), erasure("A", 101, 12),
		}, "A", []events.KeyID{12}},
		{"the same backup put back twice: what the first erased of the common part", []string{
			restore("A", book, 100, 10), erasure("A", 101, 5, 11), restore("B", book, 100, 10),
		}, "B", []events.KeyID{5}},
		{"an older backup after a newer one", []string{
			restore("A", book, 100, 10), erasure("A", 101, 5, 8, 11), restore("B", book, 60, 6),
		}, "B", []events.KeyID{5}},
		{"a newer backup after an older one: the older one's limit holds", []string{
			restore("A", book, 60, 6), erasure("A", 61, 5, 8), restore("B", book, 100, 10),
		}, "B", []events.KeyID{5}},
		{"restore after restore", []string{
			restore("A", book, 100, 10), erasure("A", 105, 12, 13), erasure("A", 130, 14, 15), restore("B", "A", 110, 14), erasure("B", 111, 2, 16),
		}, "B", []events.KeyID{2, 12, 13, 14, 16}},
		{"and back to before the first", []string{
			erasure("", 95, 9), restore("A", book, 100, 10), erasure("A", 105, 3, 12), restore("B", "A", 110, 14), erasure("B", 111, 2, 13, 16), restore("C", book, 90, 8),
		}, "C", []events.KeyID{2, 3}},
		{"a backup of a restored book, its parent erasing meanwhile in its own numbers", []string{
			erasure("", 300, 7, 30), restore("A", book, 100, 10), restore("B", "A", 120, 40),
		}, "B", []events.KeyID{7}},
		{"what a later life erased counts for an earlier one", []string{
			restore("A", book, 100, 10), erasure("A", 101, 4, 11),
		}, "", []events.KeyID{4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := archive.ReadList(strings.NewReader(strings.Join(c.list, "\n")), book)
			if err != nil {
				t.Fatal(err)
			}
			if c.of == "" {
				c.of = book
			}
			got, err := l.Erased(c.of)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %v %v, want %v", got, err, c.want)
			}
		})
	}
}

// TestErasedUnknown: without knowing where an incarnation came from nothing can be
// said of its keys, and nothing is guessed.
func TestErasedUnknown(t *testing.T) {
	for name, list := range map[string]string{
		"an erasure of an unknown one": erasure("X", 7, 3),
		"a parent that is unknown":     restore("A", "X", 100, 10) + "\n" + erasure("A", 7, 3),
		"a circle":                     restore("A", "B", 1, 1) + "\n" + restore("B", "A", 1, 1) + "\n" + erasure("A", 7, 3),
	} {
		l, err := archive.ReadList(strings.NewReader(list), book)
		if err != nil {
			t.Fatal(err)
		}
		if ids, err := l.Erased(book); !errors.Is(err, archive.ErrLineage) {
			t.Errorf("%s: %v %v", name, ids, err)
		}
	}
	l, _ := archive.ReadList(strings.NewReader(erasure("X", 7, 3)), book)
	known := archive.Origin{Incarnation: "X", Parent: book, Position: 5, Key: 3}
	if ids, err := l.Erased(book, known); err != nil || !slices.Equal(ids, []events.KeyID{3}) {
		t.Errorf("told otherwise: %v %v", ids, err)
	}
}

func TestReadList(t *testing.T) {
	l, err := archive.ReadList(strings.NewReader(strings.Join([]string{
		erasure("", 7, 3), `{"boek":"`, "", restore("A", book, 9, 2), "niets", restore("B", "A", 8, 1),
	}, "\n")), book)
	if err != nil || !slices.Equal(l.Torn, []int{2, 5}) || len(l.Erasures) != 1 || l.Erasures[0].Incarnation != book || l.Newest().Incarnation != "B" {
		t.Errorf("%+v %v", l, err)
	}
	if (&archive.List{}).Newest() != nil {
		t.Error("the newest of none")
	}
}

// TestUnreadableLines: a line that says nothing, or something that this program does
// not know, is not passed over in silence: somebody may have been erased there.
func TestUnreadableLines(t *testing.T) {
	for line, unreadable := range map[string]bool{
		erasure("", 7, 3): false, restore("A", book, 9, 2): false, "": false,
		strings.Replace(erasure("", 7, 3), "sleutels", "sleutelz", 1):      true,
		strings.Replace(erasure("A", 7, 3), "uitvoering", "uitvoerinh", 1): true,
		`{"boek":"` + book + `","positie":7}`:                              true,
		`{"boek":"` + book + `","hersteld":{}}`:                            true,
		erasure("", 7, 3)[1:]:                                              true,
	} {
		l, err := archive.ReadList(strings.NewReader(erasure("", 6, 1)+"\n"+line), book)
		if err != nil || slices.Equal(l.Torn, []int{2}) != unreadable {
			t.Errorf("%s: %v %v", line, l.Torn, err)
		}
	}
}
