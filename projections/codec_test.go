package projections

import (
	"testing"

	"pgregory.net/rapid"

	"huisboek/events"
)

// TestTextIsReadBack: whatever a text, a day or a seal is, a row gives it back, also when
// it looks like one of the forms that are written short; and a row that was cut off is
// noticed.
func TestTextIsReadBack(t *testing.T) {
	uuid := `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	texts := rapid.OneOf(
		rapid.String(), rapid.SampledFrom(lineWords[:]), rapid.StringMatching(`[0-9]{1,22}`), rapid.StringMatching(uuid),
		rapid.StringMatching(`[0-9a-fA-F]{8}.[0-9a-g]{4}-[0-9a-f]{4}-[0-9a-f]{4}.[0-9a-f]{12}`),
		rapid.StringMatching(`urn:nld:oin:[0-9]{18,21}(:systeem:crm)?.?`), rapid.StringMatching(`urn:nld:kvknr:[0-9]{8}`),
		rapid.StringN(40, 50, -1), rapid.StringN(120, 140, -1),
	)
	days := rapid.OneOf(rapid.StringMatching(`(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}`), rapid.String())
	seals := rapid.OneOf(rapid.StringMatching(`[A-Za-z0-9_-]{0,300}`), rapid.StringMatching(`[A-Za-z0-9_=\n-]{0,20}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(texts).Draw(t, "texts")
		day := events.Date(days.Draw(t, "day"))
		seal := &events.Seal{Key: events.KeyID(rapid.Uint64().Draw(t, "key")), Text: seals.Draw(t, "seal")}
		var e encoder
		e.texts(list)
		e.date(day)
		e.seal(seal)
		e.seal(nil)

		d := decode(e)
		for i, s := range d.texts() {
			if s != list[i] {
				t.Fatalf("%q is read as %q", list[i], s)
			}
		}
		if got := d.date(); got != day {
			t.Fatalf("%q is read as %q", day, got)
		}
		if got := d.seal(); got == nil || *got != *seal {
			t.Fatalf("%v is read as %v", seal, got)
		}
		if got := d.seal(); got != nil || d.err() != nil {
			t.Fatal(got, d.err())
		}
		cut := decode(e[:rapid.IntRange(0, len(e)-1).Draw(t, "cut")])
		cut.texts()
		cut.date()
		cut.seal()
		cut.seal()
		if cut.err() == nil {
			t.Fatal("a row that was cut off is read")
		}
	})
	if len(lineWords) > textWords {
		t.Error("there are more words than codes")
	}
}
