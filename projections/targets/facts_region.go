package targets

import (
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// region is who takes part, what the region set out to reach, and how many employers it has.
type region struct {
	roll     *projections.Roll
	targets  map[string][]Version
	order    []string // of targets, by their first versions
	counted  map[string][]numbers
	departed []Departure
	began    string // the month of the first that was said
}

// numbers are how many employers one municipality has from a day on.
type numbers struct {
	from  events.Date
	said  events.Position
	sizes map[string]int // "" is all
}

func newRegion() region {
	return region{roll: projections.NewRoll(), targets: map[string][]Version{}, counted: map[string][]numbers{}}
}

func (g *region) apply(l *projections.Line) {
	if g.began == "" {
		g.began = events.DateOf(l.At).Month()
	}
	switch l.Type {
	case events.TypeTargetSet:
		if g.targets[l.ID] == nil {
			g.order = append(g.order, l.ID)
		}
		g.targets[l.ID] = append(g.targets[l.ID], Version{Position: l.Position, At: l.At, Number: len(g.targets[l.ID]) + 1, TargetSet: l.Set})
	case events.TypeTargetDropped:
		if n := len(g.targets[l.ID]); n > 0 {
			g.targets[l.ID][n-1].Dropped = l.Position
		}
	case events.TypeEmployersCounted:
		g.count(l)
	default:
		g.roll.Apply(l)
		g.departed = nil
		for _, left := range g.roll.Left() {
			g.departed = append(g.departed, Departure{Partner: left.Partner, From: left.From, Past: left.Past})
		}
	}
}

func (g *region) count(l *projections.Line) {
	by := map[string]map[string]int{}
	for _, c := range l.Counted.Counts {
		if by[c.Gemeente] == nil {
			by[c.Gemeente] = map[string]int{}
		}
		by[c.Gemeente][c.Size] = c.Count
	}
	for gemeente, sizes := range by {
		g.counted[gemeente] = append(g.counted[gemeente], numbers{l.From, l.Position, sizes})
	}
}

// Began is the month in which the book began: that of the first that was said of the
// region, for nobody says anything before it takes part.
func (f *Facts) Began() string { return f.region.began }

// Targets are the last versions of all targets, dropped ones too, by Position of the first.
func (f *Facts) Targets() []Version {
	list := make([]Version, 0, len(f.region.order))
	for _, id := range f.region.order {
		versions := f.region.targets[id]
		list = append(list, versions[len(versions)-1])
	}
	return list
}

// Versions is one target from its first version. Of one that was dropped Dropped is set
// on the version that it was then; when there is another after that, it is one again.
func (f *Facts) Versions(target string) []Version { return slices.Clone(f.region.targets[target]) }

// Subregion is a partner's on a day; "" is none, ok is false when the partner is not
// known or had not begun by then. Once it left it is what it was.
func (f *Facts) Subregion(partner string, day events.Date) (subregion string, ok bool) {
	return f.region.roll.Subregion(partner, day)
}

// Departures are the partners that left and did not come back, by day. Who is succeeded
// has not left: another goes on.
func (f *Facts) Departures() []Departure { return slices.Clone(f.region.departed) }

// Heir is who goes on with a partner's work on a day: itself, or the end of the line.
func (f *Facts) Heir(partner string, day events.Date) string {
	return f.region.roll.Heir(partner, day)
}

// PartnerOf is the internal UUID of an identity on a wire, "" when it is not known.
func (f *Facts) PartnerOf(identity string) string { return f.region.roll.Owner(identity) }

// Name is a partner's, as said last; "" when it is not known.
func (f *Facts) Name(partner string) string { return f.region.roll.NameOf(partner) }

// EmployersIn is how many employers there are of a municipality and size on a day, and
// the position that said so; size "" is all: the number without a size, or the sum of
// the sizes. Of the numbers of a municipality the newest day counts, and of one day what
// was said last; what they do not say is not known, though older ones said it.
func (f *Facts) EmployersIn(gemeente, size string, day events.Date) (n int, said events.Position, ok bool) {
	var last *numbers
	for i := range f.region.counted[gemeente] {
		if x := &f.region.counted[gemeente][i]; x.from <= day && (last == nil || x.from >= last.from) {
			last = x
		}
	}
	if last == nil {
		return 0, 0, false
	}
	if n, ok = last.sizes[size]; ok || size != "" {
		return n, last.said, ok
	}
	for _, count := range last.sizes {
		n += count
	}
	return n, last.said, true
}

// Gemeenten are the municipalities of which it was said how many employers they have, in order.
func (f *Facts) Gemeenten() []string {
	var list []string
	for gemeente := range f.region.counted {
		list = append(list, gemeente)
	}
	slices.Sort(list)
	return list
}
