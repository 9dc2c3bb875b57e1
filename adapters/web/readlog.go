package web

import (
	"context"
	"errors"
	"time"

	"huisboek/adapters/readlog"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// ReadLog keeps who looked at contact persons; *readlog.File is one.
type ReadLog interface {
	// Write returns nil when the look is on disk: only then is its answer sent.
	Write(ctx context.Context, l readlog.Look) error
	// List is what a filter lets through, newest first; readlog.ErrCursor.
	List(q readlog.Filter, after string, limit int) (found []readlog.Entry, next string, err error)
}

var (
	problemUnlogged = later(5, "inzage-niet-vastgelegd", "De inzage kan niet worden vastgelegd",
		"In dit antwoord staan contactpersonen, en wie daarnaar kijkt moet eerst worden vastgelegd. Dat lukt nu niet, dus het antwoord wordt niet gegeven. Probeer het zo opnieuw; houdt het aan, waarschuw dan de beheerder.")
	problemNoReadLog = later(60, "inzagen-niet-beschikbaar", "De inzagen zijn er niet",
		"Dit boek houdt niet bij wie naar contactpersonen keek, en geeft ze daarom aan niemand.")
)

// Looking is what a read with contact persons is told besides: for what, and under
// which trace. It is exported because huma looks into exported types only.
type Looking struct {
	Purpose string `query:"verwerking" enum:"contact-voorbereiden,gegevens-bijhouden,uitwisseling" default:"uitwisseling" doc:"Waarvoor naar contactpersonen gekeken wordt; het komt in het logboek van inzagen. Een mens die de werkgever gaat benaderen: contact-voorbereiden. Een mens die gegevens bijhoudt: gegevens-bijhouden. Een systeem: uitwisseling."`
	Trace   string `header:"traceparent" doc:"W3C Trace Context: onder dit spoor komt de inzage in het logboek. Wat niet aan die standaard voldoet, telt als afwezig." example:"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"`
}

// giveContacts puts the contact persons of an employer's card in an answer, once it is
// on disk that the caller looks at them. It is the only place that does. Without a log
// nobody gets them.
func (s *Server) giveContacts(ctx context.Context, v *sight, in *employerRead, e events.Employer, began time.Time, from *projections.Card, to *Card, people []events.ContactPerson) error {
	if len(people) == 0 || s.cfg.ReadLog == nil {
		return nil
	}
	look := readlog.Look{
		Who: v.caller.Credential, Partner: v.caller.Partner, Role: string(v.caller.Role), Door: v.caller.Door,
		Purpose: in.Purpose, Name: describeEmployer.id, Employer: e.Key(), Establishment: e.Establishment,
		Described: from.Partner, Began: began, Card: events.Ref{Source: from.Source, ID: from.ID}, People: len(people),
	}
	if trace, parent, ok := readlog.ParseTrace(in.Trace); ok {
		look.Trace, look.Parent = trace, parent
	}
	if err := s.cfg.ReadLog.Write(ctx, look); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		s.cfg.Log.ErrorContext(ctx, "a look at contact persons cannot be written, and its answer is refused", "request", requestID(ctx), "error", err)
		return problemUnlogged
	}
	to.People = people
	return nil
}

var describeReadLog = description{
	id: opReadLog, summary: "Wie er naar contactpersonen keek, het nieuwste eerst",
	text: "Elk antwoord met contactpersonen van een werkgever staat hier, voordat het gegeven is: wie, wanneer, waarvoor, bij welke werkgever en naar hoeveel mensen, nooit naar wie. Een auditor ziet alle inzagen; een partner die van zijn eigen mensen, en die in wat hij zelf over werkgevers meldde. Per contactpersoon is er een regel met de velden van het Logboek Dataverwerkingen. Een bladzijde kan korter zijn dan gevraagd, of leeg, terwijl volgende er staat: lees dan verder.",
	tag:  "beheer",
}

// readLogQuestion has no position to wait for: what was looked at is not in the book.
type readLogQuestion struct {
	PlainQuestion
	From     string `query:"van" doc:"De eerste dag." example:"2026-11-01"`
	To       string `query:"tot" doc:"De laatste dag." example:"2026-11-22"`
	Employer string `query:"werkgever" maxLength:"100" doc:"Alleen bij deze werkgever, onder al zijn nummers: KvK-nummer, voorlopig-<uuid> of <land>-<register>-<nummer>." example:"69599084"`
	By       string `query:"door" maxLength:"100" doc:"Alleen wie zo keek: het id van een partner (uit /v1/partners) of van een toegang." example:"5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"`
	Count    int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel inzagen er ten hoogste komen."`
	After    string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei." example:"AAZE2yFAoABZk2rOk1m0Sg"`
}

// ReadLogAnswer is a page of the log, newest first.
type ReadLogAnswer struct {
	Looks []LookedAt `json:"inzagen" doc:"De nieuwste eerst."`
	Next  string     `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
}

// LookedAt is one answer with contact persons.
type LookedAt struct {
	At         time.Time           `json:"op" doc:"Wanneer de inzage is vastgelegd; daarna ging het antwoord weg."`
	Partner    *ledger.PartnerName `json:"partner" doc:"Wiens mensen of systeem keken; null voor wie geen partner is."`
	Credential *string             `json:"toegang" doc:"Het kenmerk van de toegang waarmee gekeken is; null bij een andere partner dan de uwe."`
	Role       string              `json:"rol" doc:"In welke rol."`
	Door       string              `json:"weg"`
	Purpose    string              `json:"verwerking" enum:"contact-voorbereiden,gegevens-bijhouden,uitwisseling" doc:"Waarvoor."`
	Employer   EmployerName        `json:"werkgever"`
	Called     *string             `json:"naam" doc:"Hoe de werkgever nu heet; null als dat niet bekend is of gewist, en zolang het zoeken wordt opgebouwd."`
	Described  ledger.PartnerName  `json:"beschrevenDoor" doc:"Wie de contactpersonen meldde."`
	People     int                 `json:"aantal" doc:"Hoeveel contactpersonen er in het antwoord stonden."`
	Lines      []LogLine           `json:"regels" doc:"Per contactpersoon een regel, met de velden van het Logboek Dataverwerkingen."`
}

// LogLine is a line of the log with the names of the standard.
type LogLine struct {
	TraceID   string        `json:"trace_id" doc:"Het spoor: van het verzoek, of hier gemaakt."`
	Operation string        `json:"operation_id" doc:"Het kenmerk van deze regel."`
	Parent    *string       `json:"parent_operation_id" doc:"De verwerking van de vrager, als het verzoek die noemde; anders null."`
	Status    int           `json:"status_code" doc:"1: gelukt."`
	Name      string        `json:"name" doc:"De bewerking, zoals in de beschrijving van deze API."`
	Start     time.Time     `json:"start_time" doc:"Wanneer de vraag kwam."`
	End       time.Time     `json:"end_time" doc:"Wanneer de inzage is vastgelegd."`
	About     LogAttributes `json:"attributes" doc:"De verwerking, en naar wie er gekeken is."`
}

// LogAttributes are those of the standard.
type LogAttributes struct {
	Activity string `json:"dpl.core.processing_activity_id" doc:"De verwerkingsactiviteit (URI), met haar versie."`
	Subject  string `json:"dpl.core.data_subject_id" doc:"Een kenmerk van de contactpersoon dat zonder dit boek van niemand is."`
}

func (s *Server) readLog(ctx context.Context, v *sight, in *readLogQuestion) (*ReadLogAnswer, error) {
	q, err := in.filter()
	if err != nil {
		return nil, err
	}
	if s.cfg.ReadLog == nil {
		return nil, problemNoReadLog
	}
	if v.caller.Role == ledger.RolePartner {
		q.Partners = v.mine
	}
	if in.Employer != "" {
		if _, err := s.read(ctx, 0, func(tx projections.Tx) (err error) {
			q.Employers, err = projections.NewEmployers().Same(tx, in.Employer)
			return err
		}); err != nil {
			return nil, err
		}
	}
	found, next, err := s.cfg.ReadLog.List(*q, in.After, in.Count)
	if errors.Is(err, readlog.ErrCursor) {
		return nil, invalid(expected("query", "na"))
	}
	if err != nil {
		return nil, err
	}
	out := &ReadLogAnswer{Next: next}
	if out.Looks, err = mapped(found, func(e *readlog.Entry) (LookedAt, error) { return v.looked(q, e) }); err != nil {
		return nil, err
	}
	named := s.names(ctx, 0) // the index has no contact persons: this is no look
	for i := range out.Looks {
		out.Looks[i].Called, _ = named(out.Looks[i].Employer.Key)
	}
	return out, nil
}

// filter is what is asked for; all faults come together.
func (in *readLogQuestion) filter() (*readlog.Filter, error) {
	var faults events.Faults
	day := func(name, text string) (d events.Date) {
		if text == "" {
			return ""
		}
		d, err := events.ParseDate(text)
		if err != nil {
			faults = append(faults, expectedAs("query", name, "dag"))
		}
		return d
	}
	q := &readlog.Filter{By: in.By}
	from, to := day("van", in.From), day("tot", in.To)
	if from != "" && to != "" && to.Before(from) {
		faults = append(faults, expectedAs("query", "tot", "dag"))
	}
	if from != "" {
		q.From = from.Begins()
	}
	if to != "" {
		q.To = to.AddDays(1).Begins()
	}
	if in.Employer != "" {
		e, err := events.ParseEmployerKey(in.Employer)
		if err != nil {
			faults = append(faults, expected("query", "werkgever"))
		}
		in.Employer = e.Key()
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	return q, nil
}

// looked is a look as the caller may see it: which credential of another partner it
// was is for that partner, and for the auditor.
func (v *sight) looked(q *readlog.Filter, e *readlog.Entry) (LookedAt, error) {
	employer, err := events.ParseEmployerKey(e.Employer)
	if err != nil {
		return LookedAt{}, err
	}
	employer.Establishment = e.Establishment
	out := LookedAt{
		At: e.At, Role: e.Role, Door: e.Door, Purpose: e.Purpose, Employer: nameOf(employer),
		Described: v.name(e.Described), People: e.People, Lines: []LogLine{},
	}
	if e.Partner != "" {
		name := v.name(e.Partner)
		out.Partner = &name
	}
	if q.Shows(e.Partner) {
		out.Credential = &e.Who
	}
	for _, l := range e.Lines() {
		out.Lines = append(out.Lines, LogLine{
			l.TraceID, l.OperationID, l.ParentOperationID, l.StatusCode, l.Name, l.StartTime, l.EndTime,
			LogAttributes{l.Attributes.Activity, l.Attributes.Subject},
		})
	}
	return out, nil
}

// readLogPath is where the log is read.
const readLogPath = "/v1/inzagen"

// opReadLog is the operation in the examples.
const opReadLog = "inzagenLezen"
