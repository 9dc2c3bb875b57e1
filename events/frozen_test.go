package events

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// freeze adds the files of types that have none yet. Files that are there are
// never touched: what was once recorded must be read for ever.
var freeze = flag.Bool("freeze", false, "add frozen files for types that have none")

const (
	frozenFolder = "testdata/frozen"
	frozenSums   = frozenFolder + "/SHA256SUMS"
)

// A frozen submission is decoded to exactly the canonical form beside it.
func TestFrozenSubmissions(t *testing.T) {
	addFrozen(t)
	for _, path := range frozenFiles(t, "*/*.submission.json") {
		e := mustDecode(t, read(t, path))
		want := bytes.TrimSuffix(read(t, strings.TrimSuffix(path, ".json")+".want"), []byte("\n"))
		if !bytes.Equal(e.Canonical(), want) {
			t.Errorf("%s:\n%s\n%s", path, e.Canonical(), want)
		}
		if filepath.Base(filepath.Dir(path)) != e.Type.Name()+".v1" {
			t.Errorf("%s holds a %s", path, e.Type)
		}
		v, err := parsed(e.Canonical())
		if err != nil || conforms(schemaOf(t, e.Type), v) != nil {
			t.Errorf("%s does not conform: %v", path, conforms(schemaOf(t, e.Type), v))
		}
	}
}

// A frozen record is read, and written again byte for byte.
func TestFrozenRecords(t *testing.T) {
	for _, path := range frozenFiles(t, "*/*.record.json") {
		stored := bytes.TrimSuffix(read(t, path), []byte("\n"))
		r, err := DecodeRecord(stored)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		want := bytes.TrimSuffix(read(t, strings.TrimSuffix(path, ".json")+".want"), []byte("\n"))
		if !bytes.Equal(r.Event.Canonical(), want) || !r.Event.Sealed() {
			t.Errorf("%s:\n%s\n%s", path, r.Event.Canonical(), want)
		}
		if again, err := EncodeRecord(r); err != nil || !bytes.Equal(again, stored) {
			t.Errorf("%s encoded again: %v\n%s", path, err, again)
		}
	}
}

// frozenNames: with the required members only and with all; where members exclude
// each other once with each; and once more for a member that was added since.
func frozenNames(typ Type) []string {
	s := shapes[kindOf[typ]]
	names := []string{"minimal", "full"}
	_, employer := s.byName["buitenlands"]
	if _, pair := s.byName["werkgever"]; pair {
		employer = true
	}
	_, period := s.byName["periode"]
	if employer || period {
		names = append(names, "alternative")
	}
	if employer {
		names = append(names, "provisional")
	}
	switch typ {
	case TypePartnerAdmitted:
		names = append(names, "arbeidsmarktregios")
	case TypePartnerDeparted:
		names = append(names, "verleden")
	case TypeTargetSet: // with what goes with visits, and with services
		names = append(names, "diensten")
	case TypeVisitMoved:
		names = append(names, "ondanks")
	}
	return names
}

// Every member of every type stands in some frozen submission of that type.
func TestEveryMemberIsFrozen(t *testing.T) {
	for _, typ := range Types() {
		all := ""
		for _, path := range frozenFiles(t, typ.Name()+".v1/*.submission.want") {
			all += string(read(t, path))
		}
		for _, m := range shapes[kindOf[typ]].members {
			if !strings.Contains(all, `"`+m.name+`":`) {
				t.Errorf("%s: no frozen file has %s", typ.Name(), m.name)
			}
			if m.value.object == nil {
				continue
			}
			for _, inner := range m.value.object.members {
				if !strings.Contains(all, `"`+inner.name+`":`) {
					t.Errorf("%s: no frozen file has %s.%s", typ.Name(), m.name, inner.name)
				}
			}
		}
	}
}

// Every type has its frozen files.
func TestEveryTypeIsFrozen(t *testing.T) {
	for _, typ := range Types() {
		for _, name := range frozenNames(typ) {
			for _, file := range []string{"submission.json", "submission.want", "record.json", "record.want"} {
				path := filepath.Join(frozenFolder, typ.Name()+".v1", name+"."+file)
				if _, err := os.Stat(path); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// Frozen files may be added, never changed or removed: SHA256SUMS lists them.
func TestFrozenSums(t *testing.T) {
	sums := make(map[string]string)
	s := bufio.NewScanner(bytes.NewReader(read(t, frozenSums)))
	for s.Scan() {
		sum, name, ok := strings.Cut(s.Text(), "  ")
		if !ok || sums[name] != "" {
			t.Fatalf("SHA256SUMS: %q", s.Text())
		}
		sums[name] = sum
	}
	for _, path := range frozenFiles(t, "*/*") {
		name, _ := filepath.Rel(frozenFolder, path)
		if got := sumOf(read(t, path)); sums[name] != got {
			t.Errorf("%s was changed or is not listed (go test ./events -freeze lists new files)", name)
		}
		delete(sums, name)
	}
	for name := range sums {
		t.Errorf("%s is gone", name)
	}
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func frozenFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(frozenFolder, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	slices.Sort(files)
	return files
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// addFrozen writes, with -freeze, the files of types that have none, and adds
// them to the list.
func addFrozen(t *testing.T) {
	if !*freeze {
		return
	}
	for _, typ := range Types() {
		g := newGenerator(uint64(kindOf[typ]) + 1)
		for i, name := range frozenNames(typ) {
			g.few, g.all, g.nth = i == 0, i > 0, max(0, i-1)
			base := filepath.Join(frozenFolder, typ.Name()+".v1", name)
			raw := jsontext.Value(marshal(t, g.event(typ)))
			if err := raw.Indent(jsontext.WithIndent("  ")); err != nil {
				t.Fatal(err)
			}
			e := mustDecode(t, raw)
			r := testRecord(t, e)
			stored, err := EncodeRecord(r)
			if err != nil {
				t.Fatal(err)
			}
			addFile(t, base+".submission.json", raw)
			addFile(t, base+".submission.want", e.Canonical())
			addFile(t, base+".record.json", stored)
			addFile(t, base+".record.want", r.Event.Canonical())
		}
	}
}

func addFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	content = append(bytes.Clone(content), '\n')
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	list, err := os.OpenFile(frozenSums, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	name, _ := filepath.Rel(frozenFolder, path)
	if _, err := list.WriteString(sumOf(content) + "  " + name + "\n"); err != nil {
		t.Fatal(err)
	}
}
