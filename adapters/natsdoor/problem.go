package natsdoor

import (
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

var errNotAnEmployer = ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige vraag",
	"Vraag naar vragen.werkgever.<werkgever>: een KvK-nummer van acht cijfers, voorlopig-<uuid> of <land>-<register>-<nummer>.",
	events.Fault{Field: "", Code: "geen-kvk-nummer", Sentence: events.Sentence{
		NL: "Het laatste deel van het onderwerp is een werkgever: een KvK-nummer van acht cijfers, voorlopig-<uuid> of <land>-<register>-<nummer>.",
		EN: "The last part of the subject is an employer: a KvK number of eight digits, voorlopig-<uuid> or <country>-<register>-<number>.",
	}})
