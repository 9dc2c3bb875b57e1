package main

import (
	"context"
	"net/http"
	"strings"

	"huisboek/ledger"
)

// reportFunc is told how far long work has come.
type reportFunc = func(what string, done, total uint64)

// adminVerb is one thing that the administration can ask of a house, whether it
// comes over the socket or from this process.
type adminVerb func(h *house, ctx context.Context, params []byte, progress reportFunc) (any, error)

// localCaller is the steward at the machine itself: whoever may open the socket
// or the files could do all of it anyway.
var localCaller = ledger.Caller{Role: ledger.RoleSteward, Credential: ledger.DoorLocal, Door: ledger.DoorLocal}

var adminVerbs = map[string]adminVerb{
	"partner-add":    verb((*house).addPartner),
	"partner-list":   verb((*house).listPartners),
	"partner-remove": verb((*house).removePartner),
	"access-add":     verb((*house).addAccess),
	"access-list":    verb((*house).listAccess),
	"access-rate":    verb((*house).rateAccess),
	"access-rotate":  verb((*house).rotateAccess),
	"access-remove":  verb((*house).removeAccess),
	"erase":          verb((*house).erase),
	"verify":         verb((*house).verifyAndNote),
	"rebuild":        verb((*house).rebuild),
	"backup":         verb((*house).backup),
	"export":         verb((*house).export),
	"status":         verb((*house).status),
}

// localFailure is the type of a problem that only the administration is told.
const localFailure = "about:blank"

// asProblem is what the administration is told of an error: refusals as partners
// see them, anything else in its own words, for this is the machine's owner.
func asProblem(err error) ledger.Problem {
	p := ledger.ProblemOf(err)
	if p.Status == http.StatusInternalServerError || p.Status == http.StatusServiceUnavailable {
		p.Type, p.Detail = localFailure, strings.TrimSpace(err.Error())
	}
	return p
}
