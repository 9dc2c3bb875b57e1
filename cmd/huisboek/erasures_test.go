package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
)

// The list never stands in the data folder, however that is spelled.
func TestListPath(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	data := filepath.Join(here, "data")
	for _, dir := range []string{"data", "./data/", "data/.", data + "/"} {
		if got, err := listPath(dir, ""); err != nil || got != data+".erasures.jsonl" {
			t.Errorf("%q: %q %v", dir, got, err)
		}
	}
	if got, err := listPath(".", ""); err != nil || got != here+".erasures.jsonl" {
		t.Errorf("%q %v", got, err)
	}
	for given, well := range map[string]bool{
		"lijst.jsonl": true, "data-lijst.jsonl": true, "data/../lijst.jsonl": true,
		"data/lijst.jsonl": false, "./data/diep/lijst.jsonl": false, data + "/x": false,
	} {
		_, err := listPath("data", given)
		if (err == nil) != well || err != nil && !errors.As(err, new(usageError)) {
			t.Errorf("%q: %v", given, err)
		}
	}
}

func TestListErasure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lijst.jsonl")
	h := &house{settings: settings{Erasures: path}, folder: &folder{Book: "b"}}
	list := func(at events.Position) {
		t.Helper()
		if err := h.listErasure(ledger.Erasure{Book: "b", Position: at, Keys: []events.KeyID{1, 2}}); err != nil {
			t.Fatal(err)
		}
	}
	list(7)
	list(8)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"boek":"b","pos`); err != nil { // a crash
		t.Fatal(err)
	}
	f.Close()
	list(9)
	const line = `{"boek":"b","positie":%,"sleutels":[1,2]}` + "\n"
	want := line[:22] + "7" + line[23:] + line[:22] + "8" + line[23:] + `{"boek":"b","pos` + "\n" + line[:22] + "9" + line[23:]
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("got\n%swant\n%s%v", got, want, err)
	}
	if i, err := os.Stat(path); err != nil || i.Mode() != 0o600 {
		t.Errorf("%v %v", i.Mode(), err)
	}
	h.Erasures = filepath.Join(t.TempDir(), "er", "niet")
	if err := h.listErasure(ledger.Erasure{}); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

// TestListIsRemembered: an erasure on the command line goes to the list that
// serve was given.
func TestListIsRemembered(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	list := filepath.Join(t.TempDir(), "elders.jsonl")
	for _, given := range []string{list, "", ""} {
		h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36", Erasures: given})
		if err != nil {
			t.Fatal(err)
		}
		if h.Erasures != list {
			t.Errorf("given %q: the list is %s, want %s", given, h.Erasures, list)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOlderCopyIsRefused: a folder from before an erasure would bring somebody
// back; the list beside it tells.
func TestOlderCopyIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	list, book := h.Erasures, h.folder.Book
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line string
		well bool
	}{
		{`{"boek":"` + book + `","positie":1,"sleutels":[1]}` + "\n", false}, // it went on without the list: nothing was erased there
		{`{"boek":"d4c1f7a2-0000-4000-8000-000000000000","positie":99,"sleutels":[1]}` + "\n" + `{"boek":"` + book, true},
		{`{"boek":"` + book + `","positie":2,"sleutels":[1]}` + "\n", false},
	} {
		if err := os.WriteFile(list, []byte(c.line), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := openHouse(t.Context(), settings{Dir: dir})
		if (err == nil) != c.well || err != nil && !errors.Is(err, ledger.ErrDamaged) {
			t.Errorf("%s: %v", c.line, err)
		}
		if err == nil {
			err = h.Close()
		}
		if c.well && err != nil {
			t.Error(err)
		}
	}
}
