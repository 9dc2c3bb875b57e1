package web_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/projections"
)

// TestRebuilding: while the views are made anew the book records and advises, and
// says of the rest that it comes.
func TestRebuilding(t *testing.T) {
	h := newHouse(t)
	story(h)
	s := h.door(func(c *web.Config) {
		c.Ready = func() bool { return false }
		c.Views.Store = untouchable{t, c.Views.Store}
		c.Views.WaitFor = func(context.Context, events.Position) error { t.Error("somebody waits for the views"); return nil }
	})
	base := "/v1/werkgevers/" + employer
	for who, paths := range map[string][]string{
		"a": {base, base + "?vanafPositie=3", base + "/contacten", "/v1/tellingen?meting=bezoeken", "/v1/aanleveringen", "/v1/berichten", "/v1/dekking",
			"/v1/werkgevers?zoek=bakkerij", "/v1/koppelingen?wacht=true", "/v1/gevolgde-werkgevers", "/v1/partners?peildatum=2026-11-22", "/v1/partners?vanafPositie=9999"},
		"steward": {"/v1/mogelijk-dezelfde"},
	} {
		for _, path := range paths {
			w := h.ask(s, who, path)
			if w.Code != 503 || w.Header().Get("Retry-After") != "5" || !contains(w.Body.String(), "probleem/beelden-worden-opgebouwd") {
				t.Errorf("%s: %d, Retry-After %q: %s", path, w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		}
	}
	for who, paths := range map[string][]string{
		"a":       {fmt.Sprintf("%s/advies?vanafPositie=%d", base, h.last), "/v1/partners?vanafPositie=2", "/v1/arbeidsmarktregios", "/v1/arbeidsmarktregios/AM36"},
		"steward": {"/v1/status"}, "": {"/readyz", "/livez"},
	} {
		for _, path := range paths {
			w := h.ask(s, who, path)
			if w.Code != 200 {
				t.Errorf("%s: %d: %s", path, w.Code, w.Body)
			}
			if strings.Contains(path, "advies") && !contains(w.Body.String(), `"dekking":null`) {
				t.Errorf("advice: %s", w.Body)
			}
			if (path == "/readyz" || path == "/v1/status") && !contains(w.Body.String(), `"code":"beelden-worden-opgebouwd"`) {
				t.Errorf("%s does not say it: %s", path, w.Body)
			}
		}
	}
	raw := h.raw(partnerA, visit("2026-11-21"))
	if w := h.submit(s, "a", strings.NewReader(string(raw)), intake.Structured); w.Code != http.StatusCreated {
		t.Errorf("an event: %d %s", w.Code, w.Body)
	}
}

// untouchable is a store that must not be read.
type untouchable struct {
	t *testing.T
	projections.Store
}

func (u untouchable) View(func(projections.Tx, events.Checkpoint) error) error {
	u.t.Error("the views are read")
	return nil
}

// TestAttention: what a steward should look at, the worst first.
func TestAttention(t *testing.T) {
	h := newHouse(t)
	h.synced()
	codes := func(change func(*web.Status)) (list []string) {
		t.Helper()
		s := h.door(func(c *web.Config) {
			c.Status = func(ctx context.Context) (*web.Status, error) {
				status, err := h.status(ctx)
				change(status)
				return status, err
			}
		})
		var got web.Status
		w := h.ask(s, "steward", "/v1/status")
		decode(t, reply{w.Code, w.Header(), w.Body.String()}, &got)
		for _, a := range got.Attention {
			if a.Sentence.NL == "" || a.Sentence.EN == "" {
				t.Errorf("%s without a sentence", a.Code)
			}
			list = append(list, a.Code)
		}
		return list
	}
	if got := codes(func(*web.Status) {}); len(got) != 0 {
		t.Errorf("nothing is the matter: %v", got)
	}
	today := events.DateOf(h.now())
	got := codes(func(s *web.Status) {
		s.Records, s.Trouble = false, "stream is damaged"
		s.Backup, s.Verified = nil, &web.Done{At: h.now().AddDate(0, 0, -9), Well: true}
		s.Views[0].Trouble = "row cannot be read"
		s.Disk.Full = today.AddDays(60)
		s.Partners[0].Silent = true
		s.Partners = append(s.Partners, web.PartnerStatus{Silent: true})
	})
	want := []string{"boek-staat-stil", "geen-backup", "controle-verouderd", "beeld-staat-stil", "ruimte-raakt-op", "partner-stil", "partner-meldde-nooit"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = codes(func(s *web.Status) {
		s.Backup, s.Verified = &web.Done{At: h.now(), Well: false}, &web.Done{At: h.now(), Well: false}
		s.Disk.Full = today.AddDays(61)
	})
	if diff := cmp.Diff([]string{"backup-mislukt", "controle-mislukt"}, got); diff != "" {
		t.Error(diff)
	}
	if got = codes(func(s *web.Status) { s.Backup.At, s.Verified = h.now().AddDate(0, 0, -3), nil }); !slices.Equal(got, []string{"backup-verouderd", "geen-controle"}) {
		t.Errorf("%v", got)
	}
	s := h.door(func(c *web.Config) {
		c.Ready = func() bool { return false }
		c.Status = func(ctx context.Context) (*web.Status, error) {
			status, err := h.status(ctx)
			status.Partners[0].Silent, status.Partners[0].Last = true, nil
			return status, err
		}
	})
	if w := h.ask(s, "steward", "/v1/status"); w.Code != 200 || !contains(w.Body.String(), `"partners":[]`) || contains(w.Body.String(), "partner-meldde-nooit") {
		t.Errorf("of views that are being made somebody is called silent: %s", w.Body)
	}
	if w := h.ask(h.door(func(c *web.Config) { c.Status = nil }), "steward", "/v1/status"); w.Code != 503 || !contains(w.Body.String(), "stand-niet-beschikbaar") {
		t.Errorf("without one: %d %s", w.Code, w.Body)
	}
	status, err := h.client("steward").Status(t.Context())
	if err != nil || status.Position != h.last || status.UpTo.IsZero() {
		t.Errorf("%v: %+v", err, status)
	}
}
