package web_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
)

// TestNewestMessages: the newest first are the oldest first the other way round, in
// pages of any size, with what fell due between what was told.
func TestNewestMessages(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	h.day("2026-09-02")
	h.say(partnerB, &events.VacancyReported{Employer: at(employer), Vacancy: uuid.NewString(), Occupation: "lasser", Count: 2})
	h.say(partnerB, &events.VacancyReported{Employer: at(employer), Vacancy: uuid.NewString(), Occupation: "kok", Count: 1})
	h.say(partnerB, visit("2026-09-01"))
	h.day("2026-09-08")
	h.say(partnerB, visit("2026-09-07"))
	h.day("2026-09-09")
	h.synced()
	all := must[*web.MessagesAnswer](t)(h.client("a").Messages(t.Context(), "", 200, h.last)).Messages
	slices.SortStableFunc(all, func(x, y web.Message) int { return y.At.Compare(x.At) })
	if len(all) < 7 {
		t.Fatalf("%d messages", len(all))
	}
	want := map[string]bool{}
	for _, m := range all {
		want[m.ID] = true
	}
	for _, size := range []int{1, 2, 3, 5, 200} {
		var seen []web.Message
		for after, more := "", true; more; {
			page := must[*web.MessagesAnswer](t)(h.client("a").NewestMessages(t.Context(), after, size, h.last))
			seen, after, more = append(seen, page.Messages...), page.Next, page.More
		}
		got := map[string]bool{}
		for i, m := range seen {
			got[m.ID] = true
			if i > 0 && m.At.After(seen[i-1].At) {
				t.Errorf("pages of %d: %s comes after %s", size, m.ID, seen[i-1].ID)
			}
		}
		if len(seen) != len(all) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pages of %d: %v, want %v", size, got, want)
		}
	}
	newest := must[*web.MessagesAnswer](t)(h.client("a").NewestMessages(t.Context(), "", 1, 0))
	if _, err := h.client("a").Messages(t.Context(), newest.Next, 1, 0); err == nil {
		t.Error("a place in the one order is taken for one in the other")
	}
	if r := h.get("a", "/v1/berichten?volgorde=dag"); r.status != 400 {
		t.Errorf("an order that there is not: %d", r.status)
	}
}
