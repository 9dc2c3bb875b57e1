package main

import (
	"fmt"
	"net/http"
	"testing"
)

// TestFollowOnScreen: what is followed stands in a list, also who said so, and ends there;
// the ninth establishment of one employer is refused in so many words.
func TestFollowOnScreen(t *testing.T) {
	s := newScreen(t)
	const employer = "/werkgevers/69599084"
	s.get("An", "/gevolgd").says("U volgt nog niemand")
	id := s.get("An", employer).field("id")
	follow := func(query, what string, more ...string) *shownPage {
		t.Helper()
		return s.post("An", employer+"/volgen"+query, append([]string{"id", fmt.Sprintf("00000000-0000-4000-8000-%012d", len(query)), "wat", what}, more...)...)
	}
	s.post("An", employer+"/volgen", "id", id, "wat", "volgen").done("volgen")
	s.caughtUp()
	list := s.get("An", "/gevolgd").says("KvK 69599084", `action="/werkgevers/69599084/volgen"`, "Niet meer volgen")
	s.get("Bo", "/gevolgd").says("U volgt nog niemand")
	if to := s.post("An", employer+"/volgen", "id", list.field("id"), "terug", "/gevolgd", "wat", "loslaten"); to.done("loslaten") == "" || to.to[:8] != "/gevolgd" {
		t.Errorf("goes on at %s", to.to)
	}
	s.caughtUp()
	s.get("An", "/gevolgd").says("U volgt nog niemand")

	place := func(i int) string { return fmt.Sprintf("?vestiging=%012d", 37178598+i) }
	for i := range 8 {
		s.post("An", employer+"/volgen"+place(i), "id", fmt.Sprintf("00000000-0000-4000-8000-%012d", i), "wat", "volgen").done("volgen")
	}
	s.caughtUp()
	s.get("An", "/gevolgd").says("8 werkgevers en vestigingen", "vestiging 000037178598", "vestiging 000037178605")
	if p := follow(place(8), "volgen"); p.status != http.StatusConflict {
		t.Errorf("the ninth: %d to %s", p.status, p.to)
	} else {
		p.says("U volgt al 8 vestigingen van deze werkgever")
	}
	follow(place(3), "volgen").done("volgen") // again is no ninth
}

// TestAlongOnScreen: who is named in a visit of another is asked on the first page and in
// the messages whether it was there, says so, and is asked no more.
func TestAlongOnScreen(t *testing.T) {
	s := newScreen(t)
	s.post("An", "/werkgevers/69599084/bezoek", "id", "00000000-0000-4000-8000-000000000001", "dag", "vandaag", "doel", "advies", "vorm", "op-locatie",
		"telefoon", "038-0000001", "samen", s.people["Bo"].Partner).done("bezoek")
	s.caughtUp()
	s.get("Bo", "/vandaag").says("Was u erbij?", "Partner An zegt dat u mee was bij", "Ja, wij waren erbij", "Dan hoeft u hier niets te doen")
	asked := s.get("Bo", "/berichten").says("Partner An zegt dat u mee was bij", "Ja, wij waren erbij")
	answer := []string{"id", asked.field("id"), "terug", "/berichten", "bron", asked.field("bron"), "melding", asked.field("melding")}
	s.post("Bo", "/berichten/meegaan", answer...).done("meegegaan")
	s.post("Bo", "/berichten/meegaan", answer...).done("meegegaan") // a second tap
	s.caughtUp()
	s.get("Bo", "/vandaag").saysNot("Was u erbij?", "Ja, wij waren erbij")
	s.get("Bo", "/berichten").says("Partner An zegt dat u mee was bij").saysNot("Ja, wij waren erbij")
	answer[1], answer[7] = "00000000-0000-4000-8000-000000000002", "dat-is-er-niet"
	if p := s.post("Bo", "/berichten/meegaan", answer...); p.status != http.StatusConflict {
		t.Errorf("a visit that is none: %d", p.status)
	}
}

// caughtUp waits until pages show what was recorded.
func (s *screen) caughtUp() {
	s.t.Helper()
	if err := s.h.runner.WaitFor(s.t.Context(), s.h.ledger.Position()); err != nil {
		s.t.Fatal(err)
	}
}
