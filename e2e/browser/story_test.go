package browser_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // for a machine without
)

// fresh is the key of an employer that nobody told of yet: each story has its own, so
// that they do not meet.
func fresh() string { return fmt.Sprintf("%08d", 91_000_000+(begun+freshOnes.Add(1))%8_000_000) }

var (
	freshOnes atomic.Int64
	begun     = time.Now().Unix() // another demo may be looked at twice
)

// amsterdam is where the region is: a day there begins earlier.
var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // time/tzdata has it
	}
	return l
}()

// inDays is a date as a form sends it.
func inDays(n int) string { return time.Now().In(amsterdam).AddDate(0, 0, n).Format(time.DateOnly) }

// difference is the query for what was reported late of a month: the month's end, as it
// was known some days after it and as it is now. It is long enough ago for all of that to
// be past.
func difference() string {
	now := time.Now().In(amsterdam).AddDate(0, 0, -40)
	end := now.AddDate(0, 0, -now.Day())
	return url.Values{"peildatum": {end.Format(time.DateOnly)}, "van": {end.AddDate(0, 0, 6).Format(time.DateOnly)}}.Encode()
}

// choose clicks on a choice.
func (p *tab) choose(name, value string) {
	p.Helper()
	input := `input[name="` + name + `"][value="` + value + `"]`
	p.click(input)
	p.wait(input+" to be chosen", `document.querySelector(`+quoted(input)+`).checked`)
}

// faultText is what a form says is wrong, in the list on top.
var faultText = regexp.MustCompile(`(?s)(class="errsum"|class="note clash).*?</ul>`)

var formID = regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"`)

// planned lets somebody plan on a day, without a browser.
func planned(t *testing.T, who person, at, day string) {
	t.Helper()
	c := signIn(t, who)
	id := formID.FindStringSubmatch(c.get(t, at+"/plan").body)
	if id == nil {
		t.Fatal("the form for a plan has no id")
	}
	r := c.post(t, at+"/plan", url.Values{"id": {id[1]}, "wanneer": {"dag"}, "datum": {day}, "doel": {"kennismaking"}, "vorm": {"op-locatie"}, "telefoon": {"038-0000001"}})
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s plans at %s: %s: %s", who, at, r.Status, faultText.FindString(r.body))
	}
}

// visited lets somebody log a visit of today, without a browser.
func visited(t *testing.T, c *client, at string) {
	t.Helper()
	id := formID.FindStringSubmatch(c.get(t, at+"/bezoek").body)
	if id == nil {
		t.Fatal("the form for a visit has no id")
	}
	r := c.post(t, at+"/bezoek", url.Values{"id": {id[1]}, "dag": {"vandaag"}, "doel": {"advies"}, "vorm": {"telefoon"}, "telefoon": {"038-0000001"}})
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("a visit at %s: %s: %s", at, r.Status, faultText.FindString(r.body))
	}
}

// TestFind: an account manager types a part of a name, goes down the list with the keys
// and reads whom to call.
func TestFind(t *testing.T) {
	need(t)
	p := enter(t, manager, desktop)
	p.visit("/hulp")
	p.press(slash)
	p.wait("the focus in the search", `document.activeElement.id === 'q' && document.activeElement.value === ''`)
	p.types("bouw")
	p.wait("the list", `document.querySelectorAll('#q-lijst [role=option]').length > 1 && !document.querySelector('#q-lijst').hidden`)
	p.press(arrowDown)
	p.press(arrowDown)
	p.press(arrowUp)
	p.wait("the first to be chosen", `(o => o.getAttribute('aria-selected') === 'true' && document.querySelector('#q').getAttribute('aria-activedescendant') === o.id)(document.querySelector('#q-lijst [role=option]'))`)
	p.axe("the list")
	p.press(escape)
	p.wait("the list to be gone", `document.querySelector('#q-lijst').hidden`)
	p.click("#q")
	p.press(selectAll)
	p.types(house.busy)
	p.wait("the one", `document.querySelectorAll('#q-lijst [role=option]').length === 1 && !document.querySelector('#q-lijst').hidden`)
	p.press(arrowDown)
	p.press(enterKey)
	p.isAt("/werkgevers/" + house.busy)
	p.sees("Bel eerst")
	p.wait("a number to call", `document.querySelector('.call a[href^="tel:"]')`)
}

// TestFindWithoutScript: the same with links and forms only.
func TestFindWithoutScript(t *testing.T) {
	need(t)
	for _, l := range []look{desktop.withoutScript(), phone.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			p := enter(t, manager, l)
			p.write("#q", house.busy)
			p.press(enterKey)
			p.isAt("/werkgevers")
			p.click(`main a[href^="/werkgevers/` + house.busy + `"]`)
			p.isAt("/werkgevers/" + house.busy)
			p.sees("Bel eerst")
			p.wait("a number to call", `document.querySelector('.call a[href^="tel:"]')`)
		})
	}
}

// TestPlanIntoClash: who plans where another is about to go sees so while filling in,
// is told whom to call, goes all the same with a reason, and undoes it.
func TestPlanIntoClash(t *testing.T) {
	need(t)
	for _, l := range []look{desktop, phone, desktop.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			at := "/werkgevers/" + fresh()
			planned(t, other, at, inDays(11))
			p := enter(t, manager, l)
			p.mayAnswer(409, 422)
			p.visit(at)
			p.click(`a.btn[href^="` + at + `/plan"]`)
			p.isAt(at + "/plan")
			p.choose("wanneer", "dag")
			p.set("#f-datum", inDays(11))
			p.choose("doel", "kennismaking")
			if !l.plain {
				p.wait("the advice", `document.querySelector('.advice .tag')?.textContent.match(/bezet|let op/i)`)
				p.wait("whom to call", `document.querySelector('.advice .calling')`)
			}
			p.click("main form.doing .btn.wide", "Plan deze benadering")
			p.wait("the clash", `document.querySelector('.note.clash')`)
			if !l.plain {
				p.wait("the focus on the clash", `document.activeElement.matches('.note.clash')`)
			}
			p.axeUnless(l.plain, "a clash")
			p.fits("a clash")
			p.click("button[name=keuze][value=toch]")
			p.wait("being asked why", `document.querySelector('#f-reden[aria-invalid=true]')`)
			p.write("#f-reden", "De ondernemer belde zelf.")
			p.click("button[name=keuze][value=toch]")
			p.sees("Uw plan is vastgelegd, met uw reden")
			p.click(".note.ok button", "Ongedaan maken")
			p.sees("Het is ongedaan gemaakt")
		})
	}
}

// TestLogVisit: a visit is logged on a phone within half a minute, with a plan for what
// follows, and undone.
func TestLogVisit(t *testing.T) {
	need(t)
	for _, l := range []look{phone, phone.withoutScript(), desktop} {
		t.Run(l.String(), func(t *testing.T) {
			key := house.calm
			p := enter(t, manager, l)
			p.visit("/vandaag")
			began := time.Now()
			p.taps = 0
			p.visit("/vastleggen")
			p.write("#f-zoek", key)
			p.press(enterKey)
			p.click(`.taps a[href*="` + key + `"]`)
			p.isAt("/werkgevers/" + key + "/bezoek")
			p.choose("doel", "advies")
			p.choose("uitkomst", "vacature")
			p.click("details.follow summary")
			p.choose("vervolg", "dag")
			p.set("#f-vervolg-datum", inDays(90))
			p.set("#f-vervolg-doel", "kennismaking")
			p.click("p.send .btn")
			p.sees("Uw bezoek is vastgelegd, en uw vervolg staat gepland")
			t.Logf("%d taps and keys in %s", p.taps, time.Since(began).Round(10*time.Millisecond))
			if p.taps > 14 {
				t.Errorf("%d taps", p.taps)
			}
			p.click(".note.ok button", "Ongedaan maken")
			p.sees("Het is ongedaan gemaakt")
		})
	}
}

// TestFaults: a form that is sent empty says what is wrong, on top and at each field,
// and the title too.
func TestFaults(t *testing.T) {
	need(t)
	for _, l := range []look{desktop, phone.inDark(), desktop.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			at := "/werkgevers/" + house.calm + "/plan"
			p := enter(t, manager, l)
			p.mayAnswer(422)
			p.visit(at)
			p.choose("wanneer", "dag")
			p.set("#f-datum", "")
			p.click("main form.doing .btn.wide")
			p.wait("the list of faults", `document.querySelector('.errsum')`)
			if !l.plain {
				p.wait("the focus on it", `document.activeElement.matches('.errsum')`)
			}
			if title := eval[string](p, `document.title`); !strings.HasPrefix(title, "Fout: ") {
				t.Errorf("the title is %q", title)
			}
			p.ordered()
			p.axeUnless(l.plain, "faults")
			p.fits("faults")
			p.click(".errsum a")
			p.wait("the focus in the field", `document.activeElement.matches('input,select,textarea')`)
		})
	}
}
