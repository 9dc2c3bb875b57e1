package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/ledger"
)

// What the demo says to try beside asking works on a book that knows its partners:
// emitting over HTTP without any program of ours, a check, and the page for people
// who make another system.
func TestShowDemo(t *testing.T) {
	h := listening(t, settings{})
	told := story.Year(36, events.DateOf(time.Now()))
	for i := range told.Partners {
		if err := h.say(t.Context(), told.Partners[i].Admitted(events.DateOf(told.Start))); err != nil {
			t.Fatal(err)
		}
	}
	s := httptest.NewServer(h.web)
	defer s.Close()
	var out bytes.Buffer
	if err := h.showDemo(t.Context(), told, landmarks{through: 1}, t.TempDir(), s.URL, time.Second, &out); err != nil {
		t.Fatal(err)
	}
	line := func(part string) string {
		t.Helper()
		for l := range strings.Lines(out.String()) {
			if strings.Contains(l, part) {
				return strings.TrimSpace(l)
			}
		}
		t.Fatalf("it does not say %q:\n%s", part, out.String())
		return ""
	}
	words := strings.Fields(strings.TrimPrefix(line("huisboek check "), "go run ./cmd/huisboek "))
	if code, said, errOut := do(t, words...); code != exitDone {
		t.Errorf("%q: exit %d\n%s%s", words, code, said, errOut)
	}

	for _, part := range []string{`employer find "` + told.Highlights.Search + `" --server `, "employer doubles --server ", "employer link --data ", "partner list --data ", "/v1/dekking", "huisboek explain 1 ", "/v1/botsingen?werkgever=", "/v1/werking?van=", "/v1/berichten?na="} {
		line(part)
	}

	post := line("--data-binary ")
	file := strings.Fields(post[strings.Index(post, "@")+1:])
	body, err := os.ReadFile(file[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file[1], bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range strings.Split(post, `"`) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	page := line("/documentatie")
	asked, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page[strings.LastIndex(page, " ")+1:], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		request *http.Request
		status  int
		kind    string
	}{{r, http.StatusCreated, "application/json"}, {asked, http.StatusOK, "text/html"}} {
		answer, err := s.Client().Do(c.request)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != c.status || !strings.HasPrefix(answer.Header.Get("Content-Type"), c.kind) {
			t.Errorf("%s: %d %v %.300s", c.request.URL, answer.StatusCode, err, said)
		}
	}
}

// Of many messages the first behind the cursor is the one that it was asked for; of none
// about such an event, some of the last.
func TestLately(t *testing.T) {
	h := listening(t, settings{})
	p, q := h.mustAdmit(t, newPartner{OIN: oinP, Name: "Gemeente P"}), h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Gemeente Q"})
	day := events.DateOf(h.Now()).AddDays(5)
	planIn(t, h, p.Partner, strings.TrimSuffix(sourceP, ":systeem:crm"), day)
	var told []events.Position
	for range 23 {
		told = append(told, planIn(t, h, q.Partner, strings.TrimSuffix(sourceQ, ":systeem:crm"), day).Position)
	}
	if err := h.waitForViews(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := func(about events.Position) (events.Position, int) {
		t.Helper()
		cursor, err := h.lately(t.Context(), p.Partner, about)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := h.web.Messages(t.Context(), ledger.Caller{Role: ledger.RolePartner, Partner: p.Partner}, cursor, 0)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Messages[0].Position, len(answer.Messages)
	}
	for i, at := range told {
		if got, n := first(at); got != at || n != len(told)-i {
			t.Errorf("asked for %d: %d messages from %d on", at, n, got)
		}
	}
	if got, n := first(1); got != told[20] || n != 3 {
		t.Errorf("of no such event: %d messages from %d on", n, got)
	}
}
