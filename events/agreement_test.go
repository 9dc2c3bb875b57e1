package events

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The default agreement is one that a region could record as it is.
func TestDefaultAgreementIsGood(t *testing.T) {
	a := DefaultAgreement()
	e, err := NewEvent("urn:nld:oin:00000099000000001000:systeem:huisboek", "a-1", time.Time{}, &a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&a, e.Data); diff != "" {
		t.Error(diff)
	}
	var listed []string
	for _, d := range a.Disturbs {
		listed = append(listed, d.Purpose)
	}
	slices.Sort(listed)
	if all := slices.Sorted(slices.Values(Values("doel"))); !slices.Equal(listed, all) {
		t.Errorf("the default says of %v what they disturb, of %v", listed, all)
	}
	a.Disturbs[0].Disturbs[0] = "changed"
	if DefaultAgreement().Disturbs[0].Disturbs[0] == "changed" || (Agreements{}).On("2026-01-01").Disturbs[0].Disturbs[0] == "changed" {
		t.Error("who is given the default can change it for all")
	}
}

// setAt is an agreement from a day, recorded at a position.
func setAt(position Position, from Date) RecordedAgreement {
	return RecordedAgreement{Position: position, AgreementSet: AgreementSet{From: from}}
}

func TestAgreementOnADay(t *testing.T) {
	two := Agreements{setAt(5, "2026-03-01"), setAt(9, "2027-01-01")}
	for _, c := range []struct {
		name string
		all  Agreements
		day  Date
		want Position
	}{
		{"none recorded", nil, "2026-03-01", 0},
		{"before the first", two, "2026-02-28", 0},
		{"the day it begins", two, "2026-03-01", 5},
		{"the last day of it", two, "2026-12-31", 5},
		{"the day of the next", two, "2027-01-01", 9},
		{"long after", two, "2199-12-31", 9},
		{"two for one day: recorded last", Agreements{setAt(5, "2026-03-01"), setAt(6, "2026-03-01")}, "2026-03-01", 6},
		{"the same, in another order", Agreements{setAt(6, "2026-03-01"), setAt(5, "2026-03-01")}, "2026-03-01", 6},
		{"recorded later, from before", Agreements{setAt(5, "2026-03-01"), setAt(6, "2026-02-01")}, "2026-03-01", 5},
		{"and on the days between", Agreements{setAt(5, "2026-03-01"), setAt(6, "2026-02-01")}, "2026-02-28", 6},
		{"no day", two, "", 0},
	} {
		got := c.all.On(c.day)
		if got.Position != c.want {
			t.Errorf("%s: position %d, want %d", c.name, got.Position, c.want)
		}
		if c.want == 0 && got.Name != DefaultAgreement().Name {
			t.Errorf("%s: not the default", c.name)
		}
	}
}

// An exception replaces what it names, for its subregion alone, and nothing else.
func TestTermsOfASubregion(t *testing.T) {
	base := DefaultAgreement()
	quiet, none := 30, 0
	actions := base.Actions
	actions.Quiet = ActRefuse
	escalation := Escalation{Days: 5, Count: CalendarDays}
	base.Subregions = []SubregionTerms{
		{Subregion: "Noord", QuietDays: &quiet, ContactsPerYear: &none},
		{
			Subregion: "Zuid", ValidDays: &quiet, LongestDays: &quiet, PlansPerPartner: &none, PlansPerManager: &none,
			Disturbs: []Disturbance{{"advies", []string{}}}, Actions: &actions, Escalation: &escalation,
		},
	}
	for _, subregion := range []string{"", "Oost", "noord"} {
		if diff := cmp.Diff(base.Terms, base.For(subregion)); diff != "" {
			t.Errorf("%q: %s", subregion, diff)
		}
	}
	want := base.Terms
	want.QuietDays, want.ContactsPerYear = 30, 0
	if diff := cmp.Diff(want, base.For("Noord")); diff != "" {
		t.Error(diff)
	}
	want = Terms{
		QuietDays: 90, Disturbs: []Disturbance{{"advies", []string{}}}, ValidDays: 30, LongestDays: 30, ContactsPerYear: 8,
		Actions: actions, Escalation: escalation,
	}
	if diff := cmp.Diff(want, base.For("Zuid")); diff != "" {
		t.Error(diff)
	}
	if base.QuietDays != 90 || base.Actions.Quiet != ActWarn {
		t.Error("the region's own terms were changed")
	}
}

// Every member of the terms can be otherwise in a subregion, under the same name.
func TestSubregionsHaveEveryTerm(t *testing.T) {
	names := func(member string) (list []string) {
		s := shapes[kindOf[TypeAgreementSet]]
		if member != "" {
			return append(list, memberNames(s.members[s.byName[member]].value.elem.object)...)
		}
		return append(list, memberNames(s.shape)...)
	}
	want := slices.DeleteFunc(names(""), func(n string) bool { return slices.Contains([]string{"per", "naam", "besluit", "subregios"}, n) })
	if diff := cmp.Diff(append([]string{"subregio"}, want...), names("subregios")); diff != "" {
		t.Error(diff)
	}
}

func memberNames(s *shape) (list []string) {
	for _, m := range s.members {
		list = append(list, m.name)
	}
	return list
}

func TestHoldsUntil(t *testing.T) {
	terms := Terms{ValidDays: 30, LongestDays: 180}
	for _, c := range []struct {
		name                  string
		first, said, from, to Date
		want                  Date
	}{
		{"a day", "2026-01-01", "2026-01-01", "2026-03-15", "2026-03-15", "2026-03-15"},
		{"the last day that it may be", "2026-01-01", "2026-01-01", "2026-06-30", "2026-06-30", "2026-06-30"},
		{"a day later", "2026-01-01", "2026-01-01", "2026-07-01", "2026-07-01", "2026-06-30"},
		{"a short period", "2026-01-01", "2026-01-01", "2026-01-05", "2026-01-20", "2026-01-20"},
		{"a period to its last valid day", "2026-01-01", "2026-01-01", "2026-01-05", "2026-01-31", "2026-01-31"},
		{"a period beyond it", "2026-01-01", "2026-01-01", "2026-01-05", "2026-02-01", "2026-01-31"},
		{"a period said again", "2026-01-01", "2026-01-20", "2026-01-05", "2026-02-28", "2026-02-19"},
		{"said again, near the longest", "2026-01-01", "2026-06-20", "2026-01-05", "2026-12-31", "2026-06-30"},
		{"a period of one day is a day", "2026-01-01", "2026-01-01", "2026-05-01", "2026-05-01", "2026-05-01"},
		{"a day in the past", "2026-02-01", "2026-02-01", "2026-01-15", "2026-01-15", "2026-01-15"},
		{"over a leap day", "2028-02-01", "2028-02-01", "2028-02-02", "2028-12-31", "2028-03-02"},
		{"over the end of a year", "2026-12-15", "2026-12-15", "2026-12-16", "2027-12-01", "2027-01-14"},
		{"over the change to summer time", "2026-03-15", "2026-03-15", "2026-03-16", "2026-12-01", "2026-04-14"},
	} {
		if got := terms.HoldsUntil(c.first, c.said, c.from, c.to); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The default: acquisition disturbs acquisition; follow-up disturbs and is disturbed
// by nobody.
func TestDisturb(t *testing.T) {
	terms := DefaultAgreement().Terms
	for _, c := range []struct {
		fresh, standing string
		want            bool
	}{
		{"acquisitie", "acquisitie", true},
		{"acquisitie", "kennismaking", true},
		{"acquisitie", "vacature", false},
		{"vacature", "vacature", true},
		{"vacature", "acquisitie", false},
		{"advies", "advies", true},
		{"", "acquisitie", true},
		{"", "advies", true},
		{"", "nazorg", false},
		{"onbekend", "acquisitie", false},
		{"acquisitie", "", false},
	} {
		if got := terms.Disturb(c.fresh, c.standing); got != c.want {
			t.Errorf("%q disturbs %q: %v", c.fresh, c.standing, got)
		}
	}
	for _, purpose := range Values("doel") {
		if terms.Disturb("nazorg", purpose) || terms.Disturb(purpose, "nazorg") {
			t.Errorf("follow-up and %s", purpose)
		}
	}
	// Which way it goes matters.
	oneWay := Terms{Disturbs: []Disturbance{{"acquisitie", []string{"advies"}}}}
	if !oneWay.Disturb("acquisitie", "advies") || oneWay.Disturb("advies", "acquisitie") || (&Terms{}).Disturb("", "advies") {
		t.Error("both ways")
	}
}

// Each choice of an action is what the ledger knows.
func TestActionsAreValues(t *testing.T) {
	if got := strings.Join(Values("optreden"), " "); got != "niets waarschuwen weigeren" {
		t.Error(got)
	}
	if got := strings.Join(Values("telling"), " "); got != "kalenderdagen werkdagen" {
		t.Error(got)
	}
}

// The page about agreements names every member with its default, and its example is
// the default agreement with an exception.
func TestAgreementPage(t *testing.T) {
	page := string(read(t, "../docs/agreement.md"))
	_, example, _ := strings.Cut(page, "```json\n")
	example, _, _ = strings.Cut(example, "```")
	e, err := NewEventFrom(testSource, "a-1", time.Time{}, TypeAgreementSet, []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	a, standard := e.Data.(*AgreementSet), DefaultAgreement()
	if diff := cmp.Diff(standard.Terms, a.Terms); diff != "" || len(a.Subregions) != 1 {
		t.Errorf("the example is not the default: %s", diff)
	}
	rows := 0
	s := shapes[kindOf[TypeAgreementSet]]
	for _, m := range s.members {
		value := reflect.ValueOf(standard).FieldByIndex(m.index)
		switch {
		case m.value.object != nil:
			for _, inner := range m.value.object.members {
				rows++
				row := fmt.Sprintf("`%v` |", value.FieldByIndex(inner.index))
				if inner.value.kind == kindNumber {
					row = fmt.Sprintf("%v |", value.FieldByIndex(inner.index))
				}
				if !hasRow(page, m.name+"/"+inner.name, row) {
					t.Errorf("no row of %s/%s with %s", m.name, inner.name, row)
				}
			}
		case m.value.kind == kindNumber:
			rows++
			if !hasRow(page, m.name, fmt.Sprintf("%v |", value)) {
				t.Errorf("no row of %s with %v", m.name, value)
			}
		case !strings.Contains(page, "`"+m.name+"`"):
			t.Errorf("%s is not on the page", m.name)
		}
	}
	if rows != 20 {
		t.Errorf("%d members with a default", rows)
	}
}

// hasRow reports whether the page has a row of a member that goes on with a default.
func hasRow(page, member, value string) bool {
	for line := range strings.SplitSeq(page, "\n") {
		cells := strings.SplitN(line, "| ", 3)
		if len(cells) == 3 && strings.Contains(cells[1], "`"+member+"`") && strings.HasPrefix(cells[2], value) {
			return true
		}
	}
	return false
}

// A plan may be valid for as long as an approach lasts, and no longer.
func TestValidAsLongAsTheLongest(t *testing.T) {
	for valid, want := range map[int]bool{179: true, 180: true, 181: false} {
		for _, subregion := range []bool{false, true} {
			a := DefaultAgreement()
			if subregion {
				a.Subregions = []SubregionTerms{{Subregion: "Noord", ValidDays: &valid}}
			} else {
				a.ValidDays = valid
			}
			if _, err := NewEvent(testSource, "a-1", time.Time{}, &a); (err == nil) != want {
				t.Errorf("%d days, in a subregion %v: %v", valid, subregion, err)
			}
		}
	}
}

// Whatever the days: an approach never holds beyond its last day or the longest, a
// day holds no matter when it was said, and saying it later never shortens a hold.
func TestHoldsUntilHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := Terms{ValidDays: rapid.IntRange(1, 730).Draw(t, "valid"), LongestDays: rapid.IntRange(1, 1100).Draw(t, "longest")}
		first := Date("2026-01-01").AddDays(rapid.IntRange(0, 3000).Draw(t, "first"))
		said := first.AddDays(rapid.IntRange(0, 800).Draw(t, "said"))
		from := said.AddDays(rapid.IntRange(-30, 500).Draw(t, "from"))
		to := from.AddDays(rapid.IntRange(0, 365).Draw(t, "to"))
		until := terms.HoldsUntil(first, said, from, to)
		limits := []Date{to, first.AddDays(terms.LongestDays)}
		if from != to {
			limits = append(limits, said.AddDays(terms.ValidDays))
		}
		for _, limit := range limits {
			if until.After(limit) {
				t.Fatalf("holds until %s, beyond %s", until, limit)
			}
		}
		if !slices.Contains(limits, until) {
			t.Fatalf("holds until %s, for no reason", until)
		}
		if later := terms.HoldsUntil(first, said.AddDays(1), from, to); later.Before(until) {
			t.Fatalf("said a day later it holds until %s, before %s", later, until)
		}
	})
}
