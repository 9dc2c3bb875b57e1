package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// hostile are names that must do nothing but be read.
var hostile = []struct{ name, is, shows string }{
	{"markup", `<script>document.title='stuk'</script><img src=x onerror="document.title='stuk'">"'><b>Bakker & Zn`, `<script>document.title`},
	{"template", `{{.Person}} ${location} </title></main><!-- javascript:document.title='stuk'`, `{{.Person}}`},
	{"long", strings.Repeat("Langenaam", 22) + "BV", "LangenaamLangenaam"},
	{"right to left", "שלום \u202eתפוח\u202c مرحبا\u200f 12345 (BV)", "שלום"},
	{"combining", "Z" + strings.Repeat("\u0351\u0300\u0323", 20) + "algo 👩‍👩‍👧‍👦 Ⅷ ﷽", "algo 👩"},
}

var secret = regexp.MustCompile(`<code id="geheim">([^<]+)</code>`)

// system is a partner's system: a token that the manager makes on the screen.
func system(t *testing.T) (c *client, source string) {
	t.Helper()
	m := signIn(t, partner)
	page := m.post(t, "/mijn/tokens", url.Values{"naam": {"proef"}})
	token := secret.FindStringSubmatch(page.body)
	if token == nil {
		t.Fatalf("no token is shown: %s", page.Status)
	}
	return &client{Client: &http.Client{Timeout: patience}, token: token[1]}, "urn:nld:oin:00000099000036001000:systeem:crm"
}

// event is an event as a partner's system sends it.
func event(t *testing.T, source, kind, subject string, data map[string]any) []byte {
	t.Helper()
	data["kvkNummer"] = subject
	b, err := json.Marshal(map[string]any{
		"specversion": "1.0", "type": "nl.werkgeversdiensten." + kind + ".v1", "source": source,
		"id": fmt.Sprint("proef-", time.Now().UnixNano()), "subject": subject, "data": data,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestHostile: an employer that a partner describes with such a name, a contact person
// and a note is shown on every page as what it is: text that fits, and no script.
func TestHostile(t *testing.T) {
	need(t)
	c, source := system(t)
	for _, one := range hostile {
		t.Run(one.name, func(t *testing.T) {
			key := fresh()
			name := one.is
			if r := []rune(name); len(r) > 200 {
				name = string(r[:200])
			}
			send(t, c, event(t, source, "werkgever-beschreven", key, map[string]any{"naam": name, "plaats": "Zwolle",
				"contactpersonen": []map[string]any{{"naam": name, "functie": name}}}))
			p := enter(t, manager, desktop)
			p.mayAnswer(422)
			note := strings.Repeat(name+" ", 2000/len([]rune(name))+1)
			p.visit("/werkgevers/" + key + "/plan")
			p.choose("doel", "kennismaking")
			p.set("#f-datum", inDays(15))
			p.set("#f-toelichting", string([]rune(note)[:1900]))
			p.click("main form.doing .btn.wide")
			p.sees("Uw plan is vastgelegd")
			plan := eval[string](p, `[...document.querySelectorAll('a[href^="/plannen/"]')].map(a => a.pathname)[0] ?? ''`)
			pages := []string{"/werkgevers/" + key, "/werkgevers?zoek=" + key, "/werkgevers/" + key + "/plan", "/werkgevers/" + key + "/bezoek", "/vandaag", "/plannen", "/vastleggen?zoek=" + key}
			if plan != "" {
				pages = append(pages, plan)
			}
			said := false
			for _, path := range pages {
				for _, width := range []int64{1280, 320} {
					p.do(p.as(look{width: width, height: 700}))
					p.visit(path)
					p.fits(fmt.Sprintf("%s at %d", path, width))
				}
				if title := eval[string](p, `document.title`); !strings.Contains(title, "Huisboek") {
					t.Errorf("%s: a script ran: %q", path, title)
				}
				if n := eval[int](p, `document.querySelectorAll('main script, main img, [onerror]').length`); n > 0 {
					t.Errorf("%s: %d elements that nobody put there", path, n)
				}
				said = said || eval[bool](p, `document.querySelector('main').textContent.includes(`+quoted(one.shows)+`)`)
				p.ordered()
			}
			if !said {
				t.Errorf("no page shows %q", name)
			}
			p.axe("the last")
		})
	}
}

// send sends an event that must be taken.
func send(t *testing.T, c *client, event []byte) {
	t.Helper()
	if r := c.tell(t, event); r.StatusCode/100 != 2 {
		t.Fatalf("%s: %s\n%s", r.Status, r.body, event)
	}
}

// TestWidest: the widest search there is in the demo, page after page; and what is typed
// that nobody types.
func TestWidest(t *testing.T) {
	need(t)
	p := enter(t, manager, phone)
	p.mayAnswer(400, 404, 422)
	for _, path := range []string{
		"/werkgevers?zoek=bv", "/werkgevers?zoek=" + url.QueryEscape(strings.Repeat("b", 10_000)), "/werkgevers?zoek=" + url.QueryEscape(hostile[0].is),
		"/werkgevers?zoek=" + url.QueryEscape(hostile[3].is), "/vastleggen?zoek=" + url.QueryEscape(hostile[0].is), "/plannen?van=%3Cscript%3E&partner=%22%3E", "/botsingen?werkgever=%3Cb%3E&maand=9999-99",
	} {
		p.visit(path)
		p.fits(fmt.Sprintf("%.60s", path))
		if n := eval[int](p, `document.querySelectorAll('main script, main img').length`); n > 0 {
			t.Errorf("%.60s: %d elements that nobody put there", path, n)
		}
	}
}
