package events

import "slices"

// enum is a closed list of values of the wire (docs/contract.md, "Values"). A later
// version may add values; it may take none away.
type enum struct {
	values []string
	hints  map[string]code // values that are often meant wrongly, with their own fault
}

var enums = map[string]*enum{
	"doel":     {values: []string{"acquisitie", "kennismaking", "vacature", "nazorg", "advies", "overig"}},
	"vorm":     {values: []string{"op-locatie", "telefoon", "video", "bijeenkomst"}},
	"uitkomst": {values: []string{"vacature", "proefplaatsing", "vervolgafspraak", "geen-interesse", "overig"}},
	"plaatsingSoort": {
		values: []string{"dienstverband", "uitzend", "detachering", "bbl", "beschut-werk", "overig"},
		// The benefit goes on during a proefplaatsing (docs/contract.md, "Values").
		hints: map[string]code{"proefplaatsing": codeNoPlacement},
	},
	"partnerSoort": {values: []string{"gemeente", "uwv", "sw", "overig"}},
	"sector":       {values: []string{"markt", "overheid"}},
	"dienst": {values: []string{
		"loonkostensubsidie", "no-riskpolis", "jobcoach", "proefplaatsing", "werkplekaanpassing", "jobcarving",
		"functiecreatie", "bedrijfsadvies", "loonwaardemeting", "leerwerktraject", "voorlichting", "overig",
	}},
	// VNG's Dennis list; DD06 and DD07 are entrepreneurs (docs/contract.md, "Values").
	"doelgroep": {
		values: []string{"DD01", "DD02", "DD03", "DD04", "DD05", "DD08"},
		hints:  map[string]code{"DD06": codeEntrepreneur, "DD07": codeEntrepreneur},
	},
	"sbiVersie": {values: []string{"2008", "2025"}},
	// The size classes of CBS by persons at work.
	"grootteklasse": {values: []string{
		"0", "1", "2-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250-499", "500-999", "1000+",
	}},
	// What a signal is about: our list, after what the regions' agendas name. New ones
	// may be added.
	"thema": {values: []string{
		"personeelstekort", "scholing", "duurzame-inzetbaarheid", "inclusief-werken", "taal", "bereikbaarheid",
		"huisvesting", "regelgeving", "dienstverlening", "groei", "krimp", "overig",
	}},
	"koppelingSoort": {values: []string{"dezelfde", "opvolger", "concern"}},
	"niveau":         {values: []string{"lokaal", "regionaal", "landelijk"}},
	// Whose wish it is: the employer's own, or the region's.
	"ontzienGrond": {values: []string{"werkgever", "regio"}},
	// What is done about a clash (Terms).
	"optreden": {values: []string{ActNothing, ActWarn, ActRefuse}},
	"telling":  {values: []string{CalendarDays, WorkingDays}},
	// What a target counts (docs/targets.md).
	"maat": {values: []string{MeasurePlacements, MeasureJobs, MeasureVisits, MeasureReached, MeasureServices, MeasureFilled}},
	// What becomes of what a partner did before it left: it stays in the joint total, or leaves with it.
	"verleden": {values: []string{PastStays, PastLeaves}},
	// Why keys were destroyed: the person asked, the term was over, it was wrong.
	"grond": {values: []string{"verzoek", "bewaartermijn", "onjuist", "overig"}},
}

// Values is the closed list that a member such as "doel" or "dienst" is taken
// from, in the order of the contract; nil when there is no such list.
func Values(list string) []string {
	if e, ok := enums[list]; ok {
		return slices.Clone(e.values)
	}
	return nil
}

// fault is the code for a value that is not in the list; "" when it is.
func (e *enum) fault(value string) code {
	if slices.Contains(e.values, value) {
		return ""
	}
	if c, ok := e.hints[value]; ok {
		return c
	}
	return codeUnknownValue
}
