package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"huisboek/adapters/intake"
	"huisboek/ledger"
)

// An example is one request and what is answered to it. The document has its
// parts where OpenAPI wants them, all under the example's key, and with the answer
// what OpenAPI has no place for (exampleMark). The examples follow on each other:
// together they are one story, and a test tells it to a book.
type example struct {
	key, summary string
	operation    string
	by           string            // whose token: one of the callers; "" is none
	parameters   map[string]string // by name, headers too
	media        string            // content type of the body
	body         string            // JSON
	status       int
	exampleOdd
}

// exampleOdd is what of a request cannot stand where OpenAPI wants it, because it
// is not what the document describes: it is refused for that.
type exampleOdd struct {
	Accept       string            `json:"accept,omitempty"`     // header, when not application/json
	Parameters   map[string]string `json:"parameters,omitempty"` // by name
	Media        string            `json:"contentType,omitempty"`
	Body         string            `json:"inhoud,omitempty"`        // as it is sent
	Spaces       int               `json:"spaties,omitempty"`       // to add to the body
	Circumstance string            `json:"omstandigheid,omitempty"` // what must be the case: circumstanceSpent or circumstanceLater
}

// circumstanceSpent: everything that the token may send was sent.
const circumstanceSpent = "tegoed-op"

// circumstanceLater: a minute has passed since the example before it.
const circumstanceLater = "minuut-later"

// exampleMark is the extension in an example of an answer that says when in the
// story and by whom the request is made.
const exampleMark = "x-voorbeeld"

// The callers of the examples.
const (
	byGemeente = "gemeente"
	byUWV      = "uwv"
	bySteward  = "regisseur"
	byBoard    = "bestuur"
	byAuditor  = "auditor"
)

const (
	opReport     = "gebeurtenissenMelden"
	opDeliveries = "aanleveringenLezen"
	opMessages   = "berichtenLezen"
	opFind       = "werkgeversZoeken"
	opFollowed   = "gevolgdeWerkgeversLezen"
	opLinks      = "koppelingenLezen"
	opDoubles    = "mogelijkDezelfdeLezen"
	opCoverage   = "dekkingLezen"
	opRegions    = "arbeidsmarktregiosLezen"
	opRegion     = "arbeidsmarktregioLezen"
	opStatus     = "standLezen"
	opTour       = "rondeAdviesVragen"
	opAgreements = "afsprakenLezen"
	opClashes    = "botsingenLezen"
	opWorking    = "werkingLezen"

	opTargets          = "doelstellingenLezen"
	opTarget           = "doelstellingLezen"
	opStanding         = "doelstellingStandLezen"
	opDifference       = "doelstellingVerschilLezen"
	opSheet            = "doelstellingStandOphalen"
	opPlacementDoubles = "dubbelenLezen"
	opReach            = "bereikLezen"

	// lastExample is the position of the last event that the examples record.
	lastExample = "48"
	// lastDoubt is where two placements are possibly the same.
	lastDoubt = "47"
)

// examples is the story, in its order. The answers are in the folder examples,
// by key. None has a member postcode: the linter of the API Design Rules takes
// everything below paths whose name holds post for an operation.
var examples = []example{
	report("werkgever-beschreven", "Een partner vertelt wat hij van een werkgever weet", byGemeente, 201, gemeente("2026-000117", "werkgever-beschreven", `"kvkNummer": "68750110",
    "naam": "Bakkerij Voorbeeld",
    "plaats": "Zwolle",
    "gemeentecode": "GM0193",
    "sbiCode": "1071",
    "sbiVersie": "2025",
    "sector": "markt",
    "contactpersonen": [{"naam": "Contactpersoon Voorbeeld", "functie": "eigenaar", "telefoon": "038 000 05 01"}]`)),
	report("bezoek-gepland", "Een plan dat niemand in de weg zit: vrij", byGemeente, 201, thePlan),
	report("bezoek-gepland-let-op", "Een plan bij een werkgever waar een ander al gaat: let op, met wie u belt", byUWV, 201, uwv("B-4471", "bezoek-gepland", `"kvkNummer": "69599084",
    "benadering": "0b9d2c54-6c0e-4f0c-9a53-1f6c7a3f2d10",
    "periode": {"van": "2026-12-01", "tot": "2026-12-04"},
    "doel": "acquisitie",
    "accountmanager": {"medewerker": "u-204", "naam": "Accountmanager Voorbeeld", "telefoon": "038 000 02 04"}`)),
	report("eerder-gezien", "Dezelfde melding nog eens: 200, en niets telt dubbel", byGemeente, 200, thePlan),
	trial(report("proef", "Wat zou het antwoord zijn? Er wordt niets vastgelegd", byUWV, 200, uwv("B-4472", "bezoek-gepland", `"kvkNummer": "68727720",
    "benadering": "7a4f3f3e-2b67-4a52-8d8f-5a1b7f0e9c21",
    "datum": "2026-12-08",
    "doel": "kennismaking",
    "accountmanager": {"medewerker": "u-204", "naam": "Accountmanager Voorbeeld"}`))),
	report("bezoek-verzet", "Een open benadering krijgt een andere dag", byGemeente, 201, gemeente("2026-000119", "bezoek-verzet", `"benadering": "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
    "datum": "2026-12-03",
    "tijd": "10:30"`)),
	{
		key: "bezoek-afgelegd", summary: "Een contact dat plaatsvond, met ce-headers: de inhoud is alleen data",
		operation: opReport, by: byGemeente, media: "application/json", status: http.StatusCreated,
		parameters: map[string]string{
			"ce-specversion": "1.0", "ce-id": "2026-000120", "ce-source": sourceGemeente,
			"ce-type": "nl.werkgeversdiensten.bezoek-afgelegd.v1", "ce-time": "2026-11-22T11:55:00+01:00",
		},
		body: `{
  "kvkNummer": "68727720",
  "datum": "2026-11-20",
  "doel": "vacature",
  "vorm": "op-locatie",
  "accountmanager": {"medewerker": "g-12", "naam": "Consulent Voorbeeld", "telefoon": "038 000 01 12"},
  "uitkomst": ["vacature"]
}`,
	},
	report("bezoek-afgezegd", "Een open benadering eindigt zonder contact", byUWV, 201, uwv("B-4473", "bezoek-afgezegd", `"benadering": "0b9d2c54-6c0e-4f0c-9a53-1f6c7a3f2d10",
    "reden": "De gemeente gaat al; wij sluiten aan."`)),
	report("dienst-geleverd", "Een dienst aan een werkgever", byUWV, 201, uwv("B-4474", "dienst-geleverd", `"kvkNummer": "69599084",
    "dienst": "jobcoach",
    "datum": "2026-11-18",
    "doelgroep": "DD02",
    "aantal": 2`)),
	report("plaatsing-gerealiseerd", "Iemand is aan het werk; nooit wie", byGemeente, 201, gemeente("2026-000121", "plaatsing-gerealiseerd", `"kvkNummer": "69599084",
    "plaatsing": "c1d7a9a2-3f5e-4d0b-8a6c-92e7b1f04d33",
    "ingangsdatum": "2026-08-03",
    "soort": "dienstverband",
    "arbeidsmarktregio": "AM36",
    "urenPerWeek": 24.50,
    "doelgroep": "DD02"`)),
	report("plaatsing-beeindigd", "Een eigen plaatsing eindigt", byGemeente, 201, gemeente("2026-000122", "plaatsing-beeindigd", `"plaatsing": "c1d7a9a2-3f5e-4d0b-8a6c-92e7b1f04d33",
    "einddatum": "2026-11-15"`)),
	report("contactpersoon-aangewezen", "De vaste contactpersoon voor een werkgever", byGemeente, 201, gemeente("2026-000123", "contactpersoon-aangewezen", `"kvkNummer": "68727720",
    "accountmanager": {"medewerker": "g-12", "naam": "Consulent Voorbeeld", "telefoon": "038 000 01 12"}`)),
	report("contactpersoon-ontheven", "En die vervalt weer", byGemeente, 201, gemeente("2026-000124", "contactpersoon-ontheven", `"kvkNummer": "68727720"`)),
	report("melding-ingetrokken", "Een eigen melding wordt teruggenomen", byUWV, 201, uwv("B-4475", "melding-ingetrokken", `"melding": {"source": "urn:nld:oin:00000099000000003000:systeem:werkgeversbestand", "id": "B-4474"},
    "reden": "Bij de verkeerde werkgever gemeld."`)),
	report("vacature-gemeld", "Een werkgever zoekt mensen", byGemeente, 201, gemeente("2026-000130", "vacature-gemeld", `"kvkNummer": "69599084",
    "vacature": "3c9a1d54-0e7b-4a26-9d18-5b2f6e7c8a10",
    "beroep": "Productiemedewerker",
    "aantal": 3,
    "uren": 32,
    "datum": "2026-11-16"`)),
	report("vacature-vervuld", "Twee van de drie plaatsen zijn vervuld", byGemeente, 201, gemeente("2026-000131", "vacature-vervuld", `"vacature": "3c9a1d54-0e7b-4a26-9d18-5b2f6e7c8a10",
    "datum": "2026-11-21",
    "aantal": 2`)),
	report("vacature-gemeld-elders", "Een vacature van een ander", byUWV, 201, uwv("B-4476", "vacature-gemeld", `"kvkNummer": "68727720",
    "vacature": "8e2b7f60-41c3-4d9a-b7a5-0c6d1e2f3a44",
    "beroep": "Medewerker groenvoorziening",
    "aantal": 1`)),
	report("vacature-ingetrokken", "Die toch niet doorgaat", byUWV, 201, uwv("B-4477", "vacature-ingetrokken", `"vacature": "8e2b7f60-41c3-4d9a-b7a5-0c6d1e2f3a44"`)),
	report("signaal-opgevangen", "Wat een werkgever zei en geen vacature is", byUWV, 201, uwv("B-4478", "signaal-opgevangen", `"kvkNummer": "69599084",
    "thema": "scholing",
    "tekst": "Zoekt een cursus Nederlands op de werkvloer.",
    "datum": "2026-11-19"`)),
	report("werkgever-zonder-nummer", "Een werkgever van wie het nummer nog niet bekend is", byGemeente, 201, gemeente("2026-000132", "werkgever-beschreven", `"voorlopig": "d2a6c3b8-7e15-4f09-8b4c-6a1f9e3d5c72",
    "naam": "Voorbeeld de bakker",
    "plaats": "Zwolle"`)),
	report("werkgever-gekoppeld", "Dat blijkt een bekende werkgever te zijn: de koppeling geldt meteen, want niemand anders noemde dit voorlopige nummer", byGemeente, 201, gemeente("2026-000133", "werkgever-gekoppeld", `"werkgever": {"voorlopig": "d2a6c3b8-7e15-4f09-8b4c-6a1f9e3d5c72"},
    "met": {"kvkNummer": "68750110"},
    "soort": "dezelfde"`)),
	report("werkgever-gekoppeld-wacht", "Een koppeling die op een tweede partner of de regisseur wacht", byUWV, 201, uwv("B-4479", "werkgever-gekoppeld", `"werkgever": {"kvkNummer": "68750110"},
    "met": {"kvkNummer": "69599084"},
    "soort": "concern"`)),
	report("werkgever-gekoppeld-opvolger", "Nog een: de een ging door met het werk van de ander", byUWV, 201, uwv("B-4480", "werkgever-gekoppeld", `"werkgever": {"kvkNummer": "69599076"},
    "met": {"kvkNummer": "69599084"},
    "soort": "opvolger"`)),
	report("werkgever-ontkoppeld", "De regisseur zegt dat twee werkgevers niet bij elkaar horen", bySteward, 201, steward("R-30", "werkgever-ontkoppeld", `"werkgever": {"kvkNummer": "68727720"},
    "met": {"kvkNummer": "69599084"}`)),
	report("partner-toegelaten", "De regisseur laat een organisatie toe", bySteward, 201, steward("R-31", "partner-toegelaten", `"partner": "2f0c8f4e-9f0d-4f35-8f8b-1d2a3b4c5d6e",
    "identiteiten": ["urn:nld:oin:00000099000000005000"],
    "naam": "Gemeente Buurtstad",
    "soort": "gemeente",
    "per": "2026-11-22",
    "gemeentecodes": ["GM0180"]`)),
	report("partner-vertrokken", "En er gaat er een weg", bySteward, 201, steward("R-32", "partner-vertrokken", `"partner": "2f0c8f4e-9f0d-4f35-8f8b-1d2a3b4c5d6e",
    "per": "2026-12-31"`)),
	report("partner-opgevolgd", "Een ander gaat door met haar werk", bySteward, 201, steward("R-33", "partner-opgevolgd", `"partner": "2f0c8f4e-9f0d-4f35-8f8b-1d2a3b4c5d6e",
    "door": "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01",
    "per": "2026-12-31"`)),
	report("niveau-vastgesteld", "De regisseur stelt vast wie een werkgever benadert", bySteward, 201, steward("R-34", "niveau-vastgesteld", `"kvkNummer": "69599084",
    "niveau": "regionaal"`)),
	report("werkgever-ontzien", "En dat een werkgever met rust gelaten wil worden", bySteward, 201, steward("R-35", "werkgever-ontzien", `"kvkNummer": "68727720",
    "van": "2026-11-22",
    "tot": "2027-01-31",
    "grond": "werkgever"`)),
	trial(report("proef-geweigerd", "Een proef met een plan dat de afspraken zouden weigeren: het oordeel, met status 200", byUWV, 200, sparedPlan)),
	report("plan-geweigerd", "Het plan zelf: 409, met het ontvangstbewijs", byUWV, 409, sparedPlan),
	report("bezoek-gepland-samen", "Een plan voor een periode, samen met een ander", byGemeente, 201, gemeente("2026-000134", "bezoek-gepland", `"kvkNummer": "90004760",
    "benadering": "d9c2f7b6-3a41-4e58-9f0c-7b8a6d5e4c31",
    "periode": {"van": "2026-12-01", "tot": "2026-12-10"},
    "doel": "kennismaking",
    "accountmanager": {"medewerker": "g-12", "naam": "Consulent Voorbeeld", "telefoon": "038 000 01 12"},
    "samenMet": ["urn:nld:oin:00000099000000003000"]`)),
	report("samenwerking-bevestigd", "En die ander zegt dat ook", byUWV, 201, uwv("B-4482", "samenwerking-bevestigd", `"melding": {"source": "urn:nld:oin:00000099000000002000:systeem:crm", "id": "2026-000134"}`)),
	report("benadering-verlengd", "Die periode wordt langer", byGemeente, 201, gemeente("2026-000135", "benadering-verlengd", `"benadering": "d9c2f7b6-3a41-4e58-9f0c-7b8a6d5e4c31",
    "tot": "2026-12-18",
    "reden": "De werkgever kan pas in de week van de veertiende."`)),
	report("werkgever-gevolgd", "Een partner wil horen wat er bij een werkgever gebeurt", byUWV, 201, uwv("B-4483", "werkgever-gevolgd", `"kvkNummer": "68750110"`)),
	report("werkgever-losgelaten", "En weer niet", byUWV, 201, uwv("B-4484", "werkgever-losgelaten", `"kvkNummer": "68750110"`)),
	report("afspraken-vastgesteld", "De afspraken van de regio, vanaf een dag", bySteward, 201, steward("R-36", "afspraken-vastgesteld", `"per": "2027-01-01",
    "naam": "Afspraken 2027",
    "besluit": "Stuurgroep van 19 november 2026",
    "rustdagen": 60,
    "storing": [
      {"doel": "acquisitie", "stoort": ["acquisitie", "kennismaking"]},
      {"doel": "kennismaking", "stoort": ["acquisitie", "kennismaking"]},
      {"doel": "vacature", "stoort": ["vacature"]}
    ],
    "geldigheid": 30,
    "langsteDuur": 180,
    "plannenPerPartner": 150,
    "plannenPerAccountmanager": 25,
    "contactenPerJaar": 6,
    "optreden": {
      "anderPlan": "waarschuwen", "rust": "waarschuwen", "jaarmaximum": "waarschuwen", "ontzien": "weigeren", "gebied": "niets",
      "alleen": "waarschuwen", "vasteContactpersoon": "waarschuwen", "plannenPartner": "weigeren", "plannenAccountmanager": "waarschuwen", "teLang": "waarschuwen"
    },
    "opschaling": {"dagen": 3, "telling": "werkdagen", "goedeVrijdag": true, "vijfMei": true},
    "subregios": [{"subregio": "Vechtdal", "rustdagen": 30}]`)),
	report("bezoek-afgelegd-botst", "Een bezoek binnen de rustdagen na dat van een ander: het is geweest, en botst", byUWV, 201, uwv("B-4490", "bezoek-afgelegd", `"kvkNummer": "68727720",
    "datum": "2026-11-21",
    "doel": "vacature",
    "vorm": "telefoon"`)),
	report("bezoek-afgelegd-te-laat", "Een bezoek van daarvoor, te laat gemeld: ook dan blijkt het", byUWV, 201, uwv("B-4491", "bezoek-afgelegd", `"kvkNummer": "68727720",
    "datum": "2026-11-17",
    "doel": "vacature",
    "vorm": "video"`)),
	{
		key: "reeks", summary: "Een reeks: een resultaat voor elke gebeurtenis, ook als er een niet klopt",
		operation: opReport, by: byGemeente, media: intake.Batch, status: http.StatusOK,
		body: "[\n" + gemeente("2026-000125", "bezoek-afgelegd", `"kvkNummer": "68750110",
    "datum": "2025-03-04",
    "doel": "nazorg",
    "vorm": "telefoon"`) + ",\n" + thePlan + ",\n" + gemeente("2026-000126", "dienst-geleverd", `"kvkNummer": "68750110",
    "dienst": "voorlichting",
    "periode": {"van": "2025-03-04", "tot": "2025-03-03"}`) + "\n]",
	},
	report("doelstelling-vastgesteld", "Het bestuur stelt een doelstelling vast: 100 en 500, samen 600", byBoard, 201, board("B-1", "doelstelling-vastgesteld", theTarget)),
	report("doelstelling-vastgesteld-bezoeken", "En een tweede", byBoard, 201, board("B-2", "doelstelling-vastgesteld", `"doelstelling": "9a4b7c10-52de-4e6f-8a31-7d0e6b5c4f22",
    "naam": "Bezoeken 2026",
    "periode": {"van": "2026-01-01", "tot": "2026-12-31"},
    "maat": "bezoeken",
    "aantal": 250,
    "definitie": {"doelen": ["acquisitie", "kennismaking", "vacature"]}`)),
	report("doelstelling-vastgesteld-versie", "Een nieuwe versie: met een afgesproken pad", byBoard, 201, board("B-3", "doelstelling-vastgesteld", theTarget+`,
    "pad": [{"datum": "2026-06-30", "aantal": 240}, {"datum": "2026-09-30", "aantal": 420}],
    "reden": "Met het afgesproken pad erbij"`)),
	report("doelstelling-vervallen", "De tweede vervalt", byBoard, 201, board("B-4", "doelstelling-vervallen", `"doelstelling": "9a4b7c10-52de-4e6f-8a31-7d0e6b5c4f22",
    "reden": "Drie doelen is genoeg"`)),
	report("plaatsing-gerealiseerd-ook", "Een plaatsing die misschien al door een ander is gemeld", byUWV, 201, uwv("B-4492", "plaatsing-gerealiseerd", `"kvkNummer": "69599084",
    "plaatsing": "0d8f5b3c-61a7-4c92-b0e4-2a9c7d1e5f66",
    "ingangsdatum": "2026-08-05",
    "soort": "dienstverband",
    "arbeidsmarktregio": "AM36",
    "urenPerWeek": 24,
    "doelgroep": "DD02"`)),
	report("werkgeversaantallen-vastgesteld", "De regisseur zegt hoeveel werkgevers er zijn", bySteward, 201, steward("R-37", "werkgeversaantallen-vastgesteld", `"per": "2025-01-01",
    "bron": "CBS, vestigingen van bedrijven",
    "aantallen": [{"gemeentecode": "GM0193", "aantal": 1250}]`)),
	report("plaatsingen-gelijkgesteld", "Een van de twee zegt dat het dezelfde plaatsing is: dat wacht op de ander", byUWV, 201, uwv("B-4493", "plaatsingen-gelijkgesteld", samePlacement)),
	read("dubbelen", "Wat mogelijk dubbel telt, voor een van de twee", opPlacementDoubles, byUWV, 200, "stand", "open", "aantal", "10", "vanafPositie", lastDoubt),
	read("dubbelen-regisseur", "En voor de regisseur, die er ook over kan beslissen", opPlacementDoubles, bySteward, 200, "vanafPositie", lastDoubt),
	read("dubbelen-bestuur", "Het bestuur ziet geen plaatsingen", opPlacementDoubles, byBoard, 403),
	odd(report("plaatsingen-gelijkgesteld-beide", "De ander zegt het ook: zij tellen als een", byGemeente, 201, gemeente("2026-000136", "plaatsingen-gelijkgesteld", samePlacement)), exampleOdd{Circumstance: circumstanceLater}),
	report("fouten", "Alles wat er niet klopt komt tegelijk terug", byGemeente, 400, gemeente("2026-000127", "bezoek-gepland", `"kvkNummer": "6959908",
    "benadering": "plan-1",
    "datum": "2026-02-30",
    "doel": "koffie",
    "kleur": "blauw"`)),
	report("zonder-token", "Een melding zonder token", "", 401, thePlan),
	report("andere-bron", "Een partner meldt onder de bron van een ander", byUWV, 403, gemeente("2026-000128", "bezoek-afgelegd", `"kvkNummer": "68727720",
    "datum": "2026-11-20",
    "doel": "advies",
    "vorm": "video"`)),
	odd(report("andere-vorm-gevraagd", "Antwoorden zijn er alleen in JSON", byGemeente, 406, thePlan), exampleOdd{Accept: "text/html"}),
	report("andere-inhoud", "Een bekend id met andere inhoud", byGemeente, 409, gemeente("2026-000118", "bezoek-afgelegd", `"kvkNummer": "68727720",
    "datum": "2026-11-20",
    "doel": "advies",
    "vorm": "video"`)),
	odd(report("te-groot", "Een melding van meer dan 64 KiB; hier door spaties", byGemeente, 413, thePlan), exampleOdd{Spaces: 1 << 16}),
	{
		key: "geen-json", summary: "Een formulier is geen gebeurtenis", operation: opReport, by: byGemeente, status: http.StatusUnsupportedMediaType,
		exampleOdd: exampleOdd{Media: "application/x-www-form-urlencoded", Body: "kvkNummer=69599084"},
	},
	odd(report("te-veel", "Meer meldingen dan voor dit token is afgesproken", byGemeente, 429, thePlan), exampleOdd{Circumstance: circumstanceSpent}),

	read("aanleveringen", "Wat er van de eigen meldingen werd", opDeliveries, byUWV, 200, "aantal", "3", "van", "2026-11-01", "tot", "2026-11-22", "vanafPositie", lastExample),
	read("aanleveringen-verder", "De volgende bladzijde", opDeliveries, byUWV, 200, "aantal", "3", "na", nextOf("aanleveringen"), "vanafPositie", lastExample),
	read("aanleveringen-geweigerd", "Alleen wat geweigerd is", opDeliveries, byUWV, 200, "uitkomst", "geweigerd", "vanafPositie", lastExample),
	read("aanleveringen-fout", "Een uitkomst die er niet is", opDeliveries, byUWV, 400, "uitkomst", "mislukt", "aantal", "0"),
	read("aanleveringen-regisseur", "De regisseur levert niets aan", opDeliveries, bySteward, 403),
	read("berichten", "Wat een ander deed en u aangaat", opMessages, byUWV, 200, "aantal", "10", "vanafPositie", lastExample),
	read("berichten-verder", "Er kwam nog niets bij: bewaar volgende", opMessages, byUWV, 200, "na", nextOf("berichten"), "vanafPositie", lastExample),
	read("berichten-fout", "Een na die het boek niet gaf", opMessages, byUWV, 400, "na", "gisteren"),

	read("zoeken", "Een begin van een naam, met een typefout", opFind, byUWV, 200, "zoek", "bakerij voorb", "aantal", "1", "vanafPositie", lastExample),
	read("zoeken-verder", "De volgende bladzijde", opFind, byUWV, 200, "zoek", "bakerij voorb", "aantal", "1", "na", nextOf("zoeken"), "vanafPositie", lastExample),
	read("zoeken-fout", "Een letter is te weinig", opFind, byUWV, 400, "zoek", "b", "na", nextOf("zoeken")),
	read("gevolgde-werkgevers", "Welke werkgevers een partner volgt: hier geen meer", opFollowed, byUWV, 200, "vanafPositie", lastExample),
	read("gevolgde-werkgevers-fout", "Een na die het boek niet gaf", opFollowed, byUWV, 400, "na", "gisteren"),
	read("gevolgde-werkgevers-regisseur", "De regisseur volgt niemand", opFollowed, bySteward, 403),
	read("koppelingen", "Wat er op een tweede wacht", opLinks, bySteward, 200, "wacht", "true", "aantal", "1", "vanafPositie", lastExample),
	read("koppelingen-verder", "De volgende bladzijde", opLinks, bySteward, 200, "wacht", "true", "na", nextOf("koppelingen"), "vanafPositie", lastExample),
	read("koppelingen-fout", "Wat niet wacht staat bij de werkgever zelf", opLinks, bySteward, 400, "wacht", "false"),
	read("mogelijk-dezelfde", "Werkgevers die op elkaar lijken", opDoubles, bySteward, 200, "aantal", "1", "vanafPositie", lastExample),
	read("mogelijk-dezelfde-verder", "De volgende bladzijde", opDoubles, bySteward, 200, "na", nextOf("mogelijk-dezelfde"), "vanafPositie", lastExample),
	read("mogelijk-dezelfde-partner", "Alleen de regisseur vraagt dit", opDoubles, byUWV, 403),
	read("werkgever", "Alles over een werkgever", "werkgeverLezen", byUWV, 200, "werkgever", "69599084", "vanafPositie", lastExample),
	read("werkgever-onbekend", "Een werkgever die niemand noemde geeft lege lijsten", "werkgeverLezen", byUWV, 200, "werkgever", "69599068", "vestigingsnummer", "000037178598", "vanafPositie", lastExample),
	read("werkgever-fout", "Een nummer van zeven cijfers", "werkgeverLezen", byUWV, 400, "werkgever", "6959908", "vestigingsnummer", "12"),
	read("werkgever-zonder-token", "Een vraag zonder token", "werkgeverLezen", "", 401, "werkgever", "69599084"),
	read("werkgever-bestuur", "Het bestuur ziet geen werkgevers", "werkgeverLezen", byBoard, 403, "werkgever", "69599084"),
	read("werkgever-te-vroeg", "Een positie die het overzicht nog niet heeft", "werkgeverLezen", byUWV, 503, "werkgever", "69599084", "vanafPositie", "1000"),
	read("inzagen", "Wie er naar contactpersonen keek: hier nog niemand", opReadLog, byAuditor, 200, "werkgever", "68750110", "aantal", "1"),
	read("inzagen-partner", "Een ander ziet er niets van", opReadLog, byUWV, 200, "van", "2026-11-01", "tot", "2026-11-22"),
	read("inzagen-fout", "Alles wat er niet klopt komt tegelijk terug", opReadLog, byAuditor, 400, "van", "gisteren", "tot", "2026-02-30", "werkgever", "bakker"),
	read("inzagen-regisseur", "De regisseur ziet dit niet", opReadLog, bySteward, 403),
	read("contacten", "De eerste bladzijde", "contactenLezen", byUWV, 200, "werkgever", "69599084", "aantal", "1", "vanafPositie", lastExample),
	read("contacten-verder", "De volgende bladzijde, tot een vestiging beperkt", "contactenLezen", byUWV, 200, "werkgever", "69599084", "vestigingsnummer", "000037178598", "na", nextOf("contacten"), "vanafPositie", lastExample),
	read("contacten-fout", "Te veel tegelijk, en een na die het boek niet gaf", "contactenLezen", byUWV, 400, "werkgever", "69599084", "aantal", "500", "vestigingsnummer", "37178598"),
	read("contacten-gekoppeld", "Onder het voorlopige nummer staat alles van de werkgever", "contactenLezen", byUWV, 200, "werkgever", "voorlopig-d2a6c3b8-7e15-4f09-8b4c-6a1f9e3d5c72", "vanafPositie", lastExample),
	read("advies", "Kan dit plan, en wie belt u eerst?", "adviesVragen", byUWV, 200, "werkgever", "69599084", "vestigingsnummer", "000037178598", "doel", "acquisitie", "datum", "2026-12-01", "vanafPositie", lastExample),
	read("advies-fout", "Een doel dat er niet is", "adviesVragen", byUWV, 400, "werkgever", "69599084", "doel", "koffie"),
	read("advies-voorbij", "Een dag die voorbij is, en een periode die achteruit loopt", "adviesVragen", byUWV, 400, "werkgever", "69599084", "datum", "2026-11-21", "tot", "2026-11-20"),
	tour("advies-ronde", "Een ronde langs werkgevers", byUWV, 200, `{
  "werkgevers": ["69599084", "68727720", "voorlopig-d2a6c3b8-7e15-4f09-8b4c-6a1f9e3d5c72"],
  "doel": "acquisitie",
  "datum": "2026-12-01",
  "tot": "2026-12-04"
}`),
	tour("advies-ronde-fout", "Alles wat er niet klopt, met de plaats in de vraag", byUWV, 400, `{
  "werkgevers": ["69599084", "6959908"],
  "doel": "koffie",
  "tot": "2026-12-04",
  "kleur": "blauw"
}`),
	read("afspraken", "Wat er in de regio is afgesproken", opAgreements, byBoard, 200, "vanafPositie", lastExample),
	read("afspraken-zonder-token", "Een vraag zonder token", opAgreements, "", 401),
	read("botsingen", "Wat er bleek te botsen", opClashes, byUWV, 200, "partner", partnerExample, "werkgever", "68727720", "van", "2026-01", "tot", "2026-11", "afloop", "beide-gegaan", "aantal", "1", "vanafPositie", lastExample),
	read("botsingen-verder", "De volgende bladzijde", opClashes, byUWV, 200, "partner", partnerExample, "werkgever", "68727720", "aantal", "1", "na", nextOf("botsingen"), "vanafPositie", lastExample),
	read("botsingen-geen", "Een werkgever waar niets botste", opClashes, bySteward, 200, "werkgever", "69599068", "vanafPositie", lastExample),
	read("botsingen-fout", "Een afloop die er niet is", opClashes, byUWV, 400, "afloop", "ruzie", "werkgever", "6872772"),
	read("botsingen-bestuur", "Het bestuur ziet geen werkgevers", opClashes, byBoard, 403),
	read("werking", "Of het werkt, per maand", opWorking, bySteward, 200, "van", "2026-10", "tot", "2026-12", "vanafPositie", lastExample),
	read("werking-fout", "Een laatste maand voor de eerste", opWorking, byUWV, 400, "van", "2026-10", "tot", "2026-09"),
	read("partners", "Wie er meedoet", "partnersLezen", bySteward, 200, "vanafPositie", lastExample),
	read("partners-op-een-dag", "Wie er op een dag meedoet, en wie het werk voortzet", "partnersLezen", bySteward, 200, "peildatum", "2027-01-01", "vanafPositie", lastExample),
	read("partners-zonder-token", "Een vraag zonder token", "partnersLezen", "", 401),
	read("tellingen", "Bezoeken per partner", "tellingenLezen", byBoard, 200, "meting", "bezoeken", "van", "2026-10", "tot", "2026-11", "per", "partner", "vanafPositie", lastExample),
	read("tellingen-signalen", "Waar signalen over gaan, per kwartaal", "tellingenLezen", byBoard, 200, "meting", "signalen", "van", "2026-07", "tot", "2026-11", "per", "thema", "tijdvak", "kwartaal", "vanafPositie", lastExample),
	read("tellingen-fout", "Een meting die er niet is", "tellingenLezen", byBoard, 400, "meting", "omzet"),
	read("doelstellingen", "Waar de regio naartoe wil, en hoe het ervoor staat", opTargets, byBoard, 200, "vanafPositie", lastExample),
	read("doelstellingen-vervallen", "Ook wat vervallen is, zoals een minuut eerder bekend was", opTargets, byGemeente, 200, "vervallen", "true", "bekendOp", momentOfDoubt, "vanafPositie", lastExample),
	read("doelstellingen-fout", "Een dag die niet bestaat", opTargets, byBoard, 400, "bekendOp", "2026-02-30"),
	read("doelstelling", "De doelstelling en haar versies", opTarget, byBoard, 200, "doelstelling", targetExample, "vanafPositie", lastExample),
	read("doelstelling-onbekend", "Een doelstelling die er niet is", opTarget, byBoard, 404, "doelstelling", "00000000-0000-4000-8000-000000000000"),
	read("doelstelling-stand", "De stand voor het bestuur", opStanding, byBoard, 200, "doelstelling", targetExample, "vanafPositie", lastExample),
	read("doelstelling-stand-per", "De stand op een dag, zoals die toen bekend was, uitgesplitst: een deel telt misschien dubbel", opStanding, byGemeente, 200, "doelstelling", targetExample, "peildatum", "2026-11-22", "bekendOp", momentOfDoubt, "per", "partner,maand", "vanafPositie", lastExample),
	read("doelstelling-stand-onbekend", "Een doelstelling die er niet is", opStanding, byUWV, 404, "doelstelling", "00000000-0000-4000-8000-000000000000"),
	read("doelstelling-stand-fout", "Alles wat er niet klopt komt tegelijk terug", opStanding, byUWV, 400, "doelstelling", targetExample, "peildatum", "2026-02-30", "bekendOp", "gisteren", "per", "partner,kleur"),
	read("doelstelling-verschil", "Waarom de stand veranderde: wat twee leken, was een", opDifference, bySteward, 200, "doelstelling", targetExample, "peildatum", "2026-11-22", "bekendOp", momentOfDoubt, "vanafPositie", lastExample),
	read("doelstelling-verschil-fout", "Een eerste moment na het tweede", opDifference, bySteward, 400, "doelstelling", targetExample, "bekendOp", "2026-11-20", "vergelekenMet", "2026-11-19"),
	read("bereik", "Welk deel van de werkgevers is bezocht", opReach, byBoard, 200, "van", "2025-01-01", "tot", "2026-11-22", "vanafPositie", lastExample),
	read("bereik-fout", "Een laatste dag voor de eerste", opReach, byBoard, 400, "van", "2026-11-22", "tot", "2025-01-01"),
	read("dekking", "Wie wat meldt", opCoverage, byUWV, 200, "vanafPositie", lastExample),
	read("dekking-bestuur", "Het bestuur ziet geen partners", opCoverage, byBoard, 403),
	read("arbeidsmarktregios", "Alle arbeidsmarktregio's", opRegions, byUWV, 200),
	read("arbeidsmarktregios-zonder-token", "Een vraag zonder token", opRegions, "", 401),
	read("arbeidsmarktregio", "Welke gemeenten erbij hoorden", opRegion, byUWV, 200, "code", "AM36", "peildatum", "2021-06-01"),
	read("arbeidsmarktregio-onbekend", "Een code die niet bestaat", opRegion, byUWV, 404, "code", "AM99"),
	read("arbeidsmarktregio-fout", "Een dag die niet bestaat", opRegion, byUWV, 400, "code", "AM36", "peildatum", "2021-02-30"),
	read("oordeel", "Waarom een oordeel zo viel, met de feiten van toen", opExplain, byUWV, 200, "positie", "6", "vanafPositie", lastExample),
	read("oordeel-geen", "Een melding die geen oordeel krijgt", opExplain, bySteward, 200, "positie", "4", "vanafPositie", lastExample),
	read("oordeel-onbekend", "De plaatsing van een ander is er niet", opExplain, byUWV, 404, "positie", "11"),
	read("oordeel-fout", "Wat geen positie is", opExplain, byUWV, 400, "positie", "0"),
	read("stand", "Hoe het boek ervoor staat", opStatus, bySteward, 200),
	read("stand-partner", "Alleen de regisseur vraagt dit", opStatus, byUWV, 403),
}

// partnerExample is the municipality of the examples.
const partnerExample = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"

// targetExample is the target of the examples, and momentOfDoubt a moment at which it
// is not known yet that two placements are the same.
const (
	targetExample = "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11"
	momentOfDoubt = "2026-11-22T12:00:30+01:00"
)

// theTarget is that target, and samePlacement says the same of two placements.
const (
	theTarget = `"doelstelling": "` + targetExample + `",
    "naam": "Plaatsingen 2026",
    "periode": {"van": "2026-01-01", "tot": "2026-12-31"},
    "maat": "plaatsingen",
    "aantal": 600,
    "aandelen": [
      {"partner": "urn:nld:oin:00000099000000002000", "aantal": 100},
      {"partner": "urn:nld:oin:00000099000000003000", "aantal": 500}
    ],
    "definitie": {},
    "besluit": "Stuurgroep van 19 november 2026"`
	samePlacement = `"plaatsing": {"source": "` + sourceGemeente + `", "id": "2026-000121"},
    "met": {"source": "` + sourceUWV + `", "id": "B-4492"}`
)

const (
	sourceGemeente = "urn:nld:oin:00000099000000002000:systeem:crm"
	sourceUWV      = "urn:nld:oin:00000099000000003000:systeem:werkgeversbestand"
	sourceSteward  = "urn:nld:oin:00000099000000001000:systeem:regie"
	sourceBoard    = "urn:nld:oin:00000099000000001000:systeem:bestuur"
)

// thePlan is the plan that the other examples come back to.
var thePlan = gemeente("2026-000118", "bezoek-gepland", `"kvkNummer": "69599084",
    "benadering": "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
    "datum": "2026-12-02",
    "doel": "vacature",
    "accountmanager": {"medewerker": "g-12", "naam": "Consulent Voorbeeld", "telefoon": "038 000 01 12"}`)

// sparedPlan is a plan that the agreement refuses.
var sparedPlan = uwv("B-4481", "bezoek-gepland", `"kvkNummer": "68727720",
    "benadering": "4e8b1f70-9c25-4d3a-8b67-1a2f3c4d5e60",
    "datum": "2026-12-09",
    "doel": "acquisitie",
    "accountmanager": {"medewerker": "u-204", "naam": "Accountmanager Voorbeeld", "telefoon": "038 000 02 04"}`)

func gemeente(id, name, data string) string { return eventText(sourceGemeente, id, name, data) }
func uwv(id, name, data string) string      { return eventText(sourceUWV, id, name, data) }
func steward(id, name, data string) string  { return eventText(sourceSteward, id, name, data) }

func board(id, name, data string) string { return eventText(sourceBoard, id, name, data) }

func eventText(source, id, name, data string) string {
	return `{
  "specversion": "1.0",
  "id": "` + id + `",
  "source": "` + source + `",
  "type": "nl.werkgeversdiensten.` + name + `.v1",
  "time": "2026-11-22T11:55:00+01:00",
  "data": {
    ` + data + `
  }
}`
}

func report(key, summary, by string, status int, body string) example {
	return example{key: key, summary: summary, operation: opReport, by: by, media: intake.Structured, body: body, status: status}
}

func tour(key, summary, by string, status int, body string) example {
	return example{key: key, summary: summary, operation: opTour, by: by, media: mediaJSON, body: body, status: status}
}

func trial(e example) example {
	e.parameters = map[string]string{trialParameter: "true"}
	return e
}

func odd(e example, how exampleOdd) example {
	e.exampleOdd = how
	return e
}

func read(key, summary, operation, by string, status int, namesAndValues ...string) example {
	e := example{key: key, summary: summary, operation: operation, by: by, status: status, parameters: map[string]string{}}
	for i := 0; i < len(namesAndValues); i += 2 {
		e.parameters[namesAndValues[i]] = namesAndValues[i+1]
	}
	return e
}

// nextOf is the cursor in the answer to an example.
func nextOf(key string) string {
	var answer struct {
		Next string `json:"volgende"`
	}
	body, err := exampleAnswers.ReadFile("examples/" + key + ".json")
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil {
		panic("web: example " + key + ": " + err.Error()) // a mistake in what is built in, found by any test
	}
	return answer.Next
}

// exampleAnswers are the bodies of the answers: <key>.json.
//
//go:embed examples/*.json
var exampleAnswers embed.FS

// addExamples gives the operations their examples.
func addExamples(operations map[string]*huma.Operation) error {
	for i, e := range slices.Concat(examples, plansExamples) {
		if e.status == http.StatusBadRequest {
			e.Parameters, e.Media, e.Body = e.parameters, e.media, e.body
			e.parameters, e.media = nil, ""
		}
		op := operations[e.operation]
		if op == nil {
			return fmt.Errorf("example %s: no operation %s", e.key, e.operation)
		}
		if err := e.ask(op); err != nil {
			return err
		}
		if err := e.answer(op, i+1); err != nil {
			return err
		}
	}
	return nil
}

// ask puts the request's parts in the operation.
func (e *example) ask(op *huma.Operation) error {
	given := 0
	for _, p := range op.Parameters {
		value, ok := e.parameters[p.Name]
		if !ok {
			continue
		}
		given++
		add(&p.Examples, e.key, &huma.Example{Value: typed(p.Schema, value)})
		p.Example = nil // examples and an example exclude each other
	}
	if given != len(e.parameters) {
		return fmt.Errorf("example %s: %s lacks a parameter of %v", e.key, e.operation, e.parameters)
	}
	if e.media == "" {
		return nil
	}
	media := op.RequestBody.Content[e.media]
	if media == nil {
		return fmt.Errorf("example %s: %s takes no %s", e.key, e.operation, e.media)
	}
	add(&media.Examples, e.key, &huma.Example{Summary: e.summary, Value: json.RawMessage(e.body)})
	return nil
}

// answer puts the answer in the operation; place is when in the story it comes.
func (e *example) answer(op *huma.Operation, place int) error {
	r := op.Responses[strconv.Itoa(e.status)]
	if r == nil {
		return fmt.Errorf("example %s: %s has no answer %d", e.key, e.operation, e.status)
	}
	media := "application/json"
	if e.status >= http.StatusBadRequest {
		media = ledger.ProblemMediaType
	}
	body, err := exampleAnswers.ReadFile("examples/" + e.key + ".json")
	if err != nil {
		return err
	}
	add(&r.Content[media].Examples, e.key, &huma.Example{
		Summary: e.summary, Value: json.RawMessage(body),
		Extensions: map[string]any{exampleMark: struct {
			Place int    `json:"volgorde"`
			By    string `json:"token,omitempty"`
			exampleOdd
		}{place, e.by, e.exampleOdd}},
	})
	return nil
}

func add(m *map[string]*huma.Example, key string, e *huma.Example) {
	if *m == nil {
		*m = map[string]*huma.Example{}
	}
	(*m)[key] = e
}

// typed is a parameter's value as its schema has it, where it fits that.
func typed(schema *huma.Schema, value string) any {
	switch schema.Type {
	case huma.TypeInteger:
		if n, err := strconv.Atoi(value); err == nil {
			return n
		}
	case huma.TypeArray:
		return strings.Split(value, ",")
	case huma.TypeBoolean:
		if b, err := strconv.ParseBool(value); err == nil {
			return b
		}
	}
	return value
}
