package main

import (
	"fmt"
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

// wording is a sentence in both languages, with verbs of package fmt.
type wording events.Sentence

// fill puts values in; one that is itself a sentence goes in by language.
func (w wording) fill(args ...any) events.Sentence {
	nl, en := make([]any, len(args)), make([]any, len(args))
	for i, a := range args {
		nl[i], en[i] = a, a
		if s, ok := a.(events.Sentence); ok {
			nl[i], en[i] = s.NL, s.EN
		}
	}
	return events.Sentence{NL: fmt.Sprintf(w.NL, nl...), EN: fmt.Sprintf(w.EN, en...)}
}

var verdictWords = map[verdict]wording{
	good:  {"goed", "good"},
	mind:  {"let op", "mind"},
	wrong: {"fout", "wrong"},
}

var stepWords = map[string]wording{
	"verbinding":    {"verbinding", "connection"},
	"boek":          {"boek", "book"},
	"klok":          {"klok", "clock"},
	"voorbeeld":     {"voorbeeld", "sample"},
	"herhaling":     {"herhaling", "repeat"},
	"andere-inhoud": {"andere inhoud", "other content"},
	"fouten":        {"fouten", "faults"},
	"opruimen":      {"opruimen", "tidying up"},
	"melding":       {"melding", "event"},
	"geheel":        {"geheel", "overall"},
	"samenvatting":  {"samenvatting", "summary"},
}

// checkWords is everything that a check says, by code.
var checkWords = map[string]wording{
	"verbonden":       {"Uw toegang werkt. U spreekt met het boek van %s (%s).", "Your credential works. You speak to the book of %s (%s)."},
	"geen-verbinding": {"Er is geen verbinding: %v. Kijk het adres na, en bij NATS het .creds-bestand.", "There is no connection: %v. Check the address, and with NATS the .creds file."},
	"geen-antwoord":   {"Het boek antwoordt niet: %v. Kijk het adres na, en of het boek draait; probeer het daarna opnieuw.", "The book does not answer: %v. Check the address and whether the book is served; then try again."},
	"geen-huisboek":   {"Op dit adres antwoordt iets anders dan een boek van deze versie: %v. Kijk het adres na.", "What answers at this address is no book of this version: %v. Check the address."},
	"onbekend-token":  {"Het boek kent dit token niet: het is verkeerd overgenomen, verlopen of ingetrokken. Vraag de regisseur om een nieuw.", "The book does not know this token: it was copied wrongly, has expired or was removed. Ask the steward for a new one."},
	"geen-partner":    {"Deze toegang is niet van een partner, of de partner neemt vandaag niet deel. Vraag het de regisseur.", "This credential is no partner's, or the partner takes no part today. Ask the steward."},
	"brak-af":         {"De controle is afgebroken: %v.", "The check broke off: %v."},
	"proefboek":       {"Dit is een proefboek: wat de controle vastlegt, telt nergens mee.", "This is a test book: what the check records counts for nothing."},
	"echt-boek":       {"Dit is geen proefboek. De controle probeert alleen; er wordt niets vastgelegd.", "This is no test book. The check only tries; nothing is recorded."},
	"echt-boek-nats":  {"Dit is geen proefboek, en over NATS kan een melding niet alleen geprobeerd worden. De controle stopt: er is niets gemeld. Gebruik --token en --server, of een proefboek.", "This is no test book, and over NATS an event cannot be tried only. The check stops: nothing was emitted. Use --token and --server, or a test book."},
	"onbekend-boek":   {"Het boek bouwt zijn overzichten op en kan nu niet zeggen of het een proefboek is. De controle probeert alleen; er wordt niets vastgelegd.", "The book makes its views anew and cannot say now whether it is a test book. The check only tries; nothing is recorded."},

	"onbekend-boek-nats": {"Het boek bouwt zijn overzichten op en kan nu niet zeggen of het een proefboek is. De controle stopt: er is niets gemeld. Probeer het later opnieuw, of gebruik --token en --server.", "The book makes its views anew and cannot say now whether it is a test book. The check stops: nothing was emitted. Try again later, or use --token and --server."},

	"klok":          {"Uw klok loopt gelijk met die van het boek.", "Your clock agrees with the book's."},
	"klok-scheef":   {"Uw klok wijkt %v af van die van het boek. Bij meer dan vijf minuten voor wordt time geweigerd. Zet hem gelijk (NTP).", "Your clock is %v off the book's. More than five minutes ahead, time is refused. Set it right (NTP)."},
	"klok-ver-voor": {"Uw klok loopt %v voor op die van het boek: meldingen met time van nu worden geweigerd. Zet hem gelijk (NTP).", "Your clock is %v ahead of the book's: events with the present as time are refused. Set it right (NTP)."},

	"voorbeeld":            {"Onder %s is een bezoek gepland bij werkgever %s. Het staat vast op positie %d. %s", "Under %s a visit was planned at employer %s. It is recorded at position %d. %s"},
	"voorbeeld-geprobeerd": {"Onder %s zou een gepland bezoek bij werkgever %s worden vastgelegd. %s", "Under %s a planned visit at employer %s would be recorded. %s"},
	"voorbeeld-geweigerd":  {"Het voorbeeld is geweigerd: %s", "The sample was refused: %s"},
	"voorbeeld-afspraken":  {"Het voorbeeld is goed van vorm, maar de afspraken van de regio weigeren nu een plan van u. Zo ziet dat eruit: status 409, met het ontvangstbewijs en deze redenen:", "The sample is well formed, but the region's agreement refuses a plan of yours now. This is how that looks: status 409, with the receipt and these reasons:"},
	"herhaling":            {"Dezelfde melding nog eens geeft dezelfde positie, %d: herhalen is altijd veilig, en telt nooit dubbel.", "The same event again gives the same position, %d: repeating is always safe and never counts twice."},
	"herhaling-geprobeerd": {"Dezelfde melding nog eens wordt herkend: herhalen is altijd veilig, en telt nooit dubbel.", "The same event again is recognised: repeating is always safe and never counts twice."},
	"herhaling-niet":       {"Dezelfde melding nog eens kreeg niet hetzelfde antwoord. Dat hoort niet: meld het de regisseur.", "The same event again did not get the same answer. That should not be: tell the steward."},
	"andere-inhoud":        {"Andere inhoud onder hetzelfde id wordt geweigerd, zoals het hoort: %s Gebruik voor een wijziging een nieuw id, met vervangt.", "Other content under the same id is refused, as it should be: %s For a change use a new id, with vervangt."},
	"andere-inhoud-niet":   {"Andere inhoud onder hetzelfde id werd niet geweigerd met 409. Dat hoort niet: meld het de regisseur.", "Other content under the same id was not refused with 409. That should not be: tell the steward."},
	"fouten":               {"Een melding met opzettelijke fouten is geweigerd. Zo ziet dat eruit; alle %d fouten komen in één antwoord, elk met zijn plaats in de melding:", "An event with faults on purpose was refused. This is how that looks; all %d faults come in one answer, each with its place in the event:"},
	"fouten-niet":          {"Een melding met opzettelijke fouten werd niet geweigerd met 400. Dat hoort niet: meld het de regisseur.", "An event with faults on purpose was not refused with 400. That should not be: tell the steward."},
	"opruimen":             {"Het voorbeeld is weer ingetrokken met melding-ingetrokken, op positie %d.", "The sample was taken back with melding-ingetrokken, at position %d."},
	"opruimen-niet":        {"Het voorbeeld kon niet worden ingetrokken: %s Het staat nog in het proefboek.", "The sample could not be taken back: %s It is still in the test book."},

	"aangenomen":     {"%s, vastgelegd op positie %d. %s", "%s, recorded at position %d. %s"},
	"was-er-al":      {"%s, was er al, op positie %d. %s", "%s, was there already, at position %d. %s"},
	"zou-aangenomen": {"%s, zou worden vastgelegd. %s", "%s, would be recorded. %s"},
	"geweigerd":      {"%s, geweigerd: %s", "%s, refused: %s"},
	"afspraken":      {"%s, in orde van vorm, maar geweigerd door de afspraken van de regio (409, met het ontvangstbewijs). Verandert er iets, meld het dan opnieuw met een nieuw id; vroeg de werkgever er zelf om, zet dan opVerzoekVanWerkgever:", "%s, well formed, but refused by the region's agreement (409, with the receipt). When something changes, report it again under a new id; if the employer asked for it, set opVerzoekVanWerkgever:"},

	"geen-time":      {"time ontbreekt. Dat mag, maar met time is te zien hoe snel u meldt.", "time is absent. That is allowed, but with it one can see how soon you report."},
	"geen-telefoon":  {"De accountmanager heeft geen telefoon: een ander die hier heen wil, kan niet bellen.", "The account manager has no telephone: another who wants to go there cannot call."},
	"lange-tekst":    {"De vrije tekst is lang. Houd hem kort en zakelijk, zonder namen of omstandigheden van personen.", "The free text is long. Keep it short and to the point, without names or circumstances of persons."},
	"bijna-te-groot": {"De melding is bijna te groot: boven 65.536 bytes wordt hij geweigerd.", "The event is nearly too large: above 65,536 bytes it is refused."},
	"ver-vooruit":    {"De datum ligt meer dan een jaar vooruit. Klopt het jaartal?", "The date is more than a year ahead. Is the year right?"},
	"lang-geleden":   {"De datum is meer dan twee jaar geleden. Klopt het jaartal? Zet bij oude historie achteraf op true.", "The date is more than two years ago. Is the year right? With old history set achteraf to true."},
	"dubbel":         {"Deze melding staat al eerder in deze bestanden. Dat mag: hij telt één keer.", "This event stands earlier in these files. That is allowed: it counts once."},
	"id-hergebruikt": {"Deze source en dit id staan eerder in deze bestanden met andere inhoud.", "This source and id stand earlier in these files with other content."},

	"bestand":               {"Het bestand %s kan na melding %d niet verder gelezen worden: %v.", "The file %s cannot be read any further after event %d: %v."},
	"niets":                 {"Er stond geen melding in.", "There was no event in it."},
	"gebruikt":              {"Gebruikte soorten: %s.", "Types used: %s."},
	"niet-gebruikt":         {"Niet gebruikt: %s. Dat mag; kijk of uw systeem ze wel zou moeten melden.", "Not used: %s. That is allowed; see whether your system should emit them."},
	"geen-uuids":            {"%d keer is het id geen UUID. Dat mag, als het binnen de source voor altijd uniek is.", "%d times the id is no UUID. That is allowed, if it is unique within the source for ever."},
	"meer-sources":          {"Er zijn meer sources: %s. Een id is uniek per source; dezelfde gebeurtenis onder twee sources telt dubbel.", "There are several sources: %s. An id is unique per source; the same event under two sources counts twice."},
	"geen-time-geheel":      {"time ontbreekt bij %s.", "time is absent from %s."},
	"geen-telefoon-geheel":  {"De accountmanager heeft geen telefoon bij %s. Vul hem overal in: daar draait het om.", "The account manager has no telephone in %s. Give it everywhere: it is what this is about."},
	"lange-tekst-geheel":    {"De vrije tekst is lang bij %s.", "The free text is long in %s."},
	"bijna-te-groot-geheel": {"Bijna te groot: %s.", "Nearly too large: %s."},
	"ver-vooruit-geheel":    {"Meer dan een jaar vooruit: %s.", "More than a year ahead: %s."},
	"lang-geleden-geheel":   {"Meer dan twee jaar geleden, zonder achteraf: %s.", "More than two years ago, without achteraf: %s."},
	"dubbel-geheel":         {"Meer dan eens in deze bestanden: %s.", "More than once in these files: %s."},
	"id-hergebruikt-geheel": {"Een id met andere inhoud dan eerder in deze bestanden: %s. Geef elke melding een eigen id, en verbeter met vervangt.", "An id with other content than earlier in these files: %s. Give each event an id of its own, and correct with vervangt."},
	"plan-zonder-einde":     {"Plannen waarvan de dag voorbij is, zonder bezoek-afgelegd of bezoek-afgezegd in deze bestanden: %s. Anderen denken dat u nog gaat.", "Plans whose day is over, without bezoek-afgelegd or bezoek-afgezegd in these files: %s. Others think that you still go."},
	"voor-het-plan":         {"Geweigerd omdat het plan pas later in deze bestanden staat: %s. Stuur eerst bezoek-gepland, en wacht op het ontvangstbewijs.", "Refused because the plan stands later in these files: %s. Send bezoek-gepland first, and wait for its receipt."},
	"samenvatting-goed":     {"%d goed, waarvan %d met een opmerking; %d geweigerd.", "%d good, of which %d with a remark; %d refused."},
	"samenvatting-fout":     {"%d goed, waarvan %d met een opmerking; %d geweigerd. Er is iets fout: zie hierboven.", "%d good, of which %d with a remark; %d refused. Something is wrong: see above."},
	"oordeel":               {"Oordeel: %s.", "Verdict: %s."},
	"bel":                   {" Bel eerst %s.", " Call first: %s."},
}

// remarkFields are the members that remarks are about.
var remarkFields = map[string]string{
	"geen-time": "/time", "geen-telefoon": "/data/accountmanager/telefoon", "dubbel": "/id", "id-hergebruikt": "/id",
	"lange-tekst": "/data", "ver-vooruit": "/data", "lang-geleden": "/data",
}

// faultAdvice is what to do about a fault, where its own sentence does not say.
var faultAdvice = map[string]wording{
	"bsn":                   {"Laat het weg. Schrijf een telefoonnummer met +31: dat wordt er nooit voor aangezien.", "Leave it out. Write a telephone number with +31: that is never taken for one."},
	"source-niet-van-u":     {"De regisseur weet onder welk OIN of KvK-nummer u bent toegelaten.", "The steward knows under which OIN or KvK number you were admitted."},
	"niet-actief":           {"Vraag de regisseur van wanneer tot wanneer u deelneemt.", "Ask the steward from when until when you take part."},
	"onbekende-benadering":  {"Wacht met wat erop volgt op het ontvangstbewijs van het plan.", "Wait with what follows for the receipt of the plan."},
	"onbekende-plaatsing":   {"Wacht met wat erop volgt op het ontvangstbewijs van de plaatsing.", "Wait with what follows for the receipt of the placement."},
	"tijd-in-de-toekomst":   {"Zet de klok van uw systeem gelijk (NTP), en geef de tijdzone mee.", "Set your system's clock right (NTP), and give the offset."},
	"dubbel-veld":           {"Veel programma's nemen stil het laatste; hier moet het er één zijn.", "Many programs silently take the last; here it must be one."},
	"onbekende-gebeurtenis": {"De soorten staan in docs/contract.md, en in het schema van elke soort.", "The types are in docs/contract.md, and in the schema of each."},
	"onbekend-veld":         {"Kijk de spelling na, ook hoofdletters; eigen gegevens horen er niet in.", "Check the spelling, capitals too; data of your own has no place in it."},
	"ongeldige-tekens":      {"Verstuur in UTF-8, niet in Windows-1252 of ISO-8859-1.", "Send UTF-8, not Windows-1252 or ISO-8859-1."},
	"getal-met-exponent":    {"Uw JSON-bibliotheek schrijft het getal misschien als drijvende komma.", "Your JSON library may write the number as a floating point."},
}

// problemWords is a refusal as a whole, in both languages; its faults follow.
func problemWords(err error) events.Sentence {
	p := ledger.ProblemOf(err)
	return events.Sentence{
		NL: fmt.Sprintf("%d %s. %s", p.Status, p.Title, p.Detail),
		EN: fmt.Sprintf("%d %s.", p.Status, http.StatusText(p.Status)), // a problem's own words are Dutch
	}
}

// receiptWords is what a receipt says: the verdict, why, and whom to call.
func receiptWords(r *ledger.Receipt) events.Sentence {
	s := checkWords["oordeel"].fill(r.Outcome)
	for _, reason := range r.Reasons {
		s.NL += " " + reason.Sentence.NL
		s.EN += " " + reason.Sentence.EN
	}
	if r.Call != nil && r.Outcome != events.Free {
		call := checkWords["bel"].fill(callText(r.Call))
		s.NL += call.NL
		s.EN += call.EN
	}
	return s
}
