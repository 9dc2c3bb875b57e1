package targets

import "huisboek/events"

// SharesRule says how shares are counted, for where they are shown.
var SharesRule = events.Sentence{
	NL: "Wat van meer partners samen is, telt in het eigen beeld van elk van hen heel. Verdeeld krijgt ieder een gelijk deel, zodat de delen optellen tot het totaal; een bereikte werkgever gaat naar wie er het eerst was.",
	EN: "What several partners did together counts whole in the own view of each of them. Divided, each gets an equal part, so that the parts add up to the total; an employer reached goes to who was there first.",
}

// WhySentence says why something stays out, and where to mend it, if it can be.
func WhySentence(reason string) events.Sentence {
	return events.Sentence{NL: whys[reason][0], EN: whys[reason][1]}
}

var whys = map[string][2]string{
	WhyPeriod:      {"De dag waarop het telt, ligt buiten de periode.", "The day on which it counts lies outside the period."},
	WhyLater:       {"Het telt pas na de peildatum.", "It counts only after the day of the standing."},
	WhyKind:        {"Deze soort telt niet mee volgens de definitie; klopt de soort niet, corrigeer dan de melding.", "This kind does not count by the definition; if the kind is wrong, correct the report."},
	WhySheltered:   {"Beschut werk telt niet voor de banenafspraak.", "Sheltered work does not count for the jobs agreement."},
	WhyGroup:       {"Een andere doelgroep; klopt die niet, corrigeer dan de melding.", "Another target group; if that is wrong, correct the report."},
	WhyNoGroup:     {"De doelgroep ontbreekt: vul de melding aan.", "The target group is missing: complete the report."},
	WhyRegister:    {"Wel of niet in het doelgroepregister, anders dan gevraagd; klopt dat niet, corrigeer dan de melding.", "In the register or not, otherwise than asked; if that is wrong, correct the report."},
	WhyNoRegister:  {"Of iemand in het doelgroepregister staat, ontbreekt: vul de melding aan.", "Whether somebody is in the register is missing: complete the report."},
	WhyHours:       {"Minder uren dan de definitie vraagt; kloppen de uren niet, corrigeer dan de melding.", "Fewer hours than the definition asks; if the hours are wrong, correct the report."},
	WhyNoHours:     {"De uren ontbreken: vul de melding aan.", "The hours are missing: complete the report."},
	WhySector:      {"Een andere sector; klopt die niet, corrigeer dan de melding.", "Another sector; if that is wrong, correct the report."},
	WhyNoSector:    {"De sector ontbreekt: vul de melding aan.", "The sector is missing: complete the report."},
	WhySubregion:   {"De partner hoort bij een andere subregio.", "The partner belongs to another subregion."},
	WhyNoSubregion: {"Van de partner is op die dag geen subregio bekend: dat kan de regisseur aanvullen.", "No subregion of the partner is known on that day: the steward can add it."},
	WhyNotYet:      {"Het duurt nog niet lang genoeg, en kan later meetellen.", "It has not lasted long enough yet, and may count later."},
	WhyTooShort:    {"Het eindigde voordat het lang genoeg duurde; klopt het einde niet, corrigeer dan de melding daarvan.", "It ended before it had lasted long enough; if the end is wrong, correct that report."},
	WhyEnded:       {"Het is geëindigd, en deze doelstelling telt alleen wat loopt.", "It has ended, and this target counts only what is standing."},
	WhySame:        {"Dezelfde plaatsing is ook door een ander gemeld, en telt daar één keer; onjuist? Zeg dan dat het er twee zijn.", "Somebody else reported the same placement, where it counts once; wrong? Then say that they are two."},
	WhyLeft:        {"De partner is vertrokken, en haar verleden telt niet meer mee, zoals de regio afsprak.", "The partner left, and its past no longer counts, as the region agreed."},
	WhyAgain:       {"Deze werkgever is al geteld, bij het eerste bezoek.", "This employer was counted already, at the first visit."},
	Hidden:         {"Hiervan is afgeschermd of het meetelt.", "Of this it is not shown whether it counts."},
}
