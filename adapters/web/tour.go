package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// tourPath is where advice on several employers is asked for: a question too long for
// an address, so it is a POST that changes nothing (ADR: functional "_" resources).
const tourPath = "/v1/werkgevers/_advies"

// TourAdvice is the advice on one employer of several.
type TourAdvice struct {
	Employer EmployerName `json:"werkgever"`
	ledger.Advice
}

// TourAnswer is the ledger's advice on several employers, in the order in which they
// were asked.
type TourAnswer struct {
	Advices  []TourAdvice      `json:"adviezen" doc:"Voor elke werkgever een, in de volgorde van de vraag."`
	Coverage *EmployerCoverage `json:"dekking" doc:"Of de antwoorden volledig kunnen zijn; null terwijl de overzichten worden opgebouwd."`
	Freshness
}

// TourQuestion is the body of that question, for the document and the client; what
// comes in is read by intake.ReadTour.
type TourQuestion struct {
	Employers []string    `json:"werkgevers" minItems:"1" maxItems:"500" doc:"Elk zoals in het pad; een vestiging als <kvkNummer>/<vestigingsnummer>."`
	Purpose   string      `json:"doel,omitempty" enum:"acquisitie,kennismaking,vacature,nazorg,advies,overig" doc:"Waarvoor u de werkgevers wilt benaderen."`
	From      events.Date `json:"datum,omitempty" doc:"De dag waarop, vandaag of later; met tot erbij de eerste."`
	To        events.Date `json:"tot,omitempty" doc:"De laatste dag van een periode, ten hoogste 366 dagen lang."`
}

const aboutTour = `Hetzelfde als het advies over één werkgever, voor ten hoogste 500 werkgevers in één vraag: een ronde over een bedrijventerrein. Er wordt niets vastgelegd. Alle adviezen gelden voor dezelfde positie.`

// describeTour is what the document says of it.
func (s *Server) describeTour() *huma.Operation {
	schema := func(t reflect.Type) *huma.Schema {
		return s.api.OpenAPI().Components.Schemas.Schema(t, true, "")
	}
	return &huma.Operation{
		OperationID: opTour,
		Method:      http.MethodPost,
		Path:        tourPath,
		Summary:     "Advies voor een ronde langs werkgevers",
		Description: aboutTour,
		Tags:        []string{"werkgevers"},
		Security:    []map[string][]string{{securityScheme: {}}},
		Parameters: []*huma.Param{{
			Name: sinceParameter, In: "query", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: ptr(0.0)},
			Description: "Wacht, ten hoogste vijf seconden, tot het antwoord voor deze positie geldt.", Example: 1,
		}},
		RequestBody: &huma.RequestBody{
			Required:    true,
			Description: "Ten hoogste 64 KiB; zonder Content-Encoding.",
			Content:     map[string]*huma.MediaType{mediaJSON: {Schema: schema(reflect.TypeFor[TourQuestion]())}},
		},
		Responses: map[string]*huma.Response{
			"200": {Content: map[string]*huma.MediaType{mediaJSON: {Schema: schema(reflect.TypeFor[TourAnswer]())}}},
		},
	}
}

const sinceParameter = "vanafPositie"

// tour answers it. As with a report a place is taken only when the body is there.
func (s *Server) tour(w http.ResponseWriter, r *http.Request) {
	caller, ok := s.admit(w, r, []ledger.Role{ledger.RolePartner, ledger.RoleSteward})
	if !ok {
		return
	}
	leave, err := s.asks(caller.Credential)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer leave()
	body, since, err := readTour(w, r)
	var told []byte
	if err == nil && !s.working.hold(func() { told, err = s.tourAnswer(r.Context(), caller, body, since) }) {
		err = problemBusy
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(told)))
	w.Write(told)
}

// readTour reads the parts of the request; the query goes before the body.
func readTour(w http.ResponseWriter, r *http.Request) (body []byte, since events.Position, err error) {
	query, faults := parseQuery(r, func(name string) bool { return name == sinceParameter })
	if text := query.Get(sinceParameter); text != "" || query.Has(sinceParameter) {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			faults = append(faults, expected("query", sinceParameter))
		}
		since = events.Position(n)
	}
	if len(faults) > 0 {
		return nil, 0, invalid(faults...)
	}
	if !acceptsJSON(r.Header) {
		return nil, 0, problemUnacceptable
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != mediaJSON {
		return nil, 0, problemQuestionMedia
	}
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(encoding), "identity") {
			return nil, 0, problemEncoding
		}
	}
	body, err = io.ReadAll(io.LimitReader(r.Body, intake.MaxQuestionBytes+1))
	switch {
	case len(body) > intake.MaxQuestionBytes: // the rest is not waited for
		return body, since, nil
	case err == nil:
		w.Header().Del("Connection") // see outside
		return body, since, nil
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, 0, problemIncomplete
	}
	return nil, 0, invalid(unreadableBody)
}

func (s *Server) tourAnswer(ctx context.Context, c ledger.Caller, body []byte, since events.Position) ([]byte, error) {
	v, err := s.sight(ctx, c)
	if err != nil {
		return nil, err
	}
	q, err := intake.ReadTour(body, v.today)
	if err != nil {
		return nil, err
	}
	if err := s.awaitLedger(ctx, since); err != nil {
		return nil, err
	}
	all, at, err := s.cfg.Ledger.AdviseAll(ctx, q.Of(c.Partner), q.Employers)
	if err != nil {
		return nil, err
	}
	out := &TourAnswer{Advices: make([]TourAdvice, len(all))}
	for i, a := range all {
		out.Advices[i] = TourAdvice{nameOf(q.Employers[i]), a}
	}
	if out.Coverage, err = s.coverageOfAdvice(v); err != nil {
		return nil, err
	}
	if out.Freshness, err = s.freshness(ctx, at); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// noTour answers who reads at that address: it is no employer.
func (s *Server) noTour(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	s.refuse(w, r, problemMethod)
}
