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
	add(inBinary, "bezoek-gepland", object{"kvkNummer": kvk, "benadering": first, "datum": day(3), "doel": "kennismaking", "accountmanager": am, "tijd": "10:30", "duur": "PT1H", "vorm": "op-locatie", "doelgroepen": []any{"DD01"}})
	add(structured, "bezoek-verzet", object{"benadering": first, "datum": day(1), "reden": "Op verzoek"})
	add(bare, "bezoek-gepland", object{"kvkNummer": kvk, "benadering": second, "periode": object{"van": day(10), "tot": day(20)}, "doel": "vacature", "accountmanager": am})
	add(inBinary, "bezoek-afgezegd", object{"benadering": second, "reden": "Geen tijd"})
	add(structured, "bezoek-afgelegd", object{"kvkNummer": kvk, "benadering": first, "datum": day(0), "doel": "kennismaking", "vorm": "op-locatie", "accountmanager": am, "uitkomst": []any{"vacature"}, "toelichting": "Goed gesprek"})
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
		"bezoek-gepland " + day(10) + " afgezegd", "bezoek-gepland " + day(1) + " afgelegd", "bezoek-afgelegd " + day(0) + " afgelegd",
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
