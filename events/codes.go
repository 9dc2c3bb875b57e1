package events

import (
	"fmt"
	"slices"
	"strings"
)

// code names one kind of fault. Codes never change and are never used again for
// something else: partners' programs act on them. What each means stands in
// sentences below and, for people, in codes.md.
type code string

const (
	codeSyntax        code = "ongeldige-json"
	codeUTF8          code = "ongeldige-tekens"
	codeTooLarge      code = "te-groot"
	codeTooDeep       code = "te-diep"
	codeDuplicate     code = "dubbel-veld"
	codeUnknown       code = "onbekend-veld"
	codeMissing       code = "ontbreekt"
	codeKind          code = "verkeerde-soort"
	codeEmpty         code = "leeg"
	codeTooLong       code = "te-lang"
	codeTooFew        code = "te-weinig"
	codeTooMany       code = "te-veel"
	codeTwice         code = "dubbele-waarde"
	codeControl       code = "stuurtekens"
	codeExponent      code = "getal-met-exponent"
	codeMinusZero     code = "getal-min-nul"
	codeNumberRange   code = "getal-te-groot"
	codeDecimals      code = "te-veel-decimalen"
	codeNotWhole      code = "geen-geheel-getal"
	codeTooLow        code = "te-laag"
	codeTooHigh       code = "te-hoog"
	codeUnknownValue  code = "onbekende-waarde"
	codeNoPlacement   code = "proefplaatsing-is-dienst"
	codeEntrepreneur  code = "doelgroep-ondernemer"
	codeBSN           code = "bsn"
	codeSealed        code = "zegel-niet-toegestaan"
	codeNoEmployer    code = "werkgever-ontbreekt"
	codeEmployers     code = "werkgever-meer-dan-een"
	codeEstablishment code = "vestiging-zonder-kvk-nummer"
	codeDutchForeign  code = "buitenlands-in-nederland"
	codeNoDay         code = "datum-of-periode-ontbreekt"
	codeDayAndPeriod  code = "datum-en-periode"
	codeBackwards     code = "einde-voor-begin"
	codePeriodLong    code = "periode-te-lang"
	codeSBITogether   code = "sbi-code-en-versie"
	codeSelf          code = "verwijst-naar-zichzelf"
	codeSameEmployer  code = "zelfde-werkgever"
	codeSamePartner   code = "zelfde-partner"
	codeValidLonger   code = "geldigheid-langer-dan-langste-duur"
	codeOtherMeasure  code = "past-niet-bij-maat"
	codePathOrder     code = "pad-niet-op-volgorde"
	codePathOutside   code = "pad-buiten-periode"
	codePathFalls     code = "pad-daalt"
	codePathAbove     code = "pad-boven-aantal"
	codePathEnd       code = "pad-eindigt-anders"
	codeSameReport    code = "zelfde-melding"

	codeSpecVersion code = "specversion"
	codeUnknownType code = "onbekende-gebeurtenis"
	codeContentType code = "datacontenttype"
	codeBase64      code = "data-base64"
	codeAttribute   code = "kenmerknaam"
	codePercent     code = "ongeldige-codering"
	codeFuture      code = "tijd-in-de-toekomst"
	codeSubject     code = "onderwerp-andere-werkgever"
	codeSubjectForm code = "geen-onderwerp"

	codeUUID      code = "geen-uuid"
	codeDate      code = "geen-datum"
	codeTime      code = "geen-tijd"
	codeDuration  code = "geen-duur"
	codeMoment    code = "geen-tijdstip"
	codePhone     code = "geen-telefoonnummer"
	codeEmail     code = "geen-emailadres"
	codePostcode  code = "geen-postcode"
	codePostcodes code = "geen-postcodegebied"
	codeGemeente  code = "geen-gemeentecode"
	codeRegion    code = "geen-arbeidsmarktregio"
	codeKvK       code = "geen-kvk-nummer"
	codeBranch    code = "geen-vestigingsnummer"
	codeCountry   code = "geen-landcode"
	codeRegister  code = "geen-register"
	codeNumber    code = "geen-registernummer"
	codeOIN       code = "geen-oin"
	codeIdentity  code = "geen-identiteit"
	codeSource    code = "geen-bron"
	codeURI       code = "geen-uri"
	codeSBI       code = "geen-sbi-code"
)

// sentences holds what is said to people, with verbs for limits and lists that
// come from the rules. A submitted value is never among them.
var sentences = map[code]Sentence{
	codeSyntax:        {"Dit is geen geldige JSON (bij byte %d).", "This is not valid JSON (at byte %d)."},
	codeUTF8:          {"De tekst is geen geldige UTF-8 (bij byte %d).", "The text is not valid UTF-8 (at byte %d)."},
	codeTooLarge:      {"De gebeurtenis is groter dan %d bytes.", "The event is larger than %d bytes."},
	codeTooDeep:       {"De gebeurtenis is dieper genest dan %d lagen.", "The event is nested deeper than %d levels."},
	codeDuplicate:     {"Dit veld staat er meer dan eens.", "This member occurs more than once."},
	codeUnknown:       {"Dit veld is niet bekend bij deze soort gebeurtenis.", "This member is not known for this type of event."},
	codeMissing:       {"Dit veld is verplicht.", "This member is required."},
	codeKind:          {"Hier wordt %s verwacht.", "Expected here: %s."},
	codeEmpty:         {"Dit veld is leeg; laat het weg of vul het in.", "This member is empty; leave it out or fill it in."},
	codeTooLong:       {"Dit veld mag hoogstens %d tekens hebben.", "This member may have at most %d characters."},
	codeTooFew:        {"Hier zijn er ten minste %d nodig.", "At least %d are needed here."},
	codeTooMany:       {"Hier mogen er hoogstens %d staan.", "At most %d may stand here."},
	codeTwice:         {"Deze waarde staat al in de lijst.", "This value is already in the list."},
	codeControl:       {"Dit veld bevat stuurtekens of regeleinden die hier niet mogen.", "This member holds control characters or line breaks that are not allowed here."},
	codeExponent:      {"Schrijf dit getal zonder exponent.", "Write this number without an exponent."},
	codeMinusZero:     {"Min nul is geen getal dat wordt aangenomen; schrijf 0.", "Minus zero is not accepted; write 0."},
	codeNumberRange:   {"Dit getal ligt buiten het bereik van min tot plus 9007199254740991.", "This number is outside the range of minus to plus 9007199254740991."},
	codeDecimals:      {"Dit getal mag hoogstens %d decimalen hebben.", "This number may have at most %d decimals."},
	codeNotWhole:      {"Hier wordt een geheel getal verwacht.", "A whole number is expected here."},
	codeTooLow:        {"Dit getal moet ten minste %d zijn.", "This number must be at least %d."},
	codeTooHigh:       {"Dit getal mag hoogstens %d zijn.", "This number may be at most %d."},
	codeUnknownValue:  {"Deze waarde is niet bekend; kies uit: %s.", "This value is not known; choose from: %s."},
	codeNoPlacement:   {"Een proefplaatsing is geen plaatsing, want de uitkering loopt door; meld haar als dienst (dienst-geleverd).", "A proefplaatsing is not a placement, as the benefit goes on; report it as a service (dienst-geleverd)."},
	codeEntrepreneur:  {"DD06 en DD07 zijn ondernemers en worden niet geplaatst; kies uit: %s.", "DD06 and DD07 are entrepreneurs and are never placed; choose from: %s."},
	codeBSN:           {"Dit lijkt een burgerservicenummer (BSN); dat mag nergens in Huisboek staan. Is het een telefoonnummer? Schrijf het dan met +31.", "This looks like a citizen service number (BSN), which must not stand anywhere in Huisboek. If it is a telephone number, write it with +31."},
	codeSealed:        {"Geef dit veld in gewone vorm; verzegelen doet Huisboek.", "Give this member in plain form; Huisboek does the sealing."},
	codeNoEmployer:    {"Noem de werkgever met precies een van kvkNummer, buitenlands en voorlopig.", "Name the employer by exactly one of kvkNummer, buitenlands and voorlopig."},
	codeEmployers:     {"Noem de werkgever op precies een manier: kvkNummer, buitenlands of voorlopig.", "Name the employer in exactly one way: kvkNummer, buitenlands or voorlopig."},
	codeEstablishment: {"Een vestigingsnummer hoort bij een kvkNummer.", "A vestigingsnummer goes with a kvkNummer."},
	codeDutchForeign:  {"Gebruik voor een werkgever in Nederland het kvkNummer.", "For an employer in the Netherlands use kvkNummer."},
	codeNoDay:         {"Geef een datum of een periode.", "Give a datum or a periode."},
	codeDayAndPeriod:  {"Geef een datum of een periode, niet allebei.", "Give a datum or a periode, not both."},
	codeBackwards:     {"Het einde ligt voor het begin.", "The end lies before the beginning."},
	codePeriodLong:    {"Een periode duurt hoogstens %d dagen.", "A periode lasts at most %d days."},
	codeSBITogether:   {"sbiCode en sbiVersie horen bij elkaar; geef ze allebei of geen van beide.", "sbiCode and sbiVersie go together; give both or neither."},
	codeSelf:          {"Een gebeurtenis kan niet naar zichzelf verwijzen.", "An event cannot refer to itself."},
	codeSameEmployer:  {"Dit is twee keer dezelfde werkgever; noem er twee.", "This is the same employer twice; name two."},
	codeSamePartner:   {"Een partner kan zichzelf niet opvolgen.", "A partner cannot succeed itself."},
	codeValidLonger:   {"De geldigheid van een plan kan niet langer zijn dan langsteDuur.", "The geldigheid of a plan cannot be longer than langsteDuur."},
	codeOtherMeasure:  {"Dit veld zegt niets bij deze maat; laat het weg.", "This member means nothing with this maat; leave it out."},
	codePathOrder:     {"De dagen van een pad staan op volgorde, van vroeg naar laat.", "The days of a pad stand in order, from early to late."},
	codePathOutside:   {"Deze dag ligt buiten de periode van de doelstelling.", "This day lies outside the periode of the target."},
	codePathFalls:     {"Een pad daalt niet: dit aantal is lager dan dat van de dag ervoor.", "A pad does not fall: this number is lower than that of the day before."},
	codePathAbove:     {"Een pad komt niet boven het aantal van de doelstelling uit.", "A pad does not rise above the aantal of the target."},
	codePathEnd:       {"Op de laatste dag van de periode is het pad gelijk aan het aantal van de doelstelling.", "On the last day of the periode the pad equals the aantal of the target."},
	codeSameReport:    {"Dit is twee keer dezelfde melding; noem er twee.", "This is the same report twice; name two."},

	codeSpecVersion: {"specversion moet \"1.0\" zijn.", "specversion must be \"1.0\"."},
	codeUnknownType: {"Deze soort gebeurtenis is niet bekend in deze versie.", "This type of event is not known in this version."},
	codeContentType: {"Alleen application/json wordt aangenomen, in UTF-8.", "Only application/json is accepted, in UTF-8."},
	codeBase64:      {"Geef de inhoud als JSON in data, niet als data_base64.", "Give the content as JSON in data, not as data_base64."},
	codeAttribute:   {"De naam van een kenmerk heeft 1 tot 20 kleine letters of cijfers.", "The name of an attribute has 1 to 20 lower-case letters or digits."},
	codePercent:     {"De kop is niet goed gecodeerd (procentcodering, UTF-8).", "The header is not encoded properly (percent-encoding, UTF-8)."},
	codeFuture:      {"Dit tijdstip ligt meer dan vijf minuten in de toekomst.", "This moment lies more than five minutes in the future."},
	codeSubject:     {"subject moet het nummer zijn van de werkgever in data, of wegblijven.", "subject must be the number of the employer in data, or be left out."},
	codeSubjectForm: {"subject moet het nummer van een werkgever zijn, of wegblijven.", "subject must be the number of an employer, or be left out."},

	codeUUID:      {"Hier wordt een UUID in kleine letters verwacht.", "A UUID in lower case is expected here."},
	codeDate:      {"Hier wordt een bestaande dag verwacht in de vorm 2026-11-22.", "An existing day of the form 2026-11-22 is expected here."},
	codeTime:      {"Hier wordt een tijd verwacht in de vorm 14:30.", "A time of the form 14:30 is expected here."},
	codeDuration:  {"Hier wordt een duur verwacht in de vorm PT1H30M, van een minuut tot een etmaal.", "A duration of the form PT1H30M is expected here, from a minute to a day."},
	codeMoment:    {"Hier wordt een tijdstip verwacht volgens RFC 3339, met tijdzone: 2026-11-22T14:30:00+01:00.", "A moment as in RFC 3339 with an offset is expected here: 2026-11-22T14:30:00+01:00."},
	codePhone:     {"Hier wordt een telefoonnummer verwacht van 6 tot 20 tekens.", "A telephone number of 6 to 20 characters is expected here."},
	codeEmail:     {"Hier wordt een e-mailadres verwacht.", "An e-mail address is expected here."},
	codePostcode:  {"Hier wordt een Nederlandse postcode verwacht in de vorm 8011AB.", "A Dutch postcode of the form 8011AB is expected here."},
	codePostcodes: {"Hier wordt een postcodegebied verwacht in de vorm 8011 of 8000-8049.", "A postcode area of the form 8011 or 8000-8049 is expected here."},
	codeGemeente:  {"Hier wordt een gemeentecode van het CBS verwacht in de vorm GM0193.", "A CBS municipality code of the form GM0193 is expected here."},
	codeRegion:    {"Hier wordt een arbeidsmarktregio verwacht in de vorm AM36.", "A labour market region of the form AM36 is expected here."},
	codeKvK:       {"Een KvK-nummer heeft 8 cijfers.", "A KvK number has 8 digits."},
	codeBranch:    {"Een vestigingsnummer heeft 12 cijfers.", "A vestigingsnummer has 12 digits."},
	codeCountry:   {"Hier wordt een landcode van twee hoofdletters verwacht (ISO 3166-1).", "A country code of two capitals is expected here (ISO 3166-1)."},
	codeRegister:  {"De naam van een register heeft 1 tot 32 letters of cijfers.", "The name of a register has 1 to 32 letters or digits."},
	codeNumber:    {"Een registernummer heeft 1 tot 40 letters, cijfers, punten of streepjes.", "A register number has 1 to 40 letters, digits, dots or dashes."},
	codeOIN:       {"Een OIN heeft 20 cijfers.", "An OIN has 20 digits."},
	codeIdentity:  {"Hier wordt urn:nld:oin: met 20 cijfers of urn:nld:kvknr: met 8 cijfers verwacht.", "Expected here: urn:nld:oin: with 20 digits or urn:nld:kvknr: with 8 digits."},
	codeSource:    {"Hier wordt een bron verwacht in de vorm urn:nld:oin:<20 cijfers>:systeem:<naam> of urn:nld:kvknr:<8 cijfers>.", "A source of the form urn:nld:oin:<20 digits>:systeem:<name> or urn:nld:kvknr:<8 digits> is expected here."},
	codeURI:       {"Hier wordt een volledige URI verwacht.", "An absolute URI is expected here."},
	codeSBI:       {"Een SBI-code heeft 2 tot 6 cijfers, zonder punten.", "An SBI code has 2 to 6 digits, without dots."},
}

// Codes lists every fault code in alphabetical order.
func Codes() []string {
	var list []string
	for c := range sentences {
		list = append(list, string(c))
	}
	slices.Sort(list)
	return list
}

// fault makes a fault; the arguments fill the sentence in both languages and
// come from the rules, never from a submission.
func (c code) fault(field string, args ...any) Fault {
	s := sentences[c]
	if len(args) > 0 {
		s = Sentence{fmt.Sprintf(s.NL, pick(args, 0)...), fmt.Sprintf(s.EN, pick(args, 1)...)}
	}
	return Fault{Field: field, Code: string(c), Sentence: s}
}

// pick takes one language of the arguments that come in two.
func pick(args []any, language int) []any {
	picked := make([]any, len(args))
	for i, a := range args {
		if two, ok := a.([2]string); ok {
			a = two[language]
		}
		picked[i] = a
	}
	return picked
}

// kindNames are the JSON kinds as people call them, for codeKind.
var kindNames = map[kind][2]string{
	kindString: {"tekst", "text"},
	kindBool:   {"true of false", "true or false"},
	kindNumber: {"een getal", "a number"},
	kindList:   {"een lijst", "a list"},
	kindObject: {"een object", "an object"},
}

// SentenceOf is what a fault code says, with "…" for what only an event can fill
// in; ok is false for a code that is not of this package.
func SentenceOf(c string) (s Sentence, ok bool) {
	s, ok = sentences[code(c)]
	for _, verb := range [...]string{"%d", "%s"} {
		s.NL, s.EN = strings.ReplaceAll(s.NL, verb, "…"), strings.ReplaceAll(s.EN, verb, "…")
	}
	return s, ok
}
