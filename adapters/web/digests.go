package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// digestsPath is where a partner asks for its messages by mail, and ends that.
const digestsPath = "/v1/samenvattingen"

// Digests keep who gets a partner's messages by mail; *access.File does.
type Digests interface {
	Digests(partner string) []access.Digest
	EndDigest(id string) error
}

// noDigests is a door without digests.
type noDigests struct{}

func (noDigests) Digests(string) []access.Digest { return nil }
func (noDigests) EndDigest(string) error         { return access.ErrNoDigest }

// digestsOf are the Digests of a Config.
func digestsOf(c *Config) Digests {
	if d, ok := c.Access.(Digests); ok {
		return d
	}
	return noDigests{}
}

var (
	problemNoDigest = ledger.NewProblem(http.StatusNotFound, "onbekende-samenvatting", "Onbekende samenvatting",
		"Deze samenvatting is er niet, of zij is niet van u.")
	problemTooManyDigests = ledger.NewProblem(http.StatusConflict, "te-veel-samenvattingen", "Te veel samenvattingen",
		"Een partner heeft ten hoogste 200 samenvattingen. Laat er eerst een eindigen.")
	// It is not 503: asking again does not help.
	problemNoMail = ledger.NewProblem(http.StatusConflict, "geen-mailserver", "Hier vertrekt geen mail",
		"Er is niets bewaard: de regisseur heeft voor dit boek geen mailserver ingesteld. De berichten zijn te lezen op /v1/berichten.")
)

// Digest is somebody's wish to get a partner's messages by mail.
type Digest struct {
	ID      string             `json:"id"`
	Partner ledger.PartnerName `json:"partner" doc:"Wiens berichten het zijn."`
	Email   *string            `json:"email" doc:"Waar de mail heen gaat; null voor de regisseur, die het adres hier niet ziet."`
	Every   string             `json:"elke" enum:"dag,week" doc:"Elke dag, of elke maandag; om zeven uur, en alleen als er nieuws is."`
	Lang    string             `json:"taal" enum:"nl,en" doc:"De taal van de mail."`
	Made    events.Date        `json:"gemaakt" doc:"De dag waarop erom gevraagd is; de eerste mail komt daarna."`
	Looked  *events.Date       `json:"laatst" doc:"De laatste dag waarop alles wat er te vertellen was verteld is; null: nog nooit."`
	Trouble bool               `json:"storing" doc:"De laatste mail is niet aangenomen; hij wordt opnieuw geprobeerd, met wat er sindsdien bij kwam."`
}

// DigestsAnswer are the digests that the caller may end, the oldest first.
type DigestsAnswer struct {
	Digests []Digest `json:"samenvattingen" doc:"De oudste eerst; een partner ziet de eigen, de regisseur alle, zonder de adressen."`
}

// DigestQuestion is what is asked for, for the document; what comes in is read by
// readDigest.
type DigestQuestion struct {
	Email string `json:"email" maxLength:"254" doc:"Eén mailadres, zonder naam erbij. Wie het leest, leest namen van accountmanagers en werkgevers: alleen van mensen van de eigen organisatie."`
	Every string `json:"elke" enum:"dag,week" doc:"Elke dag, of elke maandag; om zeven uur, en alleen als er nieuws is."`
	Lang  string `json:"taal,omitempty" enum:"nl,en" default:"nl" doc:"De taal van de mail."`
}

var describeDigests = description{
	id: "samenvattingenLezen", summary: "Wie berichten per mail krijgt",
	text: "Wie uw berichten elke dag of elke week per mail krijgt, tot wanneer alles verteld is en of de laatste mail is aangenomen.",
	tag:  "berichten",
}

// digestQuestion has no position to wait for: the wishes are not in the book.
type digestQuestion struct{ PlainQuestion }

func (s *Server) digests(_ context.Context, v *sight, _ *digestQuestion) (*DigestsAnswer, error) {
	out := &DigestsAnswer{Digests: []Digest{}}
	for _, d := range digestsOf(&s.cfg).Digests("") {
		if v.mayEndDigest(&d) {
			out.Digests = append(out.Digests, v.digest(&d))
		}
	}
	return out, nil
}

// mayEndDigest reports whether a digest is the caller's: a partner's its own, the
// steward's every one.
func (v *sight) mayEndDigest(d *access.Digest) bool {
	return v.caller.Role == ledger.RoleSteward || v.own(d.Partner)
}

func (v *sight) digest(d *access.Digest) Digest {
	out := Digest{ID: d.ID, Partner: v.name(d.Partner), Every: d.Every, Lang: d.Lang, Made: events.DateOf(d.Made), Trouble: d.Trouble != ""}
	if v.caller.Role == ledger.RolePartner && v.own(d.Partner) {
		out.Email = &d.Email
	}
	if d.Looked != "" {
		out.Looked = &d.Looked
	}
	return out
}

// digestRoutes are those that change something.
func (s *Server) digestRoutes() {
	s.mux.HandleFunc(http.MethodPost+" "+digestsPath, s.changeFeed(s.addDigest))
	s.mux.HandleFunc(http.MethodDelete+" "+digestsPath+"/{id}", s.changeFeed(s.endDigest))
	schema := func(t reflect.Type) *huma.Schema { return s.api.OpenAPI().Components.Schemas.Schema(t, true, "") }
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "samenvattingMaken", Method: http.MethodPost, Path: digestsPath, Summary: "Berichten per mail vragen",
		Description: "Voor partners. Vanaf morgen gaan de berichten die er vanaf nu bij komen elke dag, of elke maandag, om zeven uur naar dit adres; niet als er geen nieuws is. In de mail staan de zinnen van de berichten, met de naam van de werkgever. Zolang een partner niet meedoet rusten de samenvattingen. Een boek zonder mailserver weigert de vraag met 409 (geen-mailserver): daar gaat geen mail uit. Ook wie er al 200 heeft krijgt 409 (te-veel-samenvattingen).",
		Tags:        []string{describeDigests.tag}, Security: []map[string][]string{{securityScheme: {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaJSON: {Schema: schema(reflect.TypeFor[DigestQuestion]())}}},
		Responses: map[string]*huma.Response{
			"201": {Description: "Gemaakt.", Content: map[string]*huma.MediaType{mediaJSON: {Schema: schema(reflect.TypeFor[Digest]())}}},
			"409": {Description: "Er gaat hier geen mail uit, of er zijn er al 200; er is niets bewaard."},
		},
	})
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "samenvattingBeeindigen", Method: http.MethodDelete, Path: digestsPath + "/{id}", Summary: "Een samenvatting beëindigen",
		Description: "Vanaf nu gaat er geen mail meer naar dit adres, en het adres wordt vergeten.",
		Tags:        []string{describeDigests.tag}, Security: []map[string][]string{{securityScheme: {}}},
		Parameters: []*huma.Param{{
			Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "Het id uit de lijst.", Example: "3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a02",
		}},
		Responses: map[string]*huma.Response{"204": {Description: "Beëindigd."}, "404": {}},
	})
}

func (s *Server) addDigest(w http.ResponseWriter, r *http.Request, c ledger.Caller) (int, any, error) {
	if c.Role != ledger.RolePartner { // the steward has no messages
		return 0, nil, ledger.ErrForbidden
	}
	if _, faults := parseQuery(r, func(string) bool { return false }); len(faults) > 0 {
		return 0, nil, invalid(faults...)
	}
	body, _, err := readTour(w, r) // the same rules for what a body may be
	if err != nil {
		return 0, nil, err
	}
	if len(body) > intake.MaxQuestionBytes {
		return 0, nil, ledger.TooLarge(intake.MaxQuestionBytes)
	}
	q, faults := readDigest(body)
	if len(faults) > 0 {
		return 0, nil, invalid(faults...)
	}
	v, err := s.sight(r.Context(), c)
	if err != nil {
		return 0, nil, err
	}
	if s.cfg.Wish == nil {
		return 0, nil, problemNoMail
	}
	if !s.cfg.Ready() { // where its messages are now is not known
		return 0, nil, problemRebuilding
	}
	made, err := s.cfg.Wish(r.Context(), access.Digest{Partner: c.Partner, Email: q.Email, Every: q.Every, Lang: q.Lang, By: c.Credential})
	if errors.Is(err, access.ErrTooManyDigests) {
		err = problemTooManyDigests
	}
	if err != nil {
		return 0, nil, err
	}
	answer := v.digest(made)
	return http.StatusCreated, &answer, nil
}

func (s *Server) endDigest(_ http.ResponseWriter, r *http.Request, c ledger.Caller) (int, any, error) {
	if _, faults := parseQuery(r, func(string) bool { return false }); len(faults) > 0 {
		return 0, nil, invalid(faults...)
	}
	if !acceptsJSON(r.Header) { // in which a refusal's kin would be
		return 0, nil, problemUnacceptable
	}
	v, err := s.sight(r.Context(), c)
	if err != nil {
		return 0, nil, err
	}
	kept := digestsOf(&s.cfg)
	for _, d := range kept.Digests("") {
		if d.ID != r.PathValue("id") || !v.mayEndDigest(&d) {
			continue
		}
		if err := kept.EndDigest(d.ID); err != nil && !errors.Is(err, access.ErrNoDigest) {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, nil
	}
	return 0, nil, problemNoDigest
}

// digestSentences are the faults of a question for a digest.
var digestSentences = map[string]events.Sentence{
	"ongeldige-json":   {NL: "Dit is geen geldige JSON.", EN: "This is not valid JSON."},
	"verkeerde-soort":  {NL: "Hier wordt iets anders verwacht: een object als vraag, een tekst bij elk veld.", EN: "Something else is expected here: an object as the question, a text for each member."},
	"onbekend-veld":    {NL: "Een vraag om een samenvatting kent alleen email, elke en taal.", EN: "A question for a digest knows email, elke and taal only."},
	"ontbreekt":        {NL: "Dit veld is verplicht.", EN: "This member is required."},
	"onbekende-waarde": {NL: "Bij elke hoort dag of week, bij taal nl of en.", EN: "Elke takes dag or week, taal takes nl or en."},
	codeNoMail:         {NL: "Dit is niet één mailadres zoals naam@voorbeeld.nl.", EN: "This is not one mail address like name@example.nl."},
}

// readDigest reads what is asked for; all faults come together.
func readDigest(body []byte) (q DigestQuestion, faults events.Faults) {
	fail := func(field, code string) {
		faults = append(faults, events.Fault{Field: field, Code: code, Sentence: digestSentences[code]})
	}
	var members map[string]jsontext.Value
	var wrong *json.SemanticError
	if err := json.Unmarshal(body, &members); errors.As(err, &wrong) || err == nil && members == nil {
		fail("", "verkeerde-soort")
		return q, faults
	} else if err != nil {
		fail("", "ongeldige-json")
		return q, faults
	}
	type member struct {
		to   *string
		well func(string) bool
		code string // when it is not
	}
	one := func(of ...string) func(string) bool {
		return func(text string) bool { return slices.Contains(of, text) }
	}
	known := map[string]member{
		"email": {&q.Email, access.MailAddress, codeNoMail},
		"elke":  {&q.Every, one(access.EveryDay, access.EveryWeek), "onbekende-waarde"},
		"taal":  {&q.Lang, one("nl", "en"), "onbekende-waarde"},
	}
	q.Lang = "nl"
	for _, name := range slices.Sorted(maps.Keys(members)) {
		m, ok := known[name]
		switch {
		case !ok:
			fail("/"+clip(name), "onbekend-veld")
		case members[name].Kind() != '"' || json.Unmarshal(members[name], m.to) != nil:
			fail("/"+name, "verkeerde-soort")
		case !m.well(*m.to):
			fail("/"+name, m.code)
		}
	}
	for _, name := range []string{"elke", "email"} {
		if _, given := members[name]; !given {
			fail("/"+name, "ontbreekt")
		}
	}
	return q, faults
}
