package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
)

const elsewhere = "68750110"

// collided is a house in which two things turned out to clash: B went within the quiet
// days after A, told too late, and B planned while A held another employer.
func collided(t *testing.T) *house {
	h := newHouse(t)
	why := events.Personal[string]{Plain: new(string)}
	*why.Plain = "De werkgever belde ons zelf terug"
	h.day("2026-11-02")
	h.say(partnerA, &events.VisitPlanned{Employer: at(elsewhere), Approach: uuid.NewString(), Date: "2026-12-01", Purpose: "acquisitie", AccountManager: managerA})
	h.say(partnerA, &events.VisitMade{Employer: at(employer), Date: "2026-11-02", Purpose: "acquisitie", Form: "video", AccountManager: managerA})
	h.day("2026-11-16")
	h.say(partnerB, &events.VisitMade{Employer: at(employer), Date: "2026-10-30", Purpose: "acquisitie", Form: "video", AccountManager: managerB})
	h.day("2026-11-22")
	h.say(partnerB, &events.VisitPlanned{
		Employer: at(elsewhere), Approach: uuid.NewString(), Date: "2026-12-03", Purpose: "acquisitie", AccountManager: managerB,
		Despite: &events.Despite{Reason: why},
	})
	return h
}

func toldClashes(list []web.Clash) (lines []string) {
	for _, c := range list {
		reason := "-"
		if c.Later.Reason != nil {
			reason = *c.Later.Reason
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s, %s %s %s, %s, %s", c.Rule, c.Employer.Key, c.First.Partner.Name, c.First.From,
			c.Later.Kind, c.Later.Partner.Name, c.Later.From, c.End, reason))
	}
	return lines
}

func TestClashes(t *testing.T) {
	h := collided(t)
	const plans = "twee-plannen " + elsewhere + " Partner A 2026-12-01, plan Partner B 2026-12-03, open, "
	const visits = "binnen-rustdagen " + employer + " Partner B 2026-10-30, bezoek Partner A 2026-11-02, beide-gegaan, -"
	why := "De werkgever belde ons zelf terug"
	for _, tt := range []struct{ who, partner, employer, from, to, end, want string }{
		{who: "a", want: plans + why + "\n" + visits},
		{who: "b", want: plans + why + "\n" + visits},
		{who: "c", want: plans + "-\n" + visits},
		{who: "steward", want: plans + "-\n" + visits},
		{who: "c", employer: employer, want: visits},
		{who: "c", end: "open", want: plans + "-"},
		{who: "c", partner: partnerC},
		{who: "c", from: "2026-12"},
		{who: "c", to: "2026-10"},
		{who: "c", from: "2026-11", to: "2026-11", partner: partnerA, employer: elsewhere, want: plans + "-"},
	} {
		got, err := h.client(tt.who).Clashes(t.Context(), tt.partner, tt.employer, tt.from, tt.to, tt.end, "", 0, h.last)
		if err != nil {
			t.Fatalf("%+v: %v", tt, err)
		}
		if lines := strings.Join(toldClashes(got.Clashes), "\n"); lines != tt.want || got.Clashes == nil || got.Next != "" {
			t.Errorf("%+v:\n%s", tt, lines)
		}
	}
	c := h.client("c")
	first, err := c.Clashes(t.Context(), "", "", "", "", "", "", 1, h.last)
	if err != nil || len(first.Clashes) != 1 || first.Next == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := c.Clashes(t.Context(), "", "", "", "", "", first.Next, 1, h.last)
	if err != nil || len(second.Clashes) != 1 || second.Next != "" || second.Clashes[0].ID == first.Clashes[0].ID {
		t.Errorf("%+v, %v", second, err)
	}
	if s := first.Clashes[0]; s.Sentence.NL != "Partner B plande een benadering terwijl Partner A deze werkgever vasthield." || s.How.EN == "" || s.Agreement != nil ||
		s.First.Announced != nil || *second.Clashes[0].Later.Announced {
		t.Errorf("%+v", s)
	}
	for _, q := range []string{"werkgever=6959908", "van=2026-13", "van=2026-05&tot=2026-04", "afloop=anders", "partner=a", "na=x", "na=" + first.Next + "&partner=" + partnerA} {
		if got := h.get("c", "/v1/botsingen?"+q); got.status != 400 {
			t.Errorf("%s: %d", q, got.status)
		}
	}
	if got := h.get("board", "/v1/botsingen"); got.status != 403 {
		t.Errorf("the board reads clashes: %d", got.status)
	}
}

func TestWorking(t *testing.T) {
	h := collided(t)
	got, err := h.client("c").Working(t.Context(), "2026-10", "2026-12", h.last)
	if err != nil {
		t.Fatal(err)
	}
	line := func(w web.Working) string {
		who := "samen"
		if w.Partner != nil {
			who = w.Partner.Name
		}
		share := func(x *float64) string {
			if x == nil {
				return "-"
			}
			return fmt.Sprint(*x)
		}
		return fmt.Sprint(w.Month, " ", who, " ", w.Visits, " ", share(w.Announces), " ", share(w.Clashes), " ", w.Plans, " ", share(w.Unuseds), " ", w.Despite)
	}
	var lines []string
	for _, w := range append(append(got.Rows, got.Months...), got.Total) {
		lines = append(lines, line(w))
	}
	want := []string{
		"2026-10 Partner B 1 0 1 0 - 0", "2026-11 Partner A 1 0 1 0 - 0", "2026-12 Partner A 0 - - 1 0 0", "2026-12 Partner B 0 - - 1 0 1",
		"2026-10 samen 1 0 1 0 - 0", "2026-11 samen 1 0 1 0 - 0", "2026-12 samen 0 - - 2 0 1", " samen 2 0 1 2 0 1",
	}
	if g := strings.Join(lines, "\n"); g != strings.Join(want, "\n") {
		t.Errorf("got\n%s", g)
	}
	empty, err := newHouse(t).client("c").Working(t.Context(), "", "", 0)
	if err != nil || len(empty.Months) != 12 || empty.Rows == nil || empty.Total.Announces != nil {
		t.Errorf("%+v, %v", empty, err)
	}
	if got := h.get("c", "/v1/werking?van=2026-05&tot=2026-04"); got.status != 400 {
		t.Errorf("the last month before the first: %d", got.status)
	}
}
