package story

import (
	"slices"

	"huisboek/events"
)

// occupations are what employers look for, by the first two digits of their SBI code.
var occupations = map[string][]string{
	"01": {"Medewerker kas", "Oogstmedewerker"}, "10": {"Productiemedewerker", "Inpakker"}, "16": {"Timmerman", "Machinebediende"},
	"22": {"Productiemedewerker", "Machinebediende"}, "25": {"Lasser", "Medewerker metaal"}, "41": {"Timmerman", "Opperman"},
	"43": {"Monteur", "Leerling-monteur"}, "45": {"Monteur", "Medewerker balie"}, "46": {"Orderpicker", "Medewerker magazijn"},
	"47": {"Vakkenvuller", "Kassamedewerker"}, "49": {"Chauffeur", "Bijrijder"}, "52": {"Orderpicker", "Heftruckchauffeur"},
	"55": {"Medewerker huishouding", "Medewerker ontbijt"}, "56": {"Medewerker keuken", "Medewerker bediening"},
	"81": {"Schoonmaker", "Medewerker groen"}, "85": {"Conciërge", "Onderwijsassistent"}, "86": {"Medewerker voeding", "Schoonmaker"},
	"88": {"Medewerker huishouding", "Groepshulp"},
}

// vacancy tells of a vacancy that came up, mostly as one, and of the people found
// for it, if any.
func (t *thread) vacancy(day int) {
	wanted := draw(t.dice, []weighted[int]{{1, 78}, {2, 16}, {4, 6}})
	th := t.thread(t.employer, t.partner)
	th.manager = t.manager
	reported := t.dice.chance(48)
	id := ""
	if reported {
		id, reported = th.lookFor(t.cal.later(day, t.dice.IntN(3)), wanted)
	}
	if !t.dice.chance(62) {
		if reported && t.dice.chance(40) {
			th.emit(t.cal.later(day, t.dice.between(20, 80)), &events.VacancyWithdrawn{Vacancy: id})
		}
		return
	}
	starts := make([]int, wanted)
	for i := range starts {
		starts[i] = t.cal.later(day, t.dice.between(10, 55))
	}
	slices.Sort(starts)
	one := 1
	for i, start := range starts {
		t.placement(start)
		if !reported {
			continue
		}
		filled := events.VacancyFilled{Vacancy: id, Date: t.cal.date(start), Count: &one}
		if i == wanted-1 { // all that is left
			filled.Count = nil
		}
		th.emit(t.cal.later(start, t.dice.IntN(3)), &filled)
	}
}

// lookFor reports a vacancy for so many people; ok is false when that day has not
// come.
func (t *thread) lookFor(day, wanted int) (id string, ok bool) {
	jobs := occupations[t.employer.kind.sbi[:2]]
	if jobs == nil {
		jobs = []string{"Administratief medewerker", "Medewerker facilitair"}
	}
	v := events.VacancyReported{Employer: t.employer.ref(), Vacancy: t.dice.uuid(), Occupation: pick(t.dice, jobs), Count: wanted}
	if t.dice.chance(70) {
		hours := t.hours()
		v.Hours = &hours
	}
	if t.dice.chance(30) {
		v.Date = t.cal.date(day)
	}
	ref, ok := t.emit(day, &v)
	if ok && t.dice.chance(3) {
		corrected := v
		corrected.Occupation = pick(t.dice, jobs)
		corrected.Replaces = &ref
		t.emit(day, &corrected)
	}
	return v.Vacancy, ok
}

// themes are what employers speak of besides vacancies, with what they say.
var themes = []weighted[string]{
	{"personeelstekort", 26}, {"scholing", 13}, {"duurzame-inzetbaarheid", 9}, {"inclusief-werken", 8}, {"taal", 8}, {"bereikbaarheid", 9},
	{"huisvesting", 5}, {"regelgeving", 8}, {"dienstverlening", 4}, {"groei", 6}, {"krimp", 3}, {"overig", 1},
}

var said = map[string][]string{
	"personeelstekort":       {"De avondploeg is niet rond te krijgen.", "Twee vaste mensen gaan dit jaar met pensioen."},
	"scholing":               {"Zoekt een korte vakopleiding in de regio.", "Wil leerlingen begeleiden en zoekt een school."},
	"duurzame-inzetbaarheid": {"Het werk is zwaar voor wie ouder wordt."},
	"inclusief-werken":       {"Wil weten hoe een werkplek wordt aangepast."},
	"taal":                   {"Instructies op de werkvloer worden niet altijd begrepen.", "Vraagt naar taalles op het werk."},
	"bereikbaarheid":         {"Voor zes uur rijdt er geen bus.", "Het terrein is zonder auto niet te bereiken."},
	"huisvesting":            {"Nieuwe mensen vinden hier geen woning."},
	"regelgeving":            {"Vindt de aanvraag van subsidies te ingewikkeld."},
	"dienstverlening":        {"Kreeg in een maand drie keer hetzelfde aanbod."},
	"groei":                  {"Neemt in het voorjaar een tweede hal in gebruik."},
	"krimp":                  {"Verwacht volgend jaar minder werk."},
}

// signal tells what an employer said at a visit that is no vacancy.
func (t *thread) signal(day int, on events.Date) {
	th := t.thread(t.employer, t.partner)
	s := events.SignalNoted{Employer: t.employer.ref(), Theme: draw(t.dice, themes), Date: on}
	if texts := said[s.Theme]; len(texts) > 0 {
		s.Text = t.perhaps(45, texts)
	}
	ref, ok := th.emit(day, &s)
	if !ok {
		return
	}
	switch n := t.dice.IntN(100); {
	case n < 3:
		corrected := s
		corrected.Theme = draw(t.dice, themes)
		corrected.Replaces = &ref
		th.emit(t.cal.later(day, t.dice.between(0, 4)), &corrected)
	case n < 4:
		th.retract(t.cal.later(day, t.dice.between(0, 4)), ref, mistakes)
	}
}
