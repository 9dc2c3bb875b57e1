package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"huisboek/adapters/access"
	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// Views of an older shape are made anew while serving: recording and advice go on,
// what needs the views is refused until they have caught up, and then they hold all.
func TestViewsOfAnotherShape(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.addPartner(t.Context(), newPartner{OIN: "00000099000000001000", Name: "Partner", Kind: "gemeente"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	caller := ledger.Caller{Role: ledger.RolePartner, Partner: made.Partner, Credential: "proef", Door: ledger.DoorNATS}
	source := "urn:nld:oin:00000099000000001000:systeem:crm"
	recordRaw(t, h, caller, benchEvent(t, source, 1))
	_, steward, err := h.access.Add(access.Credential{Role: ledger.RoleSteward, Kind: access.KindToken, Name: "regie"})
	if err != nil {
		t.Fatal(err)
	}
	book := h.folder.Book
	if err := errors.Join(h.waitForViews(t.Context()), h.Close()); err != nil {
		t.Fatal(err)
	}

	fold := projections.NewViews()
	older, err := boltstore.OpenFile(filepath.Join(dir, fileViews), boltstore.Options{Book: book})
	if err != nil {
		t.Fatal(err)
	}
	err = older.Reset(fold.Name())
	if err == nil {
		_, err = older.Store(fold.Name(), 1)
	}
	if err := errors.Join(err, older.Close()); err != nil {
		t.Fatal(err)
	}

	// Views that begin late stand for views that take long.
	if h, err = openHouse(t.Context(), settings{Dir: dir, ViewsLate: true}); err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	ask := func(path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.web.ServeHTTP(w, r)
		return w
	}
	employer := fmt.Sprintf("/v1/werkgevers/%08d", 90000000+1)
	for path, want := range map[string]int{
		employer: 503, employer + "/contacten": 503, "/v1/dekking": 503, "/v1/werkgevers?zoek=iets": 503,
		employer + "/advies": 200, "/v1/status": 200, "/readyz": 200,
	} {
		w := ask(path, steward)
		if w.Code != want || want == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	// Of half of what they told nobody may be called silent.
	s, err := h.status(t.Context(), struct{}{}, nil)
	if err != nil || len(s.Partners) != 0 || !s.Views[0].Making || s.Views[0].Trouble != "" {
		t.Errorf("status while the views are made: %+v %v", s, err)
	}
	last := recordRaw(t, h, caller, benchEvent(t, source, 1+employers)) // at the same employer
	if err := h.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := ask(fmt.Sprintf("%s/contacten?vanafPositie=%d", employer, last), steward)
	if w.Code != 200 || strings.Count(w.Body.String(), `bezoek-afgelegd.v1"`) != 2 {
		t.Errorf("both visits: %d %s", w.Code, w.Body)
	}
	if s, err = h.status(t.Context(), struct{}{}, nil); err != nil || len(s.Partners) != 1 || s.Views[0].Making {
		t.Errorf("status of views that are there: %+v %v", s, err)
	}
	found, err := h.verify(t.Context(), struct{}{}, func(string, uint64, uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Fault != "" {
			t.Errorf("%s: %s", f.What, f.Fault)
		}
	}
}

// A book's rows of another shape are folded again, but not before the stream was
// held against how far they had come: they are the only witness of its end.
func TestBookOfAnotherShape(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	book := h.folder.Book
	var fold *ledger.Book
	if err := errors.Join(h.ledger.Flush(), h.Close()); err != nil {
		t.Fatal(err)
	}
	// older are rows of another shape that came as far as a checkpoint.
	older := func(move func(*events.Checkpoint)) {
		t.Helper()
		file, err := boltstore.OpenFile(filepath.Join(dir, fileFold), boltstore.Options{Book: book})
		if err != nil {
			t.Fatal(err)
		}
		at, err := file.Witness(fold.Name())
		if err != nil || at.Position == 0 {
			t.Fatal(at, err)
		}
		move(&at)
		err = file.Reset(fold.Name())
		var s *boltstore.Store
		if err == nil {
			s, err = file.Store(fold.Name(), 1)
		}
		if err == nil {
			err = s.Update(at, func(projections.Tx) error { return nil })
		}
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	older(func(*events.Checkpoint) {})
	var said bytes.Buffer
	if h, err = openHouse(t.Context(), settings{Dir: dir, Log: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.String(), "nothing here can tell") {
		t.Errorf("older rows were held against the stream, and yet: %s", &said)
	}
	if err := errors.Join(h.compareBook(t.Context(), func(string, uint64, uint64) {}), h.Close()); err != nil {
		t.Fatal(err)
	}
	older(func(at *events.Checkpoint) { at.Position += 5 })
	if h, err = openHouse(t.Context(), settings{Dir: dir}); !errors.Is(err, ledger.ErrDamaged) {
		if err == nil {
			h.Close()
		}
		t.Errorf("rows that came further than the stream: %v", err)
	}
}
