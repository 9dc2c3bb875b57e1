package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
	"huisboek/ledger"
)

// MaxTour is how many employers there may be in one question.
const MaxTour = 500

// MaxQuestionBytes is how large the body of a question may be.
const MaxQuestionBytes = 64 << 10

// Question is what a partner asks before it approaches one employer or several.
type Question struct {
	Employers []events.Employer // in the order in which they were asked
	Purpose   string            // "" when it was not said; so are the days
	From, To  events.Date       // To is From when only that was said
}

// ReadTour reads {"werkgevers": […], "doel": …, "datum": …, "tot": …}: 1 to MaxTour
// employers, each as a path names it, and what the partner has in mind. All faults
// come together, each with its place; nothing that was sent is repeated but the name
// of a member.
func ReadTour(body []byte, today events.Date) (*Question, error) {
	return readQuestion(body, today, true)
}

// ReadQuestion reads {"doel": …, "datum": …, "tot": …}, of which each may be left out,
// and so may all of it.
func ReadQuestion(body []byte, today events.Date) (*Question, error) {
	if len(body) == 0 {
		return &Question{}, nil
	}
	return readQuestion(body, today, false)
}

func readQuestion(body []byte, today events.Date, tour bool) (*Question, error) {
	if len(body) > MaxQuestionBytes {
		return nil, errLongQuestion
	}
	r := &questionReader{tour: tour}
	if err := r.object(body); err != nil {
		code := "ongeldige-json"
		if !utf8.Valid(body) {
			code = "ongeldige-tekens"
		}
		r.faults = events.Faults{{Field: "", Code: code, Sentence: questionSentences[code]}}
	} else {
		r.whole(today)
	}
	if len(r.faults) > 0 {
		return nil, ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige vraag",
			"Bij fouten staat alles wat er niet klopt, met de plaats in de vraag.", r.faults...)
	}
	return &r.q, nil
}

var errLongQuestion = ledger.NewProblem(http.StatusRequestEntityTooLarge, "te-groot", "Te groot",
	fmt.Sprintf("Een vraag is ten hoogste %d bytes.", MaxQuestionBytes))

// maxPeriod is the longest period, in days, as of a plan.
const maxPeriod = 366

// Days checks the days that a question names, each as it was written or "": those that
// are over, and a last one before the first, are faults at from and to.
func Days(from, to string, today events.Date) (first, last events.Date, faults events.Faults) {
	fail := func(field, code string) {
		faults = append(faults, events.Fault{Field: field, Code: code, Sentence: questionSentences[code]})
	}
	read := func(field, text string) (d events.Date) {
		if text == "" {
			return ""
		}
		d, err := events.ParseDate(text)
		switch {
		case err != nil:
			fail(field, "geen-datum")
		case d < today:
			fail(field, CodeDayOver)
		}
		return d
	}
	first, last = read("/datum", from), read("/tot", to)
	switch {
	case len(faults) > 0:
	case first == "" && last != "":
		fail("/datum", "ontbreekt")
	case last == "":
		last = first
	case last < first:
		fail("/tot", "einde-voor-begin")
	case first.DaysUntil(last) >= maxPeriod:
		fail("/tot", "periode-te-lang")
	}
	return first, last, faults
}

// CodeDayOver is the fault of a question about a day that is over, and CodeNoEmployer
// of what does not name an employer.
const (
	CodeDayOver    = "dag-voorbij"
	CodeNoEmployer = "geen-werkgever"
)

// QuestionCodes are the fault codes that are of questions alone, with what they say.
func QuestionCodes() map[string]events.Sentence {
	return map[string]events.Sentence{CodeDayOver: questionSentences[CodeDayOver], CodeNoEmployer: questionSentences[CodeNoEmployer]}
}

var questionSentences = map[string]events.Sentence{
	CodeDayOver:    {NL: "Deze dag is voorbij. Vraag naar vandaag of later.", EN: "This day is over. Ask about today or later."},
	CodeNoEmployer: {NL: "Een werkgever is een KvK-nummer van acht cijfers, voorlopig-<uuid> of <land>-<register>-<nummer>, met een vestiging erachter als <kvkNummer>/<vestigingsnummer>.", EN: "An employer is a KvK number of eight digits, voorlopig-<uuid> or <country>-<register>-<number>; with an establishment it is <kvkNummer>/<vestigingsnummer>."},

	"dubbel-veld":      {NL: "Dit veld staat er meer dan eens.", EN: "This member occurs more than once."},
	"einde-voor-begin": {NL: "Het einde ligt voor het begin.", EN: "The end lies before the beginning."},
	"geen-datum":       {NL: "Hier wordt een bestaande dag verwacht in de vorm 2026-11-22.", EN: "An existing day of the form 2026-11-22 is expected here."},
	"ongeldige-json":   {NL: "Dit is geen geldige JSON.", EN: "This is not valid JSON."},
	"ongeldige-tekens": {NL: "Dit is geen geldige UTF-8.", EN: "This is not valid UTF-8."},
	"onbekend-veld":    {NL: "Een vraag om advies kent alleen doel, datum en tot; een vraag over meer werkgevers ook werkgevers.", EN: "A question for advice knows doel, datum and tot only; one about several employers werkgevers, too."},
	"onbekende-waarde": {NL: "Deze waarde is niet bekend; kies uit: " + purposes() + ".", EN: "This value is not known; choose from: " + purposes() + "."},
	"ontbreekt":        {NL: "Dit veld is verplicht.", EN: "This member is required."},
	"periode-te-lang":  {NL: fmt.Sprintf("Een periode duurt hoogstens %d dagen.", maxPeriod), EN: fmt.Sprintf("A period lasts at most %d days.", maxPeriod)},
	"te-veel":          {NL: fmt.Sprintf("Hier mogen er hoogstens %d staan.", MaxTour), EN: fmt.Sprintf("At most %d may stand here.", MaxTour)},
	"te-weinig":        {NL: "Noem ten minste één werkgever.", EN: "Name at least one employer."},
	"verkeerde-soort":  {NL: "Hier wordt iets anders verwacht: een object als vraag, een lijst van teksten bij werkgevers, een tekst bij de rest.", EN: "Something else is expected here: an object as the question, a list of texts for werkgevers, a text for the rest."},
}

func purposes() string { return strings.Join(events.Values("doel"), ", ") }

// questionReader is a question while it is read.
type questionReader struct {
	q      Question
	tour   bool
	texts  map[string]string // doel, datum and tot
	named  bool              // werkgevers was there
	faults events.Faults
}

func (r *questionReader) fail(field, code string) {
	r.faults = append(r.faults, events.Fault{Field: field, Code: code, Sentence: questionSentences[code]})
}

// object reads all members and the end. The error says that it is no JSON.
func (r *questionReader) object(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
	r.texts = map[string]string{}
	if kind := d.PeekKind(); kind != jsontext.KindBeginObject {
		if _, err := d.ReadValue(); err != nil {
			return err
		}
		r.fail("", "verkeerde-soort")
		r.named = true // one fault says it
		return nil
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for d.PeekKind() != jsontext.KindEndObject {
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := t.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := r.member(name, value, seen[name]); err != nil {
			return err
		}
		seen[name] = true
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return errMoreBehind
	}
	return nil
}

var errMoreBehind = errors.New("something stands behind the question")

func (r *questionReader) member(name string, value jsontext.Value, again bool) error {
	switch {
	case name == "werkgevers" && r.tour, name == "doel", name == "datum", name == "tot":
	default:
		if !slices.ContainsFunc(r.faults, func(f events.Fault) bool { return f.Code == "onbekend-veld" }) {
			r.fail("", "onbekend-veld") // its name can be anything, so it is not repeated
		}
		return nil
	}
	switch {
	case again:
		r.fail("/"+name, "dubbel-veld")
	case value.Kind() == jsontext.KindNull: // absent
	case name == "werkgevers":
		return r.employers(value)
	case value.Kind() != jsontext.KindString:
		r.fail("/"+name, "verkeerde-soort")
	default:
		text, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return err
		}
		r.texts[name] = string(text)
		if len(text) == 0 {
			r.fail("/"+name, map[bool]string{true: "onbekende-waarde", false: "geen-datum"}[name == "doel"])
		}
	}
	return nil
}

func (r *questionReader) employers(value jsontext.Value) error {
	r.named = true
	d := jsontext.NewDecoder(bytes.NewBuffer(value), jsontext.AllowDuplicateNames(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != jsontext.KindBeginArray {
		r.fail("/werkgevers", "verkeerde-soort")
		return err
	}
	for i := 0; d.PeekKind() != jsontext.KindEndArray; i++ {
		v, err := d.ReadValue()
		if err != nil {
			return err
		}
		if i == MaxTour {
			r.fail("/werkgevers", "te-veel")
			return nil
		}
		r.employer("/werkgevers/"+strconv.Itoa(i), v)
	}
	if len(r.q.Employers) == 0 && len(r.faults) == 0 {
		r.fail("/werkgevers", "te-weinig")
	}
	return nil
}

func (r *questionReader) employer(field string, v jsontext.Value) {
	if v.Kind() != jsontext.KindString {
		r.fail(field, "verkeerde-soort")
		return
	}
	text, err := jsontext.AppendUnquote(nil, v)
	e, ok := ParseEmployer(string(text))
	if err != nil || !ok {
		r.fail(field, CodeNoEmployer)
		return
	}
	r.q.Employers = append(r.q.Employers, e)
}

// ParseEmployer reads an employer as a question names it: its key, and of an
// establishment <kvkNummer>/<vestigingsnummer>.
func ParseEmployer(text string) (e events.Employer, ok bool) {
	key, establishment, has := strings.Cut(text, "/")
	e, err := events.ParseEmployerKey(key)
	if err != nil {
		return events.Employer{}, false
	}
	if has {
		if e.KvK == "" || len(establishment) != 12 || strings.Trim(establishment, "0123456789") != "" {
			return events.Employer{}, false
		}
		e.Establishment = establishment
	}
	return e, true
}

// whole judges what goes together.
func (r *questionReader) whole(today events.Date) {
	if r.tour && !r.named {
		r.fail("/werkgevers", "ontbreekt")
	}
	if r.q.Purpose = r.texts["doel"]; r.q.Purpose != "" && !slices.Contains(events.Values("doel"), r.q.Purpose) {
		r.fail("/doel", "onbekende-waarde")
	}
	var faults events.Faults
	r.q.From, r.q.To, faults = Days(r.texts["datum"], r.texts["tot"], today)
	r.faults = append(r.faults, faults...)
}

// EmployerName says which employer an answer is about.
type EmployerName struct {
	Key           string          `json:"sleutel" doc:"Zoals in het pad." example:"69599084"`
	KvK           string          `json:"kvkNummer,omitempty"`
	Establishment string          `json:"vestigingsnummer,omitempty" doc:"Als er naar een vestiging gevraagd is."`
	Foreign       *events.Foreign `json:"buitenlands,omitempty"`
	Provisional   string          `json:"voorlopig,omitempty"`
}

// NameOf names an employer.
func NameOf(e events.Employer) EmployerName {
	return EmployerName{e.Key(), e.KvK, e.Establishment, e.Foreign, e.Provisional}
}

// Of is the question as the ledger is asked it, for a partner.
func (q *Question) Of(partner string) ledger.Question {
	return ledger.Question{Partner: partner, Purpose: q.Purpose, Date: q.From, To: q.To}
}
