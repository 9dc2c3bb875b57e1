package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/ledger"
)

// fuzzed puts a request to a server, and holds what every answer must be: no
// failure of ours, and a refusal is a problem that says its own status.
func fuzzed(t *testing.T, s http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code == http.StatusInternalServerError || w.Header().Get("X-Request-Id") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	var p ledger.Problem
	if w.Code >= 400 && (w.Header().Get("Content-Type") != ledger.ProblemMediaType || json.Unmarshal(w.Body.Bytes(), &p) != nil || p.Status != w.Code) {
		t.Errorf("%d %q: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	return w
}

// FuzzPost: whatever comes in, what is refused is not recorded, and what is
// answered as recorded is.
func FuzzPost(f *testing.F) {
	h := newHouse(f)
	s := h.door(func(c *web.Config) {
		c.Reports = nil
		c.Desk = intake.New(intake.Config{Ledger: h.ledger, File: h.intake, Now: h.now})
	})
	raw := h.raw(partnerA, visit("2026-08-20"))
	headers, data := binary(f, raw)
	lines := ""
	for i := 0; i < len(headers)-2; i += 2 { // the last pair is the content type
		lines += headers[i] + ": " + headers[i+1] + "\n"
	}
	f.Add(intake.Structured, "", raw, "")
	f.Add("application/json", lines, data, "proef=false")
	f.Add("application/json", lines+"Ce-Id: twee\n", data, "")
	f.Add("application/json", "ce-id: %zz\nce-\x00: x\nce-data: {}\n", data, "")
	f.Add(intake.Batch, "", append(append([]byte("["), raw...), ",{},7]"...), "")
	f.Add(intake.Batch, "", []byte("null"), "proef=true")
	f.Add(intake.Structured+"; charset=utf-16", "Content-Encoding: gzip\nAccept: a;b,", raw, "proef=true&proef=true")
	f.Add("text/xml; a=\"", "Accept: */*;q=0\nAuthorization: Bearer x", []byte{0xff, 0}, "%zz")
	f.Add("", "", []byte(strings.Repeat(`{"data":`, 40)), "x=1;y")
	token := "Bearer " + h.tokens["a"]
	f.Fuzz(func(t *testing.T, contentType, headers string, body []byte, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, reports, bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Authorization", token)
		r.Header.Set("Content-Type", contentType)
		for line := range strings.Lines(headers) {
			if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok {
				r.Header.Add(textproto.CanonicalMIMEHeaderKey(name), value)
			}
		}
		before := h.ledger.Position()
		w := fuzzed(t, s, r)
		recorded, want := int(h.ledger.Position()-before), 0
		var batch web.BatchAnswer
		// A plan that the agreement refuses is recorded as that, the first time.
		kept := func(p ledger.Problem) bool { return p.Receipt != nil && p.Receipt.Position > before }
		var p ledger.Problem
		switch {
		case w.Code == http.StatusConflict && json.Unmarshal(w.Body.Bytes(), &p) == nil && kept(p):
			want = 1
		case w.Code == http.StatusCreated:
			want = 1
		case w.Code == http.StatusOK && json.Unmarshal(w.Body.Bytes(), &batch) == nil:
			for _, item := range batch.Items {
				if item.Receipt != nil && item.Receipt.Position != nil && item.Status == http.StatusCreated {
					want++
				}
				if item.Problem != nil && item.Problem.Receipt != nil && item.Problem.Receipt.Position != nil && *item.Problem.Receipt.Position > before {
					want++
				}
			}
		case w.Code < 400:
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if recorded != want {
			t.Errorf("%d, and %d recorded: %s", w.Code, recorded, w.Body)
		}
	})
}

// FuzzQueryCursor: a cursor that was not given out is refused, or begins where
// somebody may read; and no query makes the door fail.
func FuzzQueryCursor(f *testing.F) {
	h := newHouse(f)
	neighbours(h)
	for range 3 {
		h.structured("a", "", []byte(`{}`))
	}
	f.Add("", false)
	f.Add("%zz&na=1&vanafPositie=-1", true)
	f.Add("na=AAAAAAAAAAAAAAAAAAAAAA&aantal=1&uitkomst=geweigerd", true)
	for _, path := range []string{"/v1/berichten?aantal=1", "/v1/aanleveringen?aantal=1", "/v1/werkgevers/" + employer + "/contacten?aantal=1"} {
		var page struct {
			Next string `json:"volgende"`
		}
		decode(f, h.get("a", path), &page)
		f.Add(page.Next, false)
		f.Add(page.Next+"AAAA", false)
	}
	s, token := h.server.Config.Handler, "Bearer "+h.tokens["c"]
	f.Fuzz(func(t *testing.T, text string, whole bool) {
		if strings.Contains(text, "vanafPositie") && !strings.Contains(text, "vanafPositie=-1") {
			t.Skip("it may wait for what never comes")
		}
		query := text
		if !whole {
			query = "na=" + url.QueryEscape(text)
		}
		for _, path := range []string{"/v1/berichten", "/v1/aanleveringen", "/v1/werkgevers/" + employer + "/contacten"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.URL.RawQuery = query
			r.Header.Set("Authorization", token)
			w := fuzzed(t, s, r)
			if w.Code != 200 && w.Code != 400 {
				t.Errorf("%s?%s: %d %s", path, query, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), mailA) || strings.Contains(w.Body.String(), `"benadering":"`+approachA) && path == "/v1/berichten" {
				t.Errorf("%s?%s: another's: %s", path, query, w.Body)
			}
		}
	})
}

// FuzzToken: nothing but a token that was given out opens the door.
func FuzzToken(f *testing.F) {
	h := newHouse(f)
	s, token := h.server.Config.Handler, h.tokens["a"]
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer " + token, "bearer  " + token + " ", "Bearer " + token + "x",
		"Basic " + token, token, "Bearer " + token[:len(token)-1], "Bearer hb_", "Bearer\t" + token, "Bearer " + strings.ToUpper(token)} {
		f.Add(header)
	}
	last := h.ledger.Position()
	f.Fuzz(func(t *testing.T, header string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			path := map[string]string{http.MethodGet: "/v1/partners", http.MethodPost: reports}[method]
			r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
			r.Header["Authorization"] = []string{header}
			w := fuzzed(t, s, r)
			scheme, given, _ := strings.Cut(header, " ")
			if known := strings.EqualFold(scheme, "bearer") && strings.TrimSpace(given) == token; known == (w.Code == 401) {
				t.Errorf("%s with %q: %d %s", method, header, w.Code, w.Body)
			}
			if h.ledger.Position() != last || strings.Contains(w.Body.String(), token) {
				t.Errorf("%s with %q: %s", method, header, w.Body)
			}
		}
	})
}
