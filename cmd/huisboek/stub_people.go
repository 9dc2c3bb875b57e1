package main

import (
	"fmt"

	"huisboek/adapters/signin"
	"huisboek/cmd/huisboek/story"
)

// stubPeople stands here until signing in is merged.
func (h *house) stubPeople(told *story.Story) {
	seen := map[string]bool{}
	for i := range told.Partners {
		p := &told.Partners[i]
		if seen[p.Kind] || len(p.Staff()) == 0 {
			continue
		}
		seen[p.Kind] = true
		m := p.Staff()[0]
		h.signin.People = append(h.signin.People, signin.Person{ID: fmt.Sprint("am-", p.Kind), Duty: signin.AccountManager, Partner: p.ID, Employee: m.Employee, Name: m.Name, Phone: m.Phone, Email: m.Email})
		if p.Kind == "gemeente" {
			h.signin.People = append(h.signin.People, signin.Person{ID: "beheer", Duty: signin.PartnerManager, Partner: p.ID, Employee: "beheer-1", Name: "Beheerder van de partner"})
		}
	}
	h.signin.People = append(h.signin.People, signin.Person{ID: "bestuur", Duty: signin.Board, Name: "Lid van het Regionaal Beraad"},
		signin.Person{ID: "regisseur", Duty: signin.Steward, Name: "Regisseur van de regio"}, signin.Person{ID: "auditor", Duty: signin.Auditor, Name: "Auditor"})
}
