package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// placed records a placement of a partner and says how it is pointed to.
func (k *book) placed(p party, replaces *events.Ref, id string) (events.Position, *events.Ref) {
	k.t.Helper()
	r := k.must(p, &events.PlacementMade{
		Employer: at(kvk), Placement: id, Start: today.AddDays(-7), Kind: "dienstverband", Region: region, Replaces: replaces,
	})
	return r.Position, k.lastRef(p)
}

func matched(one, two *events.Ref) *events.PlacementsMatched {
	return &events.PlacementsMatched{Placement: one, With: two}
}

func distinct(one, two *events.Ref) *events.PlacementsDistinct {
	return &events.PlacementsDistinct{Placement: one, With: two}
}

// TestWhoseWordCounts: the steward's last word decides; without one the two are the
// same when both partners said so last.
func TestWhoseWordCounts(t *testing.T) {
	const holds, waits, two, decided = "gelijkstelling-geldt", "gelijkstelling-wacht", "onderscheid-geldt", "regisseur-besliste"
	for name, steps := range map[string]string{ // who, = the same or # not, and what then counts
		"one alone":                         "a= " + waits,
		"one alone, twice":                  "a= " + waits + ", a= " + waits,
		"both":                              "a= " + waits + ", b= " + holds,
		"both, once more":                   "a= " + waits + ", b= " + holds + ", a= " + holds,
		"one takes it back":                 "a= " + waits + ", b= " + holds + ", a# " + two + ", b= " + waits + ", a= " + holds,
		"one says otherwise first":          "b# " + two + ", a= " + waits + ", b= " + holds,
		"both say otherwise":                "a# " + two + ", b# " + two,
		"the steward":                       "s= " + holds + ", s# " + two + ", s= " + holds,
		"the steward after one":             "a= " + waits + ", s= " + holds,
		"the steward stays":                 "s= " + holds + ", a# " + decided + ", b# " + decided + ", a= " + holds,
		"the steward stays, the other way":  "s# " + two + ", a= " + decided + ", b= " + decided + ", a# " + two,
		"the steward after both":            "a= " + waits + ", b= " + holds + ", s# " + two + ", b= " + decided,
		"the steward after what they undid": "a= " + waits + ", b# " + two + ", s= " + holds + ", b# " + decided,
		"a third":                           "c= /data niet-betrokken, c# /data niet-betrokken, a= " + waits,
	} {
		t.Run(name, func(t *testing.T) {
			k := newBook(t)
			one, first := k.placed(k.a, nil, uuid.NewString())
			other, second := k.placed(k.b, nil, uuid.NewString())
			last := map[string]events.Position{}
			for i, step := range strings.Split(steps, ", ") {
				said, want, _ := strings.Cut(step, " ")
				points := []events.Position{one, other}
				x, y := first, second
				if i%2 == 1 { // the order says nothing
					x, y, points = second, first, []events.Position{other, one}
				}
				d := events.Data(distinct(x, y))
				if said[1] == '=' {
					d = matched(x, y)
				}
				r, err := k.say(said[:1], d)
				if err != nil {
					if got := strings.Join(faultCodes(err), ", "); got != want {
						t.Fatalf("step %d: %v, want %s", i, err, want)
					}
					continue
				}
				v := k.stored(r.Position).Verdict
				for _, p := range last {
					points = append(points, p)
				}
				slices.Sort(points[2:])
				if len(r.Reasons) != 1 || r.Reasons[0].Code != want || r.Reasons[0].Sentence.NL == "" || strings.HasPrefix(r.Reasons[0].Sentence.NL, "Reden ") {
					t.Errorf("step %d: %+v, want %s", i, r.Reasons, want)
				}
				if v.Outcome != events.Free || !slices.Equal(v.RestsOn, points) || !slices.Equal(v.Reasons, []string{want}) {
					t.Errorf("step %d: %+v, rests on %v", i, v, points)
				}
				p, w := k.stored(r.Position).Pair()
				if p != points[0] || w != points[1] {
					t.Errorf("step %d: pair %d and %d", i, p, w)
				}
				last[said[:1]] = r.Position
			}
			checkRebuild(t, k)
		})
	}
}

// TestPairedReports: both are placements that stand, of two partners; what another's
// event is, is not told.
func TestPairedReports(t *testing.T) {
	k := newBook(t)
	id := uuid.NewString()
	root, old := k.placed(k.a, nil, id)
	_, own := k.placed(k.a, old, id)
	_, mine := k.placed(k.a, nil, uuid.NewString())
	theirs, second := k.placed(k.b, nil, uuid.NewString())
	_, third := k.placed(k.c, nil, uuid.NewString())
	k.must(k.a, visit(kvk, today))
	visited := k.lastRef(k.a)
	k.must(k.b, visit(kvk, today))
	visitedB := k.lastRef(k.b)
	_, gone := k.placed(k.b, nil, uuid.NewString())
	k.must(k.b, &events.EventRetracted{Event: *gone})
	admitted := &events.Ref{Source: "urn:nld:oin:" + stewardOIN + ":systeem:huisboek", ID: "melding-0001"}
	for _, c := range []struct {
		name     string
		who      string
		one, two *events.Ref
		want     []string
	}{
		{"of one partner", "a", own, mine, []string{"/data/met zelfde-melder"}},
		{"of one partner, the steward", "s", own, mine, []string{"/data/met zelfde-melder"}},
		{"corrected, one's own", "a", old, second, []string{"/data/plaatsing al-ingetrokken"}},
		{"corrected, another's", "b", old, second, []string{"/data/plaatsing onbekende-melding"}},
		{"corrected, the steward", "s", second, old, []string{"/data/met al-ingetrokken"}},
		{"retracted, another's", "a", own, gone, []string{"/data/met onbekende-melding"}},
		{"retracted, one's own", "b", gone, own, []string{"/data/plaatsing al-ingetrokken"}},
		{"a visit, one's own", "a", visited, second, []string{"/data/plaatsing geen-plaatsing"}},
		{"a visit, another's", "a", own, visitedB, []string{"/data/met onbekende-melding"}},
		{"a visit, the steward", "s", own, visitedB, []string{"/data/met geen-plaatsing"}},
		{"a partner, the steward", "s", own, admitted, []string{"/data/met geen-plaatsing"}},
		{"a partner", "a", own, admitted, []string{"/data/met onbekende-melding"}},
		{"unknown, both", "a", &events.Ref{Source: k.a.source(), ID: "x"}, &events.Ref{Source: k.b.source(), ID: "x"},
			[]string{"/data/plaatsing onbekende-melding", "/data/met onbekende-melding"}},
		{"of two others", "a", second, third, []string{"/data niet-betrokken"}},
		{"good", "a", own, second, nil},
	} {
		for _, d := range []events.Data{distinct(c.one, c.two), matched(c.one, c.two)} {
			r, err := k.say(c.who, d)
			if !slices.Equal(faultCodes(err), c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%s, %T: %v", c.name, d, err)
			}
			if err != nil {
				continue
			}
			if p, w := k.stored(r.Position).Pair(); p != root || w != theirs {
				t.Errorf("%s: pair %d and %d, want the first reports %d and %d", c.name, p, w, root, theirs)
			}
		}
	}
	if _, err := k.record(k.a, &events.EventRetracted{Event: *k.lastRef(k.a)}); !slices.Equal(faultCodes(err), []string{"/data/melding niet-intrekbaar"}) {
		t.Errorf("taken back: %v", err)
	}
	// A correction after what was said leaves it as it was: it is about the placement.
	k.placed(k.b, second, k.stored(theirs).Event.Data.(*events.PlacementMade).Placement)
	if r := k.must(k.b, matched(own, k.lastRef(k.b))); r.Reasons[0].Code != ledger.ReasonSameHolds {
		t.Errorf("%+v", r.Reasons)
	}
	checkRebuild(t, k)
}

// TestHeirsOfPairs: who goes on with a partner's work speaks for it.
func TestHeirsOfPairs(t *testing.T) {
	k := newBook(t)
	_, a := k.placed(k.a, nil, uuid.NewString())
	_, b := k.placed(k.b, nil, uuid.NewString())
	code := func(p party, d events.Data) string {
		t.Helper()
		return k.must(p, d).Reasons[0].Code
	}
	if got := code(k.a, matched(a, b)); got != ledger.ReasonSameWaits {
		t.Error(got)
	}
	k.mustSteward(succession(k.b, k.c, today))
	if got := code(k.c, matched(a, b)); got != ledger.ReasonSameHolds {
		t.Errorf("the successor of the other: %s", got)
	}
	if got := code(k.c, distinct(a, b)); got != ledger.ReasonDistinctHolds {
		t.Error(got)
	}
	k.mustSteward(succession(k.a, k.c, today))
	if got := code(k.c, matched(a, b)); got != ledger.ReasonSameHolds {
		t.Errorf("the successor of both: %s", got)
	}
	checkRebuild(t, k)
}

// TestPairReceipt: the reason is sealed, and the same again is the first receipt.
func TestPairReceipt(t *testing.T) {
	k := newBook(t)
	_, a := k.placed(k.a, nil, uuid.NewString())
	_, b := k.placed(k.b, nil, uuid.NewString())
	d := matched(a, b)
	d.Reason = plain("Het gaat om dezelfde persoon.")
	first := k.must(k.a, d)
	if strings.Contains(string(k.stored(first.Position).Event.Canonical()), "persoon") {
		t.Error("the reason is in the clear")
	}
	k.must(k.b, matched(b, a))
	k.n--
	if again := k.again(k.a, d); again.Position != first.Position || again.Reasons[0].Code != ledger.ReasonSameWaits {
		t.Errorf("%+v", again)
	}
}
