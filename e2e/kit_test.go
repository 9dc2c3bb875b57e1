package e2e_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// kits are the two languages of one document.
var kits = []string{"../docs/aansluiten.md", "../docs/connecting.md"}

// A snippet is a fenced block with a language.
type snippet struct{ language, text string }

// fence is a block with its fences; one without a language shows something and is
// not run.
var fence = regexp.MustCompile("(?ms)^```(\\w*)\\n(.*?)^```$")

func snippets(text string) (list []snippet) {
	for _, b := range fence.FindAllStringSubmatch(text, -1) {
		if b[1] != "" {
			list = append(list, snippet{b[1], b[2]})
		}
	}
	return list
}

// spoken is a language in which documents show how to emit an event: where a
// snippet is kept, and what runs it.
type spoken struct {
	file    string
	command []string
}

var languages = map[string]spoken{
	"bash":   {"first.sh", []string{"bash"}},
	"js":     {"first.mjs", []string{"node"}},
	"python": {"first.py", []string{"python3"}},
	"java":   {"First.java", []string{"java"}},
	"go":     {"first.go", []string{"go", "run"}},
}

// TestKit runs every snippet of the documents for partners, in their order, as a
// partner does: with its credentials in the environment. A program prints a
// receipt, and all programs of a document the same one, for they emit the same
// event; json is one event, or a batch, that the book takes; sh are commands that
// do what they should.
func TestKit(t *testing.T) {
	needForeign(t)
	needTool(t, "bash", "curl", "node", "python3", "java", "go")
	for _, kit := range kits {
		t.Run(filepath.Base(kit), func(t *testing.T) {
			r := newReader(t)
			ran := map[string]int{}
			for _, s := range snippets(readText(t, kit)) {
				ran[s.language]++
				switch language, program := languages[s.language]; {
				case program:
					r.program(t, s.language, language, s.text)
				case s.language == "json":
					r.events(t, s.text)
				case s.language == "sh":
					r.commands(t, s.text)
				default:
					t.Errorf("nobody runs a block of %s", s.language)
				}
			}
			for language := range languages {
				if ran[language] == 0 {
					t.Errorf("no snippet in %s", language)
				}
			}
			if ran["js"] != 2 || ran["json"] < 6 || ran["sh"] < 3 {
				t.Errorf("fewer snippets than there should be: %v", ran)
			}
		})
	}
}

// reader is a partner that follows a document.
type reader struct {
	book     *book
	partner  *partner
	env      []string
	position uint64 // of the event that all programs emit
	file     string // with the first event in json
}

func newReader(t *testing.T) *reader {
	b := newBook(t)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	return &reader{book: b, partner: p, env: []string{
		"HUISBOEK_URL=" + b.url, "HUISBOEK_TOKEN=" + p.Token, "HUISBOEK_SOURCE=" + p.source, "NATS_URL=" + b.nats, "NATS_CREDS=" + p.Creds,
	}}
}

// program runs a snippet in a folder of its own and wants a receipt.
func (r *reader) program(t *testing.T, name string, l spoken, text string) {
	t.Helper()
	dir := t.TempDir()
	packages, err := filepath.Abs(filepath.Join(foreign, "node_modules")) // what npm install would bring
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(packages, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, l.file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	out, log, code := r.run(t, dir, environment(r.env...), append(l.command, l.file)...)
	var a answer
	if err := json.Unmarshal([]byte(out), &a); err != nil || code != 0 {
		t.Errorf("%s: exit %d, %v\n%s%s\n%s", name, code, err, out, log, text)
		return
	}
	t.Logf("%s: the receipt of position %d after %s", name, a.Position, time.Since(began).Round(10*time.Millisecond))
	if r.position == 0 {
		r.position = a.Position
	}
	if a.ID != "eerste-melding" || a.Position == 0 || a.Position != r.position || a.Position != r.book.tip(t) {
		t.Errorf("%s got %s, want the receipt of position %d", name, out, r.position)
	}
}

func (r *reader) run(t *testing.T, dir string, env []string, command ...string) (out, log string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = dir, env
	p := launch(t, c)
	if err := p.await(ctx, func() bool { return false }); err != errEnded {
		t.Fatalf("%q: %v", command, err)
	}
	return p.said(), p.logged(), p.cmd.ProcessState.ExitCode()
}

// events emits what json shows, and wants all of it recorded.
func (r *reader) events(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var list []object
	if strings.HasPrefix(text, "[") {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	} else {
		list = []object{decodeObject([]byte(text))}
	}
	if r.file == "" {
		r.file = filepath.Join(t.TempDir(), "melding.json")
		if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range list {
		if a, err := post(ctx, http.DefaultClient, r.book.url, r.partner.Token, e, false); err != nil || a.Status != http.StatusCreated {
			t.Errorf("%s: %v %v", marshal(e), err, a)
		}
	}
}

// commands runs what sh shows.
func (r *reader) commands(t *testing.T, text string) {
	t.Helper()
	env := shell(t, r.env...)
	for line := range strings.Lines(text) {
		if out, log, code := r.run(t, filepath.Dir(r.file), env, "bash", "-c", line); code != 0 || out == "" {
			t.Errorf("%sexit %d\n%s%s", line, code, out, log)
		}
	}
}

var comment = regexp.MustCompile(`(?m)(^|\s+)(//|#) .*$`)

// TestKitsAreOne: both documents have the same snippets but for their comments,
// the same sections, links that lead somewhere, and name the packages that their
// snippets are run with.
func TestKitsAreOne(t *testing.T) {
	var first []snippet
	sections := []int{}
	for _, kit := range kits {
		text := readText(t, kit)
		list := snippets(text)
		for i := range list {
			list[i].text = comment.ReplaceAllString(list[i].text, "")
		}
		if first == nil {
			first = list
		}
		if !slices.Equal(list, first) {
			for i, s := range list {
				if i >= len(first) || s != first[i] {
					t.Errorf("%s shows\n%s", kit, s.text)
				}
			}
			t.Errorf("%s has %d snippets, %s has %d", kit, len(list), kits[0], len(first))
		}
		sections = append(sections, strings.Count(text, "\n## ")*100+strings.Count(text, "\n- [ ]"))
		for _, install := range npmInstall.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(readText(t, filepath.Join(foreign, "package.json")), `"`+install[1]+`": "`+install[2]+`"`) {
				t.Errorf("%s: %s, and package.json has another version", kit, install[0])
			}
		}
		for _, link := range contractLink.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(anchors(t, "../docs/contract.md"), link[1]) {
				t.Errorf("%s: contract.md has no section #%s", kit, link[1])
			}
		}
	}
	if sections[0] != sections[1] {
		t.Errorf("sections and points to check (100 x + y): %v", sections)
	}
}

var (
	npmInstall   = regexp.MustCompile("npm install (\\S+)@([^`\\s]*)")
	contractLink = regexp.MustCompile(`\(contract\.md#([^)]+)\)`)
	heading      = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInAnchor  = regexp.MustCompile(`[^a-z0-9 -]`)
)

// anchors are the names of a document's sections in links.
func anchors(t *testing.T, path string) (list []string) {
	for _, h := range heading.FindAllStringSubmatch(readText(t, path), -1) {
		list = append(list, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return list
}
