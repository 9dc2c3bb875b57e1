// Package huisboek_test holds the house to its drawing: the table of rooms in
// docs/design.md says which packages there are and which of ours each may import.
package huisboek_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	module  = "huisboek"
	drawing = "docs/design.md"
)

// outside says which rooms know a technology; tests may use any. The first rule
// that fits an import decides.
var outside = []struct {
	prefixes []string
	rooms    []string
}{
	{ // the format of the seeds that access keeps
		[]string{"github.com/nats-io/nkeys"},
		[]string{"adapters/access", "adapters/natsserver", "adapters/natsstream", "adapters/natsdoor", "adapters/natsstream/natstest"},
	},
	{
		[]string{"github.com/nats-io/", "github.com/synadia-io/"},
		[]string{"adapters/natsserver", "adapters/natsstream", "adapters/natsdoor", "adapters/natsstream/natstest", "adapters/client"},
	},
	{[]string{"go.etcd.io/bbolt"}, []string{"adapters/boltstore", "adapters/access", "adapters/intake", "adapters/readlog", "adapters/client"}},
	{[]string{"github.com/xuri/"}, []string{"adapters/sheets"}},
	{[]string{"github.com/coreos/go-oidc", "golang.org/x/oauth2"}, []string{"adapters/signin"}},
}

func TestHouse(t *testing.T) {
	for _, complaint := range inspect(os.DirFS(".")) {
		t.Error(complaint)
	}
}

// The inspection itself finds what it is for.
func TestInspection(t *testing.T) {
	const rooms = "# Design\n## Rooms\n| room | sentence | imports |\n|---|---|---|\n" +
		"| `events` | The language. | – |\n| `ledger` | The rules. | `events` |\n| `ledger/ledgertest` | For tests only. | `events`, `ledger` |\n" +
		"| `cmd/huisboek` | All meet. | all |\n| `e2e` | From outside. | – |\n## Next\n| `elsewhere` | Not a room. | – |\n"
	sound := map[string]string{
		drawing:                  rooms,
		"events/event.go":        "// Package events is.\npackage events\n\n// Event is.\ntype Event struct{}\n\n// Name is.\nfunc (Event) Name() string { return \"\" }\n\n// A and B are.\nconst (\n\tA = 1\n\tB = 2\n)\n",
		"ledger/book.go":         "// Package ledger is.\npackage ledger\n\nimport _ \"huisboek/events\"\n",
		"ledger/book_test.go":    "package ledger_test\n\nimport _ \"huisboek/ledger/ledgertest\"\n",
		"ledger/ledgertest/x.go": "// Package ledgertest is.\npackage ledgertest\n\nimport _ \"huisboek/ledger\"\n",
		"cmd/huisboek/main.go":   "// Command huisboek is.\npackage main\n\nimport _ \"huisboek/ledger\"\n",
		"e2e/run_test.go":        "package e2e\n",
		"ledger/testdata/x.go":   "package nonsense\n",
	}
	tests := []struct {
		name       string
		file, text string
		want       string // part of the one complaint; none when empty
	}{
		{"OK", "docs/other.md", "", ""},
		{"NewRoom", "ledger/helpers/h.go", "// Package helpers is.\npackage helpers\n", "ledger/helpers is in no room"},
		{"NewArrow", "events/up.go", "package events\n\nimport _ \"huisboek/ledger\"\n", "events must not import huisboek/ledger"},
		{"HelperInProduction", "cmd/huisboek/h.go", "package main\n\nimport _ \"huisboek/ledger/ledgertest\"\n", "only tests may import"},
		{"Technology", "ledger/n.go", "package ledger\n\nimport _ \"github.com/nats-io/nats.go\"\n", "must not import github.com/nats-io/nats.go"},
		{"InsideOut", "e2e/in_test.go", "package e2e\n\nimport _ \"huisboek/events\"\n", "e2e must not import huisboek/events"},
		{"NoPackageComment", "ledger/book.go", "package ledger\n", "ledger has no package comment"},
		{"NoTypeComment", "ledger/t.go", "package ledger\n\ntype Thing int\n", "ledger.Thing has no doc comment"},
		{"NoFuncComment", "ledger/f.go", "package ledger\n\nfunc Do() {}\n", "ledger.Do has no doc comment"},
		{"NoMethodComment", "ledger/m.go", "package ledger\n\n// T is.\ntype T int\n\nfunc (T) Error() string { return \"\" }\n", "ledger.T.Error has no doc comment"},
		{"NoConstComment", "ledger/c.go", "package ledger\n\nconst (\n\tC = 1 // is\n\tD = 2\n)\n", "ledger.D has no doc comment"},
		{"RoomGone", "cmd/huisboek/main.go", "", "cmd/huisboek is drawn"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := make(fstest.MapFS)
			files := maps.Clone(sound)
			files[tt.file] = tt.text
			for name, text := range files {
				if text != "" {
					fsys[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			got := inspect(fsys)
			if tt.want == "" && len(got) == 0 || len(got) == 1 && tt.want != "" && strings.Contains(got[0], tt.want) {
				return
			}
			t.Errorf("complaints %q, want one with %q", got, tt.want)
		})
	}
}

// source is a parsed Go file with its folder.
type source struct {
	folder string
	test   bool
	file   *ast.File
}

// inspect lists everything in which the tree differs from its drawing.
func inspect(fsys fs.FS) []string {
	rooms, err := drawn(fsys)
	if err != nil {
		return []string{err.Error()}
	}
	fset := token.NewFileSet()
	sources, err := parse(fsys, fset)
	if err != nil {
		return []string{err.Error()}
	}
	var complaints []string
	production := make(map[string][]*ast.File)
	lived := make(map[string]bool)
	for _, s := range sources {
		lived[s.folder] = true
		if !s.test {
			production[s.folder] = append(production[s.folder], s.file)
		}
		if allowed, ok := rooms[s.folder]; ok {
			complaints = append(complaints, arrows(s, allowed)...)
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(lived)) {
		if _, ok := rooms[folder]; !ok && folder != "." {
			complaints = append(complaints, fmt.Sprintf("%s is in no room: draw it in the table of %s first", folder, drawing))
		}
	}
	for _, room := range slices.Sorted(maps.Keys(rooms)) {
		if !lived[room] {
			complaints = append(complaints, fmt.Sprintf("%s is drawn in %s and does not exist", room, drawing))
		}
		complaints = append(complaints, undocumented(fset, room, production[room])...)
	}
	return complaints
}

// drawn reads the rooms and, for each, what it may import of ours: nil for
// nothing, "all" for anything.
func drawn(fsys fs.FS) (map[string][]string, error) {
	f, err := fsys.Open(drawing)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rooms := make(map[string][]string)
	within := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "## ") {
			within = line == "## Rooms"
		}
		if !within || !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			return nil, fmt.Errorf("%s: a row of the rooms has not three cells: %s", drawing, line)
		}
		var allowed []string
		for _, word := range strings.Split(cells[3], ",") {
			if word = strings.Trim(word, " `"); word != "" && word != "–" {
				allowed = append(allowed, word)
			}
		}
		rooms[strings.Trim(cells[1], " `")] = allowed
	}
	if len(rooms) == 0 {
		return nil, fmt.Errorf("%s has no table under \"## Rooms\"", drawing)
	}
	return rooms, nil
}

// parse reads every Go file; folders that the go tool ignores are left out.
func parse(fsys fs.FS, fset *token.FileSet) ([]source, error) {
	var all []source
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{path.Dir(name), strings.HasSuffix(name, "_test.go"), file})
		return nil
	})
	return all, err
}

// arrows are the imports of a file that the drawing does not show. A test may
// import what it likes, except from outside: e2e knows nothing of ours.
func arrows(s source, allowed []string) []string {
	var complaints []string
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser took it, so it is quoted
		}
		room, ours := strings.CutPrefix(imported, module+"/")
		switch {
		case ours && helper(room) && !s.test && !helper(s.folder):
			complaints = append(complaints, fmt.Sprintf("%s must not import %s: only tests may import a test helper", s.folder, imported))
		case ours && (!s.test || s.folder == "e2e" || strings.HasPrefix(s.folder, "e2e/")) && room != s.folder && !slices.Contains(allowed, room) && !slices.Contains(allowed, "all"):
			complaints = append(complaints, fmt.Sprintf("%s must not import %s: that arrow is not in the table of %s", s.folder, imported, drawing))
		case !ours && !s.test:
			complaints = append(complaints, technology(s.folder, imported)...)
		}
	}
	return complaints
}

// helper reports whether a room is a test helper, named as in the standard
// library: httptest, fstest, ledgertest.
func helper(room string) bool { return strings.HasSuffix(room, "test") }

func technology(folder, imported string) []string {
	for _, rule := range outside {
		for _, prefix := range rule.prefixes {
			if !strings.HasPrefix(imported, prefix) {
				continue
			}
			if !slices.Contains(rule.rooms, folder) {
				return []string{fmt.Sprintf("%s must not import %s: only %s may", folder, imported, strings.Join(rule.rooms, ", "))}
			}
			return nil
		}
	}
	return nil
}

// undocumented are the package and the exported names without a doc comment.
func undocumented(fset *token.FileSet, room string, files []*ast.File) []string {
	if len(files) == 0 {
		return nil
	}
	p, err := doc.NewFromFiles(fset, files, module+"/"+room)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", room, err)}
	}
	var complaints []string
	if p.Doc == "" {
		complaints = append(complaints, room+" has no package comment")
	}
	missing := func(name string) {
		complaints = append(complaints, fmt.Sprintf("%s.%s has no doc comment", room, name))
	}
	values := func(all []*doc.Value) {
		for _, v := range all {
			for _, name := range bare(v) {
				missing(name)
			}
		}
	}
	functions := func(of string, all []*doc.Func) {
		for _, f := range all {
			if f.Doc == "" {
				missing(of + f.Name)
			}
		}
	}
	values(p.Consts)
	values(p.Vars)
	functions("", p.Funcs)
	for _, typ := range p.Types {
		if typ.Doc == "" {
			missing(typ.Name)
		}
		values(typ.Consts)
		values(typ.Vars)
		functions("", typ.Funcs)
		functions(typ.Name+".", typ.Methods)
	}
	return complaints
}

// bare are the exported names of a declaration that neither its group nor its
// own line says anything of.
func bare(v *doc.Value) []string {
	if v.Doc != "" {
		return nil
	}
	var names []string
	for _, spec := range v.Decl.Specs {
		s, ok := spec.(*ast.ValueSpec)
		if !ok || s.Doc.Text() != "" || s.Comment.Text() != "" {
			continue
		}
		for _, name := range s.Names {
			if name.IsExported() {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
