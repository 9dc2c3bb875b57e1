package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections/search/searchtest"
)

// guardHouse is a book with one partner and what is asked of it.
type guardHouse struct {
	*testing.T
	*house
	source, token string
	target        string
	asked         []string // of a search
	made          int
	said          []byte // an event that is recorded
}

// Employers of the house: one with 10 contacts, one with 10,000, and those of benchEvent.
const (
	fewContacts  = "80000010"
	manyContacts = "80010000"
)

func newGuardHouse(t *testing.T) *guardHouse {
	h, caller, source := benchHouse(t)
	_, token, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: caller.Partner, Kind: access.KindToken})
	if err != nil {
		t.Fatal(err)
	}
	g := &guardHouse{T: t, house: h, source: source, token: token, target: uuid.NewString()}
	today := events.DateOf(time.Now())
	target := fmt.Sprintf(`{"specversion":"1.0","type":"nl.werkgeversdiensten.doelstelling-vastgesteld.v1","source":"urn:nld:oin:%s:systeem:proef","id":"doel",
		"data":{"doelstelling":"%s","naam":"Plaatsingen","maat":"plaatsingen","aantal":600,"definitie":{},"periode":{"van":"%s","tot":"%s"},
		"aandelen":[{"partner":"urn:nld:oin:00000099000000001000","aantal":600}]}}`, h.ledger.StewardOIN(), g.target, today.AddDays(-300), today.AddDays(60))
	recordRaw(t, h, ledger.Caller{Role: ledger.RoleBoard, Credential: "proef", Door: ledger.DoorLocal}, []byte(target))
	for _, e := range searchtest.Employers(2_000) {
		h.search.found.Put(e)
	}
	for _, q := range searchtest.Questions(200) {
		if n := utf8.RuneCountInString(q); n >= 2 && n <= 100 {
			g.asked = append(g.asked, q)
		}
	}
	g.said = g.visit()
	g.serve(g.again(0), http.StatusCreated)
	g.serve(g.inBatch(10, g.service(fewContacts)), http.StatusOK)
	for range 10_000 / intake.MaxBatch {
		g.serve(g.inBatch(intake.MaxBatch, g.service(manyContacts)), http.StatusOK)
	}
	return g
}

// visit is a new event at one of many employers, service one at that employer:
// services do not clash with each other.
func (g *guardHouse) visit() []byte {
	g.made++
	return benchEvent(g.T, g.source, g.made)
}

func (g *guardHouse) service(employer string) func() []byte {
	return func() []byte {
		e, err := events.NewEvent(g.source, uuid.NewString(), time.Now(), &events.ServiceDelivered{
			Employer: events.Employer{KvK: employer}, Service: "voorlichting", Date: events.DateOf(time.Now()),
		})
		if err != nil {
			g.Fatal(err)
		}
		return e.Canonical()
	}
}

// emit is a request with something in it, ask one without.
func (g *guardHouse) emit(media string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/gebeurtenissen", bytes.NewReader(body))
	r.Header.Set("Content-Type", media)
	r.Header.Set("Authorization", "Bearer "+g.token)
	return r
}

func (g *guardHouse) ask(path string, args ...any) *http.Request {
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf(path, args...), nil)
	r.Header.Set("Authorization", "Bearer "+g.token)
	return r
}

// serve answers and waits for the views, so that each event is a transaction of theirs.
func (g *guardHouse) serve(r *http.Request, want int) {
	g.Helper()
	w := httptest.NewRecorder()
	if g.web.ServeHTTP(w, r); w.Code != want {
		g.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	if err := g.waitForViews(g.Context()); err != nil {
		g.Fatal(err)
	}
}

func (g *guardHouse) one(int) *http.Request { return g.emit(intake.Structured, g.visit()) }

func (g *guardHouse) batch(int) *http.Request { return g.inBatch(intake.MaxBatch, g.visit) }

func (g *guardHouse) inBatch(n int, next func() []byte) *http.Request {
	all := make([][]byte, n)
	for i := range all {
		all[i] = next()
	}
	return g.emit(intake.Batch, fmt.Appendf(nil, "[%s]", bytes.Join(all, []byte{','})))
}

func (g *guardHouse) wrong(int) *http.Request {
	return g.emit(intake.Structured, bytes.Replace(g.said, []byte(`"doel":"acquisitie"`), []byte(`"doel":"geen"`), 1))
}

func (g *guardHouse) again(int) *http.Request { return g.emit(intake.Structured, g.said) }

func (g *guardHouse) advice(i int) *http.Request {
	return g.ask("/v1/werkgevers/%08d/advies?doel=acquisitie&datum=%s", 90000000+i%employers, events.DateOf(time.Now()).AddDays(7))
}

func (g *guardHouse) few(int) *http.Request {
	return g.ask("/v1/werkgevers/%s/contacten?aantal=50", fewContacts)
}

func (g *guardHouse) many(int) *http.Request {
	return g.ask("/v1/werkgevers/%s/contacten?aantal=50", manyContacts)
}

func (g *guardHouse) find(i int) *http.Request {
	return g.ask("/v1/werkgevers?zoek=%s", url.QueryEscape(g.asked[i%len(g.asked)]))
}

func (g *guardHouse) standing(int) *http.Request {
	return g.ask("/v1/doelstellingen/%s/stand", g.target)
}

// settle waits until the files have what was said, and puts its own in out of the way.
func (g *guardHouse) settle() {
	g.Helper()
	if _, err := g.search.waitFor(g.Context(), g.ledger.Position()); err != nil {
		g.Fatal(err)
	}
	if err := g.ledger.Flush(); err != nil {
		g.Fatal(err)
	}
}

// drain lets what came in be written as well.
func (g *guardHouse) drain() {
	g.Helper()
	if err := g.intake.Snapshot(filepath.Join(g.TempDir(), "copy.db")); err != nil {
		g.Fatal(err)
	}
}

// measure does a thing some times, and more often what is cheap. The first time does
// not count: it fills what is kept.
func (g *guardHouse) measure(c guarded) *spent {
	g.Helper()
	requests := make([]*http.Request, max(200/c.unit, 2))
	for i := range requests {
		requests[i] = c.ask(g, i+1)
	}
	g.serve(c.ask(g, 0), c.status)
	g.settle()
	g.drain()
	before, tip := g.look(), g.ledger.Position()
	for _, r := range requests {
		g.serve(r, c.status)
	}
	g.settle()
	after := g.look()
	g.drain()
	after.Intake = g.transactions(fileIntake)
	n := float64(len(requests) * c.unit)
	took := &spent{Keys: g.keysAfter(tip) / n}
	for i, p := range took.list()[:len(spentNames)-1] {
		*p = (*after.list()[i] - *before.list()[i]) / n
	}
	return took
}

// look is what was spent since the house was opened. Keys are counted apart.
func (g *guardHouse) look() *spent {
	g.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := &spent{
		Allocs: float64(m.Mallocs), Bytes: float64(m.TotalAlloc), Written: bytesOut(g.T),
		Book: g.transactions(fileFold), Views: g.transactions(fileViews), Intake: g.transactions(fileIntake),
		Records: float64(g.ledger.Position()),
	}
	size, err := g.stream.Size(g.Context())
	if err != nil {
		g.Fatal(err)
	}
	s.RecordBytes = float64(size)
	return s
}

// transactions is how many transactions ever wrote to a bbolt file: the higher of
// the numbers that its two meta pages have.
func (g *guardHouse) transactions(name string) float64 {
	g.Helper()
	const magic, at, number = 0xED0CDAED, 16, 16 + 48
	f, err := os.Open(g.folder.path(name))
	if err != nil {
		g.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 2*os.Getpagesize())
	if _, err := f.ReadAt(b, 0); err != nil {
		g.Fatal(err)
	}
	var last uint64
	for page := range 2 {
		meta := b[page*os.Getpagesize():]
		if binary.NativeEndian.Uint32(meta[at:]) != magic {
			g.Fatalf("%s: page %d is no meta page", name, page)
		}
		last = max(last, binary.NativeEndian.Uint64(meta[number:]))
	}
	return float64(last)
}

// bytesOut is how many bytes this process has written, to files and sockets: what
// the house has of those is in memory. Where it cannot be told it is 0.
func bytesOut(tb testing.TB) float64 {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "wchar: ")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(line, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

var sealKey = regexp.MustCompile(`"sleutel":([0-9]+)`)

// keysAfter is how many keys came into use after a position.
func (g *guardHouse) keysAfter(at events.Position) float64 {
	g.Helper()
	known, fresh := map[string]bool{}, 0.0
	err := g.stream.Read(context.Background(), 1, func(p events.Position, data []byte) error {
		for _, key := range sealKey.FindAllSubmatch(data, -1) {
			if !known[string(key[1])] && p > at {
				fresh++
			}
			known[string(key[1])] = true
		}
		return nil
	})
	if err != nil {
		g.Fatal(err)
	}
	return fresh
}
