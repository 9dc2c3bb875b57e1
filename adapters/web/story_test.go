package web_test

import (
	"github.com/google/uuid"

	"huisboek/events"
)

const (
	employer      = "69599084"
	otherEmployer = "68727720"
)

// The canaries: each stands in exactly one event, so that an answer that holds
// one shows who may read what.
const (
	phoneA, mailA, staffA, noteA = "0381000101", "a.manager@voorbeeld.invalid", "mdw-a-771", "aantekening van A over de parkeerplaats"
	phoneB, mailB, staffB, noteB = "0381000202", "b.manager@voorbeeld.invalid", "mdw-b-772", "aantekening van B over de kantine"
	phoneC, mailC, staffC        = "0381000303", "c.manager@voorbeeld.invalid", "mdw-c-773"
	phoneE, mailE                = "0381000404", "contact@voorbeeld.invalid"
)

func manager(name, phone, mail, staff string) events.Personal[events.AccountManager] {
	return plain(events.AccountManager{Employee: staff, Name: name, Phone: phone, Email: mail})
}

var (
	managerA = manager("Manager van A", phoneA, mailA, staffA)
	managerB = manager("Manager van B", phoneB, mailB, staffB)
	managerC = manager("Manager van C", phoneC, mailC, staffC)
)

func at(kvk string) events.Employer { return events.Employer{KvK: kvk} }

// story is what happened at one employer from September to 22 November 2026.
func story(h *house) {
	h.t.Helper()
	h.day("2026-09-10")
	h.say(partnerA, &events.EmployerDescribed{
		Employer: at(employer), Name: plain("Bakkerij Voorbeeld"), Place: plain("Zwolle"), Postcode: plain("8011AB"),
		Gemeente: "GM0193", SBICode: "1071", SBIVersion: "2008", Sector: "markt",
		Contacts: plain([]events.ContactPerson{{Name: "Chef Werkvloer", Role: "chef", Phone: phoneE, Email: mailE}}),
	})
	h.say(partnerA, &events.VisitMade{
		Employer: at(employer), Date: "2026-09-08", Purpose: "kennismaking", Form: "op-locatie",
		AccountManager: managerA, Outcome: []string{"vacature"}, Note: plain(noteA),
	})
	three := 3
	h.say(partnerB, &events.ServiceDelivered{Employer: at(employer), Service: "jobcoach", Date: "2026-09-09", Count: &three})
	h.place(partnerA, "2026-09-15", "DD02", 2)
	h.place(partnerB, "2026-09-15", "DD02", 3)
	h.place(partnerB, "2026-09-16", "DD03", 7)
	h.day("2026-10-20")
	h.place(partnerB, "2026-10-15", "DD02", 6)
	h.say(partnerB, &events.VisitPlanned{ // never heard of again
		Employer: at(employer), Approach: uuid.NewString(), Date: "2026-10-30", Purpose: "nazorg", AccountManager: managerB,
	})
	h.day("2026-11-20")
	h.place(partnerB, "2026-11-10", "DD02", 8)
	h.place(partnerA, "2026-11-11", "DD02", 1)
	h.say(partnerB, &events.VisitPlanned{
		Employer: at(employer), Approach: uuid.NewString(), Date: "2026-11-25", Purpose: "vacature", AccountManager: managerB, Note: plain(noteB),
	})
	h.say(partnerA, &events.VisitPlanned{
		Employer: at(employer), Approach: uuid.NewString(), Period: &events.Period{From: "2026-11-23", To: "2026-11-24"},
		Purpose: "nazorg", AccountManager: managerA,
	})
	h.say(partnerC, &events.ContactAppointed{Employer: at(employer), AccountManager: managerC})
	h.day("2026-11-22")
	h.synced()
}

// place makes placements of one partner on one day.
func (h *house) place(partner string, day events.Date, group string, n int) {
	h.t.Helper()
	hours := events.Hundredths(2550)
	for range n {
		h.say(partner, &events.PlacementMade{
			Employer: at(employer), Placement: uuid.NewString(), Start: day, Kind: "dienstverband", Region: "AM36",
			Hours: &hours, TargetGroup: group,
		})
	}
}
