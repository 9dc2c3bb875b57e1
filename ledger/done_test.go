package ledger

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
)

// textOf draws texts of every form that is written in a way of its own, and texts that
// nearly are.
func textOf(t *rapid.T, name string) string {
	raw := rapid.SliceOfN(rapid.Byte(), 0, 300)
	return rapid.OneOf(
		rapid.String(),
		rapid.StringN(240, 270, -1),
		rapid.Map(raw, base64.RawURLEncoding.EncodeToString),
		rapid.Map(raw, func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) + "\n" }),
		rapid.StringMatching(`[0-9A-F]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
		rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
		rapid.StringMatching(`(urn:nld:oin:){1,3}[0-9]{19,21}(:systeem:[a-z]{0,5})?`),
	).Draw(t, name)
}

func TestPackedText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, two := textOf(t, "one"), textOf(t, "two")
		s := packed{rest: string(appendText(appendText(nil, one), two))}
		if a, b := s.text(), s.text(); a != one || b != two || s.done(nil) != nil {
			t.Fatalf("%q, %q came back as %q, %q", one, two, a, b)
		}
	})
}

func TestDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := rapid.SampledFrom([]events.Date{"", "2026-11-23", "1999-01-01"})
		at := events.Position(rapid.Uint64Range(1, 1<<40).Draw(t, "at"))
		is := done{
			Type: rapid.SampledFrom(events.Types()).Draw(t, "type"), Partner: uuid.NewString(),
			Employer: textOf(t, "employer"), With: textOf(t, "with"), Root: events.Position(rapid.Uint64().Draw(t, "root")),
			Order: rapid.SampledFrom([]events.Position{at, 7}).Draw(t, "order"), Date: date.Draw(t, "date"), Place: textOf(t, "place"),
			Purpose: textOf(t, "purpose"), Asked: rapid.Bool().Draw(t, "asked"), Until: date.Draw(t, "until"), Void: rapid.Bool().Draw(t, "void"),
		}
		rows := mapTx{}
		putDone(rows, at, &is)
		was, ok, err := doneAt(rows, at)
		if diff := cmp.Diff(is, was); !ok || err != nil || diff != "" {
			t.Fatal(ok, err, diff)
		}
		row := rows[string(positionKey(rowDone, at))]
		if rootIn(row) != is.Root {
			t.Fatalf("the root is %d, in the row %d", is.Root, rootIn(row))
		}
		for n := range row { // a row that is cut off is told from a whole one
			if _, err := readDone(positionKey(rowDone, at), row[:n]); err == nil {
				t.Fatalf("%d of %d bytes of a row were read", n, len(row))
			}
		}
	})
}

// mapTx is rows to get and put.
type mapTx map[string][]byte

func (m mapTx) Get(key []byte) []byte                          { return m[string(key)] }
func (m mapTx) Put(key, value []byte)                          { m[string(key)] = value }
func (m mapTx) Delete(key []byte)                              { delete(m, string(key)) }
func (m mapTx) Scan(_ []byte, _ func(k, v []byte) bool)        {}
func (m mapTx) ScanFrom(_, _ []byte, _ func(k, v []byte) bool) {}
