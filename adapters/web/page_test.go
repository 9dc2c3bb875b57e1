package web_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

var (
	tagged   = regexp.MustCompile(`<[a-z][^>]*>`)
	idOf     = regexp.MustCompile(` id="([^"]*)"`)
	linkOf   = regexp.MustCompile(` (?:href|src|action)="([^"]*)"`)
	labelled = regexp.MustCompile(` aria-labelledby="([^"]*)"`)
	heading  = regexp.MustCompile(`<h([1-6])[ >]`)
	tables   = regexp.MustCompile(`<th[ >][^>]*`)
)

// TestPage: the page of the API is whole, stands on its own, and shows all that
// the document has.
func TestPage(t *testing.T) {
	h := exampleHouse(t)
	r := h.get("", "/documentatie")
	style := h.get("", "/documentatie/stijl.css")
	if r.status != 200 || style.status != 200 || r.header.Get("Content-Type") != "text/html; charset=utf-8" || style.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("%d %s, style %d %s", r.status, r.header.Get("Content-Type"), style.status, style.header.Get("Content-Type"))
	}
	for _, answer := range []reply{r, style} {
		if p := answer.header.Get("Content-Security-Policy"); p != "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" {
			t.Errorf("policy %q", p)
		}
	}
	if regexp.MustCompile(`(?i)<script|<iframe|<img|javascript:| style=| on[a-z]+=`).MatchString(r.body) || regexp.MustCompile(`(?i)@import|url\(`).MatchString(style.body) {
		t.Error("the page has a script, a style of its own, or something from elsewhere")
	}
	t.Run("structure", func(t *testing.T) { checkStructure(t, r.body) })
	t.Run("contents", func(t *testing.T) { checkContents(t, h.get("", "/v1/openapi.json").body, r.body) })
}

func checkStructure(t *testing.T, page string) {
	ids := map[string]int{}
	for _, m := range idOf.FindAllStringSubmatch(page, -1) {
		if ids[m[1]]++; ids[m[1]] > 1 {
			t.Errorf("id %s stands there twice", m[1])
		}
	}
	for _, m := range linkOf.FindAllStringSubmatch(page, -1) {
		inside, isInside := strings.CutPrefix(m[1], "#")
		known := []string{"/v1/openapi.json", "/documentatie/stijl.css", "mailto:regisseur@voorbeeld.invalid", "https://voorbeeld.invalid/"}
		if isInside && ids[inside] == 0 || !isInside && !slices.Contains(known, m[1]) {
			t.Errorf("a link to %q", m[1])
		}
	}
	for _, m := range labelled.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] == 0 {
			t.Errorf("labelled by %q, which is not there", m[1])
		}
	}
	last := "0"
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		if m[1] > last && m[1][0] != last[0]+1 || m[1] == "1" && last != "0" {
			t.Errorf("a heading of level %s after one of %s", m[1], last)
		}
		last = m[1]
	}
	for _, m := range tables.FindAllString(page, -1) {
		if !strings.Contains(m, "scope=") {
			t.Errorf("%s> has no scope", m)
		}
	}
	tags := strings.Join(tagged.FindAllString(page, -1), "")
	for _, want := range []string{`<html lang="nl">`, `<meta name="viewport"`, `<title>`, `<header `, `<nav `, `<main id="inhoud" tabindex="-1">`, `<footer `, `<a class="skip" href="#inhoud">`} {
		if strings.Count(tags, want) != 1 {
			t.Errorf("%s: %d times", want, strings.Count(tags, want))
		}
	}
}

func checkContents(t *testing.T, raw, page string) {
	text := html.UnescapeString(page)
	for _, c := range calls(t, raw) {
		var body bytes.Buffer
		if err := json.Indent(&body, c.Value, "", "  "); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, `id="voorbeeld-`+c.key+`"`) || !strings.Contains(text, body.String()) || !strings.Contains(text, c.path) {
			t.Errorf("example %s is not shown", c.key)
		}
	}
	for _, typ := range events.Types() {
		if !strings.Contains(text, "<code>"+string(typ)+"</code>") {
			t.Errorf("%s is not shown", typ)
		}
	}
	for _, code := range events.Codes() {
		if !strings.Contains(text, "<code>"+code+"</code>") {
			t.Errorf("fault code %s is not shown", code)
		}
	}
}

// TestPageCodes: the page has every fault code with what it says, each once, and
// so every one that this door is heard to use.
func TestPageCodes(t *testing.T) {
	h := newHouse(t)
	page := html.UnescapeString(h.get("", "/documentatie").body)
	_, list, _ := strings.Cut(page, `<h2 id="foutcodes">`)
	shown := func(code, sentence string) {
		t.Helper()
		if strings.Count(list, "<code>"+code+"</code>") != 1 || sentence == "" || !strings.Contains(list, sentence) {
			t.Errorf("%s (%s) is not shown once", code, sentence)
		}
	}
	for _, code := range events.Codes() {
		s, _ := events.SentenceOf(code)
		shown(code, s.NL)
	}
	for _, code := range ledger.Codes() {
		s, _ := ledger.SentenceOf(code)
		shown(code, s.NL)
	}
	var heard []string
	for _, r := range []reply{
		h.get("a", "/v1/partners?x=1&vanafPositie=1&vanafPositie=2"), h.get("a", "/v1/partners?%zz"), h.get("a", "/v1/berichten?aantal=0"),
		h.get("a", "/v1/aanleveringen?van=x"), h.post("a", "", []byte("{}"), "Content-Type", intake.Batch),
	} {
		for _, f := range r.problem(t).Faults {
			heard = append(heard, f.Code)
			shown(f.Code, f.Code)
		}
	}
	slices.Sort(heard)
	if want := []string{"dubbel", "geen-reeks", "onbekend", "ongeldig", "onleesbaar"}; !slices.Equal(slices.Compact(heard), want) {
		t.Errorf("heard %q", heard)
	}
}

// TestPageCommands: what the page gives to copy is a request that gets the answer
// that stands below it.
func TestPageCommands(t *testing.T) {
	h := exampleHouse(t)
	server := h.storyDoor()
	page := h.get("", "/documentatie").body
	h.tell(calls(t, h.get("", "/v1/openapi.json").body), func(c *call) *http.Request {
		_, rest, _ := strings.Cut(page, `id="voorbeeld-`+c.key+`"`)
		_, rest, _ = strings.Cut(rest, "<code>")
		command, _, _ := strings.Cut(rest, "</code>")
		return h.commanded(html.UnescapeString(command), map[string]string{"$BOEK": server.URL, "$TOKEN": h.tokens[c.Mark.Token]})
	}, func(c *call, r reply) { c.compare(t, r) })
}

// commanded is the request that curl would make of a command line.
func (h *house) commanded(line string, variables map[string]string) *http.Request {
	h.t.Helper()
	words := shellWords(line, variables)
	if len(words) < 2 || words[0] != "curl" {
		h.t.Fatalf("no command: %q", line)
	}
	method, header, body := http.MethodGet, http.Header{}, ""
	for i := 2; i+1 < len(words); i += 2 {
		switch words[i] {
		case "-H":
			name, value, _ := strings.Cut(words[i+1], ": ")
			header.Set(name, value)
		case "--data-binary":
			method, body = http.MethodPost, words[i+1]
		default:
			h.t.Fatalf("%q in %q", words[i], line)
		}
	}
	r, err := http.NewRequestWithContext(h.t.Context(), method, words[1], strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header = header
	if header.Get("Accept") == "" {
		header.Set("Accept", "*/*") // curl does
	}
	return r
}

var spaces = regexp.MustCompile(`\$\(printf '%([0-9]+)s'\)`)

// shellWords takes a command line apart as a POSIX shell does, as far as the page
// goes: quotes, a line that goes on, variables, and printf for spaces.
func shellWords(line string, variables map[string]string) (words []string) {
	var word strings.Builder
	var quote byte
	inside := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == 0 && (c == '\'' || c == '"'):
			quote, inside = c, true
		case c == quote && quote != 0:
			quote = 0
		case quote == '"' && c == '$':
			if m := spaces.FindStringSubmatch(line[i:]); m != nil && strings.HasPrefix(line[i:], m[0]) {
				n, _ := strconv.Atoi(m[1])
				word.WriteString(strings.Repeat(" ", n))
				i += len(m[0]) - 1
				continue
			}
			for name, value := range variables {
				if strings.HasPrefix(line[i:], name) {
					word.WriteString(value)
					i += len(name) - 1
					break
				}
			}
		case quote == 0 && c == '\\':
			i++
			if line[i] != '\n' {
				word.WriteByte(line[i])
			}
		case quote == 0 && (c == ' ' || c == '\n'):
			if inside || word.Len() > 0 {
				words = append(words, word.String())
			}
			inside = false
			word.Reset()
		default:
			word.WriteByte(c)
		}
	}
	return append(words, word.String())
}
