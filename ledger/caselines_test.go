package ledger_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// options are the words that follow a verb.
type options struct {
	day      events.Date
	period   *events.Period
	purpose  string
	employer events.Employer
	approach string
	name     string
	replaces string
	manager  string
	with     []string
	asked    bool // by the employer
	despite  bool
	late     bool // old history
	words    []string
}

// simple is a plan about which a question could have been asked.
func (o *options) simple() bool {
	return o.day != "" && o.replaces == "" && o.manager == "" && o.with == nil && !o.asked && !o.despite && !o.late
}

func (s *scene) options(list []string) (*options, error) {
	o := &options{purpose: "acquisitie", employer: s.employer("bakker")}
	for i := 0; i < len(list); i++ {
		value := func() string {
			if i++; i < len(list) {
				return list[i]
			}
			return ""
		}
		switch w := list[i]; w {
		case "for":
			if o.purpose = value(); o.purpose == "anything" {
				o.purpose = ""
			}
		case "at":
			o.employer = s.employer(value())
		case "of":
			o.approach = value()
		case "as":
			o.name = value()
		case "replacing":
			o.replaces = value()
		case "by":
			o.manager = value()
		case "with":
			for _, letter := range strings.Split(value(), ",") {
				o.with = append(o.with, s.parties[letter].urn())
			}
		case "asked":
			o.asked = true
		case "despite":
			o.despite = true
		case "late":
			o.late = true
		default:
			switch from, to, period := strings.Cut(w, ".."); {
			case period:
				o.period = &events.Period{From: s.day(from), To: s.day(to)}
			case w[0] == '+' || w[0] == '-' || w[0] == '2':
				o.day = s.day(w)
			default:
				o.words = append(o.words, w)
			}
		}
	}
	return o, nil
}

// day is a day as a case says it: 2026-12-31, or +7 from the day on which all cases begin.
func (s *scene) day(text string) events.Date {
	if n, err := strconv.Atoi(text); err == nil && (text[0] == '+' || text[0] == '-') {
		return today.AddDays(n)
	}
	return events.Date(text)
}

// employer is one by its name, or one of its establishments: "bakker/1".
func (s *scene) employer(name string) events.Employer {
	name, establishment, _ := strings.Cut(name, "/")
	if name == "nieuw" {
		return events.Employer{Provisional: s.fresh}
	}
	return events.Employer{KvK: employers[name], Establishment: establishments[establishment]}
}

func (s *scene) whole(name string) events.WholeEmployer {
	e := s.employer(name)
	return events.WholeEmployer{KvK: e.KvK, Provisional: e.Provisional}
}

// says makes the event of a line.
func (s *scene) says(p *party, verb string, rest []string) (*word, *options, error) {
	o, err := s.options(rest)
	if err != nil {
		return nil, nil, err
	}
	w := &word{by: p}
	if before := s.plans[p.name]; before != nil {
		w.approach = before.approach
	}
	if n := o.approach; n != "" {
		w.approach = s.names[n].approach
	}
	var despite *events.Despite
	if o.despite {
		despite = &events.Despite{Reason: plain("De werkgever kan alleen dan")}
	}
	var replaces *events.Ref
	if o.replaces != "" {
		r := s.names[o.replaces].ref()
		replaces, w.approach = &r, s.names[o.replaces].approach
	}
	person := manager("m1", "Planner Een")
	if o.manager != "" {
		person = manager(o.manager, o.manager)
	}
	var data events.Data
	switch verb {
	case "plan":
		if replaces == nil {
			w.approach = uuid.NewString()
		}
		data = &events.VisitPlanned{
			Employer: o.employer, Approach: w.approach, Date: o.day, Period: o.period, Purpose: o.purpose, AccountManager: person,
			With: o.with, AtRequest: o.asked, Despite: despite, Replaces: replaces,
		}
	case "visit":
		if o.approach == "" {
			w.approach = ""
		}
		data = &events.VisitMade{
			Employer: o.employer, Approach: w.approach, Date: o.day, Purpose: o.purpose, Form: "op-locatie", AccountManager: person,
			With: o.with, AtRequest: o.asked, Replaces: replaces,
		}
	case "move":
		data = &events.VisitMoved{Approach: w.approach, Date: o.day, Period: o.period, Despite: despite, Replaces: replaces}
	case "off":
		data = &events.VisitCalledOff{Approach: w.approach}
	case "extend":
		data = &events.ApproachExtended{Approach: w.approach, To: o.day, Reason: plain("De werkgever is met vakantie")}
	case "retract":
		data = &events.EventRetracted{Event: s.names[o.words[0]].ref()}
	case "confirm":
		data = &events.JointVisitConfirmed{Event: s.names[o.words[0]].ref()}
	case "fixed":
		d := &events.ContactAppointed{Employer: o.employer, AccountManager: person}
		if slices.Contains(rest, "for") {
			d.Purpose = o.purpose
		}
		data = d
	case "unfixed":
		data = &events.ContactReleased{Employer: o.employer}
	case "describes": // bakker in 0193
		data = &events.EmployerDescribed{Employer: s.employer(o.words[0]), Name: plain("Bakkerij Voorbeeld"), Gemeente: o.words[2]}
	case "link": // dezelfde bakker molen
		data = &events.EmployersLinked{Kind: o.words[0], Employer: s.whole(o.words[1]), With: s.whole(o.words[2])}
	default:
		return nil, nil, fmt.Errorf("nobody knows how to %q", verb)
	}
	w.event = s.event(*p, s.id(), data)
	if o.late {
		raw := w.event.Canonical()
		w.event, err = events.Decode(append([]byte(`{"achteraf":true,`), raw[1:]...), s.clock.now())
	}
	return w, o, err
}

func (s *scene) asks(p *party, rest []string) (ledger.Advice, error) {
	o, err := s.options(rest)
	if err != nil {
		return ledger.Advice{}, err
	}
	a, _, err := s.ledger.Advise(s.t.Context(), ledger.Question{Employer: o.employer, Partner: p.id, Purpose: o.purpose, Date: o.day})
	return a, err
}

// steer is a line that no partner says: the clock, and the steward.
func (s *scene) steer(verb string, rest []string) (view, error) {
	var data events.Data
	switch verb {
	case "today":
		day, err := time.Parse(time.DateOnly, string(s.day(rest[0])))
		if err == nil {
			s.clock.set(day.Add(11 * time.Hour))
		}
		return view{}, err
	case "clock":
		at, err := time.Parse(time.RFC3339, rest[0])
		if err == nil {
			s.clock.set(at)
		}
		return view{}, err
	case "agreement":
		d, err := s.agreement(rest)
		if err != nil {
			return view{}, err
		}
		data = d
	case "partner": // D, or A in Vechtdal, or A serves 0193
		data = s.partner(rest)
	case "level":
		o, err := s.options(rest)
		if err != nil {
			return view{}, err
		}
		data = &events.LevelSet{Employer: o.employer, Level: o.words[0]}
	case "spare", "lift":
		o, err := s.options(rest)
		if err != nil {
			return view{}, err
		}
		d := &events.EmployerSpared{Employer: o.employer, From: o.day, Ground: "werkgever", Lifted: verb == "lift"}
		if len(o.words) > 0 {
			d.Ground = o.words[0]
		}
		if slices.Contains(rest, "for") {
			d.Purposes = strings.Split(o.purpose, ",")
		}
		if o.period != nil {
			d.From, d.To = o.period.From, o.period.To
		}
		data = d
	case "link":
		data = &events.EmployersLinked{Kind: rest[0], Employer: s.whole(rest[1]), With: s.whole(rest[2])}
	case "succeed": // B by A
		from := s.ledgerDay()
		data = &events.PartnerSucceeded{Partner: s.parties[rest[0]].id, By: s.parties[rest[2]].id, From: from}
	default:
		return view{}, fmt.Errorf("nobody knows how to %q", verb)
	}
	r, err := s.steward(data)
	return shown(receiptOf(r)), err
}

func (s *scene) ledgerDay() events.Date { return events.DateOf(s.clock.now()) }

// partner admits one, or says more of one.
func (s *scene) partner(rest []string) *events.PartnerAdmitted {
	p := s.parties[rest[0]]
	if p == nil {
		p = &party{id: uuid.NewString(), oin: fmt.Sprintf("000000990000%08d", 100+int(rest[0][0])), name: "Partner " + rest[0]}
		p.caller = ledger.Caller{Role: ledger.RolePartner, Partner: p.id, Credential: "c" + p.name, Door: ledger.DoorNATS}
		s.parties[rest[0]] = p
	}
	d := &events.PartnerAdmitted{Partner: p.id, Identities: []string{p.urn()}, Name: p.name, Kind: "gemeente", From: today.AddDays(-1000)}
	for i := 1; i+1 < len(rest); i += 2 {
		switch rest[i] {
		case "in":
			d.Subregion = rest[i+1]
		case "serves":
			d.Gemeenten = strings.Split(rest[i+1], ",")
		}
	}
	return d
}

// agreement is the default one, but for what a case says: rustdagen=14,
// anderPlan=weigeren, Vechtdal.rustdagen=7, storing=advies>acquisitie,nazorg;
// from +1 is when it begins.
func (s *scene) agreement(rest []string) (*events.AgreementSet, error) {
	var all map[string]any
	if err := overJSON(events.DefaultAgreement(), &all); err != nil {
		return nil, err
	}
	all["per"], all["naam"] = s.ledgerDay(), "Afspraken van de proef"
	subregions := map[string]map[string]any{}
	for i := 0; i < len(rest); i++ {
		if rest[i] == "from" {
			i++
			all["per"] = s.day(rest[i])
			continue
		}
		name, value, _ := strings.Cut(rest[i], "=")
		into := all
		if sub, member, ok := strings.Cut(name, "."); ok {
			if subregions[sub] == nil {
				subregions[sub] = map[string]any{"subregio": sub}
			}
			into, name = subregions[sub], member
		}
		acts, _ := all["optreden"].(map[string]any)
		switch n, err := strconv.Atoi(value); {
		case name == "storing":
			purpose, disturbs, _ := strings.Cut(value, ">")
			into[name] = []map[string]any{{"doel": purpose, "stoort": strings.Split(disturbs, ",")}}
		case err == nil:
			into[name] = n
		case acts[name] == nil:
			return nil, fmt.Errorf("an agreement has no %q", name)
		default:
			own, ok := into["optreden"].(map[string]any)
			if !ok {
				own = map[string]any{}
				for k, v := range acts {
					own[k] = v
				}
				into["optreden"] = own
			}
			own[name] = value
		}
	}
	if len(subregions) > 0 {
		list := []any{}
		for _, sub := range subregions {
			list = append(list, sub)
		}
		all["subregios"] = list
	}
	d := new(events.AgreementSet)
	return d, overJSON(all, d)
}

func overJSON(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}
