package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/web"
	"huisboek/ledger"
	"huisboek/projections/search"
)

// manyFound is how many employers one word finds.
const manyFound = 100_000

// TestManyFound: a word that a hundred thousand employers share, with strange names and
// some as long as can be, says how many there are, gives the first thousand by page
// and no page twice, over the API and on the screen, and no page weighs more than one of a
// few would.
func TestManyFound(t *testing.T) {
	s := newScreen(t)
	if _, err := s.h.search.waitFor(t.Context(), s.h.ledger.Position()); err != nil {
		t.Fatal(err)
	}
	for i := range manyFound {
		name := fmt.Sprintf(`Bakkerij <script>alert(%d)</script> "&' {{.}} `, i)
		if i%10 == 0 {
			name += strings.Repeat("שלום\u202e ", (200-len([]rune(name)))/6)
		}
		s.h.search.found.Put(search.Entry{Keys: []string{fmt.Sprintf("%08d", 10_000_000+i)}, Names: []string{name}, Place: "Zwolle", Gemeente: "GM0193"})
	}
	took := s.readAll(t)
	s.pageAll(t)
	slices.Sort(took)
	t.Logf("of %d found the API gave a page in %v, at most %v", manyFound, took[len(took)/2], took[len(took)-1])
}

// readAll reads all that can be read over the API, and says how long each page took.
func (s *screen) readAll(t *testing.T) (took []time.Duration) {
	t.Helper()
	api := s.h.web.ClientAs(ledger.Caller{Role: ledger.RolePartner, Partner: s.people["An"].Partner, Credential: "p", Door: ledger.DoorHTTP})
	seen := map[string]bool{}
	for q := (web.FindQuestion{Text: "bakkerij", Max: 200}); ; {
		began := time.Now()
		a, err := api.FindWith(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
		if a.Total != manyFound || len(a.Employers) != q.Max {
			t.Fatalf("%d of %d found", len(a.Employers), a.Total)
		}
		for i := range a.Employers {
			seen[a.Employers[i].Employer.Key] = true
		}
		if q.After = a.Next; q.After == "" {
			break
		}
	}
	if len(seen) != search.MaxDepth {
		t.Errorf("%d can be read, want %d", len(seen), search.MaxDepth)
	}
	return took
}

var (
	hitLink  = regexp.MustCompile(`<h3><a href="/werkgevers/([0-9]+)"`)
	nextPage = regexp.MustCompile(`href="([^"]*)" rel="next"`)
)

// pageAll goes from page to page on the screen.
func (s *screen) pageAll(t *testing.T) {
	t.Helper()
	seen, most := map[string]bool{}, 0
	for path := "/werkgevers?zoek=bakkerij"; path != ""; {
		p := s.get("An", path)
		p.says("100.000 werkgevers gevonden", "U kunt de eerste 1.000 doorbladeren")
		most = max(most, len(p.text))
		for _, hit := range hitLink.FindAllStringSubmatch(p.text, -1) {
			seen[hit[1]] = true
		}
		path = ""
		if next := nextPage.FindStringSubmatch(p.text); next != nil {
			path = next[1]
		}
	}
	if len(seen) != search.MaxDepth {
		t.Errorf("%d can be seen, want %d", len(seen), search.MaxDepth)
	}
	if t.Logf("a page is at most %d bytes, not compressed", most); most > 80_000 { // styles, script and pictures are some 20 kB more
		t.Errorf("a page is %d bytes", most)
	}
	s.get("An", "/werkgevers/suggesties?zoek=bakkerij")
}
