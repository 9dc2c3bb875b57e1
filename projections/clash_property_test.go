package projections

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"huisboek/events"
)

// crowd draws a book in which a few partners keep running into each other.
func crowd(t *rapid.T) []*events.Record {
	a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	for _, partner := range partners {
		a.admit(partner, "2026-01-01")
	}
	kinds := []events.Type{
		events.TypeVisitPlanned, events.TypeVisitPlanned, events.TypeVisitPlanned, events.TypeVisitMade, events.TypeVisitMade,
		events.TypeVisitMoved, events.TypeVisitCalledOff,
	}
	a.crowded = true
	for range rapid.IntRange(0, 40).Draw(t, "steps") {
		switch a.int(0, 11) {
		case 0:
			a.retract()
		case 1, 2:
			a.correct()
		case 3, 4:
			a.agree()
		case 5:
			switch a.int(0, 7) {
			case 0, 1:
				a.link()
			case 2:
				a.append(theBook, &events.PartnerSucceeded{Partner: partners[0], By: partners[1], From: a.date()})
			}
		default:
			partner := draw(a, partners)
			if data, root := a.data(partner, draw(a, kinds), events.Position(len(a.records)+1)); root != 0 {
				a.append(partner, data, root)
			} else if data != nil {
				a.append(partner, data)
			}
		}
	}
	return a.records
}

// TestClashesEqualModel: after every record the register and the figures are what a
// model finds that looks at everything anew.
func TestClashesEqualModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { followClashes(t, crowd(t), func(Clash) {}) })
}

// TestEveryEndOfAClash: in books like those of [TestClashesEqualModel] there are clashes
// by every rule, and of every end. These books are always the same.
func TestEveryEndOfAClash(t *testing.T) {
	ends, rules := map[string]int{}, map[string]int{}
	always(t, 80, func(t *rapid.T) {
		followClashes(t, crowd(t), func(c Clash) {
			ends[c.End]++
			rules[c.Rule]++
		})
	})
	for _, end := range []string{EndOpen, EndTogether, EndMoved, EndCalledOff, EndExpired, EndBoth, EndWithdrawn} {
		if ends[end] == 0 {
			t.Errorf("no clash ended %s: %v", end, ends)
		}
	}
	for _, rule := range clashRules {
		if rules[rule] == 0 {
			t.Errorf("none by %s: %v", rule, rules)
		}
	}
}

// followClashes compares the register with the model after every record of a book.
func followClashes(t *rapid.T, records []*events.Record, found func(Clash)) {
	tx := memoryTx{map[string][]byte{}}
	var g clashModel
	for i, r := range records {
		if err := NewViews().Apply(tx, r); err != nil {
			t.Fatal(err)
		}
		g.add(model(records[:i+1]))
		today := r.Verdict.Today
		if i == len(records)-1 {
			today = rapid.SampledFrom([]events.Date{today, "2026-11-02", "2027-01-01"}).Draw(t, "today")
		}
		compareClashes(t, tx, &g, today)
		for _, c := range g.clashes(today) {
			found(c)
		}
	}
}

var sameClash = cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Clash{})}

func compareClashes(t *rapid.T, tx Tx, g *clashModel, today events.Date) {
	t.Helper()
	want := g.clashes(today)
	if d := cmp.Diff(want, registerPages(t, tx, ClashQuery{}, today), sameClash); d != "" {
		t.Fatalf("register on %s (-model +view):\n%s", today, d)
	}
	figures, err := Clashes{}.Working(tx, "2026-09", "2027-02", today)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(g.working("2026-09", "2027-02", today), figures, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("figures on %s (-model +view):\n%s", today, d)
	}
	q := ClashQuery{
		Partner: rapid.SampledFrom(append([]string{""}, partners...)).Draw(t, "partner"), From: "2026-09", To: "2026-10",
		End: rapid.SampledFrom([]string{"", EndOpen, EndBoth}).Draw(t, "end"),
	}
	if rapid.Bool().Draw(t, "of an employer") {
		q.Employers = g.m.same(employerKeys[0])
	}
	want = slices.DeleteFunc(want, func(c Clash) bool {
		month := c.FoundOn.Month()
		return q.Partner != "" && c.First.Partner != q.Partner && c.Later.Partner != q.Partner || q.End != "" && q.End != c.End ||
			month < q.From || month > q.To || q.Employers != nil && !slices.Contains(q.Employers, c.employers[0]) && !slices.Contains(q.Employers, c.employers[1])
	})
	if d := cmp.Diff(want, registerPages(t, tx, q, today), sameClash); d != "" {
		t.Fatalf("register of %+v on %s (-model +view):\n%s", q, today, d)
	}
}

// registerPages reads the register page by page.
func registerPages(t *rapid.T, tx Tx, q ClashQuery, today events.Date) (all []Clash) {
	t.Helper()
	size := rapid.IntRange(1, 4).Draw(t, "page")
	for after := ""; ; {
		list, next, err := Clashes{}.Register(tx, q, after, size, today)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
		if after = next; after == "" {
			return all
		}
	}
}
