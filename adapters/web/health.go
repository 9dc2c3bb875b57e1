package web

import (
	"encoding/json"
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

// livez says that the process answers, whatever the state of the book.
func (s *Server) livez(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, []byte(`{"status":"in-orde"}`))
}

// readyz says whether the book and its views are well, and if not, which is not.
//
// A book whose views are made anew, or that cannot search yet, is ready and says
// so: it records and advises, which is what partners wait for. There is no other
// copy of a book that could take its place, so a 503 would only keep events out,
// and who restarts what is not ready would never let it finish.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	var faults events.Faults
	for _, c := range s.cfg.Checks {
		if err := c.Test(r.Context()); err != nil {
			s.cfg.Log.WarnContext(r.Context(), "not ready", "part", c.Code, "error", err)
			faults = append(faults, events.Fault{Code: c.Code, Sentence: c.Sentence})
		}
	}
	if faults != nil {
		writeProblem(w, problemOf(ledger.NewProblem(http.StatusServiceUnavailable, "niet-gereed", "Niet gereed",
			"Het boek kan nu niet gebruikt worden; bij fouten staat waarom.", faults...)))
		return
	}
	body, err := json.Marshal(readiness{"gereed", s.notYet()})
	if err != nil {
		panic(err) // strings only
	}
	writeJSON(w, body)
}

// readiness is what readyz answers when the book can be used.
type readiness struct {
	Status  string          `json:"status"`
	Reasons []ledger.Reason `json:"redenen"` // what of it cannot be used yet
}

// notYet is what is still being made.
func (s *Server) notYet() []ledger.Reason {
	list := []ledger.Reason{}
	if !s.cfg.Ready() {
		list = append(list, ledger.Reason{Code: "beelden-worden-opgebouwd", Sentence: events.Sentence{
			NL: "De overzichten worden opnieuw opgebouwd; melden en advies vragen gaat door.",
			EN: "The views are being made anew; reporting and asking advice go on.",
		}})
	}
	if s.cfg.Search() == nil {
		list = append(list, ledger.Reason{Code: "zoeken-wordt-opgebouwd", Sentence: events.Sentence{
			NL: "De werkgevers worden ingelezen om te kunnen zoeken.",
			EN: "The employers are being read in so that they can be searched.",
		}})
	}
	return list
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}
