package web

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"huisboek/adapters/sheets"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	targetsPath = "/v1/doelstellingen"
	sheetPath   = targetsPath + "/{doelstelling}/stand/bestand"
)

// sheetForms are the forms that a standing can be taken along in, and what writes them.
var sheetForms = map[string]struct {
	media, suffix string
	write         func(*bytes.Buffer, []sheets.Table) error
}{
	"csv":  {sheets.CSVMedia, ".csv", func(b *bytes.Buffer, t []sheets.Table) error { return sheets.WriteCSV(b, t...) }},
	"xlsx": {sheets.XLSXMedia, ".xlsx", func(b *bytes.Buffer, t []sheets.Table) error { return sheets.WriteXLSX(b, t...) }},
}

// describeSheet is what the document says of it.
func (s *Server) describeSheet() *huma.Operation {
	choice := func(name, about, otherwise string, values ...any) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: about, Schema: &huma.Schema{Type: huma.TypeString, Enum: values, Default: otherwise}}
	}
	text := func(name, about, example string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: about, Example: example, Schema: &huma.Schema{Type: huma.TypeString, MaxLength: ptr(60)}}
	}
	bytesOf := func(format string) *huma.MediaType {
		return &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: format}}
	}
	return &huma.Operation{
		OperationID: opSheet,
		Method:      http.MethodGet,
		Path:        sheetPath,
		Summary:     "De stand van een doelstelling als bestand",
		Description: "Dezelfde stand als rekenblad (xlsx, met echte getallen en datums) of als tekst (csv: puntkomma, BOM, Nederlandse getallen), met de definitie, het moment en de positie erbij.",
		Tags:        []string{"doelstellingen"},
		Security:    []map[string][]string{{securityScheme: {}}},
		Parameters: []*huma.Param{
			{Name: "doelstelling", In: "path", Required: true, Description: "De doelstelling (UUID).", Example: "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11", Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}},
			choice("vorm", "Welk bestand.", "xlsx", "csv", "xlsx"),
			text("peildatum", "De stand op die dag. Zonder: vandaag, of de dag van bekendOp.", "2026-10-31"),
			text("bekendOp", "Wat er op dat moment bekend was: een dag (tot en met het eind ervan) of een moment volgens RFC 3339. Zonder: nu.", "2026-11-05"),
			text("per", "Een of twee kenmerken met een komma ertussen, zoals bij de stand.", "partner,maand"),
			choice("taal", "De taal van de koppen en zinnen.", "nl", "nl", "en"),
			{
				Name: sinceParameter, In: "query", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: ptr(0.0)},
				Description: "Wacht, ten hoogste vijf seconden, tot het antwoord voor deze positie geldt.", Example: 1,
			},
		},
		Responses: map[string]*huma.Response{
			"200": {Content: map[string]*huma.MediaType{"text/csv": bytesOf(""), sheets.XLSXMedia: bytesOf("binary")}},
			"404": {},
		},
	}
}

// sheet answers with a file. What is asked is read as the standing's own parameters are.
func (s *Server) sheet(w http.ResponseWriter, r *http.Request) {
	caller, ok := s.admit(w, r, []ledger.Role{ledger.RolePartner, ledger.RoleSteward, ledger.RoleBoard})
	if !ok {
		return
	}
	leave, err := s.asks(caller.Credential)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer leave()
	in, form, language, err := s.readSheet(r)
	var body bytes.Buffer
	var name string
	if err == nil && !s.working.hold(func() { name, err = s.writeSheet(r, caller, in, form, language, &body) }) {
		err = problemBusy
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", sheetForms[form].media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.Write(body.Bytes())
}

var sheetParameters = map[string]bool{"vorm": true, "peildatum": true, "bekendOp": true, "per": true, "taal": true, sinceParameter: true}

func (s *Server) readSheet(r *http.Request) (in *standingQuestion, form, language string, err error) {
	query, faults := parseQuery(r, func(name string) bool { return sheetParameters[name] })
	in = &standingQuestion{Target: r.PathValue("doelstelling"), On: query.Get("peildatum"), Known: query.Get("bekendOp"), Across: query.Get("per")}
	form, language = "xlsx", "nl"
	if query.Has("vorm") {
		if form = query.Get("vorm"); sheetForms[form].write == nil {
			faults = append(faults, expected("query", "vorm"))
		}
	}
	if query.Has("taal") {
		if language = query.Get("taal"); language != "nl" && language != "en" {
			faults = append(faults, expected("query", "taal"))
		}
	}
	if query.Has(sinceParameter) {
		n, err := strconv.ParseUint(query.Get(sinceParameter), 10, 64)
		if err != nil {
			faults = append(faults, expected("query", sinceParameter))
		}
		in.From = n
	}
	if uuid.Validate(in.Target) != nil || len(in.Target) != len(uuid.Nil.String()) { // other forms of one
		faults = append(faults, expected("path", "doelstelling"))
	}
	ask := s.asking()
	ask.standing(in)
	if faults = append(faults, ask.faults...); len(faults) > 0 {
		return nil, "", "", invalid(faults...)
	}
	return in, form, language, nil
}

func (s *Server) writeSheet(r *http.Request, c ledger.Caller, in *standingQuestion, form, language string, to *bytes.Buffer) (name string, err error) {
	v, err := s.sight(r.Context(), c)
	if err != nil {
		return "", err
	}
	one, known, fresh, err := s.stand(r.Context(), v, in)
	if err != nil {
		return "", err
	}
	about := sheets.About{Language: language, Name: v.label, Known: known.At, Partner: v.reader() != ""}
	if known.At.IsZero() { // as known then it is that of then: the same file for ever
		about.Position = fresh.Position
	}
	tables := sheets.OfStanding(&one, about)
	return sheetName(one.On, in.Target, form), sheetForms[form].write(to, tables)
}

// sheetName says nothing that could not stand in a header: the target's name could be anything.
func sheetName(on events.Date, target, form string) string {
	return "doelstelling-" + target[:8] + "-" + string(on) + sheetForms[form].suffix
}
