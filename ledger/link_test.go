package ledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

const thirdKvK = "90001354"

// whole is an employer as a link names it: a KvK number, or a provisional UUID.
func whole(number string) events.WholeEmployer {
	if len(number) == len(kvk) {
		return events.WholeEmployer{KvK: number}
	}
	return events.WholeEmployer{Provisional: number}
}

func link(kind, employer, with string) *events.EmployersLinked {
	return &events.EmployersLinked{Employer: whole(employer), With: whole(with), Kind: kind}
}

func unlink(employer, with string) *events.EmployersUnlinked {
	return &events.EmployersUnlinked{Employer: whole(employer), With: whole(with)}
}

// TestLinks: what partners and the steward say of a pair, one after the other, and
// what becomes of each. "wacht" and "geldt" are the verdict on a link, "los" is an
// unlinking that was recorded; anything else is a fault.
func TestLinks(t *testing.T) {
	const same, heir, concern = "dezelfde", "opvolger", "concern"
	type step struct {
		who   string // a, b, c or steward
		kind  string // "": unlinked
		turn  bool   // the pair the other way round
		want  string
		rests []int // steps whose positions the verdict rests on
	}
	for _, c := range []struct {
		name  string
		steps []step
		one   bool // the two count as one employer afterwards
	}{
		{"the steward alone", []step{{who: "steward", kind: same, want: "geldt"}}, true},
		{"the steward says concern", []step{{who: "steward", kind: concern, want: "geldt"}}, false},
		{"one partner", []step{{who: "a", kind: same, want: "wacht"}}, false},
		{"one partner twice", []step{{who: "a", kind: same, want: "wacht"}, {who: "a", kind: same, want: "wacht", rests: []int{0}}}, false},
		{"two partners", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: same, want: "geldt", rests: []int{0}}}, true},
		{"two partners, the other way round", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: same, turn: true, want: "geldt", rests: []int{0}}}, true},
		{"two partners, a successor", []step{{who: "a", kind: heir, want: "wacht"}, {who: "b", kind: heir, want: "geldt", rests: []int{0}}}, true},
		{"two partners, successors of each other", []step{{who: "a", kind: heir, want: "wacht"}, {who: "b", kind: heir, turn: true, want: "wacht"}}, false},
		{"another kind takes the place of one that waits", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: concern, want: "wacht"}, {who: "a", kind: same, want: "wacht"}}, false},
		{"a partner, then the steward", []step{{who: "a", kind: same, want: "wacht"}, {who: "steward", kind: same, want: "geldt", rests: []int{0}}}, true},
		{"another kind while one holds", []step{{who: "steward", kind: same, want: "geldt"}, {who: "a", kind: concern, want: "/data/soort anders-gekoppeld"}}, true},
		{"another direction while one holds", []step{{who: "steward", kind: heir, want: "geldt"}, {who: "a", kind: heir, turn: true, want: "/data/soort anders-gekoppeld"}}, true},
		{"the steward says otherwise", []step{{who: "steward", kind: same, want: "geldt"}, {who: "steward", kind: concern, want: "geldt"}}, false},
		{"the same while it holds", []step{{who: "steward", kind: same, want: "geldt"}, {who: "a", kind: same, want: "geldt", rests: []int{0}}}, true},
		{"the steward unlinks", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: same, want: "geldt", rests: []int{0}}, {who: "steward", want: "los", rests: []int{0, 1}}}, false},
		{"the steward unlinks what was never linked", []step{{who: "steward", want: "los"}, {who: "steward", want: "los"}}, false},
		{"who said so takes it back", []step{{who: "a", kind: same, want: "wacht"}, {who: "a", turn: true, want: "los", rests: []int{0}}}, false},
		{"one of two takes it back", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: same, want: "geldt", rests: []int{0}}, {who: "b", want: "los", rests: []int{0, 1}}}, false},
		{"who did not say so", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: same, want: "geldt", rests: []int{0}}, {who: "c", want: "/data niet-van-u"}}, true},
		{"what the steward said", []step{{who: "steward", kind: same, want: "geldt"}, {who: "a", want: "/data niet-van-u"}}, true},
		{"what the steward said too", []step{{who: "a", kind: same, want: "wacht"}, {who: "steward", kind: same, want: "geldt", rests: []int{0}}, {who: "a", want: "/data niet-van-u"}}, true},
		{"what the steward said first", []step{{who: "steward", kind: same, want: "geldt"}, {who: "a", kind: same, want: "geldt", rests: []int{0}}, {who: "a", want: "/data niet-van-u"}}, true},
		{"unlinking what was never linked", []step{{who: "a", want: "/data niet-gekoppeld"}}, false},
		{"unlinking twice", []step{{who: "a", kind: same, want: "wacht"}, {who: "a", want: "los", rests: []int{0}}, {who: "a", want: "/data niet-gekoppeld"}}, false},
		{"an unlinking clears who said so", []step{{who: "a", kind: same, want: "wacht"}, {who: "steward", want: "los", rests: []int{0}}, {who: "b", kind: same, want: "wacht"}, {who: "a", kind: same, want: "geldt", rests: []int{2}}}, true},
		{"another kind clears who said so", []step{{who: "a", kind: same, want: "wacht"}, {who: "b", kind: concern, want: "wacht"}, {who: "a", want: "/data niet-van-u"}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.c, plan(otherKvK, uuid.NewString(), today))
			var at []events.Position
			for i, s := range c.steps {
				one, two := kvk, otherKvK
				if s.turn {
					one, two = two, one
				}
				data := events.Data(unlink(one, two))
				if s.kind != "" {
					data = link(s.kind, one, two)
				}
				r, err := k.say(s.who, data)
				got := strings.Join(faultCodes(err), ", ")
				if err == nil {
					got = "los"
					for _, x := range r.Reasons {
						got = strings.TrimPrefix(x.Code, "koppeling-")
					}
					at = append(at, r.Position)
					v := k.stored(r.Position).Verdict
					var rests []events.Position
					for _, n := range s.rests {
						rests = append(rests, at[n])
					}
					if v.Outcome != events.Free || !slices.Equal(v.RestsOn, rests) {
						t.Errorf("step %d: verdict %+v, rests on %v", i, v, rests)
					}
				} else if at = append(at, 0); got == "" {
					t.Fatal(err)
				}
				if got != s.want {
					t.Errorf("step %d: %s, want %s", i, got, s.want)
				}
			}
			if one := len(k.advice(k.a, keyed(kvk)).OtherPlans) == 1; one != c.one {
				t.Errorf("one employer: %v, want %v", one, c.one)
			}
			checkRebuild(t, k)
		})
	}
}

// keyed is an employer by a KvK number or a provisional UUID.
func keyed(number string) events.Employer { return whole(number).Employer() }

// say records an event of a, b, c or the steward.
func (k *book) say(who string, d events.Data) (*ledger.Receipt, error) {
	k.t.Helper()
	switch who {
	case "a":
		return k.record(k.a, d)
	case "b":
		return k.record(k.b, d)
	case "c":
		return k.record(k.c, d)
	}
	return k.steward(d)
}

// TestProvisionalIsOnesOwn: a provisional employer that nobody else ever named is
// its namer's to link, unless that would tie others together.
func TestProvisionalIsOnesOwn(t *testing.T) {
	x, y := uuid.NewString(), uuid.NewString()
	named := func(k *book, p party, id string) {
		k.must(p, &events.SignalNoted{Employer: events.Employer{Provisional: id}, Theme: "groei"})
	}
	for _, c := range []struct {
		name  string
		given func(k *book)
		link  *events.EmployersLinked
		want  string
	}{
		{"named by nobody", func(k *book) {}, link("dezelfde", x, kvk), "koppeling-wacht"},
		{"named by oneself", func(k *book) { named(k, k.a, x) }, link("dezelfde", x, kvk), "koppeling-geldt"},
		{"as the second", func(k *book) { named(k, k.a, x) }, link("opvolger", kvk, x), "koppeling-geldt"},
		{"named by another", func(k *book) { named(k, k.b, x) }, link("dezelfde", x, kvk), "koppeling-wacht"},
		{"named by oneself and another", func(k *book) { named(k, k.a, x); named(k, k.b, x) }, link("dezelfde", x, kvk), "koppeling-wacht"},
		{"named by another, and retracted", func(k *book) {
			named(k, k.a, x)
			named(k, k.b, x)
			k.must(k.b, &events.EventRetracted{Event: *k.lastRef(k.b)})
		}, link("dezelfde", x, kvk), "koppeling-wacht"},
		{"two of one's own", func(k *book) { named(k, k.a, x); named(k, k.a, y) }, link("dezelfde", x, y), "koppeling-geldt"},
		{"one of one's own and another's", func(k *book) { named(k, k.a, x); named(k, k.b, y) }, link("dezelfde", x, y), "koppeling-geldt"},
		{"together with one of one's own", func(k *book) {
			named(k, k.a, x)
			named(k, k.a, y)
			k.must(k.a, link("dezelfde", x, y))
		}, link("dezelfde", y, kvk), "koppeling-geldt"},
		{"tied to a registered one already", func(k *book) {
			named(k, k.a, x)
			k.must(k.a, link("dezelfde", x, kvk))
		}, link("dezelfde", x, otherKvK), "koppeling-wacht"},
		{"tied to one by way of another", func(k *book) {
			named(k, k.a, x)
			named(k, k.a, y)
			k.must(k.a, link("dezelfde", x, y))
			k.must(k.a, link("concern", x, kvk))
		}, link("dezelfde", y, otherKvK), "koppeling-wacht"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			c.given(k)
			if r := k.must(k.a, c.link); len(r.Reasons) != 1 || r.Reasons[0].Code != c.want || r.Reasons[0].Sentence.NL == "" {
				t.Errorf("%+v, want %s", r.Reasons, c.want)
			}
			checkRebuild(t, k)
		})
	}
}

// TestAloneHasAnEnd: with provisional employers of its own one partner alone cannot
// fill the group of another employer, whichever way it ties them; nor is the group
// full for the steward, or once another says the same.
func TestAloneHasAnEnd(t *testing.T) {
	const alone = 50 // keys in a group that one partner alone may make
	own := func(k *book, n int) (ids []string) {
		for range n {
			ids = append(ids, uuid.NewString())
			k.must(k.a, &events.SignalNoted{Employer: keyed(ids[len(ids)-1]), Theme: "groei"})
		}
		return ids
	}
	star := func(k *book, kind, middle string, ids []string) (got string) {
		for _, id := range ids {
			got = k.must(k.a, link(kind, id, middle)).Reasons[0].Code
		}
		return got
	}
	for _, c := range []struct {
		name string
		last func(k *book) string // what becomes of the last link
		want string
		keys int // that hold together with kvk
	}{
		{"as many as may", func(k *book) string { return star(k, "dezelfde", kvk, own(k, alone-1)) }, "koppeling-geldt", alone},
		{"one more", func(k *book) string { return star(k, "dezelfde", kvk, own(k, alone)) }, "koppeling-wacht", alone},
		{"one more of a concern", func(k *book) string { return star(k, "concern", kvk, own(k, alone)) }, "koppeling-wacht", 1},
		{"one more by way of the last", func(k *book) string {
			ids := own(k, alone)
			star(k, "dezelfde", kvk, ids[1:])
			return star(k, "dezelfde", ids[1], ids[:1])
		}, "koppeling-wacht", alone},
		{"around one of its own", func(k *book) string {
			ids := own(k, alone+1)
			return star(k, "dezelfde", ids[0], ids[1:])
		}, "koppeling-wacht", 1},
		{"two groups of its own", func(k *book) string {
			ids := own(k, alone)
			star(k, "dezelfde", ids[0], ids[1:alone/2])
			star(k, "dezelfde", kvk, ids[alone/2:])
			return star(k, "dezelfde", kvk, ids[:1])
		}, "koppeling-wacht", 1 + alone/2},
		{"within a group of its own", func(k *book) string {
			ids := own(k, alone)
			star(k, "dezelfde", ids[0], ids[1:])
			return star(k, "dezelfde", ids[1], ids[2:3])
		}, "koppeling-geldt", 1},
		{"room again", func(k *book) string {
			ids := own(k, alone)
			star(k, "dezelfde", kvk, ids)
			k.must(k.a, unlink(ids[0], kvk))
			return star(k, "dezelfde", kvk, ids[alone-1:])
		}, "koppeling-geldt", alone},
		{"another says the same", func(k *book) string {
			ids := own(k, alone)
			star(k, "dezelfde", kvk, ids)
			return k.must(k.b, link("dezelfde", kvk, ids[alone-1])).Reasons[0].Code
		}, "koppeling-geldt", alone + 1},
		{"the steward", func(k *book) string {
			star(k, "dezelfde", kvk, own(k, alone-1))
			return k.mustSteward(link("dezelfde", kvk, otherKvK)).Reasons[0].Code
		}, "koppeling-geldt", alone + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			if got := c.last(k); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			views := projections.NewViews()
			store, err := k.file.Store("beelden", views.Shape())
			if err != nil {
				t.Fatal(err)
			}
			if err := projections.Rebuild(t.Context(), k.stream, views, store, nil); err != nil {
				t.Fatal(err)
			}
			if err := store.View(func(tx projections.Tx, _ events.Checkpoint) error {
				keys, err := views.Same(tx, kvk)
				if len(keys) != c.keys {
					t.Errorf("%d keys, want %d", len(keys), c.keys)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			checkRebuild(t, k)
		})
	}
}

// TestWhoMayLink: the steward under its own source, a partner under its own.
func TestWhoMayLink(t *testing.T) {
	k := newBook(t)
	steward := ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorHTTP}
	source := "urn:nld:oin:" + stewardOIN + ":systeem:huisboek"
	for _, c := range []struct {
		name   string
		caller ledger.Caller
		source string
		codes  []string
	}{
		{"a partner as the steward", k.a.caller, source, []string{"/source source-niet-van-u"}},
		{"the steward as a partner", steward, k.a.source(), []string{"/source source-niet-van-u"}},
		{"a partner as another", k.a.caller, k.b.source(), []string{"/source source-niet-van-u"}},
		{"the board", ledger.Caller{Role: ledger.RoleBoard, Door: ledger.DoorHTTP}, source, []string{"/type rol-mag-niet"}},
		{"the ledger", ledger.Caller{Door: ledger.DoorBook}, source, []string{"/type rol-mag-niet"}},
	} {
		for _, d := range []events.Data{link("dezelfde", kvk, otherKvK), unlink(kvk, otherKvK)} {
			e, err := events.NewEvent(c.source, uuid.NewString(), noon, d)
			if err != nil {
				t.Fatal(err)
			}
			_, err = k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: c.caller})
			if !errors.Is(err, ledger.ErrForbidden) || !slices.Equal(faultCodes(err), c.codes) {
				t.Errorf("%s, %T: %v", c.name, d, err)
			}
		}
	}
}

// A link is not retracted, and not corrected: unlinking does that.
func TestLinksAreNotRetracted(t *testing.T) {
	k := newBook(t)
	for _, d := range []events.Data{link("dezelfde", kvk, otherKvK), unlink(kvk, otherKvK)} {
		k.must(k.a, d)
		_, err := k.record(k.a, &events.EventRetracted{Event: *k.lastRef(k.a)})
		if !slices.Equal(faultCodes(err), []string{"/data/melding niet-intrekbaar"}) {
			t.Errorf("%T: %v", d, err)
		}
	}
	k.mustSteward(link("dezelfde", kvk, otherKvK))
	_, err := k.record(k.a, &events.EventRetracted{Event: events.Ref{Source: "urn:nld:oin:" + stewardOIN + ":systeem:huisboek", ID: k.lastID()}})
	if !slices.Equal(faultCodes(err), []string{"/data/melding niet-van-u"}) {
		t.Errorf("the steward's: %v", err)
	}
}

// The receipt of a link, first and again.
func TestLinkReceipt(t *testing.T) {
	k := newBook(t)
	k.must(k.b, visit(kvk, today))
	d := link("dezelfde", kvk, otherKvK)
	first := k.must(k.a, d)
	again := k.again(k.a, d)
	if first.Outcome != events.Free || first.LastVisit == nil || first.Reasons[0].Code != "koppeling-wacht" {
		t.Errorf("%+v", first)
	}
	if diff := cmp.Diff(first.Advice, again.Advice); diff != "" || again.Position != first.Position {
		t.Errorf("again: %s", diff)
	}
}
