package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/ledger"
)

// allocations is what one question of a partner costs.
func (k *book) allocations(p party, number string) float64 {
	return testing.AllocsPerRun(5, func() { k.advice(p, keyed(number)) })
}

// TestGroupCostsItsRows: a question costs what its answer needs: not more for links
// that wait or were unlinked, nor for plans and visits beyond those that are read of
// all keys of an employer together.
func TestGroupCostsItsRows(t *testing.T) {
	number := func(i int) string { return fmt.Sprint(90000000 + i) }
	inGroup := func(k *book, each int, say func(k *book, number string, i int)) { // as many as are read, or more
		for i := range 25 {
			for j := range each {
				say(k, number(i), j)
			}
		}
		for i := range 25 {
			k.mustSteward(link("dezelfde", kvk, number(i)))
		}
	}
	anothersPlan := func(k *book, number string, _ int) { k.must(k.b, plan(number, uuid.NewString(), today)) }
	ownVisit := func(k *book, number string, i int) { k.must(k.a, visit(number, today.AddDays(-i%60))) }
	for _, c := range []struct {
		name       string
		less, more func(k *book)
	}{
		{"links that wait", func(*book) {}, func(k *book) {
			for i := range 3000 {
				k.must(k.a, link("dezelfde", kvk, number(i)))
			}
		}},
		{"pairs that were unlinked", func(*book) {}, func(k *book) {
			for i := range 300 {
				k.mustSteward(link("dezelfde", kvk, number(i)))
				k.mustSteward(unlink(kvk, number(i)))
			}
		}},
		{"plans in a group", func(k *book) { inGroup(k, 1, anothersPlan) }, func(k *book) { inGroup(k, 20, anothersPlan) }},
		{"visits in a group", func(k *book) { inGroup(k, 20, ownVisit) }, func(k *book) { inGroup(k, 100, ownVisit) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, more := newBook(t), newBook(t)
			c.less(k)
			c.more(more)
			k.reopen() // so that the rows are in the file
			more.reopen()
			if got, want := more.allocations(more.a, kvk), k.allocations(k.a, kvk); got > want+want/2 {
				t.Errorf("%.0f allocations, and %.0f without", got, want)
			}
		})
	}
}

// TestGroupInOrder: of several keys together the plans that end first are shown,
// and the visit that counts is the newest, however many there are of each.
func TestGroupInOrder(t *testing.T) {
	numbers := []string{kvk, otherKvK, thirdKvK}
	k := newBook(t)
	k.mustSteward(link("dezelfde", kvk, otherKvK))
	k.mustSteward(link("dezelfde", otherKvK, thirdKvK))
	var want []events.Date
	for i := range 60 { // one day after the other, two by two
		k.must(k.b, plan(numbers[i/2%3], uuid.NewString(), today.AddDays(60-i)))
		k.must(k.a, plan(numbers[i/2%3], uuid.NewString(), today.AddDays(60-i)))
		k.must(k.a, visit(numbers[i/2%3], today.AddDays(i-60)))
		if i < 20 {
			want = append(want, today.AddDays(i+1))
		}
	}
	k.must(k.b, visit(otherKvK, today.AddDays(-70)))
	for _, n := range numbers {
		a := k.advice(k.a, at(n))
		if got := plansOf(a); !slices.Equal(got, want) {
			t.Errorf("%s: plans on %v, want %v", n, got, want)
		}
		if got := briefly(a); got != "bezet [ander-plan recent-bezoek jaarmaximum] Partner B 2026-11-21" {
			t.Errorf("%s: %s", n, got)
		}
	}
}

// TestOneEmployer: plans, visits and fixed contacts under every key of an employer
// count together, whichever key is asked for.
func TestOneEmployer(t *testing.T) {
	const branch, otherBranch = "000037178598", "000037178601"
	provisional := uuid.NewString()
	tie := func(k *book) { // kvk = other, other is succeeded by the provisional, third is of the concern
		k.mustSteward(link("dezelfde", kvk, otherKvK))
		k.mustSteward(link("opvolger", otherKvK, provisional))
		k.mustSteward(link("concern", kvk, thirdKvK))
	}
	planAt := func(e events.Employer) *events.VisitPlanned {
		p := plan(kvk, uuid.NewString(), today)
		p.Employer = e
		return p
	}
	visitAt := func(e events.Employer, on events.Date) *events.VisitMade {
		v := visit(kvk, on)
		v.Employer = e
		return v
	}
	appoint := func(number, name string) *events.ContactAppointed {
		return &events.ContactAppointed{Employer: keyed(number), AccountManager: manager(name, name)}
	}
	for _, c := range []struct {
		name  string
		given func(k *book)
		ask   events.Employer
		want  string // outcome, reasons, whom to call, last visit
	}{
		{"a plan under another key", func(k *book) { k.must(k.b, planAt(keyed(provisional))) }, at(kvk), "bezet [ander-plan] Partner B"},
		{"a plan under another key, asked from there", func(k *book) { k.must(k.b, planAt(at(kvk))) }, keyed(provisional), "bezet [ander-plan] Partner B"},
		{"a plan in the concern", func(k *book) { k.must(k.b, planAt(at(thirdKvK))) }, at(kvk), "vrij []"},
		{"one's own plan under another key", func(k *book) { k.must(k.a, planAt(at(otherKvK))) }, at(kvk), "vrij []"},
		{"a visit under another key", func(k *book) { k.must(k.b, visit(otherKvK, today)) }, at(kvk), "let-op [recent-bezoek] Partner B 2026-11-22"},
		{"the newest of visits under two keys", func(k *book) {
			k.must(k.c, visit(otherKvK, today.AddDays(-2)))
			k.must(k.b, visit(kvk, today.AddDays(-3)))
		}, at(kvk), "let-op [recent-bezoek] Partner C 2026-11-20"},
		{"another's visit before one's own newer one", func(k *book) {
			k.must(k.a, visit(otherKvK, today.AddDays(-2)))
			k.must(k.b, visit(kvk, today.AddDays(-3)))
		}, at(kvk), "let-op [recent-bezoek] Partner B 2026-11-20"},
		{"the fixed contact under another key", func(k *book) { k.must(k.b, appoint(provisional, "v1")) }, at(kvk), "let-op [andere-contactpersoon] Partner B"},
		{"the last appointment under any key", func(k *book) {
			k.must(k.b, appoint(provisional, "v1"))
			k.must(k.c, appoint(kvk, "v2"))
		}, at(otherKvK), "let-op [andere-contactpersoon] Partner C"},
		{"released under another key", func(k *book) {
			k.must(k.b, appoint(provisional, "v1"))
			k.must(k.b, &events.ContactReleased{Employer: at(kvk)})
		}, at(otherKvK), "vrij []"},
		{"an establishment of another key", func(k *book) {
			k.must(k.b, planAt(events.Employer{KvK: otherKvK, Establishment: otherBranch}))
		}, events.Employer{KvK: kvk, Establishment: branch}, "vrij []"},
		{"an establishment of another key, asked for the whole", func(k *book) {
			k.must(k.b, planAt(events.Employer{KvK: otherKvK, Establishment: otherBranch}))
		}, at(kvk), "bezet [ander-plan] Partner B"},
		{"the same establishment under another key", func(k *book) {
			k.must(k.b, visitAt(events.Employer{KvK: otherKvK, Establishment: branch}, today))
		}, events.Employer{KvK: kvk, Establishment: branch}, "vrij []"},
		{"the whole under another key, asked for an establishment", func(k *book) { k.must(k.b, planAt(at(otherKvK))) },
			events.Employer{KvK: kvk, Establishment: branch}, "bezet [ander-plan] Partner B"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			c.given(k)
			before := k.advice(k.a, c.ask)
			tie(k)
			if got := briefly(k.advice(k.a, c.ask)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			for _, pair := range [][2]string{{otherKvK, kvk}, {otherKvK, provisional}, {kvk, thirdKvK}} {
				k.mustSteward(unlink(pair[0], pair[1]))
			}
			if diff := cmp.Diff(before, k.advice(k.a, c.ask)); diff != "" {
				t.Errorf("after unlinking (-before +after):\n%s", diff)
			}
			checkRebuild(t, k)
		})
	}
}

func briefly(a ledger.Advice) string {
	codes := []string{}
	for _, r := range a.Reasons {
		codes = append(codes, r.Code)
	}
	s := fmt.Sprint(a.Outcome, " ", codes)
	if a.Call != nil {
		s += " " + a.Call.Partner.Name
	}
	if a.LastVisit != nil {
		s += " " + string(a.LastVisit.Date)
	}
	return s
}

// A visit ends a plan that was made under another key of the same employer.
func TestVisitUnderAnotherKey(t *testing.T) {
	k := newBook(t)
	approach := uuid.NewString()
	k.must(k.b, plan(kvk, approach, today))
	v := visit(otherKvK, today)
	v.Approach = approach
	if _, err := k.record(k.b, v); !slices.Equal(faultCodes(err), []string{"/data/benadering andere-werkgever"}) {
		t.Errorf("not linked: %v", err)
	}
	k.mustSteward(link("dezelfde", kvk, otherKvK))
	k.must(k.b, v)
	if a := k.advice(k.a, at(kvk)); len(a.OtherPlans) != 0 || a.LastVisit == nil {
		t.Errorf("%+v", a)
	}
	checkRebuild(t, k)
}

// TestLargeGroup: a group has an end, and what lies near counts.
func TestLargeGroup(t *testing.T) {
	k := newBook(t)
	number := func(i int) string { return fmt.Sprint(90000000 + i) }
	for i := 699; i >= 0; i-- { // from the far end: each is alone when it is linked
		k.mustSteward(link("dezelfde", number(i), number(i+1)))
	}
	k.must(k.b, plan(number(400), uuid.NewString(), today))
	k.must(k.b, plan(number(650), uuid.NewString(), today))
	if n := len(k.advice(k.a, at(number(0))).OtherPlans); n != 1 {
		t.Errorf("%d plans, want the one that is near", n)
	}
}

// TestOnlyTheLastStateCounts: linking, unlinking and relinking in any order leaves
// the advice as if only the last state had ever been.
func TestOnlyTheLastStateCounts(t *testing.T) {
	numbers := []string{kvk, otherKvK, thirdKvK, "55344526"}
	fill := func(k *book) {
		for i, n := range numbers {
			p := []party{k.a, k.b, k.c}[i%3]
			k.must(p, plan(n, uuid.NewString(), today.AddDays(i)))
			k.must(p, visit(n, today.AddDays(-10*i)))
		}
		k.must(k.b, &events.ContactAppointed{Employer: at(numbers[3]), AccountManager: manager("v1", "Vaste Contact")})
	}
	rapid.Check(t, func(rt *rapid.T) {
		k, fresh := newBook(t), newBook(t)
		fill(k)
		fill(fresh)
		state := map[[2]int]*events.EmployersLinked{} // what holds, by pair
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			i, j := rapid.IntRange(0, 3).Draw(rt, "one"), rapid.IntRange(0, 2).Draw(rt, "other")
			if j >= i {
				j++
			}
			pair := [2]int{min(i, j), max(i, j)}
			who := rapid.SampledFrom([]string{"a", "b", "steward", "steward"}).Draw(rt, "who")
			if rapid.Bool().Draw(rt, "unlink") {
				if _, err := k.say(who, unlink(numbers[i], numbers[j])); err == nil {
					delete(state, pair)
				}
				continue
			}
			d := link(rapid.SampledFrom([]string{"dezelfde", "opvolger", "concern"}).Draw(rt, "kind"), numbers[i], numbers[j])
			r, err := k.say(who, d)
			switch {
			case err != nil:
			case r.Reasons[0].Code == "koppeling-geldt":
				state[pair] = d
			default:
				delete(state, pair)
			}
		}
		for _, d := range state {
			fresh.mustSteward(d)
		}
		for _, n := range numbers {
			if diff := cmp.Diff(briefly(fresh.advice(fresh.a, at(n))), briefly(k.advice(k.a, at(n)))); diff != "" {
				rt.Fatalf("%s (-only the last state +this):\n%s", n, diff)
			}
			if diff := cmp.Diff(plansOf(fresh.advice(fresh.a, at(n))), plansOf(k.advice(k.a, at(n)))); diff != "" {
				rt.Fatalf("%s, plans:\n%s", n, diff)
			}
		}
		checkRebuild(t, k)
		k.file.Close()
		fresh.close()
	})
}

func plansOf(a ledger.Advice) (days []events.Date) {
	for _, p := range a.OtherPlans {
		days = append(days, p.From)
	}
	return days
}
