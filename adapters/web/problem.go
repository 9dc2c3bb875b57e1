package web

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// The refusals that only this door makes; the others come from ledger.ProblemOf.
var (
	problemUnauthenticated = ledger.NewProblem(http.StatusUnauthorized, "niet-aangemeld", "Niet aangemeld",
		"Geef een geldig token mee in de header Authorization: Bearer.")
	problemNotFound = ledger.NewProblem(http.StatusNotFound, "bestaat-niet", "Bestaat niet",
		"Dit adres bestaat niet. Alle adressen staan in /v1/openapi.json; geen ervan eindigt op een schuine streep.")
	problemMethod = ledger.NewProblem(http.StatusMethodNotAllowed, "methode-niet-toegestaan", "Methode niet toegestaan",
		"Dit adres kent deze methode niet; de header Allow zegt welke wel.")
	problemBusy = ledger.NewProblem(http.StatusServiceUnavailable, "te-druk", "Het is te druk",
		"Er zijn te veel vragen tegelijk. Probeer het over enkele seconden opnieuw.")
	problemLate = ledger.NewProblem(http.StatusServiceUnavailable, "nog-niet-bijgewerkt", "Nog niet bijgewerkt",
		"Het overzicht heeft de gevraagde positie nog niet bereikt. Probeer het zo opnieuw.")
	problemIncomplete = ledger.NewProblem(http.StatusServiceUnavailable, "niet-volledig-ontvangen", "Niet volledig ontvangen",
		"Er is niets vastgelegd: de inhoud kwam niet helemaal of niet op tijd binnen. Bied hetzelfde opnieuw aan.")
	problemEncoding = ledger.NewProblem(http.StatusUnsupportedMediaType, "niet-ondersteund", "Soort inhoud niet ondersteund",
		"Er is niets vastgelegd: stuur de inhoud zoals hij is, zonder Content-Encoding.")
	problemQuestionMedia = ledger.NewProblem(http.StatusUnsupportedMediaType, "niet-ondersteund", "Soort inhoud niet ondersteund",
		"Stuur de vraag als application/json.")
	problemView = ledger.NewProblem(http.StatusServiceUnavailable, "overzicht-staat-stil", "Het overzicht staat stil",
		"Dit overzicht wordt niet bijgewerkt. De beheerder moet kijken.")
	problemRebuilding = later(5, "beelden-worden-opgebouwd", "De overzichten worden opgebouwd",
		"De overzichten worden opnieuw opgebouwd. Melden en advies vragen gaat gewoon door; probeer deze vraag zo opnieuw.")
	problemSearch = later(5, "zoeken-wordt-opgebouwd", "Het zoeken wordt opgebouwd",
		"De werkgevers worden ingelezen om te kunnen zoeken. Een werkgever waarvan u het nummer weet is er wel; probeer het zoeken zo opnieuw.")
	problemNoStatus = ledger.NewProblem(http.StatusServiceUnavailable, "stand-niet-beschikbaar", "De stand is er niet",
		"Hier is niet na te gaan hoe het boek ervoor staat.")
	problemRegion = ledger.NewProblem(http.StatusNotFound, "onbekende-arbeidsmarktregio", "Onbekende arbeidsmarktregio",
		"Deze arbeidsmarktregio is er niet; /v1/arbeidsmarktregios noemt ze alle.")
	problemInvalid = ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige invoer",
		"Bij fouten staat alles wat er niet klopt.")
	problemUnacceptable = ledger.NewProblem(http.StatusNotAcceptable, "vorm-niet-beschikbaar", "Vorm niet beschikbaar",
		"Deze antwoorden zijn er alleen als application/json.")
)

// delayed is a refusal that says by itself when to come back.
type delayed struct {
	ledger.Problem
	seconds int
}

// Unwrap gives the refusal as the other door tells it.
func (d *delayed) Unwrap() error { return d.Problem }

// later is a refusal of what will be there in so many seconds.
func later(seconds int, code, title, detail string) error {
	return &delayed{ledger.NewProblem(http.StatusServiceUnavailable, code, title, detail), seconds}
}

// Problem is a refusal as this door answers it, with or without huma.
type Problem struct {
	intake.Problem
	retryAfter int // seconds; 0: coming back is no use
}

// problemOf is what a caller is told of an error.
func problemOf(err error) *Problem {
	p := &Problem{intake.ProblemOf(err), intake.RetryAfter(err)}
	var wait *delayed
	if errors.As(err, &wait) {
		p.retryAfter = wait.seconds
	}
	return p
}

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError. It is the one place that says when to
// come back.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	setRetryAfter(h, p.retryAfter)
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return ledger.ProblemMediaType }

func setRetryAfter(h http.Header, seconds int) {
	if seconds > 0 {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	body, err := json.Marshal(p) // as the other door does: the same bytes
	if err != nil {
		panic(err) // strings and numbers only
	}
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", ledger.ProblemMediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.Status)
	w.Write(body)
}

// refuse answers an error outside huma.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	writeProblem(w, s.told(r.Context(), err))
}

// told is what a caller is told of an error. Our own failures go to the log in
// full; of a refusal only which one it was, for it may be about a person.
func (s *Server) told(ctx context.Context, err error) *Problem {
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		s.cfg.Log.ErrorContext(ctx, "request failed", "request", requestID(ctx), "error", err)
	} else {
		s.cfg.Log.DebugContext(ctx, "refused", "request", requestID(ctx), "status", p.Status, "problem", p.Type)
	}
	return p
}

// huma asks a package-level function for its errors; this is the one package of
// the program that uses huma.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, text string, errs ...error) huma.StatusError {
		p := huma.NewError(status, text, errs...)
		if own, ok := p.(*Problem); ok && own.Type == problemInvalid.Type {
			return problemOf(besides(invalid(own.Faults...), strayIn(ctx)))
		}
		return p
	}
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		switch {
		case status == http.StatusNotAcceptable:
			return problemOf(problemUnacceptable)
		case status >= 400 && status < 500: // huma's 422 is our 400 (ADR: invalid-input)
			return problemOf(invalid(faultsOf(errs)...))
		}
		return problemOf(errors.Join(errs...))
	}
}

func invalid(faults ...events.Fault) ledger.Problem {
	p := problemInvalid
	p.Faults = append(events.Faults{}, faults...)
	return p
}

// besides is what a question with stray parameters is told: of those, and of what else is
// wrong with it.
func besides(err error, stray events.Faults) error {
	if len(stray) == 0 {
		return err
	}
	var p ledger.Problem
	if errors.As(err, &p) && p.Type == problemInvalid.Type {
		stray = append(stray[:len(stray):len(stray)], p.Faults...)
	}
	return invalid(stray...)
}

// faultsOf turns huma's findings into ours: one per parameter, saying what the
// parameter must be. Nothing that was sent is echoed.
func faultsOf(errs []error) (faults events.Faults) {
	seen := map[string]bool{}
	for _, err := range errs {
		var detail huma.ErrorDetailer
		if errors.As(err, &detail) {
			where, name, _ := strings.Cut(detail.ErrorDetail().Location, ".")
			name, _, _ = strings.Cut(name, "[") // one of a list: the fault is of the parameter
			if !seen[name] {
				seen[name] = true
				faults = append(faults, expected(where, name))
			}
		}
	}
	return faults
}

func pointer(where, name string) string {
	return "/" + where + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// capture holds what the mux itself would have answered, so that it can be said
// as a problem.
type capture struct {
	header http.Header
	status int
	bytes.Buffer
}

func (c *capture) Header() http.Header    { return c.header }
func (c *capture) WriteHeader(status int) { c.status = status }
