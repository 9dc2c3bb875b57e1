package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"huisboek/adapters/archive"
)

// aBook makes a book in a folder and closes it.
func aBook(t *testing.T, dir, list string) {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36", Erasures: list})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOneCopy: of one book one copy is open at a time, on the same list or on
// another; two books on one list are in nobody's way.
func TestOneCopy(t *testing.T) {
	here := t.TempDir()
	first, copied, other := filepath.Join(here, "data"), filepath.Join(here, "kopie"), filepath.Join(here, "ander")
	list, elsewhere := filepath.Join(here, "gewist.jsonl"), filepath.Join(here, "elders.jsonl")
	aBook(t, first, list)
	aBook(t, other, list)
	if err := os.CopyFS(copied, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), settings{Dir: first})
	if err != nil {
		t.Fatal(err)
	}
	two, err := openHouse(t.Context(), settings{Dir: other})
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Close(); err != nil {
		t.Error(err)
	}
	for _, list := range []string{list, elsewhere} {
		second, err := openHouse(t.Context(), settings{Dir: copied, Erasures: list})
		if !errors.Is(err, errTwoCopies) || !strings.Contains(err.Error(), first) {
			t.Errorf("with %s: %v; want who has it open, and where", list, err)
		}
		if err == nil {
			second.Close()
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	aBook(t, copied, list)
}

// TestOldIncarnation: when the list says that a book was put back, only that copy of
// it may go on.
func TestOldIncarnation(t *testing.T) {
	here := t.TempDir()
	dir, list := filepath.Join(here, "data"), filepath.Join(here, "gewist.jsonl")
	aBook(t, dir, list)
	f, err := readFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	origin := func(parent string) archive.Origin {
		return archive.Origin{Incarnation: uuid.NewString(), Parent: parent, Position: 1}
	}
	own, later := origin(f.Book), origin(f.Book)
	next := origin(own.Incarnation)
	for _, c := range []struct {
		name    string
		origins []archive.Origin // of the folder
		list    []archive.Origin
		well    bool
		newest  string // on the list afterwards
	}{
		{"never put back", nil, nil, true, ""},
		{"put back elsewhere", nil, []archive.Origin{own}, false, own.Incarnation},
		{"this is it", []archive.Origin{own}, []archive.Origin{own}, true, own.Incarnation},
		{"put back again elsewhere", []archive.Origin{own}, []archive.Origin{own, later}, false, later.Incarnation},
		{"put back from this one", []archive.Origin{own}, []archive.Origin{own, next}, false, next.Incarnation},
		{"a list that was lost", []archive.Origin{own}, nil, true, own.Incarnation},
		{"an older list", []archive.Origin{own, next}, []archive.Origin{own}, true, next.Incarnation},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.Origins = c.origins
			if err := f.keepErasures(list); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(list, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, o := range c.list {
				if err := appendList(list, restoredLine(f.Book, o)); err != nil {
					t.Fatal(err)
				}
			}
			h := &house{settings: settings{Dir: dir, Erasures: list, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, folder: f}
			err := h.oneCopy(t.Context())
			if (err == nil) != c.well || err != nil && !errors.Is(err, errOldIncarnation) {
				t.Errorf("got %v", err)
			}
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			said, err := readList(list, f.Book)
			if err != nil {
				t.Fatal(err)
			}
			newest := ""
			if n := said.Newest(); n != nil {
				newest = n.Incarnation
			}
			if newest != c.newest {
				t.Errorf("the list names %q, want %q", newest, c.newest)
			}
		})
	}
}

// TestListPlace: where nothing can be written beside the list, no book is made, and the
// place is not remembered.
func TestListPlace(t *testing.T) {
	here := t.TempDir()
	nowhere := filepath.Join(here, "er", "niet", "gewist.jsonl")
	dir := filepath.Join(here, "boeken", "data")
	opened := func(list string) error {
		h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36", Erasures: list})
		if err == nil {
			err = h.Close()
		}
		return err
	}
	refused := func() {
		t.Helper()
		if err := opened(nowhere); err == nil || !strings.Contains(err.Error(), "must stand in a folder that this user may write in: --erasures") {
			t.Errorf("got %v", err)
		}
	}
	refused()
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made a folder")
	}
	if err := opened(""); err != nil {
		t.Fatal(err)
	}
	refused()
	if err := opened(""); err != nil {
		t.Errorf("the place is remembered: %v", err)
	}
	if err := os.Remove(dir + ".erasures.jsonl"); err != nil {
		t.Fatal(err)
	}
	f, err := readFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holdBook(t.Context(), nowhere, f, time.Now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "--erasures") {
		t.Errorf("the lock: %v", err)
	}
}

// TestHolderIsQuoted: who holds a book says itself who it is, and may say anything.
func TestHolderIsQuoted(t *testing.T) {
	card, err := json.Marshal(&holder{Dir: "\x1b[2Jweg", Host: "a\nb"})
	if err != nil {
		t.Fatal(err)
	}
	if text := twoCopies(card).Error(); strings.ContainsAny(text, "\x1b\n") || !strings.Contains(text, `"\x1b[2Jweg"`) {
		t.Errorf("%q", text)
	}
}
