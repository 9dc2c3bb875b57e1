package projections

import (
	"cmp"
	"slices"
	"strings"

	"huisboek/events"
)

// links are the last words on pairs of employers, in the order of the book.
func (m model) links() (list []Link) {
	for _, r := range m {
		l := Link{Position: r.Position, At: r.At, Partner: r.Partner}
		switch d := r.Event.Data.(type) {
		case *events.EmployersLinked:
			l.Employer, l.With, l.Kind = d.Employer.Employer().Key(), d.With.Employer().Key(), d.Kind
			l.Holds = slices.Contains(r.Verdict.Reasons, "koppeling-geldt")
		case *events.EmployersUnlinked:
			l.Employer, l.With = d.Employer.Employer().Key(), d.With.Employer().Key()
		default:
			continue
		}
		list = slices.DeleteFunc(list, func(o Link) bool {
			return o.Employer == l.Employer && o.With == l.With || o.Employer == l.With && o.With == l.Employer
		})
		list = append(list, l)
	}
	return list
}

// linksOf are those of one employer, by the other.
func (m model) linksOf(employer string) (list []Link) {
	for _, l := range m.links() {
		if l.Employer == employer || l.With == employer {
			list = append(list, l)
		}
	}
	other := func(l Link) string { return strings.Replace(l.Employer+" "+l.With, employer, "", 1) }
	slices.SortFunc(list, func(a, b Link) int { return cmp.Compare(strings.TrimSpace(other(a)), strings.TrimSpace(other(b))) })
	return list
}

func (m model) waiting() []Link {
	return slices.DeleteFunc(m.links(), func(l Link) bool { return l.Kind == "" || l.Holds })
}

// group goes over the links that hold, of these kinds, until nothing more is reached.
func (m model) group(employer string, kinds ...string) []string {
	found := []string{employer}
	for before := 0; before != len(found); {
		before = len(found)
		for _, l := range m.links() {
			one, other := slices.Contains(found, l.Employer), slices.Contains(found, l.With)
			if !l.Holds || !slices.Contains(kinds, l.Kind) || one == other {
				continue
			}
			if one {
				found = append(found, l.With)
			} else {
				found = append(found, l.Employer)
			}
		}
	}
	slices.Sort(found[1:])
	return found
}

func (m model) same(employer string) []string { return m.group(employer, "dezelfde", "opvolger") }

func (m model) concern(employer string) []string {
	list := m.same(employer)
	for _, k := range slices.Sorted(slices.Values(m.group(employer, "dezelfde", "opvolger", "concern"))) {
		if !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	return list
}

// preferred is the key of a group to use.
func (m model) preferred(employer string) string {
	rank := func(key string) string {
		return map[bool]string{true: "3", false: map[bool]string{true: "2", false: "1"}[strings.Contains(key, "-")]}[strings.HasPrefix(key, "voorlopig")] + key
	}
	keys := m.same(employer)
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	for _, k := range keys {
		family := m.group(k, "dezelfde")
		if !slices.ContainsFunc(m.links(), func(l Link) bool {
			return l.Holds && l.Kind == "opvolger" && slices.Contains(family, l.Employer) && !slices.Contains(family, l.With)
		}) {
			return k
		}
	}
	return keys[0]
}

// known are the employers of which anything stands.
func (m model) known() (list []string) {
	for _, r := range m.alive() {
		if e, ok := events.EmployerOf(r.Event.Data); ok {
			list = append(list, e.Key())
		}
	}
	for _, l := range m.links() {
		list = append(list, l.Employer, l.With)
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return slices.Compact(list)
}
