package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/access"
	"huisboek/adapters/web"
	"huisboek/events"
)

// mailing is a house from which mail leaves, when it is told so, and what its door logs.
func mailing(t *testing.T, mail bool) (h *house, logged *bytes.Buffer) {
	t.Helper()
	h, logged = newHouse(t), new(bytes.Buffer)
	h.access.UseClock(h.now)
	c := h.config(h.runner.Store)
	c.Log = slog.New(slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if mail {
		c.Wish = func(_ context.Context, d access.Digest) (*access.Digest, error) {
			d.Cursor = "7"
			made, err := h.access.AddDigest(d)
			return &made, err
		}
	}
	h.server.Close()
	h.server = httptest.NewServer(must[*web.Server](t)(web.New(c)))
	t.Cleanup(h.server.Close)
	return h, logged
}

// TestDigestsMade: who may ask, see and end what, and to whom an address is shown.
func TestDigestsMade(t *testing.T) {
	h, logged := mailing(t, true)
	const path = "/v1/samenvattingen"
	for name, tt := range map[string]struct {
		who, body string
		status    int
		faults    string
	}{
		"no token":        {"", `{"email":"am1@voorbeeld.invalid","elke":"dag"}`, 401, ""},
		"the steward":     {"steward", `{"email":"am1@voorbeeld.invalid","elke":"dag"}`, 403, ""},
		"the board":       {"board", `{"email":"am1@voorbeeld.invalid","elke":"dag"}`, 403, ""},
		"nothing":         {"a", `{}`, 400, "/elke ontbreekt /email ontbreekt"},
		"no JSON":         {"a", `{"email"`, 400, " ongeldige-json"},
		"twice":           {"a", `{"email":"am1@voorbeeld.invalid","elke":"dag","elke":"week"}`, 400, " ongeldige-json"},
		"not an object":   {"a", `[]`, 400, " verkeerde-soort"},
		"null":            {"a", `null`, 400, " verkeerde-soort"},
		"everything":      {"a", `{"email":"am1","elke":"maand","taal":"fr","partner":"x"}`, 400, "/elke onbekende-waarde /email geen-mailadres /partner onbekend-veld /taal onbekende-waarde"},
		"other kinds":     {"a", `{"email":1,"elke":null,"taal":["nl"]}`, 400, "/elke verkeerde-soort /email verkeerde-soort /taal verkeerde-soort"},
		"empty":           {"a", `{"email":"","elke":"","taal":""}`, 400, "/elke onbekende-waarde /email geen-mailadres /taal onbekende-waarde"},
		"a name with it":  {"a", `{"email":"Am <am1@voorbeeld.invalid>","elke":"dag"}`, 400, "/email geen-mailadres"},
		"another header":  {"a", `{"email":"am1@voorbeeld.invalid\r\nBcc: x@voorbeeld.invalid","elke":"dag"}`, 400, "/email geen-mailadres"},
		"several at once": {"a", `{"email":"am1@voorbeeld.invalid,am2@voorbeeld.invalid","elke":"dag"}`, 400, "/email geen-mailadres"},
		"too large":       {"a", `{"email":"` + strings.Repeat("x", 64<<10) + `"}`, 413, ""},
	} {
		r := h.json(http.MethodPost, tt.who, path, tt.body)
		var faults []string
		if r.status != 401 {
			for _, f := range r.problem(t).Faults {
				if f.Sentence.NL == "" || f.Sentence.EN == "" {
					t.Errorf("%s: %s says nothing", name, f.Code)
				}
				faults = append(faults, f.Field+" "+f.Code)
			}
		}
		if r.status != tt.status || strings.Join(faults, " ") != tt.faults {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if all := h.access.Digests(""); len(all) != 0 {
		t.Fatalf("refused, and kept: %+v", all)
	}

	ask := func(who, body string) (made web.Digest) {
		t.Helper()
		r := h.json(http.MethodPost, who, path, body)
		if r.status != 201 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		decode(t, r, &made)
		return made
	}
	mine := ask("a", `{"email":"canary-am1@voorbeeld.invalid","elke":"dag"}`)
	others := ask("b", `{"email":"canary-am2@voorbeeld.invalid","elke":"week","taal":"en"}`)
	if mine.Partner.ID != partnerA || mine.Email == nil || *mine.Email != "canary-am1@voorbeeld.invalid" || mine.Lang != "nl" || mine.Made != "2026-09-01" || mine.Looked != nil || mine.Trouble {
		t.Errorf("%+v", mine)
	}
	if kept := h.access.Digests(partnerA); len(kept) != 1 || kept[0].By != h.ids["a"] || kept[0].Cursor != "7" {
		t.Errorf("kept as %+v", kept)
	}
	lists := func(who string, want ...web.Digest) {
		t.Helper()
		r := h.get(who, path)
		var got web.DigestsAnswer
		decode(t, r, &got)
		if d := cmp.Diff(append([]web.Digest{}, want...), got.Digests); d != "" {
			t.Errorf("%s sees %s", who, d)
		}
	}
	unseen := func(d web.Digest) web.Digest { d.Email = nil; return d }
	lists("a", mine)
	lists("b", others)
	lists("c")
	if r := h.get("steward", path); strings.Contains(r.body, "canary") || !strings.Contains(r.body, mine.ID) || !strings.Contains(r.body, others.ID) {
		t.Errorf("the steward sees %s", r.body)
	}
	if r := h.get("board", path); r.status != 403 {
		t.Errorf("the board: %d", r.status)
	}
	if err := h.access.ChangeDigest(mine.ID, func(d *access.Digest) { d.Trouble, d.Looked = "550 canary", "2026-08-31" }); err != nil {
		t.Fatal(err)
	}
	looked := events.Date("2026-08-31")
	mine.Trouble, mine.Looked = true, &looked
	lists("a", mine)

	ends := func(who, id string, want int) {
		t.Helper()
		if r := h.do(http.MethodDelete, who, path+"/"+id); r.status != want || (want == 204) != (r.body == "") {
			t.Errorf("%s ends it: %d %s", who, r.status, r.body)
		}
	}
	ends("b", mine.ID, 404)
	ends("board", mine.ID, 403)
	ends("", mine.ID, 401)
	ends("a", "nothing", 404)
	ends("a", mine.ID, 204)
	ends("a", mine.ID, 404)
	lists("steward", unseen(others))
	ends("steward", others.ID, 204)
	if all := h.access.Digests(""); len(all) != 0 {
		t.Errorf("ended, and %+v", all)
	}
	h.server.Close() // and with it what still logs
	if log := logged.String(); strings.Contains(log, "canary") || !strings.Contains(log, path) {
		t.Errorf("log: %s", log)
	}
}

// TestDigestsRefused: more than a partner may have, and a book from which no mail
// leaves, which still tells and ends what there is.
func TestDigestsRefused(t *testing.T) {
	const path, question = "/v1/samenvattingen", `{"email":"canary-am1@voorbeeld.invalid","elke":"dag"}`
	for name, tt := range map[string]struct {
		mail bool
		have int
		code string
	}{
		"too many":  {true, 200, "te-veel-samenvattingen"},
		"no server": {false, 1, "geen-mailserver"},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := mailing(t, tt.mail)
			var last access.Digest
			for range tt.have {
				var err error
				if last, err = h.access.AddDigest(access.Digest{Partner: partnerA, Email: "am2@voorbeeld.invalid", Every: access.EveryDay, Lang: "nl"}); err != nil {
					t.Fatal(err)
				}
			}
			r := h.json(http.MethodPost, "a", path, question)
			if p := r.problem(t); r.status != 409 || !strings.HasSuffix(p.Type, tt.code) || strings.Contains(r.body, "canary") {
				t.Errorf("%d %s", r.status, r.body)
			}
			if r := h.get("a", path); r.status != 200 || strings.Count(r.body, "am2@") != tt.have {
				t.Errorf("%d %s", r.status, r.body)
			}
			if r := h.do(http.MethodDelete, "a", path+"/"+last.ID); r.status != 204 {
				t.Errorf("%d %s", r.status, r.body)
			}
			if r := h.json(http.MethodPost, "b", path, question); (r.status == 201) != tt.mail {
				t.Errorf("another partner: %d %s", r.status, r.body)
			}
		})
	}
}
