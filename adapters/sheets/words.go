package sheets

import (
	"fmt"
	"strconv"
	"strings"

	"huisboek/events"
	"huisboek/projections/targets"
)

// words are the names that a standing's tables have in a language.
type words struct {
	lang                                                    string
	overview, months, shares, split, notCounted, own        string
	item, value                                             string
	target, version, set, from, to, measure, goal           string
	definition, decision, reason, on, known, position       string
	latest, settled, total, doubts, agreed, mine, standing  string
	expected, low, high, method, difference, departed, as   string
	month, came, so, partner, took, whole, divided, amount  string
	why, complete, count, yes, no, employer, date, reported string
	past, values, measures, dimensions                      map[string]string
	groups, inRegister, notInRegister, sector, subregion    string
	kinds, services, purposes, leastHours, leastDays        string
	ongoing, all, atMost, mostDoubts                        string
}

var inDutch = &words{
	lang:     "nl",
	overview: "Overzicht", months: "Per maand", shares: "Aandelen", split: "Uitsplitsing", notCounted: "Niet geteld", own: "Niet geteld, eigen",
	item: "Onderdeel", value: "Waarde",
	target: "Doelstelling", version: "Versie", set: "Vastgesteld", from: "Periode van", to: "Periode tot en met", measure: "Maat", goal: "Doel",
	definition: "Definitie", decision: "Besluit", reason: "Reden van deze versie", on: "Peildatum", known: "Bekend op", position: "Bekend tot en met positie",
	latest: "wat er het laatst bekend was", settled: "Vrijgegeven tot en met", total: "Gerealiseerd", doubts: "Waarvan mogelijk dubbel", agreed: "Volgens het pad", mine: "Eigen, heel geteld", standing: "Stand",
	expected: "Verwacht aan het eind", low: "Verwacht, laagst", high: "Verwacht, hoogst", method: "Hoe dat verwacht wordt", difference: "Doel min de som van de aandelen", departed: "Vertrokken", as: "%s, per %s: haar verleden %s",
	month: "Maand", came: "Erbij", so: "Tot en met die maand", partner: "Partner", took: "Afgesproken", whole: "Heel", divided: "Verdeeld", amount: "Aantal",
	why: "Reden", complete: "Volledig", count: "Aantal", yes: "ja", no: "nee", employer: "Werkgever", date: "Datum", reported: "Positie",
	past:   map[string]string{events.PastStays: "blijft meetellen", events.PastLeaves: "telt niet meer mee"},
	values: map[string]string{targets.Hidden: "afgeschermd", targets.Running: "lopende maand", targets.Waiting: "nog niet vrijgegeven", targets.Leaving: "gaat er nog af"},
	measures: map[string]string{
		events.MeasurePlacements: "plaatsingen", events.MeasureJobs: "banen van 25,5 betaalde uren per week (indicatie; de officiële telling is die van UWV)", events.MeasureVisits: "bezoeken",
		events.MeasureReached: "bereikte werkgevers", events.MeasureServices: "diensten", events.MeasureFilled: "vervulde vacatures",
	},
	groups: "van doelgroep %s", inRegister: "in het doelgroepregister", notInRegister: "niet in het doelgroepregister", sector: "sector %s", subregion: "van partners in subregio %s",
	kinds: "van de soort %s", services: "alleen %s", purposes: "met als doel %s", leastHours: "minstens %s uur per week", leastDays: "die minstens %s dagen duren",
	ongoing: "zolang het duurt", all: "; ", atMost: "hooguit", mostDoubts: "Waarvan hooguit mogelijk dubbel",
}

var inEnglish = &words{
	lang:     "en",
	overview: "Overview", months: "By month", shares: "Shares", split: "Split", notCounted: "Not counted", own: "Not counted, own",
	item: "Item", value: "Value",
	target: "Target", version: "Version", set: "Set on", from: "Period from", to: "Period to", measure: "Measure", goal: "Number",
	definition: "Definition", decision: "Decision", reason: "Reason of this version", on: "Standing on", known: "As known on", position: "Known up to position",
	latest: "what was known last", settled: "Released up to and including", total: "Realised", doubts: "Of which possibly double", agreed: "By the path", mine: "Own, counted whole", standing: "Standing",
	expected: "Expected at the end", low: "Expected, lowest", high: "Expected, highest", method: "How that is expected", difference: "Number less the sum of the shares", departed: "Left", as: "%s, from %s: its past %s",
	month: "Month", came: "Came", so: "Up to and including", partner: "Partner", took: "Agreed", whole: "Whole", divided: "Divided", amount: "Amount",
	why: "Reason", complete: "Complete", count: "Count", yes: "yes", no: "no", employer: "Employer", date: "Date", reported: "Position",
	past:   map[string]string{events.PastStays: "goes on counting", events.PastLeaves: "no longer counts"},
	values: map[string]string{targets.Hidden: "not shown", targets.Running: "running month", targets.Waiting: "not released yet", targets.Leaving: "still to be taken off", targets.Unknown: "unknown"},
	measures: map[string]string{
		events.MeasurePlacements: "placements", events.MeasureJobs: "jobs of 25.5 paid hours a week (indication; the official count is UWV's)", events.MeasureVisits: "visits",
		events.MeasureReached: "employers reached", events.MeasureServices: "services", events.MeasureFilled: "vacancies filled",
	},
	dimensions: map[string]string{
		string(targets.ByMonth): "Month", string(targets.BySubregion): "Subregion", string(targets.ByLevel): "Level", string(targets.ByKind): "Kind",
		string(targets.ByGroup): "Target group", string(targets.ByRegister): "Register", string(targets.ByHours): "Hours", string(targets.ByGemeente): "Municipality",
	},
	groups: "of target group %s", inRegister: "in the register", notInRegister: "not in the register", sector: "sector %s", subregion: "of partners in subregion %s",
	kinds: "of kind %s", services: "only %s", purposes: "with purpose %s", leastHours: "at least %s hours a week", leastDays: "that last at least %s days",
	ongoing: "as long as it lasts", all: "; ", atMost: "at most", mostDoubts: "Of which at most possibly double",
}

func (w *words) say(s events.Sentence) string {
	if w.lang == "en" {
		return s.EN
	}
	return s.NL
}

// dimension is the name of one, as a header.
func (w *words) dimension(d targets.Dimension) string {
	if name := w.dimensions[string(d)]; name != "" {
		return name
	}
	return strings.ToUpper(string(d[:1])) + string(d[1:])
}

// define is a definition in words.
func (w *words) define(v *targets.Version) string {
	parts := []string{w.measures[v.Measure]}
	add := func(format, value string) {
		if value != "" {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	d := &v.Definition
	add(w.kinds, strings.Join(d.Kinds, ", "))
	add(w.services, strings.Join(d.Services, ", "))
	add(w.purposes, strings.Join(d.Purposes, ", "))
	add(w.groups, strings.Join(v.Groups, ", "))
	if v.Register != nil {
		parts = append(parts, map[bool]string{true: w.inRegister, false: w.notInRegister}[*v.Register])
	}
	add(w.sector, v.Sector)
	add(w.subregion, v.Subregion)
	if d.LeastHours != nil {
		add(w.leastHours, targets.Amount(10**d.LeastHours).Number(w.lang, 2))
	}
	if d.LeastDays != nil {
		add(w.leastDays, strconv.Itoa(*d.LeastDays))
	}
	if d.Standing {
		parts = append(parts, w.ongoing)
	}
	add("%s", d.Note)
	return strings.Join(parts, w.all)
}
