package natsdoor

import (
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

var errNotAnEmployer = ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige vraag",
	"Vraag naar vragen.werkgever.<kvkNummer>, met acht cijfers.",
	events.Fault{Field: "", Code: "geen-kvk-nummer", Sentence: events.Sentence{
		NL: "Het laatste deel van het onderwerp is een KvK-nummer van acht cijfers.",
		EN: "The last part of the subject is a KvK number of eight digits.",
	}})
