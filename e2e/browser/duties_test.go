package browser_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestManager: the partner's manager makes a token, its system tells something wrong, and
// the screen says why that was refused; the token is ended, and a calendar's address
// made and ended.
func TestManager(t *testing.T) {
	need(t)
	for _, l := range []look{desktop, phone.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			p := enter(t, partner, l)
			p.visit("/mijn")
			p.write("#f-naam", "Proef "+l.String())
			p.click("#tokens ~ form .btn")
			p.wait("the token", `document.querySelector('#geheim')`)
			p.sees("Proef " + l.String())
			p.fits("a new token")
			p.axeUnless(l.plain, "a new token")
			c := &client{Client: &http.Client{Timeout: patience}, token: eval[string](p, `document.querySelector('#geheim').textContent`)}
			wrong := event(t, "urn:nld:oin:00000099000036001000:systeem:crm", "bezoek-gepland", fresh(), map[string]any{"doel": "borrelen", "datum": "gisteren"})
			if r := c.tell(t, wrong); r.StatusCode != http.StatusBadRequest && r.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("a broken event: %s %s", r.Status, r.body)
			}
			p.visit("/aanlevering")
			p.sees("/doel", "/datum", "Hier wordt een bestaande dag verwacht")
			p.visit("/mijn")
			p.click(`form[action="/mijn/tokens/beeindigen"] button`, "Proef "+l.String())
			p.sees("Het token werkt niet meer")
			if r := c.tell(t, wrong); r.StatusCode != http.StatusUnauthorized {
				t.Errorf("the token still works: %s", r.Status)
			}
			p.click(`form[action="/mijn/agenda"] .btn`)
			p.wait("the address", `document.querySelector('#adres')`)
			address := eval[string](p, `document.querySelector('#adres').textContent`)
			path := address[strings.Index(address, "//")+2:]
			path = path[strings.Index(path, "/"):]
			if r := signIn(t, nobody).get(t, path); r.StatusCode != http.StatusOK || !strings.HasPrefix(r.body, "BEGIN:VCALENDAR") {
				t.Errorf("%s: %s", address, r.Status)
			}
			p.click(`form[action="/mijn/agenda/beeindigen"] button`)
			p.sees("Het agenda-adres werkt niet meer")
		})
	}
}

// TestBoard: the board reads how the targets stand, then and now, why that differs, and
// takes the figures along.
func TestBoard(t *testing.T) {
	need(t)
	for _, l := range []look{desktop, phone, desktop.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			p := enter(t, board, l)
			p.visit("/doelen")
			p.wait("three targets", `document.querySelectorAll('.goals > li').length === 3`)
			p.click(".goals a", "Plaatsingen")
			p.isAt(house.targets["Plaatsingen"])
			p.wait("a chart with its table", `document.querySelector('main svg[role=img]') && document.querySelector('main details table')`)
			p.visit(house.targets["Plaatsingen"] + "/verschil?" + difference())
			p.wait("the difference", `document.querySelector('.falls')`)
			c := signIn(t, board)
			p.visit(house.targets["Plaatsingen"])
			for _, file := range eval[[]string](p, `[...document.querySelectorAll('a[href*="/bestand"]')].map(a => a.pathname + a.search)`) {
				r := c.get(t, file)
				t.Logf("%s: %s, %s, %d bytes", file, r.Status, r.Header.Get("Content-Type"), len(r.body))
				if r.StatusCode != http.StatusOK || len(r.body) < 100 || !strings.Contains(r.Header.Get("Content-Disposition"), "attachment") {
					t.Errorf("%s: %s %v", file, r.Status, r.Header)
				}
			}
		})
	}
}

// TestSteward: the steward says of two placements that they are one.
func TestSteward(t *testing.T) {
	need(t)
	for _, l := range []look{desktop, desktop.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			p := enter(t, steward, l)
			p.mayAnswer(422)
			p.visit("/dubbelen")
			p.wait("a pair", `document.querySelector('.pairbox')`)
			p.write(".pairbox input[name=reden]", "Navraag bij beide.")
			p.click(".pairbox button[name=zeg]")
			p.sees("Vastgelegd")
			p.fits("a double that was resolved")
			p.axeUnless(l.plain, "a double that was resolved")
		})
	}
}

// TestAuditor: that an account manager looked at contact persons is there to read.
func TestAuditor(t *testing.T) {
	need(t)
	c, source := system(t)
	key := fresh()
	send(t, c, event(t, source, "werkgever-beschreven", key, map[string]any{"naam": "Proefbedrijf", "contactpersonen": []map[string]any{{"naam": "Proef P."}}}))
	m := enter(t, manager, desktop)
	m.visit("/werkgevers/" + key)
	m.sees("Proef P.")
	p := enter(t, auditor, desktop)
	p.visit("/inzagen")
	p.write("#f-werkgever", key)
	p.click(".panel .btn", "Filteren")
	p.wait("the list of that employer", `location.search.includes(`+quoted(key)+`) && document.readyState === 'complete'`)
	p.sees(key, "Proefbedrijf", "Gemeente Zwolle")
	p.click("details summary")
	p.sees("dpl.core.processing_activity_id")
	p.fits("the lines of a look")
	p.axe("the lines of a look")
}
