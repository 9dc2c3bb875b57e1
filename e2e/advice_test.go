package e2e_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// TestWhomToCall: another's plan takes the employer, and its visit is a warning, for the
// purposes that the default agreement says disturb each other; the answer says whom
// to call: the fixed contact before an open plan before the last visit. The question
// before a plan and the plan's receipt say the same.
func TestWhomToCall(t *testing.T) {
	b := newBook(t)
	zwolle := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	uwv := b.join(t, oinUWV, "UWV", "uwv")
	kampen := b.join(t, oinKampen, "Gemeente Kampen", "gemeente")
	kvk := kvks[1]
	visit := func(after int, purpose string) object {
		return object{"datum": day(after), "doel": purpose, "vorm": "video", "accountmanager": manager("u1", "Uma Voorbeeld", "038-1000201")}
	}
	uma := func(reason string) call {
		return call{Name: "Uma Voorbeeld", Phone: "038-1000201", Partner: partnerName{Name: "UWV"}, Reason: reason}
	}
	udo := call{Name: "Udo Voorbeeld", Phone: "038-1000202", Partner: partnerName{Name: "UWV"}, Reason: "vaste-contactpersoon"}
	kim := call{Name: "Kim Voorbeeld", Phone: "038-1000301", Partner: partnerName{Name: "Gemeente Kampen"}, Reason: "ander-plan"}
	steps := []struct {
		about   string
		who     *partner
		name    string
		data    object
		outcome string // of zwolle's plan for acquisitie then
		codes   []string
		calls   []call // first, and next
	}{
		{"a visit that is not disturbed", uwv, "bezoek-afgelegd", visit(-11, "advies"),
			"vrij", nil, []call{uma("recent-bezoek")}},
		{"a visit", uwv, "bezoek-afgelegd", visit(-10, "kennismaking"),
			"let-op", []string{"recent-bezoek"}, []call{uma("recent-bezoek")}},
		{"a plan", kampen, "bezoek-gepland", object{"benadering": uuid.NewString(), "datum": day(7), "doel": "kennismaking", "accountmanager": manager("k1", kim.Name, kim.Phone)},
			"bezet", []string{"ander-plan", "recent-bezoek"}, []call{kim, uma("recent-bezoek")}},
		{"a fixed contact", uwv, "contactpersoon-aangewezen", object{"accountmanager": manager("u2", udo.Name, udo.Phone)},
			"bezet", []string{"ander-plan", "recent-bezoek", "andere-contactpersoon"}, []call{udo, kim}},
	}
	if a := zwolle.advice(t, kvk); a.Outcome != "vrij" || a.Call != nil || a.LastVisit != nil || len(a.Others) != 0 || a.Position != b.tip(t) {
		t.Errorf("nobody was there yet: %s", a.raw)
	}
	for _, s := range steps {
		t.Run(s.about, func(t *testing.T) {
			s.data["kvkNummer"] = kvk
			s.who.emit(t, s.who.event(s.name, s.data))
			on := day(5)
			question := nats.NewMsg("vragen.werkgever." + kvk)
			question.Data = marshal(object{"doel": "acquisitie", "datum": on})
			approach := uuid.NewString()
			before := zwolle.ask(t, question)
			planned := zwolle.emit(t, zwolle.event("bezoek-gepland", object{"kvkNummer": kvk, "benadering": approach, "datum": on, "doel": "acquisitie", "accountmanager": manager("z1", "Zoë Voorbeeld", "038-1000103")}))
			for _, a := range []*answer{before, planned} {
				if a.Outcome != s.outcome || !slices.Equal(a.codes(), s.codes) {
					t.Errorf("%s %q, want %s %q", a.Outcome, a.codes(), s.outcome, s.codes)
				}
				got := a.Next
				if a.Call != nil {
					got = append([]call{*a.Call}, got...)
				}
				for i := range got {
					got[i].Partner = partnerName{Name: got[i].Partner.Name}
				}
				if !slices.Equal(got, s.calls) {
					t.Errorf("call %+v, want %+v", got, s.calls)
				}
				for _, r := range a.Reasons {
					if r.Sentence["nl"] == "" || r.Sentence["en"] == "" {
						t.Errorf("%s says nothing: %v", r.Code, r.Sentence)
					}
				}
			}
			e := b.employer(t, zwolle.Token, kvk, planned.Position)
			if e.Call == nil || e.Call.Reason != s.calls[0].Reason || e.Call.Name != s.calls[0].Name || len(e.Planned) == 0 {
				t.Errorf("over HTTP: %+v, plans %+v", e.Call, e.Planned)
			}
			zwolle.emit(t, zwolle.event("bezoek-afgezegd", object{"benadering": approach})) // else it holds the employer itself
		})
	}
	if a := zwolle.advice(t, "1234567"); a.Status != 400 {
		t.Errorf("a question about no employer: %s", a.raw)
	}
}

// TestRetractAndCorrect: one's own events can be retracted and corrected, once;
// another's cannot.
func TestRetractAndCorrect(t *testing.T) {
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	other := b.join(t, oinUWV, "UWV", "uwv")
	kvk, approach := kvks[2], uuid.NewString()
	visit := func() object {
		return p.event("bezoek-afgelegd", object{"kvkNummer": kvk, "datum": day(-1), "doel": "advies", "vorm": "telefoon"})
	}
	ref := func(e object) object { return object{"source": e["source"], "id": e["id"]} }
	retraction := func(of object) object { return p.event("melding-ingetrokken", object{"melding": ref(of)}) }
	planned := p.event("bezoek-gepland", object{"kvkNummer": kvk, "benadering": approach, "datum": day(5), "doel": "acquisitie", "accountmanager": manager("z1", "Zoë Voorbeeld", "038-1000103")})
	root := p.emit(t, planned).Position

	kept, gone := visit(), visit()
	p.emit(t, kept)
	p.emit(t, gone)
	at := p.emit(t, retraction(gone)).Position
	if n := b.tallyAt(t, p.Token, "bezoeken", at); n != 1 {
		t.Errorf("%d visits count, want 1", n)
	}

	corrected := p.event("bezoek-gepland", object{"kvkNummer": kvk, "benadering": approach, "datum": day(9), "doel": "acquisitie", "accountmanager": manager("z1", "Zoë Voorbeeld", "038-1000103"), "vervangt": ref(planned)})
	at = p.emit(t, corrected).Position
	if a := b.employer(t, p.Token, kvk, at); len(a.Planned) != 1 || a.Planned[0].From != day(9) || a.Planned[0].Approach != approach {
		t.Errorf("after a correction: plans %+v (root %d)", a.Planned, root)
	}

	p.refused(t, retraction(gone), 400, "/data/melding al-ingetrokken")
	p.refused(t, retraction(planned), 400, "/data/melding al-ingetrokken")
	p.refused(t, retraction(visit()), 400, "/data/melding onbekende-melding")
	wrongType := visit()
	wrongType["data"].(object)["vervangt"] = ref(corrected)
	p.refused(t, wrongType, 400, "/data/vervangt ander-type")
	other.refused(t, other.event("melding-ingetrokken", object{"melding": ref(kept)}), 400, "/data/melding niet-van-u")
	theirs := visit()
	theirs["source"] = other.source
	p.refused(t, theirs, 403, "/source source-niet-van-u")
	p.refused(t, p.event("partner-vertrokken", object{"partner": other.ID, "per": day(0)}), 403, "/type rol-mag-niet")
	p.refused(t, p.event("gegevens-gewist", object{"sleutels": []any{1}, "grond": "verzoek"}), 403, "/type rol-mag-niet")
	p.refused(t, p.event("bezoek-verzet", object{"benadering": uuid.NewString(), "datum": day(1)}), 400, "/data/benadering onbekende-benadering")
	p.refused(t, p.event("bezoek-afgelegd", object{"kvkNummer": kvk, "datum": day(2), "doel": "advies", "vorm": "telefoon"}), 400, "/data/datum datum-in-toekomst")
	if tip := b.tip(t); tip != at {
		t.Errorf("what was refused moved the book from %d to %d", at, tip)
	}
	cli(t, "verify", "--data", b.data).well(t, nil)
}

func (b *book) tallyAt(t *testing.T, token, measure string, since uint64) int {
	t.Helper()
	b.employer(t, token, kvks[0], since) // waits for the view
	return b.tally(t, token, measure)
}
