package web

import (
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

// livez says that the process answers, whatever the state of the book.
func (s *Server) livez(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, []byte(`{"status":"in-orde"}`))
}

// readyz says whether the book and its views are well, and if not, which is not.
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
	writeJSON(w, []byte(`{"status":"gereed","redenen":[]}`))
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}
