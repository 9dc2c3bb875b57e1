package ledger

import (
	"maps"
	"slices"
	"strconv"

	"huisboek/events"
)

var dutchMonths = [...]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}
var englishMonths = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

func dutchDay(d events.Date) string   { return day(d, &dutchMonths) }
func englishDay(d events.Date) string { return day(d, &englishMonths) }

func day(d events.Date, months *[12]string) string {
	n := dayNumber(d)
	m := int(n / 100 % 100)
	if m < 1 || m > 12 {
		return string(d)
	}
	return strconv.Itoa(int(n%100)) + " " + months[m-1] + " " + strconv.Itoa(int(n/10000))
}

func dutchDays(from, to events.Date) string {
	if from == to {
		return "op " + dutchDay(from)
	}
	return "tussen " + dutchDay(from) + " en " + dutchDay(to)
}

func englishDays(from, to events.Date) string {
	if from == to {
		return "on " + englishDay(from)
	}
	return "between " + englishDay(from) + " and " + englishDay(to)
}

// The codes of what the rules refuse, besides those of package events.
var faultSentences = map[string]events.Sentence{
	"andere-benadering":      {NL: "Een correctie houdt dezelfde benadering; dit is een andere. Trek de melding in en doe een nieuwe.", EN: "A correction keeps its benadering; this is another one. Retract the event and emit a new one."},
	"andere-plaatsing":       {NL: "Een correctie van een plaatsing houdt dezelfde plaatsing; dit is een andere.", EN: "A correction of a placement keeps its plaatsing; this is another one."},
	"andere-regio":           {NL: "Een plaatsing hoort in het boek van de eigen arbeidsmarktregio; dit boek is van een andere regio.", EN: "A placement belongs in the book of its own labour-market region; this book is of another region."},
	"andere-vacature":        {NL: "Een correctie van een vacature houdt dezelfde vacature; dit is een andere.", EN: "A correction of a vacancy keeps its vacature; this is another one."},
	"andere-werkgever":       {NL: "De benadering waarnaar dit verwijst, gaat over een andere werkgever.", EN: "The approach that this points to concerns another employer."},
	"ander-onderwerp":        {NL: "Het subject is niet het nummer van de werkgever waar dit over gaat.", EN: "The subject is not the number of the employer that this concerns."},
	"ander-type":             {NL: "Een correctie is van hetzelfde type als de melding die zij vervangt.", EN: "A correction is of the same type as the event that it replaces."},
	"anders-gekoppeld":       {NL: "Deze twee werkgevers zijn al op een andere manier gekoppeld. Ontkoppel ze eerst, of vraag het de regisseur.", EN: "These two employers are linked in another way already. Unlink them first, or ask the steward."},
	"al-ingetrokken":         {NL: "Deze melding is al ingetrokken of vervangen. Is zij vervangen? Verwijs dan naar de laatste verbetering.", EN: "That event was retracted or replaced already. If it was replaced, point to its last correction."},
	"benadering-bestaat":     {NL: "Deze benadering bestaat al. Verzet haar met bezoek-verzet, of verbeter het plan met vervangt; was het bezet en gaat u toch, verbeter het dan met vervangt en ondanks.", EN: "This benadering exists already. Move it with bezoek-verzet, or correct the plan with vervangt; if it was taken (bezet) and you go all the same, correct it with vervangt and ondanks."},
	"benadering-gesloten":    {NL: "Deze benadering is al afgelegd of afgezegd.", EN: "This approach was made or called off already."},
	"datum-in-toekomst":      {NL: "Een afgelegd bezoek kan niet in de toekomst liggen. Gebruik bezoek-gepland.", EN: "A visit that was made cannot lie in the future. Use bezoek-gepland."},
	"doelstelling-vervallen": {NL: "Deze doelstelling is al vervallen. Opnieuw vaststellen kan met doelstelling-vastgesteld.", EN: "This target was dropped already. It can be set again with doelstelling-vastgesteld."},
	"dubbele-partner":        {NL: "Deze partner staat al in de lijst, onder een andere identiteit.", EN: "This partner is in the list already, under another identity."},
	"geen-plaatsing":         {NL: "Deze melding is geen plaatsing-gerealiseerd.", EN: "That event is not a plaatsing-gerealiseerd."},
	"niet-betrokken":         {NL: "Geen van deze twee plaatsingen is door uw organisatie gemeld. Vraag het de partners die dat deden, of de regisseur.", EN: "Your organisation reported neither of these two placements. Ask the partners that did, or the steward."},
	"onbekende-doelstelling": {NL: "Deze doelstelling is hier niet bekend. Meld eerst doelstelling-vastgesteld.", EN: "This target is not known here. Emit doelstelling-vastgesteld first."},
	"zelfde-melder":          {NL: "Deze twee plaatsingen heeft één partner gemeld. Is er een te veel, dan trekt die haar in met melding-ingetrokken.", EN: "One partner reported both of these placements. If one is too many, it retracts that with melding-ingetrokken."},
	"einddatum-voor-begin":   {NL: "De einddatum ligt voor de ingangsdatum van de plaatsing.", EN: "The end lies before the start of the placement."},
	"heeft-een-dag":          {NL: "Deze benadering heeft een dag; alleen een periode wordt verlengd. Verzet haar met bezoek-verzet.", EN: "This approach has a day; only a period is extended. Move it with bezoek-verzet."},
	"benadering-verlopen":    {NL: "Deze benadering is verlopen. Geef haar nieuwe dagen met bezoek-verzet.", EN: "This approach has expired. Give it other days with bezoek-verzet."},
	"niet-langer":            {NL: "De benadering houdt de werkgever al tot en met die dag of langer vast.", EN: "The approach holds the employer up to that day or longer already."},
	"langer-dan-afgesproken": {NL: "Zo lang houdt een benadering een werkgever volgens de afspraken niet vast, gerekend vanaf het eerste plan.", EN: "By the agreement an approach does not hold an employer for that long, counted from its first plan."},
	"bezet-door-ander":       {NL: "In de nieuwe dagen houdt een andere partner deze werkgever vast. Vraag advies: daarin staat wie u belt.", EN: "Another partner holds this employer on the new days. Ask for advice: it says whom to call."},
	"niet-genoemd":           {NL: "Deze melding noemt uw organisatie niet in samenMet.", EN: "That event does not name your organisation in samenMet."},
	"identiteit-bezet":       {NL: "Deze identiteit hoort bij een andere partner.", EN: "This identity belongs to another partner."},
	"niet-gekoppeld":         {NL: "Deze twee werkgevers zijn niet gekoppeld. Dat zij niet bij elkaar horen, kan alleen de regisseur melden.", EN: "These two employers are not linked. Only the steward can say that they do not belong together."},
	"niet-intrekbaar":        {NL: "Een melding van dit type kan niet worden ingetrokken of vervangen.", EN: "An event of this type cannot be retracted or replaced."},
	"niet-van-u":             {NL: "Dit heeft een ander gemeld. Alleen wie het meldde, kan het intrekken, vervangen of ontkoppelen.", EN: "Somebody else said that. Only who said it can retract, replace or unlink it."},
	"onbekende-benadering":   {NL: "Deze benadering is bij ons niet bekend. Meld eerst bezoek-gepland.", EN: "This benadering is not known here. Emit bezoek-gepland first."},
	"onbekende-melding":      {NL: "Een melding met deze source en id is hier niet bekend.", EN: "No event with this source and id is known here."},
	"onbekende-partner":      {NL: "Deze identiteit hoort bij geen partner in dit boek.", EN: "This identity belongs to no partner in this book."},
	"onbekende-vacature":     {NL: "Deze vacature is bij ons niet bekend. Meld eerst vacature-gemeld.", EN: "This vacature is not known here. Emit vacature-gemeld first."},
	"opvolging-in-kring":     {NL: "Deze opvolging loopt in een kring: de opvolger wordt zelf, misschien via anderen, door deze partner opgevolgd.", EN: "This succession goes round in a circle: the successor is itself succeeded by this partner, perhaps through others."},
	"onbekende-plaatsing":    {NL: "Deze plaatsing is bij ons niet bekend. Meld eerst plaatsing-gerealiseerd.", EN: "This plaatsing is not known here. Emit plaatsing-gerealiseerd first."},
	"plaatsing-beeindigd":    {NL: "Deze plaatsing is al beëindigd. Verbeter de melding met vervangt.", EN: "This placement was ended already. Correct that event with vervangt."},
	"plaatsing-bestaat":      {NL: "Deze plaatsing bestaat al. Verbeter de melding met vervangt.", EN: "This plaatsing exists already. Correct the event with vervangt."},
	"vacature-bestaat":       {NL: "Deze vacature bestaat al. Verbeter de melding met vervangt.", EN: "This vacature exists already. Correct the event with vervangt."},
	"vacature-gesloten":      {NL: "Deze vacature is al vervuld of ingetrokken.", EN: "This vacancy was filled or withdrawn already."},
	"rol-mag-niet":           {NL: "Met deze rol kunt u dit type melding niet doen.", EN: "This role may not emit events of this type."},
	"eigen-partner":          {NL: "In samenMet staan alleen andere partners dan uzelf.", EN: "samenMet names other partners, not yourself."},
	"niet-actief":            {NL: "Deze partner neemt vandaag niet deel aan dit boek.", EN: "This partner does not take part in this book today."},
	"source-niet-van-u":      {NL: "De source hoort niet bij uw organisatie. Gebruik een van uw eigen identiteiten.", EN: "The source is not your organisation's. Use one of your own identities."},
}

// Codes are the fault codes that the book itself refuses with, in order.
func Codes() []string { return append(slices.Sorted(maps.Keys(faultSentences)), codeOtherContent) }

// SentenceOf is what such a code says; ok is false for one that is not of this package.
func SentenceOf(code string) (s events.Sentence, ok bool) {
	if code == codeOtherContent {
		return otherContent, true
	}
	s, ok = faultSentences[code]
	return s, ok
}

func fault(field, code string) events.Fault {
	return events.Fault{Field: field, Code: code, Sentence: faultSentences[code]}
}
