package e2e_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// employerAnswer is what /v1 says about an employer, as far as it is judged here.
type employerAnswer struct {
	Card *struct {
		Name        string   `json:"naam"`
		Place       string   `json:"plaats"`
		Gemeente    string   `json:"gemeentecode"`
		People      []person `json:"contactpersonen"`
		PeopleCount int      `json:"aantalContactpersonen"`
	} `json:"kaart"`
	Call    *call  `json:"bel"`
	Outcome string `json:"oordeel"`
	Planned []plan `json:"vanPlan"`
	Fixed   []struct {
		Partner partnerName `json:"partner"`
		Manager *person     `json:"accountmanager"`
		Purpose *string     `json:"doel"`
	} `json:"vasteContactpersonen"`
	Contacts   []contact `json:"contacten"`
	Next       string    `json:"volgende"`
	Placements []struct {
		Month   string      `json:"maand"`
		Partner partnerName `json:"partner"`
		Count   int         `json:"aantal"`
	} `json:"plaatsingen"`
	Position uint64 `json:"positie"`
}

type contact struct {
	Position uint64      `json:"positie"`
	Type     string      `json:"type"`
	Date     string      `json:"datum"`
	Partner  partnerName `json:"partner"`
	Manager  *person     `json:"accountmanager"`
	Status   string      `json:"status"`
	Note     *string     `json:"toelichting"`
}

// line is a contact as one line: type, date and status.
func (c *contact) line() string {
	name := strings.TrimSuffix(strings.TrimPrefix(c.Type, "nl.werkgeversdiensten."), ".v1")
	return name + " " + c.Date + " " + c.Status
}

func (b *book) employer(t *testing.T, token, kvk string, since uint64) *employerAnswer {
	t.Helper()
	a := new(employerAnswer)
	if status, body := b.get(t, token, fmt.Sprintf("/v1/werkgevers/%s?vanafPositie=%d", kvk, since), a); status != 200 {
		t.Fatalf("employer %s: %d %s", kvk, status, body)
	}
	return a
}

// told is one event of every type that a partner may emit, all about one
// employer, each with how it travels.
func told(p *partner, kvk string) (list []object, how []func(object) *nats.Msg) {
	bare := func(e object) *nats.Msg { return &nats.Msg{Subject: "melden", Data: marshal(e)} }
	am := manager("am-1", "Ada Voorbeeld", "038-1000101")
	first, second, placement := uuid.NewString(), uuid.NewString(), uuid.NewString()
	add := func(send func(object) *nats.Msg, name string, data object) object {
		e := p.event(name, data)
		list, how = append(list, e), append(how, send)
		return e
	}
	add(structured, "werkgever-beschreven", object{
		"kvkNummer": kvk, "naam": "Bakkerij Voorbeeld", "plaats": "Zwolle", "postcode": "8011AB", "gemeentecode": "GM0193",
		"sbiCode": "10710", "sbiVersie": "2025", "grootteklasse": "10-19", "sector": "markt",
		"contactpersonen": []any{object{"naam": "Bo Voorbeeld", "functie": "bedrijfsleider", "telefoon": "038-1000102", "email": "bo@voorbeeld.example"}},
	})
	add(inBinary, "contactpersoon-aangewezen", object{"kvkNummer": kvk, "accountmanager": am})
	add(bare, "contactpersoon-aangewezen", object{"kvkNummer": kvk, "accountmanager": am, "doel": "nazorg"})
	add(structured, "contactpersoon-ontheven", object{"kvkNummer": kvk, "doel": "nazorg"})
	add(inBinary, "bezoek-gepland", object{"kvkNummer": kvk, "benadering": first, "datum": day(-5), "doel": "kennismaking", "accountmanager": am, "tijd": "10:30", "duur": "PT1H", "vorm": "op-locatie", "doelgroepen": []any{"DD01"}})
	add(structured, "bezoek-verzet", object{"benadering": first, "datum": day(-3), "reden": "Op verzoek"})
	add(bare, "bezoek-gepland", object{"kvkNummer": kvk, "benadering": second, "periode": object{"van": day(10), "tot": day(20)}, "doel": "vacature", "accountmanager": am})
	add(inBinary, "bezoek-afgezegd", object{"benadering": second, "reden": "Geen tijd"})
	add(structured, "bezoek-afgelegd", object{"kvkNummer": kvk, "benadering": first, "datum": day(-3), "doel": "kennismaking", "vorm": "op-locatie", "accountmanager": am, "uitkomst": []any{"vacature"}, "toelichting": "Goed gesprek"})
	add(bare, "dienst-geleverd", object{"kvkNummer": kvk, "dienst": "jobcoach", "datum": day(-2), "doelgroep": "DD01", "aantal": 2})
	add(inBinary, "plaatsing-gerealiseerd", object{"kvkNummer": kvk, "plaatsing": placement, "ingangsdatum": day(-45), "soort": "dienstverband", "arbeidsmarktregio": "AM36", "urenPerWeek": 32.5, "doelgroep": "DD01", "doelgroepregister": true})
	add(structured, "plaatsing-beeindigd", object{"plaatsing": placement, "einddatum": day(-1)})
	mistake := add(structured, "bezoek-afgelegd", object{"kvkNummer": kvks[7], "datum": day(-4), "doel": "overig", "vorm": "telefoon"})
	add(inBinary, "melding-ingetrokken", object{"melding": object{"source": mistake["source"], "id": mistake["id"]}, "reden": "Verkeerde werkgever"})
	return list, how
}

// TestPartner: a partner that has nothing of ours but a .creds file and a token
// emits one event of each type, structured and binary, gets its receipts, and
// finds them back under the employer; the same again gives the same positions;
// other content under a known id is a conflict (promises 2 and 8).
func TestPartner(t *testing.T) {
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	other := b.join(t, oinUWV, "UWV", "uwv")
	list, how := told(p, kvks[0])
	before := b.tip(t)
	first := make([]*answer, len(list))
	for i, e := range list {
		a := receipt(t, p.ask(t, how[i](e)))
		if a.ID != e["id"] || a.Position != before+uint64(i)+1 || a.Outcome != "vrij" {
			t.Errorf("%s: %s, want position %d", e["type"], a.raw, before+uint64(i)+1)
		}
		first[i] = a
	}
	last := first[len(first)-1].Position
	t.Run("FoundBack", func(t *testing.T) { foundBack(t, b, p, last) })
	t.Run("SeenByAnother", func(t *testing.T) { seenByAnother(t, b, p, other, last) })
	t.Run("Paged", func(t *testing.T) { paged(t, b, p) })
	t.Run("Again", func(t *testing.T) {
		for i, e := range list {
			for _, again := range []*nats.Msg{structured(e), inBinary(e)} {
				if a := receipt(t, p.ask(t, again)); a.Position != first[i].Position || !slices.Equal(a.codes(), first[i].codes()) {
					t.Errorf("%s again: %s, first %s", e["type"], a.raw, first[i].raw)
				}
			}
		}
	})
	t.Run("Conflict", func(t *testing.T) {
		for _, e := range list {
			changed := object{}
			for k, v := range e {
				changed[k] = v
			}
			changed["dataschema"] = "https://voorbeeld.example/schema"
			p.refused(t, changed, 409, "/id andere-inhoud")
		}
	})
	if tip := b.tip(t); tip != last {
		t.Errorf("repeats and conflicts moved the book from %d to %d", last, tip)
	}
}

func foundBack(t *testing.T, b *book, p *partner, since uint64) {
	a := b.employer(t, p.Token, kvks[0], since)
	if k := a.Card; k == nil || k.Name != "Bakkerij Voorbeeld" || k.Place != "Zwolle" || k.Gemeente != "GM0193" || len(k.People) != 1 || k.People[0].Phone != "038-1000102" {
		t.Errorf("card %+v", k)
	}
	if len(a.Fixed) != 1 || a.Fixed[0].Purpose != nil || a.Fixed[0].Partner.ID != p.ID || a.Fixed[0].Manager.Name != "Ada Voorbeeld" {
		t.Errorf("fixed contacts %+v", a.Fixed)
	}
	if len(a.Planned) != 0 {
		t.Errorf("open plans %+v", a.Planned)
	}
	var got []string
	for i, c := range a.Contacts {
		got = append(got, c.line())
		if i > 0 && a.Contacts[i-1].Date < c.Date {
			t.Errorf("not newest first: %s before %s", a.Contacts[i-1].Date, c.Date)
		}
		if c.Type == "nl.werkgeversdiensten.bezoek-afgelegd.v1" && (c.Note == nil || *c.Note != "Goed gesprek" || c.Manager.Employee != "am-1") {
			t.Errorf("own visit %+v", c)
		}
	}
	want := []string{
		"bezoek-gepland " + day(10) + " afgezegd", "bezoek-gepland " + day(-3) + " afgelegd", "bezoek-afgelegd " + day(-3) + " afgelegd",
		"dienst-geleverd " + day(-2) + " geleverd", "plaatsing-gerealiseerd " + day(-45) + " beeindigd",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("contacts\n%q, want\n%q", got, want)
	}
	if n := len(a.Placements); n != 1 || a.Placements[0].Count != 1 || a.Placements[0].Month != day(-45)[:7] {
		t.Errorf("placements %+v", a.Placements)
	}
	for measure, count := range map[string]int{"bezoeken": 1, "diensten": 2, "plaatsingen": 1} {
		if got := b.tally(t, p.Token, measure); got != count {
			t.Errorf("%s: %d, want %d", measure, got, count)
		}
	}
}

// tally is the sum of what a caller may see of a measure, by partner.
func (b *book) tally(t *testing.T, token, measure string) (n int) {
	t.Helper()
	var a struct {
		Rows []struct {
			Count int `json:"aantal"`
		} `json:"rijen"`
	}
	if status, body := b.get(t, token, "/v1/tellingen?meting="+measure, &a); status != 200 {
		t.Fatalf("%s: %d %s", measure, status, body)
	}
	for _, r := range a.Rows {
		n += r.Count
	}
	return n
}

// seenByAnother: promise 9, and "What others see" in docs/design.md.
func seenByAnother(t *testing.T, b *book, p, other *partner, since uint64) {
	a := b.employer(t, other.Token, kvks[0], since)
	if len(a.Card.People) != 0 || a.Card.PeopleCount != 1 {
		t.Errorf("another sees contact persons: %+v", a.Card)
	}
	for _, c := range a.Contacts {
		if strings.Contains(c.Type, "plaatsing") || c.Note != nil || c.Manager != nil && (c.Manager.Employee != "" || c.Manager.Email != "") {
			t.Errorf("another sees %+v", c)
		}
	}
	if len(a.Placements) != 1 || a.Placements[0].Partner.ID != p.ID || a.Placements[0].Count != 1 {
		t.Errorf("another sees placements %+v", a.Placements)
	}
	if a.Call == nil || a.Call.Reason != "vaste-contactpersoon" || a.Call.Phone != "038-1000101" {
		t.Errorf("another is told to call %+v", a.Call)
	}
}

// paged: walking the timeline by two gives the same as reading it whole.
func paged(t *testing.T, b *book, p *partner) {
	var whole, walked []uint64
	for _, c := range b.employer(t, p.Token, kvks[0], 0).Contacts {
		whole = append(whole, c.Position)
	}
	next := ""
	for range len(whole) + 1 {
		var page employerAnswer
		if status, body := b.get(t, p.Token, "/v1/werkgevers/"+kvks[0]+"/contacten?aantal=2&na="+url.QueryEscape(next), &page); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		for _, c := range page.Contacts {
			walked = append(walked, c.Position)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if len(whole) == 0 || !slices.Equal(walked, whole) {
		t.Errorf("by two %v, whole %v", walked, whole)
	}
}

// TestWhomToCall: another's plan or visit makes a plan let-op, and says whom to
// call: the fixed contact before an open plan before the last visit.
func TestWhomToCall(t *testing.T) {
	b := newBook(t)
	zwolle := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	uwv := b.join(t, oinUWV, "UWV", "uwv")
	kampen := b.join(t, oinKampen, "Gemeente Kampen", "gemeente")
	kvk := kvks[1]
	steps := []struct {
		who    *partner
		name   string
		data   object
		reason string // why zwolle is then told to call
		codes  []string
		call   call
	}{
		{uwv, "bezoek-afgelegd", object{"datum": day(-10), "doel": "advies", "vorm": "video", "accountmanager": manager("u1", "Uma Voorbeeld", "038-1000201")},
			"recent-bezoek", []string{"recent-bezoek"}, call{Name: "Uma Voorbeeld", Phone: "038-1000201", Partner: partnerName{Name: "UWV"}}},
		{kampen, "bezoek-gepland", object{"benadering": uuid.NewString(), "datum": day(7), "doel": "vacature", "accountmanager": manager("k1", "Kim Voorbeeld", "038-1000301")},
			"ander-plan", []string{"ander-plan", "recent-bezoek"}, call{Name: "Kim Voorbeeld", Phone: "038-1000301", Partner: partnerName{Name: "Gemeente Kampen"}}},
		{uwv, "contactpersoon-aangewezen", object{"accountmanager": manager("u2", "Udo Voorbeeld", "038-1000202")},
			"vaste-contactpersoon", []string{"ander-plan", "recent-bezoek"}, call{Name: "Udo Voorbeeld", Phone: "038-1000202", Partner: partnerName{Name: "UWV"}}},
	}
	if a := zwolle.advice(t, kvk); a.Outcome != "vrij" || a.Call != nil || a.LastVisit != nil || len(a.Others) != 0 || a.Position != b.tip(t) {
		t.Errorf("nobody was there yet: %s", a.raw)
	}
	for _, s := range steps {
		t.Run(s.reason, func(t *testing.T) {
			s.data["kvkNummer"] = kvk
			s.who.emit(t, s.who.event(s.name, s.data))
			planned := zwolle.emit(t, zwolle.event("bezoek-gepland", object{"kvkNummer": kvk, "benadering": uuid.NewString(), "datum": day(5), "doel": "acquisitie", "accountmanager": manager("z1", "Zoë Voorbeeld", "038-1000103")}))
			for _, a := range []*answer{planned, zwolle.advice(t, kvk)} {
				if a.Outcome != "let-op" || !slices.Equal(a.codes(), s.codes) {
					t.Errorf("%s %q, want let-op %q", a.Outcome, a.codes(), s.codes)
				}
				if c := a.Call; c == nil || c.Reason != s.reason || c.Name != s.call.Name || c.Phone != s.call.Phone || c.Partner.Name != s.call.Partner.Name {
					t.Errorf("call %+v, want %+v", a.Call, s.call)
				}
				for _, r := range a.Reasons {
					if r.Sentence["nl"] == "" || r.Sentence["en"] == "" {
						t.Errorf("%s says nothing: %v", r.Code, r.Sentence)
					}
				}
			}
			e := b.employer(t, zwolle.Token, kvk, planned.Position)
			if e.Call == nil || e.Call.Reason != s.reason || e.Call.Name != s.call.Name || len(e.Planned) == 0 {
				t.Errorf("over HTTP: %+v, plans %+v", e.Call, e.Planned)
			}
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
