package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// feedsPath is where the addresses of calendars are made, listed and ended.
const feedsPath = "/v1/agenda-adressen"

// Feeds keep the addresses of calendars; *access.File does.
type Feeds interface {
	AddFeed(feed access.Feed, employee string) (added access.Feed, token string, err error)
	Feeds() []access.Feed
	FeedOf(token string) (feed access.Feed, employee string, err error)
	FeedUsed(id string, day events.Date) error
	RemoveFeed(id string) error
}

// noFeeds is a door without calendars.
type noFeeds struct{}

func (noFeeds) AddFeed(access.Feed, string) (access.Feed, string, error) {
	return access.Feed{}, "", problemNoFeed
}
func (noFeeds) Feeds() []access.Feed { return nil }
func (noFeeds) FeedOf(string) (access.Feed, string, error) {
	return access.Feed{}, "", access.ErrUnknownToken
}
func (noFeeds) FeedUsed(string, events.Date) error { return nil }
func (noFeeds) RemoveFeed(string) error            { return access.ErrNoFeed }

// feedsOf are the Feeds of a Config.
func feedsOf(c *Config) Feeds {
	if f, ok := c.Access.(Feeds); ok {
		return f
	}
	return noFeeds{}
}

var (
	problemNoFeed = ledger.NewProblem(http.StatusNotFound, "onbekend-agenda-adres", "Onbekend agenda-adres",
		"Dit agenda-adres is er niet, of het is niet van u.")
	problemTooManyFeeds = ledger.NewProblem(http.StatusConflict, "te-veel-agenda-adressen", "Te veel agenda-adressen",
		"Een partner heeft ten hoogste 1.000 agenda-adressen. Laat er eerst een eindigen.")
)

// Feed is the address of a calendar, without what makes it one.
type Feed struct {
	ID      string              `json:"id"`
	Scope   string              `json:"voor" enum:"accountmanager,partner,regio" doc:"Wiens plannen: van één accountmanager, van de partner, of van iedereen."`
	Partner *ledger.PartnerName `json:"partner" doc:"Van wie het adres is; null voor de regisseur."`
	Name    string              `json:"naam" doc:"Waar het voor is; leeg als dat niet gezegd is."`
	Made    events.Date         `json:"gemaakt" doc:"De dag waarop het gemaakt is."`
	Used    *events.Date        `json:"laatstGebruikt" doc:"De laatste dag waarop een agenda het las; null: nog nooit."`
}

// NewFeed is one that was just made: the only time that its address is told.
type NewFeed struct {
	Feed
	Address string `json:"adres" doc:"Het pad van de agenda, achter het adres van het boek. Wie het heeft leest de agenda: behandel het als een wachtwoord. Het is niet opnieuw te zien."`
}

// FeedsAnswer are the addresses that the caller may end, the oldest first.
type FeedsAnswer struct {
	Feeds []Feed `json:"adressen" doc:"Het oudste eerst; een partner ziet de eigen adressen, de regisseur alle."`
}

// FeedQuestion is what is asked for, for the document; what comes in is read by
// readFeed.
type FeedQuestion struct {
	Scope    string `json:"voor" enum:"accountmanager,partner,regio" doc:"Wiens plannen; de regisseur vraagt alleen regio."`
	Employee string `json:"medewerker,omitempty" maxLength:"100" doc:"Bij accountmanager, en alleen daar: het eigen kenmerk van die persoon, zoals in de meldingen."`
	Name     string `json:"naam,omitempty" maxLength:"200" doc:"Waar het voor is, om het terug te kennen."`
}

var describeFeeds = description{
	id: "agendaAdressenLezen", summary: "De adressen van agenda's",
	text: "Welke agenda-adressen er zijn, wanneer zij gemaakt en het laatst gelezen zijn. Het adres zelf is er niet bij.",
	tag:  "werkgevers",
}

// feedQuestion has no position to wait for: the addresses are not in the book.
type feedQuestion struct{ PlainQuestion }

func (s *Server) feeds(_ context.Context, v *sight, _ *feedQuestion) (*FeedsAnswer, error) {
	out := &FeedsAnswer{Feeds: []Feed{}}
	for _, f := range s.feed.Feeds() {
		if v.mayEnd(&f) {
			out.Feeds = append(out.Feeds, v.feed(&f))
		}
	}
	return out, nil
}

// mayEnd reports whether a feed is the caller's: a partner's its own, the steward's
// every one.
func (v *sight) mayEnd(f *access.Feed) bool {
	return v.caller.Role == ledger.RoleSteward || f.Partner != "" && v.own(f.Partner)
}

func (v *sight) feed(f *access.Feed) Feed {
	out := Feed{ID: f.ID, Scope: f.Scope, Name: f.Name, Made: events.DateOf(f.Made)}
	if f.Partner != "" {
		name := v.name(f.Partner)
		out.Partner = &name
	}
	if f.Used != "" {
		out.Used = &f.Used
	}
	return out
}

// feedRoutes are those that change something: they are not huma's, as reports are not.
func (s *Server) feedRoutes() {
	s.mux.HandleFunc(http.MethodPost+" "+feedsPath, s.changeFeed(s.addFeed))
	s.mux.HandleFunc(http.MethodDelete+" "+feedsPath+"/{id}", s.changeFeed(s.endFeed))
	s.mux.HandleFunc(http.MethodGet+" "+calendarPath, s.calendar)
	schema := func(t reflect.Type) *huma.Schema { return s.api.OpenAPI().Components.Schemas.Schema(t, true, "") }
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "agendaAdresMaken", Method: http.MethodPost, Path: feedsPath, Summary: "Een agenda-adres maken",
		Description: "Maakt een adres waarop een agendaprogramma plannen leest (iCalendar, RFC 5545), zonder ander token. Het antwoord is de enige keer dat het adres te zien is. Het eindigt als het wordt ingetrokken of als de partner niet meer meedoet. Wie er al 1.000 heeft krijgt 409 (te-veel-agenda-adressen).",
		Tags:        []string{describeFeeds.tag}, Security: []map[string][]string{{securityScheme: {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaJSON: {Schema: schema(reflect.TypeFor[FeedQuestion]())}}},
		Responses: map[string]*huma.Response{
			"201": {Description: "Gemaakt; bewaar het adres.", Content: map[string]*huma.MediaType{mediaJSON: {Schema: schema(reflect.TypeFor[NewFeed]())}}},
			"409": {Description: "Er zijn er al 1.000 (te-veel-agenda-adressen); er is niets gemaakt."},
		},
	})
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "agendaAdresIntrekken", Method: http.MethodDelete, Path: feedsPath + "/{id}", Summary: "Een agenda-adres intrekken",
		Description: "Vanaf nu leest niemand deze agenda meer op dit adres.",
		Tags:        []string{describeFeeds.tag}, Security: []map[string][]string{{securityScheme: {}}},
		Parameters: []*huma.Param{{
			Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "Het id uit de lijst.", Example: "3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a01",
		}},
		Responses: map[string]*huma.Response{"204": {Description: "Ingetrokken."}, "404": {}},
	})
}

// changeFeed is for partners and the steward, in whose eyes do works. It answers with
// a status, and a body unless that is nil.
func (s *Server) changeFeed(do func(w http.ResponseWriter, r *http.Request, c ledger.Caller) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
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
		status, answer, err := do(w, r, caller)
		var body []byte
		if err == nil && answer != nil {
			body, err = json.Marshal(answer)
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if answer != nil {
			w.Header().Set("Content-Type", mediaJSON)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		w.WriteHeader(status)
		w.Write(body)
	}
}

func (s *Server) addFeed(w http.ResponseWriter, r *http.Request, c ledger.Caller) (int, any, error) {
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
	q, faults := readFeed(body, c.Role)
	if len(faults) > 0 {
		return 0, nil, invalid(faults...)
	}
	v, err := s.sight(r.Context(), c)
	if err != nil {
		return 0, nil, err
	}
	made, token, err := s.feed.AddFeed(access.Feed{Scope: q.Scope, Partner: c.Partner, Name: q.Name}, q.Employee)
	if errors.Is(err, access.ErrTooManyFeeds) {
		err = problemTooManyFeeds
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, &NewFeed{v.feed(&made), CalendarPath(token)}, nil
}

func (s *Server) endFeed(_ http.ResponseWriter, r *http.Request, c ledger.Caller) (int, any, error) {
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
	for _, f := range s.feed.Feeds() {
		if f.ID != r.PathValue("id") || !v.mayEnd(&f) {
			continue
		}
		if err := s.feed.RemoveFeed(f.ID); err != nil && !errors.Is(err, access.ErrNoFeed) {
			return 0, nil, err
		}
		return http.StatusNoContent, nil, nil
	}
	return 0, nil, problemNoFeed
}

// feedSentences are the faults of a question for an address.
var feedSentences = map[string]events.Sentence{
	"ongeldige-json":   {NL: "Dit is geen geldige JSON.", EN: "This is not valid JSON."},
	"verkeerde-soort":  {NL: "Hier wordt iets anders verwacht: een object als vraag, een tekst bij elk veld.", EN: "Something else is expected here: an object as the question, a text for each member."},
	"onbekend-veld":    {NL: "Een vraag om een agenda-adres kent alleen voor, medewerker en naam; medewerker alleen bij accountmanager.", EN: "A question for a calendar's address knows voor, medewerker and naam only; medewerker with accountmanager only."},
	"ontbreekt":        {NL: "Dit veld is verplicht.", EN: "This member is required."},
	"onbekende-waarde": {NL: "Kies accountmanager, partner of regio; de regisseur kiest regio.", EN: "Choose accountmanager, partner or regio; the steward chooses regio."},
	"te-lang":          {NL: "Dit is te lang.", EN: "This is too long."},
	codeNoLine:         {NL: "Dit is geen tekst van één regel.", EN: "This is not one line of text."},
}

// readFeed reads what is asked for; all faults come together.
func readFeed(body []byte, role ledger.Role) (q FeedQuestion, faults events.Faults) {
	fail := func(field, code string) {
		faults = append(faults, events.Fault{Field: field, Code: code, Sentence: feedSentences[code]})
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
	known := map[string]struct {
		to   *string
		most int
	}{"voor": {&q.Scope, 20}, "medewerker": {&q.Employee, 100}, "naam": {&q.Name, 200}}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		m, ok := known[name]
		switch {
		case !ok:
			fail("/"+clip(name), "onbekend-veld")
		case members[name].Kind() != '"' || json.Unmarshal(members[name], m.to) != nil:
			fail("/"+name, "verkeerde-soort")
		case utf8.RuneCountInString(*m.to) > m.most:
			fail("/"+name, "te-lang")
		case strings.ContainsFunc(*m.to, unicode.IsControl):
			fail("/"+name, codeNoLine)
		}
	}
	if len(faults) > 0 {
		return q, faults
	}
	scopes := []string{access.FeedManager, access.FeedPartner, access.FeedRegion}
	switch {
	case q.Scope == "":
		fail("/voor", "ontbreekt")
	case !slices.Contains(scopes, q.Scope), role == ledger.RoleSteward && q.Scope != access.FeedRegion:
		fail("/voor", "onbekende-waarde")
	case q.Scope == access.FeedManager && q.Employee == "":
		fail("/medewerker", "ontbreekt")
	case q.Scope != access.FeedManager && members["medewerker"] != nil:
		fail("/medewerker", "onbekend-veld")
	}
	return q, faults
}
