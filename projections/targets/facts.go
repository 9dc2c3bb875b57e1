package targets

import (
	"iter"
	"slices"
	"sync"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// Facts is everything that standings are counted from, as known at one position.
// Lines are applied in the order of their positions; what a correction or a retraction
// does is what it does to the views (docs/design.md, "How events add up").
//
// Several goroutines may read when none applies.
type Facts struct {
	position events.Position
	at       time.Time
	kept     [128]bool // by part

	words     *words
	shelves   [len(shelved)]shelf
	refs      map[events.Position]ref // surviving events that are no first report of an item
	vacancies map[events.Position]*vacancy
	said      saidEmployers
	region    region
	pairs     pairs

	log       []events.Position // roots of items in the order in which they changed
	forgotten uint64            // so many were in the log before
	revisions [128]uint64

	mu    sync.Mutex // of what reading keeps: alike and taken
	alike alike
	taken uint64
}

// shelved are the parts that have items.
var shelved = [...]projections.Part{
	projections.PartPlacements, projections.PartVisits, projections.PartServices, projections.PartVacancies, projections.PartSignals,
}

const (
	onPlacements = iota
	onVisits
	onServices
	onVacancies
	onSignals
)

// ref says what the event at a position is.
type ref struct {
	kind  byte
	shelf byte
	slot  int32
	order events.Position // its place among its like; of a vacancy its first report
}

const (
	refReport    = iota // the report of an item, or of places filled
	refEnd              //
	refConfirmed        // the last of those that go with an item
	refVacancy
	refCard
)

// NewFacts knows nothing yet; lines of other parts than these are not kept. Without
// parts all are. Of what is kept, retractions count whether or not
// [projections.PartTakenBack] is named.
func NewFacts(parts ...projections.Part) *Facts {
	w := newWords()
	f := &Facts{words: w, refs: map[events.Position]ref{}, vacancies: map[events.Position]*vacancy{}, said: newSaid(w), region: newRegion()}
	f.pairs.words = map[[2]events.Position][]said{}
	if len(parts) == 0 {
		parts = projections.Parts[:]
	}
	for _, p := range parts {
		f.kept[p] = true
	}
	for i := range f.shelves {
		f.shelves[i] = shelf{part: shelved[i], words: f.words, wide: map[int32]*Item{}, more: map[int32]*more{}}
	}
	return f
}

// Apply takes one line in.
func (f *Facts) Apply(l *projections.Line) {
	f.position, f.at = l.Position, l.At
	switch l.Type {
	case events.TypeEventRetracted:
		if r, ok := f.take(l.Target); ok {
			f.undo(r)
		}
	case events.TypeJointVisitConfirmed:
		f.confirm(l)
	case events.TypePlacementMade:
		f.report(onPlacements, l)
	case events.TypeVisitMade:
		f.report(onVisits, l)
	case events.TypeServiceDelivered:
		f.report(onServices, l)
	case events.TypeSignalNoted:
		f.report(onSignals, l)
	case events.TypePlacementEnded:
		f.end(l)
	case events.TypeVacancyReported:
		f.open(l)
	case events.TypeVacancyFilled:
		f.fill(l)
	case events.TypePlacementsMatched, events.TypePlacementsDistinct:
		if f.kept[projections.PartPlacements] {
			f.say(l)
		}
	default:
		switch part := l.Part(); {
		case !f.kept[part]:
		case part == projections.PartEmployers:
			f.employer(l)
		case part == projections.PartRegion:
			f.region.apply(l)
			f.pairs.stale = true // heirs speak for who went before
			f.alike.restate()
			f.revisions[part]++
		}
	}
}

// At is the last line's position and moment: of all lines, also those that were not kept.
func (f *Facts) At() (events.Position, time.Time) { return f.position, f.at }

// Items are the surviving items of a part, by Root. Each is good until the next: to keep
// one, copy it.
func (f *Facts) Items(part projections.Part) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		s := f.shelf(part)
		if s == nil {
			return
		}
		var it Item
		for slot := range s.items {
			if s.load(int32(slot), &it) && it.Count > 0 && !yield(&it) {
				return
			}
		}
	}
}

// Item is the surviving item of a part with a Root, nil when there is none (any more).
func (f *Facts) Item(part projections.Part, root events.Position) *Item {
	if s := f.shelf(part); s != nil {
		if slot := s.find(root); slot >= 0 {
			if it := s.item(slot); it != nil && it.Count > 0 {
				return it
			}
		}
	}
	return nil
}

// Len is how many items of a part there are, at most.
func (f *Facts) Len(part projections.Part) int {
	if s := f.shelf(part); s != nil {
		return len(s.items)
	}
	return 0
}

// Revision changes whenever something of a part does: of [projections.PartEmployers]
// whatever One, Level, Gemeente, Size and Sector answer, of
// [projections.PartPlacements] also what was said of doubles.
func (f *Facts) Revision(part projections.Part) uint64 { return f.revisions[part] }

// maxLog is how many changes Since knows of at least.
const maxLog = 1 << 14

// Since are the Roots of the items that changed, came or went after a moment that an
// earlier call gave as now (0 is the beginning), each once, in order; of a pair of which
// something was said both are among them. ok is false when that is too long ago to tell.
// What else changed is for Revision to tell.
func (f *Facts) Since(moment uint64) (roots []events.Position, now uint64, ok bool) {
	now = f.forgotten + uint64(len(f.log))
	if moment < f.forgotten || moment > now {
		return nil, now, false
	}
	roots = slices.Clone(f.log[moment-f.forgotten:])
	slices.Sort(roots)
	return slices.Compact(roots), now, true
}

// Touched is as Since the last call of Touched; after too many changes it is all there
// ever were. It is for one reader alone.
func (f *Facts) Touched() []events.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	roots, now, ok := f.Since(f.taken)
	f.taken = now
	if !ok {
		for i := range f.shelves {
			roots = append(roots, f.shelves[i].roots...)
		}
		slices.Sort(roots)
	}
	return roots
}

// touched notes that an item changed.
func (f *Facts) touched(part projections.Part, root events.Position) {
	f.revisions[part]++
	if len(f.log) >= 2*maxLog {
		f.forgotten += maxLog
		f.log = f.log[:copy(f.log, f.log[maxLog:])]
	}
	f.log = append(f.log, root)
}

// settle works out what reading would otherwise work out and keep, so that several may
// read from now on.
func (f *Facts) settle() {
	f.said.settle()
	f.settlePairs()
}
