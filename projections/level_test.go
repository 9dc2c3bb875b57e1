package projections

import (
	"testing"

	"huisboek/events"
)

// TestLevelAt: of an establishment its own last word goes before that on the whole
// employer, under whichever key; of the whole no establishment's counts.
func TestLevelAt(t *testing.T) {
	const one, other = "69599084", "90004760"
	north, south := events.Employer{KvK: one, Establishment: "000012345678"}, events.Employer{KvK: one, Establishment: "000087654321"}
	s := newScene(t)
	set := func(e events.Employer, level string) { s.say(theBook, &events.LevelSet{Employer: e, Level: level}) }
	set(events.Employer{KvK: one}, "landelijk")
	set(north, "regionaal")
	set(north, "lokaal")
	set(events.Employer{KvK: other}, "regionaal")
	for _, tt := range []struct {
		name string
		at   events.Employer
		keys []string
		want events.Position // 0: nobody said
	}{
		{"Whole", events.Employer{KvK: one}, []string{one}, 1},
		{"LastOfItsOwn", north, []string{one}, 3},
		{"WithoutItsOwn", south, []string{one}, 1},
		{"WholeUnderAnotherKey", south, []string{one, other}, 4},
		{"ItsOwnBeforeALaterOneOnTheWhole", north, []string{one, other}, 3},
		{"OfAnotherEmployer", events.Employer{KvK: other, Establishment: north.Establishment}, []string{other}, 4},
		{"Nobody", events.Employer{KvK: "90000102", Establishment: north.Establishment}, []string{"90000102"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Employers{}.LevelAt(memoryTx{s.store.rows}, tt.at, tt.keys)
			if err != nil || (got == nil) != (tt.want == 0) || got != nil && got.Position != tt.want {
				t.Errorf("%+v, %v; want the word at position %d", got, err, tt.want)
			}
		})
	}
	if got, err := (Employers{}).Level(memoryTx{s.store.rows}, []string{one}); err != nil || got == nil || got.Position != 1 {
		t.Errorf("of the whole: %+v, %v", got, err)
	}
}
