package pages

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"huisboek/events"
)

// verbs are what a text wants from its arguments.
var verbs = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// Every text is in both languages and wants the same of its arguments in each.
func TestTextsInBothLanguages(t *testing.T) {
	for key, s := range allTexts {
		if s.NL == "" || s.EN == "" || (s.NL1 == "") != (s.EN1 == "") {
			t.Errorf("%s: %+v", key, s)
		}
		want := verbsIn(s.NL)
		for _, other := range []string{s.EN, s.NL1, s.EN1} {
			if other == "" || s.NL1 != "" && (other == s.NL1 || other == s.EN1) {
				continue // the singular may leave its number out
			}
			if got := verbsIn(other); !slices.Equal(got, want) {
				t.Errorf("%s: %q wants %v, %q %v", key, s.NL, want, other, got)
			}
		}
	}
}

func verbsIn(s string) []string {
	found := verbs.FindAllString(s, -1)
	slices.Sort(found)
	return found
}

// No key stands in two tables: one would hide the other.
func TestTextsOnce(t *testing.T) {
	n := 0
	for _, table := range []texts{frameTexts, wordTexts, employerTexts, doingTexts, planTexts, targetTexts, accountTexts, stewardTexts, helpTexts} {
		n += len(table)
	}
	if n != len(allTexts) {
		t.Errorf("%d texts in the tables, %d keys", n, len(allTexts))
	}
}

// What templates and handlers say is in a table, and what is in a table is said. Keys
// that are made of a set and a code count by their set.
func TestTextsUsed(t *testing.T) {
	used, sets := map[string]bool{}, map[string]bool{}
	s := &Server{assets: &assets{}}
	templates, err := s.parse()
	if err != nil {
		t.Fatal(err)
	}
	for _, byName := range templates {
		for _, page := range byName {
			for _, one := range page.Templates() {
				if one.Tree != nil {
					walk(one.Tree.Root, func(call *parse.CommandNode) { textsOf(call, used, sets) })
				}
			}
		}
	}
	for path, text := range sources(t) {
		for _, m := range regexp.MustCompile(`\.t\("([^"]+)"`).FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`\.words?\("([^"]+)"`).FindAllStringSubmatch(text, -1) {
			sets[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`"([a-z0-9-]+(?:\.[a-z0-9-]+)*)\."\s*\+`).FindAllStringSubmatch(text, -1) {
			sets[m[1]] = true
		}
		if !strings.HasPrefix(filepath.Base(path), "words_") {
			for _, m := range regexp.MustCompile(`"([a-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"`).FindAllStringSubmatch(text, -1) {
				if _, ok := allTexts[m[1]]; ok {
					used[m[1]] = true // a key that is handed on
				}
			}
		}
	}
	for _, list := range []struct {
		set   string
		codes []string
	}{{"vraag", helpQuestions}, {"woord", helpWords}, {"toets", helpKeys}} {
		for _, c := range list.codes {
			used[list.set+"."+c], used[list.set+"."+c+".titel"] = true, true
		}
	}
	for _, m := range menus {
		for _, item := range m {
			used["menu"+strings.ReplaceAll(item.Path, "/", ".")] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(used)) {
		if _, ok := allTexts[key]; !ok {
			t.Errorf("%q is said and in no table", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(allTexts)) {
		set := key[:strings.LastIndexByte(key, '.')]
		if !used[key] && !used[strings.TrimSuffix(key, ".titel")] && !sets[set] && !sets[strings.SplitN(key, ".", 2)[0]] {
			t.Errorf("%q is in a table and never said", key)
		}
	}
}

func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[f] = string(b)
	}
	return all
}

// textsOf notes what a call of t or word says.
func textsOf(call *parse.CommandNode, used, sets map[string]bool) {
	if len(call.Args) < 2 {
		return
	}
	name, ok := call.Args[0].(*parse.IdentifierNode)
	if !ok {
		return
	}
	key, literal := call.Args[1].(*parse.StringNode)
	if !literal { // {{t (print "set." .Code)}}
		if made, ok := call.Args[1].(*parse.PipeNode); ok && len(made.Cmds) == 1 && len(made.Cmds[0].Args) > 1 {
			if part, ok := made.Cmds[0].Args[1].(*parse.StringNode); ok {
				sets[strings.TrimSuffix(part.Text, ".")] = true
			}
		}
		return
	}
	switch name.Ident {
	case "t":
		used[key.Text] = true
	case "word", "words":
		sets[key.Text] = true
	}
}

// walk visits every call of a template.
func walk(n parse.Node, visit func(*parse.CommandNode)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, one := range n.Nodes {
				walk(one, visit)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				walk(c, visit)
			}
		}
	case *parse.CommandNode:
		visit(n)
		for _, a := range n.Args {
			walk(a, visit)
		}
	case *parse.IfNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.RangeNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.TemplateNode:
		walk(n.Pipe, visit)
	}
}

func walkBranch(n *parse.BranchNode, visit func(*parse.CommandNode)) {
	walk(n.Pipe, visit)
	walk(n.List, visit)
	walk(n.ElseList, visit)
}

// spoken are the attributes that people read or hear.
var spoken = regexp.MustCompile(`(?:aria-label|title|placeholder|alt|value)="([^"{]*[A-Za-z]{3}[^"{]*)"`)

// A template has no words of its own: nothing between its tags, and nothing in an
// attribute that is read out.
func TestTemplatesWithoutWords(t *testing.T) {
	files, err := fs.Glob(htmlFiles, "html/*.html")
	if err != nil {
		t.Fatal(err)
	}
	actions, comments := regexp.MustCompile(`(?s)\{\{.*?\}\}`), regexp.MustCompile(`(?s)<!--.*?-->`)
	codes := regexp.MustCompile(`<code>[^<]*</code>`) // names of a standard, in no language
	within := regexp.MustCompile(`(?s)<[^>]*>`)
	known := []string{"Huisboek", "– Huisboek", "CSV", "XLSX", "KvK", "UWV", "API"}
	for _, f := range files {
		b, err := htmlFiles.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text := comments.ReplaceAllString(actions.ReplaceAllString(string(b), ""), "")
		for _, m := range spoken.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[0], "value=") {
				continue // a code, or a date
			}
			t.Errorf("%s: %s", f, m[0])
		}
		for line := range strings.Lines(within.ReplaceAllString(codes.ReplaceAllString(text, ""), "\n")) {
			line = strings.TrimSpace(line)
			if strings.ContainsFunc(line, unicode.IsLetter) && !slices.Contains(known, line) && len(line) > 1 {
				t.Errorf("%s says %q by itself", f, line)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, nl, en string }{
		{dutch.t("levend.nieuw", 1) + "|" + english.t("levend.nieuw", 1), "1 nieuwe regel. Toon hem.", "1 new item. Show it."},
		{dutch.t("levend.nieuw", 1184) + "|" + english.t("levend.nieuw", 1184), "1.184 nieuwe regels. Toon ze.", "1,184 new items. Show them."},
		{dutch.date("2026-03-01") + "|" + english.date("2026-03-01"), "1 maart 2026", "1 March 2026"},
		{dutch.days("2026-11-26", "2026-12-10") + "|" + english.days("2026-11-26", "2026-12-10"), "26 november tot en met 10 december 2026", "26 November to 10 December 2026"},
		{dutch.month("2026-11") + "|" + english.month("2026-11"), "november 2026", "November 2026"},
		{dutch.t("levend.nieuw", new(3)) + "|" + english.num(new(1184)), "3 nieuwe regels. Toon ze.", "1,184"},
		{dutch.num(8310.5) + "|" + english.num(8310.5), "8.310,5", "8,310.5"},
		{dutch.list([]string{"a", "b", "c"}) + "|" + english.list([]string{"a"}), "a, b en c", "a"},
		{dutch.word("doel", "nazorg") + "|" + english.word("doel", "niets"), "Nazorg na plaatsing", "niets"},
	} {
		if c.got != c.nl+"|"+c.en {
			t.Errorf("%q, want %q and %q", c.got, c.nl, c.en)
		}
	}
}

// Every code that the wire has for what a page shows has its word.
func TestCodesHaveWords(t *testing.T) {
	for set, list := range map[string]string{
		"doel": "doel", "vorm": "vorm", "uitkomst": "uitkomst", "dienst": "dienst", "doelgroep": "doelgroep", "thema": "thema", "niveau": "niveau",
		"sector": "sector", "plaatsing": "plaatsingSoort", "grootte": "grootteklasse", "koppeling": "koppelingSoort",
	} {
		codes := events.Values(list)
		if len(codes) == 0 {
			t.Errorf("no list %s", list)
		}
		for _, c := range codes {
			if _, ok := allTexts[set+"."+c]; !ok {
				t.Errorf("%s %s has no word", set, c)
			}
		}
	}
}
