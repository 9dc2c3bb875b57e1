package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/targets"
)

var describeTargets = description{
	id: opTargets, summary: "De doelstellingen van de regio, en hoe het ermee staat",
	text: "Elke doelstelling zoals zij het laatst is vastgesteld, met de stand van vandaag in een zin. Met bekendOp: zoals het er op dat moment voor stond. Vervallen doelstellingen staan er alleen met vervallen=true.",
	tag:  "doelstellingen",
}

type targetsQuestion struct {
	Question
	Known   string `query:"bekendOp" maxLength:"40" doc:"Wat er op dat moment bekend was: een dag (tot en met het eind ervan) of een moment volgens RFC 3339. Zonder: nu." example:"2026-10-31"`
	Dropped string `query:"vervallen" enum:"true,false" default:"false" doc:"Ook wat vervallen is."`
}

// Target is a target as it was set at a position.
type Target struct {
	Position events.Position `json:"positie"`
	At       time.Time       `json:"op"`
	Version  int             `json:"versie" doc:"De hoeveelste keer dat zij is vastgesteld; een andere definitie is een nieuwe versie."`
	events.TargetSet
	Dropped *events.Position `json:"vervallen" doc:"Waar zij vervallen is; null: zij geldt."`
}

// TargetNow is a target and how it stands, in short.
type TargetNow struct {
	Target
	Total    float64         `json:"gerealiseerd" doc:"De stand op de peildatum: alles één keer geteld."`
	Doubts   int             `json:"mogelijkDubbel" doc:"Zoveel daarvan telt mogelijk dubbel."`
	Agreed   float64         `json:"volgensPad" doc:"Hoeveel het op de peildatum volgens het afgesproken pad zou zijn."`
	Settled  *string         `json:"vastTotEnMet" doc:"Een stand die iets over mensen zegt beweegt alleen aan het eind van een maand: tot en met deze maand, en leeg als er nog niets is vrijgegeven. Null: de stand van nu."`
	Own      *float64        `json:"eigen" doc:"Waar de eigen organisatie deel aan heeft, elk geheel geteld; null voor wie geen partner is."`
	Forecast *TargetForecast `json:"verwachting" doc:"Null zolang er te weinig maanden zijn, en na afloop."`
	Months   []TargetMonth   `json:"maanden" doc:"Van de eerste maand van de periode tot en met die van de peildatum."`
	Sentence events.Sentence `json:"zin" doc:"Voor het bestuur."`
}

// TargetsAnswer are the targets of a region.
type TargetsAnswer struct {
	On      events.Date `json:"peildatum"`
	Known   *time.Time  `json:"bekendOp" doc:"Null: wat er nu bekend is."`
	Targets []TargetNow `json:"doelstellingen" doc:"In de volgorde waarin zij het eerst zijn vastgesteld."`
	Freshness
}

func (s *Server) targets(ctx context.Context, v *sight, in *targetsQuestion) (*TargetsAnswer, error) {
	ask := s.asking()
	known, today := ask.known("bekendOp", in.Known)
	if len(ask.faults) > 0 {
		return nil, invalid(ask.faults...)
	}
	out := &TargetsAnswer{On: today, Known: momentOf(known), Targets: []TargetNow{}}
	var list []targets.Standing
	var err error
	out.Freshness, err = s.readStandings(ctx, in.since(), func(tx projections.Tx) error {
		list = nil // it may be asked again: see targets.ErrBehind
		versions, err := s.standings.Targets(tx, known)
		if err != nil {
			return err
		}
		for i := range versions {
			if versions[i].Dropped != 0 && in.Dropped != "true" {
				continue
			}
			one, err := s.standings.Stand(tx, targets.Question{
				Target: versions[i].Target, On: today, Today: today, Reader: v.counted(),
			}, known)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		one := &list[i]
		out.Targets = append(out.Targets, TargetNow{
			Target: targetOf(&one.Version), Total: number(one.Total), Doubts: one.Doubts, Agreed: number(one.Agreed),
			Settled: settledOf(one), Own: v.ownOf(one), Forecast: v.forecastOf(one), Months: monthsOf(one),
			Sentence: targets.Sentence(one, v.label),
		})
	}
	return out, nil
}

var describeTarget = description{
	id: opTarget, summary: "Een doelstelling en haar versies",
	text: "Hoe zij nu luidt, en elke eerdere versie: een stand van toen rekent met de versie van toen.",
	tag:  "doelstellingen", missing: true,
}

type targetQuestion struct {
	Question
	Target string `path:"doelstelling" format:"uuid" doc:"De doelstelling (UUID)." example:"6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11"`
}

// TargetAnswer is one target with its history.
type TargetAnswer struct {
	Target   Target   `json:"doelstelling" doc:"Zoals zij het laatst is vastgesteld."`
	Versions []Target `json:"versies" doc:"Alle versies, de eerste eerst."`
	Freshness
}

func (s *Server) target(ctx context.Context, _ *sight, in *targetQuestion) (*TargetAnswer, error) {
	out := &TargetAnswer{}
	var versions []targets.Version
	fresh, err := s.readStandings(ctx, in.since(), func(tx projections.Tx) (err error) {
		versions, err = s.standings.Versions(tx, in.Target, targets.Known{})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(versions) == 0 {
		return nil, problemTarget
	}
	out.Freshness = fresh
	for i := range versions {
		out.Versions = append(out.Versions, targetOf(&versions[i]))
	}
	out.Target = out.Versions[len(versions)-1]
	return out, nil
}

var problemTarget = ledger.NewProblem(http.StatusNotFound, "onbekende-doelstelling", "Doelstelling onbekend",
	"Er is geen doelstelling met dit nummer, of zij was er toen nog niet.")

func targetOf(v *targets.Version) Target {
	t := Target{Position: v.Position, At: v.At, Version: v.Number, TargetSet: *v.TargetSet}
	if v.Dropped != 0 {
		t.Dropped = &v.Dropped
	}
	return t
}

// counted is the caller as a reader of standings.
func (v *sight) counted() targets.Reader {
	r := targets.Reader{Partner: v.reader()}
	if r.Partner != "" {
		r.Own = v.own
	}
	return r
}

// label is a partner's name in a sentence.
func (v *sight) label(partner string) string { n := v.name(partner); return cmp.Or(n.Name, n.ID) }

// number is an amount in JSON: at most three decimals, exactly.
func number(a targets.Amount) float64 { return float64(a) / 1000 }

func settledOf(s *targets.Standing) *string {
	if s.Plain {
		return nil
	}
	return &s.Settled
}

// asking reads the days and moments of a question, and keeps what is wrong with them.
type asking struct {
	today  events.Date
	now    time.Time
	faults events.Faults
}

func (s *Server) asking() *asking { return &asking{today: s.today(), now: s.cfg.Now()} }

func (a *asking) fault(name, as string) { a.faults = append(a.faults, expectedAs("query", name, as)) }

// known reads a moment, or a day as its end, and the day of it. What has yet to come
// is now.
func (a *asking) known(name, text string) (targets.Known, events.Date) {
	if text == "" {
		return targets.Known{}, a.today
	}
	var at time.Time
	if day, err := events.ParseDate(text); err == nil {
		at = day.AddDays(1).Begins().Add(-time.Millisecond) // records are to the millisecond
	} else if at, err = time.Parse(time.RFC3339, text); err != nil || at.IsZero() {
		a.fault(name, "bekendOp")
		return targets.Known{}, a.today
	}
	if !at.Before(a.now) {
		return targets.Known{}, a.today
	}
	return targets.Known{At: at}, events.DateOf(at)
}

// day reads a day, which says as.
func (a *asking) day(name, as, text string, otherwise events.Date) events.Date {
	if text == "" {
		return otherwise
	}
	day, err := events.ParseDate(text)
	if err != nil {
		a.fault(name, as)
	}
	return day
}

// across reads what to split by.
func (a *asking) across(text string) (across [2]targets.Dimension) {
	if text == "" {
		return across
	}
	for i, name := range strings.Split(text, ",") {
		if i > 1 || !isDimension(name) || i == 1 && name == string(across[0]) {
			a.fault("per", "per-doelstelling")
			break
		}
		across[i] = targets.Dimension(name)
	}
	return across
}

func momentOf(k targets.Known) *time.Time {
	if k.At.IsZero() {
		return nil
	}
	at := k.At.UTC()
	return &at
}

// dimensions are what a standing can be split by, in the words of the wire.
var dimensions = []string{"partner", "maand", "subregio", "niveau", "sector", "soort", "doelgroep", "doelgroepregister", "uren", "gemeente"}

func isDimension(s string) bool { return slices.Contains(dimensions, s) }

// readStandings is read for what is counted in memory: where that went ahead of the
// state that was opened, a newer one is.
func (s *Server) readStandings(ctx context.Context, since events.Position, fn func(projections.Tx) error) (fresh Freshness, err error) {
	for {
		if fresh, err = s.read(ctx, since, fn); !errors.Is(err, targets.ErrBehind) {
			return fresh, err
		}
		if ctx.Err() != nil {
			return fresh, ctx.Err()
		}
	}
}

// missing says that there is no such target.
func missing(err error) error {
	if errors.Is(err, targets.ErrNoTarget) {
		return problemTarget
	}
	return err
}
