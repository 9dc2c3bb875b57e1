package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"huisboek/adapters/signin"
)

// TestPagesLink: the steward says that two employers are one, and takes it back where it
// shows; nobody else is offered that.
func TestPagesLink(t *testing.T) {
	s := newScreen(t)
	s.people["Els"] = &signin.Person{ID: "p-Els", Duty: signin.Steward, Name: "Els R."}
	const one, other = "90004760", "90006364"
	for _, employer := range []string{one, other} {
		s.post("An", "/werkgevers/"+employer+"/bezoek", "dag", "vandaag", "vorm", "telefoon", "doel", "advies", "telefoon", "038-0000001").done("bezoek")
	}
	id := func(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
	s.post("Els", "/dubbel", "id", id(1), "een", one, "ander", other, "soort", "concern").done("koppeling-concern")
	path := "/werkgevers/" + one
	now := fmt.Sprint("?op=", s.h.ledger.Position())
	s.get("An", path+now).says("Zelfde concern").saysNot("Koppeling verbreken")
	s.get("Els", path+now).says("Zelfde concern", "Koppeling verbreken")
	back := s.post("Els", "/dubbel", "id", id(2), "een", one, "ander", other, "soort", "niet", "terug", path)
	if back.done("koppeling-niet"); !strings.HasPrefix(back.to, path+"?") {
		t.Errorf("back to %s", back.to)
	}
	s.get("Els", path+fmt.Sprint("?op=", s.h.ledger.Position())).says("Hoort er niet bij").saysNot("Koppeling verbreken")
	if got := s.post("An", "/dubbel", "id", id(3), "een", one, "ander", other, "soort", "niet"); got.status != http.StatusForbidden {
		t.Errorf("an account manager: %d", got.status)
	}
}
