package story_test

import (
	"strings"
	"testing"

	"huisboek/cmd/huisboek/story"
	"huisboek/events"
)

// told is what a story says of who belongs together.
type told struct {
	described map[string]string       // name, by key
	spoke     map[string]map[int]bool // partners that spoke of an employer, by key
	links     map[string]string       // kind that was said last, by the two keys
	by        map[string]int          // who said so
	last      map[int]events.Date     // day of a partner's last event
	goneOn    int                     // things of the old partner that its heir went on with
}

func listen(t *testing.T, s *story.Story) *told {
	t.Helper()
	w := &told{map[string]string{}, map[string]map[int]bool{}, map[string]string{}, map[string]int{}, map[int]events.Date{}, 0}
	begun := make(map[string]int) // approaches, placements and vacancies
	for step := range s.Events() {
		w.last[step.Partner] = events.DateOf(step.At)
		if e, ok := events.EmployerOf(step.Data); ok {
			if w.spoke[e.Key()] == nil {
				w.spoke[e.Key()] = make(map[int]bool)
			}
			w.spoke[e.Key()][step.Partner] = true
		}
		pair := ""
		if e, with, ok := events.PairOf(step.Data); ok {
			pair = e.Key() + " " + with.Key()
			for _, key := range []string{e.Key(), with.Key()} {
				if w.described[key] == "" {
					t.Errorf("%s is linked on %s, and nobody described it yet", key, events.DateOf(step.At))
				}
			}
		}
		goesOn := ""
		switch d := step.Data.(type) {
		case *events.EmployerDescribed:
			w.described[d.Key()] = *d.Name.Plain
		case *events.EmployersLinked:
			w.links[pair], w.by[pair] = d.Kind, step.Partner
		case *events.EmployersUnlinked:
			if w.links[pair] == "" {
				t.Errorf("%s is unlinked, and was not linked", pair)
			}
			w.links[pair] = "ontkoppeld"
		case *events.VisitPlanned:
			begun[d.Approach] = step.Partner
		case *events.VacancyReported:
			begun[d.Vacancy] = step.Partner
		case *events.PlacementMade:
			begun[d.Placement] = step.Partner
		case *events.VisitMade:
			goesOn = d.Approach
		case *events.VacancyFilled:
			goesOn = d.Vacancy
		case *events.PlacementEnded:
			goesOn = d.Placement
		}
		if goesOn != "" && begun[goesOn] == s.Highlights.Merged && step.Partner == s.Highlights.Heir {
			w.goneOn++
		}
	}
	return w
}

// Of the provisional employers and the others that belong together every fate there
// is comes about, and partners come and go.
func TestRelated(t *testing.T) {
	for seed := range uint64(3) {
		s := story.Year(seed, today)
		h, w := s.Highlights, listen(t, s)
		fates := make(map[string]int)
		for pair, kind := range w.links {
			provisional, with, _ := strings.Cut(pair, " ")
			switch {
			case !strings.HasPrefix(provisional, "voorlopig-"):
				fates[kind]++
			case kind != "dezelfde":
				fates[kind]++
			case w.by[pair] == story.Steward:
				fates["by steward"]++
			case len(w.spoke[provisional]) == 1:
				fates["by its own"]++
			default:
				fates["waits"]++
			}
			if provisional == h.Twin || with == h.Twin {
				t.Errorf("seed %d: the highlighted twin is linked: %s", seed, pair)
			}
		}
		for fate, want := range map[string]int{"concern": 2, "opvolger": 1, "ontkoppeld": 1, "by steward": 5, "by its own": 2, "waits": 1} {
			if fates[fate] != want {
				t.Errorf("seed %d: %s %d times, want %d", seed, fate, fates[fate], want)
			}
		}
		known := s.Employers[h.Known]
		if name := w.described[h.Twin]; name == "" || name == known.Name || !strings.Contains(strings.ToLower(known.Name), strings.ToLower(strings.Fields(name)[0])) {
			t.Errorf("seed %d: the twin of %s is %q", seed, known.Name, name)
		}
		if n := len(w.spoke[h.Foreign]); n == 0 || w.described[h.Foreign] == "" {
			t.Errorf("seed %d: %d partners spoke of %s, %q", seed, n, h.Foreign, w.described[h.Foreign])
		}
		for i := range 2 {
			if pair := s.Employers[h.Concern[0]].KvK + " " + s.Employers[h.Concern[i+1]].KvK; w.links[pair] != "concern" {
				t.Errorf("seed %d: %s is %q", seed, pair, w.links[pair])
			}
		}
		if w.last[h.Silent] == "" || w.last[h.Silent].DaysUntil(today) < 30 || w.last[h.Heir].DaysUntil(today) > 7 {
			t.Errorf("seed %d: the silent partner spoke last on %s, the heir on %s", seed, w.last[h.Silent], w.last[h.Heir])
		}
		if !w.last[h.Merged].Before(h.MergedOn) || w.goneOn == 0 {
			t.Errorf("seed %d: the old partner spoke last on %s, merged on %s, of whose work %d were gone on with", seed, w.last[h.Merged], h.MergedOn, w.goneOn)
		}
		if r := s.Partners[h.Planner+1].Regions; len(r) != 3 {
			t.Errorf("seed %d: regions %v, want three", seed, r)
		}
	}
}
