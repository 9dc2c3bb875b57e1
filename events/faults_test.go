package events

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files that are made from code: broken, schemas, codes.md")

// What stands around the data of the broken events.
const (
	planHead  = `{"specversion":"1.0","id":"kapot-1","source":"` + testSource + `","type":"nl.werkgeversdiensten.bezoek-gepland.v1","data":`
	planDay   = `"kvkNummer":"69599084","benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","doel":"acquisitie","accountmanager":{"medewerker":"m1","naam":"A. Voorbeeld"}`
	planWhole = `{` + planDay + `,"datum":"2026-12-01"}`
)

// about is an event of another type with that data.
func about(name, data string) string {
	return `{"specversion":"1.0","id":"kapot-1","source":"` + testSource + `","type":"nl.werkgeversdiensten.` + name + `.v1","data":` + data + `}`
}

// plan is a plan whose data is changed: each old string by the new one after it.
func plan(change ...string) string {
	return planHead + strings.NewReplacer(change...).Replace(planWhole) + `}`
}

// attribute is a good plan with a changed envelope.
func attributes(change ...string) string {
	return strings.NewReplacer(change...).Replace(planHead) + planWhole + `}`
}

// agreement is a good agreement whose data is changed.
func agreement(change ...string) string {
	return about("afspraken-vastgesteld", strings.NewReplacer(change...).Replace(`{"per":"2027-01-01","naam":"Afspraken 2027","rustdagen":90,`+
		`"storing":[{"doel":"vacature","stoort":["vacature"]},{"doel":"advies","stoort":[]}],"geldigheid":30,"langsteDuur":180,`+
		`"plannenPerPartner":100,"plannenPerAccountmanager":25,"contactenPerJaar":4,"optreden":{"anderPlan":"waarschuwen","rust":"waarschuwen",`+
		`"jaarmaximum":"waarschuwen","ontzien":"weigeren","gebied":"waarschuwen","alleen":"waarschuwen","vasteContactpersoon":"waarschuwen",`+
		`"plannenPartner":"weigeren","plannenAccountmanager":"waarschuwen","teLang":"waarschuwen"},`+
		`"opschaling":{"dagen":2,"telling":"werkdagen","goedeVrijdag":true,"vijfMei":true}}`))
}

// target is a good target whose data is changed.
func target(change ...string) string {
	return about("doelstelling-vastgesteld", strings.NewReplacer(change...).Replace(`{"doelstelling":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d",`+
		`"naam":"Plaatsingen 2027","periode":{"van":"2027-01-01","tot":"2027-12-31"},"maat":"plaatsingen","aantal":420,`+
		`"pad":[{"datum":"2027-06-30","aantal":180},{"datum":"2027-12-31","aantal":420}],"definitie":{}}`))
}

// withFields are faults of one kind in several fields.
func withFields(before, after string, names ...string) string {
	return before + strings.Join(names, after+"; "+before) + after
}

const placement = `{"kvkNummer":"69599084","plaatsing":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","ingangsdatum":"2026-11-01","soort":"bbl","arbeidsmarktregio":"AM36"`

// broken events, each with exactly its faults. The BSN in it is of the range
// 9999 that is kept for tests, and nobody's. They are also files in
// testdata/broken, for tests that have nothing but the binary.
var broken = []struct{ name, raw, want string }{
	{"geen-json", `{"specversion":"1.0",`, ": ongeldige-json"},
	{"tekst-erachter", plan() + `{}`, ": ongeldige-json"},
	{"geen-object", `["1.0"]`, ": verkeerde-soort"},
	{"leeg", ``, ": ongeldige-json"},
	{"geen-utf8", plan("A. Voorbeeld", "\xff"), ": ongeldige-tekens"},
	{"halve-surrogaat", plan("A. Voorbeeld", `\ud83d`), ": ongeldige-json"},
	{"te-diep", plan(`"2026-12-01"`, strings.Repeat("[", 20)+strings.Repeat("]", 20)), ": te-diep"},
	{"te-groot", plan("A. Voorbeeld", strings.Repeat("x", MaxSize)), ": te-groot"},
	{"niets", `{}`, "/data: ontbreekt; /id: ontbreekt; /source: ontbreekt; /specversion: ontbreekt; /type: ontbreekt"},
	{"alles-null", `{"specversion":null,"id":null,"source":null,"type":null,"data":null}`,
		"/data: ontbreekt; /id: ontbreekt; /source: ontbreekt; /specversion: ontbreekt; /type: ontbreekt"},
	{"specversion", attributes(`"1.0"`, `"0.3"`), "/specversion: specversion"},
	{"onbekende-gebeurtenis", attributes("gepland", "gedroomd"), "/type: onbekende-gebeurtenis"},
	{"bron-oin-te-kort", attributes("00000099000000001000", "0000009900000000100"), "/source: geen-bron"},
	{"bron-zonder-systeem", attributes(":systeem:crm", ""), "/source: geen-bron"},
	{"bron-met-bsn", attributes(":crm", ":crm-999990019"), "/source: bsn"},
	{"id-leeg", attributes("kapot-1", ""), "/id: leeg"},
	{"id-getal", attributes(`"kapot-1"`, `17`), "/id: verkeerde-soort"},
	{"id-te-lang", attributes("kapot-1", strings.Repeat("i", 256)), "/id: te-lang"},
	{"id-met-bsn", attributes("kapot-1", "klant 999 990 019"), "/id: bsn"},
	{"id-stuurteken", attributes("kapot-1", `a\u0007b`), "/id: stuurtekens"},
	{"tijd-zonder-zone", attributes(`"data"`, `"time":"2026-11-22T10:00:00","data"`), "/time: geen-tijdstip"},
	{"tijd-in-de-toekomst", attributes(`"data"`, `"time":"2199-01-01T00:00:00Z","data"`), "/time: tijd-in-de-toekomst"},
	{"onderwerp-anders", attributes(`"data"`, `"subject":"68727720","data"`), "/subject: onderwerp-andere-werkgever"},
	{"onderwerp-vorm", about("bezoek-afgezegd", `{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"},"subject":"de bakker"`), "/subject: geen-onderwerp"},
	{"inhoud-als-xml", attributes(`"data"`, `"datacontenttype":"application/xml","data"`), "/datacontenttype: datacontenttype"},
	{"inhoud-base64", strings.Replace(planHead, `"data":`, `"data_base64":"e30="}`, 1), "/data_base64: data-base64"},
	{"schema-geen-uri", attributes(`"data"`, `"dataschema":"schema","data"`), "/dataschema: geen-uri"},
	{"kenmerknaam", attributes(`"data"`, `"mijnKenmerk":"x","data"`), "/mijnKenmerk: kenmerknaam"},
	{"kenmerk-dubbel", attributes(`"data"`, `"id":"kapot-2","data"`), "/id: dubbel-veld"},
	{"kenmerk-object", attributes(`"data"`, `"extra":{},"data"`), "/extra: verkeerde-soort"},
	{"kenmerk-met-bsn", attributes(`"data"`, `"extra":999990019,"data"`), "/extra: bsn"},
	{"achteraf-als-tekst", attributes(`"data"`, `"achteraf":"true","data"`), "/achteraf: verkeerde-soort"},
	{"data-geen-object", planHead + `[]}`, "/data: verkeerde-soort"},
	{"data-leeg", planHead + `{}}`, "/data: datum-of-periode-ontbreekt; /data: werkgever-ontbreekt; /data/accountmanager: ontbreekt; /data/benadering: ontbreekt; /data/doel: ontbreekt"},
	{"onbekend-veld", plan(`"datum"`, `"kleur":"rood","datum"`), "/data/kleur: onbekend-veld"},
	{"hoofdletter-in-naam", plan(`"doel"`, `"Doel"`), "/data/Doel: onbekend-veld; /data/doel: ontbreekt"},
	{"onbekend-veld-met-bsn", plan(`"datum"`, `"999990019":"rood","datum"`), "/data: onbekend-veld"},
	{"dubbel-veld", plan(`"datum"`, `"doel":"nazorg","datum"`), "/data/doel: dubbel-veld"},
	{"dubbel-veld-in-escapes", plan(`"datum"`, `"do\u0065l":"nazorg","datum"`), "/data/doel: dubbel-veld"},
	{"verplicht-is-null", plan(`"acquisitie"`, `null`), "/data/doel: ontbreekt"},
	{"doel-onbekend", plan("acquisitie", "koffie"), "/data/doel: onbekende-waarde"},
	{"kvk-te-kort", plan("69599084", "6959908"), "/data/kvkNummer: geen-kvk-nummer"},
	{"kvk-als-getal", plan(`"69599084"`, `69599084`), "/data/kvkNummer: verkeerde-soort"},
	{"werkgever-dubbel", plan(`"datum"`, `"voorlopig":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","datum"`), "/data: werkgever-meer-dan-een"},
	{"vestiging-zonder-kvk", plan(`"kvkNummer":"69599084"`, `"voorlopig":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","vestigingsnummer":"000038509504"`), "/data/vestigingsnummer: vestiging-zonder-kvk-nummer"},
	{"buitenlands-nederland", plan(`"kvkNummer":"69599084"`, `"buitenlands":{"land":"NL","register":"KVK","nummer":"1"}`), "/data/buitenlands/land: buitenlands-in-nederland"},
	{"buitenlands-half", plan(`"kvkNummer":"69599084"`, `"buitenlands":{"land":"de","register":"H R B"}`),
		"/data/buitenlands/land: geen-landcode; /data/buitenlands/nummer: ontbreekt; /data/buitenlands/register: geen-register"},
	{"vestiging-slecht", plan(`"datum"`, `"vestigingsnummer":"38509504","datum"`), "/data/vestigingsnummer: geen-vestigingsnummer"},
	{"registernummer-slecht", plan(`"kvkNummer":"69599084"`, `"buitenlands":{"land":"DE","register":"HRB","nummer":"12/45"}`), "/data/buitenlands/nummer: geen-registernummer"},
	{"te-veel-contactpersonen", about("werkgever-beschreven", `{"kvkNummer":"69599084","naam":"Voorbeeld","contactpersonen":[{"naam":"A"}`+strings.Repeat(`,{"naam":"A"}`, 20)+`]}`),
		"/data/contactpersonen: te-veel"},
	{"regio-slecht", about("plaatsing-gerealiseerd", strings.Replace(placement, "AM36", "Zwolle", 1)+`}`), "/data/arbeidsmarktregio: geen-arbeidsmarktregio"},
	{"boek-slecht", about("boek-geopend", `{"boek":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","arbeidsmarktregio":"AM36","oin":"1"}`), "/data/oin: geen-oin"},
	{"uuid-hoofdletters", plan("0193b2a4", "0193B2A4"), "/data/benadering: geen-uuid"},
	{"datum-bestaat-niet", plan("2026-12-01", "2026-02-29"), "/data/datum: geen-datum"},
	{"datum-en-periode", plan(`"datum"`, `"periode":{"van":"2026-12-01","tot":"2026-12-02"},"datum"`), "/data: datum-en-periode"},
	{"periode-omgekeerd", plan(`"datum":"2026-12-01"`, `"periode":{"van":"2026-12-02","tot":"2026-12-01"}`), "/data/periode/tot: einde-voor-begin"},
	{"periode-te-lang", plan(`"datum":"2026-12-01"`, `"periode":{"van":"2026-12-01","tot":"2027-12-02"}`), "/data/periode/tot: periode-te-lang"},
	{"tijd-en-duur", plan(`"datum"`, `"tijd":"24:00","duur":"90 minuten","datum"`), "/data/duur: geen-duur; /data/tijd: geen-tijd"},
	{"doelgroep-ondernemer", plan(`"datum"`, `"doelgroepen":["DD01","DD07","DD01"],"datum"`), "/data/doelgroepen/1: doelgroep-ondernemer; /data/doelgroepen/2: dubbele-waarde"},
	{"samen-met-bron", plan(`"datum"`, `"samenMet":["`+testSource+`"],"datum"`), "/data/samenMet/0: geen-identiteit"},
	{"verzoek-als-tekst", plan(`"datum"`, `"opVerzoekVanWerkgever":"ja","datum"`), "/data/opVerzoekVanWerkgever: verkeerde-soort"},
	{"accountmanager-als-tekst", plan(`{"medewerker":"m1","naam":"A. Voorbeeld"}`, `"A. Voorbeeld"`), "/data/accountmanager: verkeerde-soort"},
	{"accountmanager-slecht", plan(`"m1"`, `"m1","telefoon":"bel me","email":"a@b"`), "/data/accountmanager/email: geen-emailadres; /data/accountmanager/telefoon: geen-telefoonnummer"},
	{"medewerker-is-bsn", plan(`"m1"`, `"999990019"`), "/data/accountmanager/medewerker: bsn"},
	{"telefoon-is-bsn", plan(`"m1"`, `"m1","telefoon":"999990019"`), "/data/accountmanager/telefoon: bsn"},
	{"zegel-van-buiten", plan(`{"medewerker":"m1","naam":"A. Voorbeeld"}`, `{"sleutel":1,"zegel":"abc"}`), "/data/accountmanager: zegel-niet-toegestaan"},
	{"toelichting-met-bsn", plan(`"datum"`, `"toelichting":"Kandidaat BSN 9999.90.019 besproken","datum"`), "/data/toelichting: bsn"},
	{"toelichting-te-lang", plan(`"datum"`, `"toelichting":"`+strings.Repeat("é", 2001)+`","datum"`), "/data/toelichting: te-lang"},
	{"ondanks-leeg", plan(`"datum"`, `"ondanks":{"reden":"  "},"datum"`), "/data/ondanks/reden: leeg"},
	{"vervangt-zichzelf", plan(`"datum"`, `"vervangt":{"source":"`+testSource+`","id":"kapot-1"},"datum"`), "/data/vervangt: verwijst-naar-zichzelf"},
	{"melding-zonder-id", about("melding-ingetrokken", `{"melding":{"source":"`+testSource+`"}}`), "/data/melding/id: ontbreekt"},
	{"proefplaatsing", about("plaatsing-gerealiseerd", strings.Replace(placement, "bbl", "proefplaatsing", 1)+`}`), "/data/soort: proefplaatsing-is-dienst"},
	{"uren-drie-decimalen", about("plaatsing-gerealiseerd", placement+`,"urenPerWeek":36.125}`), "/data/urenPerWeek: te-veel-decimalen"},
	{"uren-exponent", about("plaatsing-gerealiseerd", placement+`,"urenPerWeek":36e0}`), "/data/urenPerWeek: getal-met-exponent"},
	{"uren-min-nul", about("plaatsing-gerealiseerd", placement+`,"urenPerWeek":-0}`), "/data/urenPerWeek: getal-min-nul"},
	{"uren-te-veel", about("plaatsing-gerealiseerd", placement+`,"urenPerWeek":168.01}`), "/data/urenPerWeek: te-hoog"},
	{"einde-voor-begin", about("plaatsing-gerealiseerd", placement+`,"einddatum":"2026-10-31"}`), "/data/einddatum: einde-voor-begin"},
	{"aantal-gebroken", about("dienst-geleverd", `{"kvkNummer":"69599084","dienst":"jobcoach","datum":"2026-11-01","aantal":1.0}`), "/data/aantal: geen-geheel-getal"},
	{"aantal-nul", about("dienst-geleverd", `{"kvkNummer":"69599084","dienst":"jobcoach","datum":"2026-11-01","aantal":0}`), "/data/aantal: te-laag"},
	{"aantal-onmeetbaar", about("dienst-geleverd", `{"kvkNummer":"69599084","dienst":"jobcoach","datum":"2026-11-01","aantal":9007199254740993}`), "/data/aantal: getal-te-groot"},
	{"sbi-zonder-versie", about("werkgever-beschreven", `{"kvkNummer":"69599084","naam":"Voorbeeld","sbiCode":"78.20"}`), "/data/sbiCode: geen-sbi-code; /data/sbiVersie: sbi-code-en-versie"},
	{"werkgever-slecht", about("werkgever-beschreven", `{"kvkNummer":"69599084","naam":"Voor\nbeeld","postcode":"8011 AB","gemeentecode":"0193","grootteklasse":"50","sector":"zorg","contactpersonen":[]}`),
		"/data/contactpersonen: te-weinig; /data/gemeentecode: geen-gemeentecode; /data/grootteklasse: onbekende-waarde; /data/naam: stuurtekens; /data/postcode: geen-postcode; /data/sector: onbekende-waarde"},
	{"contactpersoon-slecht", about("werkgever-beschreven", `{"kvkNummer":"69599084","naam":"Voorbeeld","contactpersonen":[{"naam":"A"},{"functie":"baas"},null]}`),
		"/data/contactpersonen/1/naam: ontbreekt; /data/contactpersonen/2: verkeerde-soort"},
	{"vacature-slecht", about("vacature-gemeld", `{"voorlopig":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","vacature":"V-12","beroep":"Bakker\nbij 999990019","aantal":0,"uren":168.5,"datum":"morgen"}`),
		"/data/aantal: te-laag; /data/beroep: stuurtekens; /data/datum: geen-datum; /data/uren: te-hoog; /data/vacature: geen-uuid"},
	{"vacature-leeg", about("vacature-gemeld", `{}`), "/data: werkgever-ontbreekt; /data/aantal: ontbreekt; /data/beroep: ontbreekt; /data/vacature: ontbreekt"},
	{"vacature-vervuld-slecht", about("vacature-vervuld", `{"vacature":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","aantal":10001,"vervangt":{"source":"`+testSource+`","id":"kapot-1"}}`),
		"/data/aantal: te-hoog; /data/datum: ontbreekt; /data/vervangt: verwijst-naar-zichzelf"},
	{"vacature-ingetrokken-met-werkgever", about("vacature-ingetrokken", `{"kvkNummer":"69599084"}`), "/data/kvkNummer: onbekend-veld; /data/vacature: ontbreekt"},
	{"signaal-slecht", about("signaal-opgevangen", `{"kvkNummer":"69599084","thema":"klacht","tekst":"belde over 999990019"}`), "/data/tekst: bsn; /data/thema: onbekende-waarde"},
	{"koppeling-leeg", about("werkgever-gekoppeld", `{}`), "/data/met: ontbreekt; /data/soort: ontbreekt; /data/werkgever: ontbreekt"},
	{"koppeling-zonder-werkgever", about("werkgever-gekoppeld", `{"werkgever":{},"met":{"kvkNummer":"69599084"},"soort":"dezelfde"}`), "/data/werkgever: werkgever-ontbreekt"},
	{"koppeling-dubbel", about("werkgever-gekoppeld", `{"werkgever":{"kvkNummer":"69599084"},"met":{"kvkNummer":"69599084","voorlopig":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"},"soort":"familie"}`),
		"/data/met: werkgever-meer-dan-een; /data/soort: onbekende-waarde"},
	{"koppeling-met-zichzelf", about("werkgever-gekoppeld", `{"werkgever":{"kvkNummer":"69599084"},"met":{"kvkNummer":"69599084"},"soort":"concern"}`), "/data/met: zelfde-werkgever"},
	{"koppeling-met-vestiging", about("werkgever-gekoppeld", `{"werkgever":{"kvkNummer":"69599084","vestigingsnummer":"000038509504"},"met":{"kvkNummer":"68750110"},"soort":"dezelfde"}`),
		"/data/werkgever/vestigingsnummer: onbekend-veld"},
	{"koppeling-onderwerp", about("werkgever-gekoppeld", `{"werkgever":{"kvkNummer":"69599084"},"met":{"kvkNummer":"68750110"},"soort":"dezelfde"},"subject":"68750110"`), "/subject: onderwerp-andere-werkgever"},
	{"ontkoppeling-buitenlands-nederland", about("werkgever-ontkoppeld", `{"werkgever":{"buitenlands":{"land":"NL","register":"KVK","nummer":"1"}},"met":{"buitenlands":{"land":"NL","register":"KVK","nummer":"2"}}}`),
		"/data/met/buitenlands/land: buitenlands-in-nederland; /data/werkgever/buitenlands/land: buitenlands-in-nederland"},
	{"ontkoppeling-met-zichzelf", about("werkgever-ontkoppeld", `{"werkgever":{"buitenlands":{"land":"DE","register":"HRB","nummer":"1"}},"met":{"buitenlands":{"land":"DE","register":"HRB","nummer":"1"}}}`), "/data/met: zelfde-werkgever"},
	{"opvolging-van-zichzelf", about("partner-opgevolgd", `{"partner":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","door":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","per":"2027-01-01"}`), "/data/door: zelfde-partner"},
	{"opvolging-slecht", about("partner-opgevolgd", `{"partner":"1","door":"1","per":"nu"}`), "/data/door: geen-uuid; /data/partner: geen-uuid; /data/per: geen-datum"},
	{"partner-regios-slecht", about("partner-toegelaten", `{"partner":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","identiteiten":["urn:nld:kvknr:68750110"],"naam":"X","soort":"sw","per":"2026-01-01","arbeidsmarktregios":["AM36","Zwolle","AM36"]}`),
		"/data/arbeidsmarktregios/1: geen-arbeidsmarktregio; /data/arbeidsmarktregios/2: dubbele-waarde"},
	{"verlenging-slecht", about("benadering-verlengd", `{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","tot":"volgende week","reden":""}`), "/data/reden: leeg; /data/tot: geen-datum"},
	{"verlenging-met-periode", about("benadering-verlengd", `{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","periode":{"van":"2026-12-01","tot":"2026-12-31"}}`),
		"/data/periode: onbekend-veld; /data/reden: ontbreekt; /data/tot: ontbreekt"},
	{"bevestiging-van-zichzelf", about("samenwerking-bevestigd", `{"melding":{"source":"`+testSource+`","id":"kapot-1"}}`), "/data/melding: verwijst-naar-zichzelf"},
	{"bevestiging-leeg", about("samenwerking-bevestigd", `{}`), "/data/melding: ontbreekt"},
	{"volgen-zonder-werkgever", about("werkgever-gevolgd", `{}`), "/data: werkgever-ontbreekt"},
	{"loslaten-dubbel", about("werkgever-losgelaten", `{"kvkNummer":"69599084","voorlopig":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"}`), "/data: werkgever-meer-dan-een"},
	{"niveau-slecht", about("niveau-vastgesteld", `{"vestigingsnummer":"000038509504","niveau":"Regionaal"}`),
		"/data: werkgever-ontbreekt; /data/niveau: onbekende-waarde; /data/vestigingsnummer: vestiging-zonder-kvk-nummer"},
	{"niveau-onderwerp", about("niveau-vastgesteld", `{"kvkNummer":"69599084","niveau":"lokaal"},"subject":"68727720"`), "/subject: onderwerp-andere-werkgever"},
	{"ontzien-omgekeerd", about("werkgever-ontzien", `{"kvkNummer":"69599084","van":"2026-12-02","tot":"2026-12-01","grond":"regio"}`), "/data/tot: einde-voor-begin"},
	{"ontzien-slecht", about("werkgever-ontzien", `{"kvkNummer":"69599084","tot":"2026-12-01","grond":"verzoek","doelen":["advies","koffie","advies"],"opgeheven":"ja"}`),
		"/data/doelen/1: onbekende-waarde; /data/doelen/2: dubbele-waarde; /data/grond: onbekende-waarde; /data/opgeheven: verkeerde-soort; /data/van: ontbreekt"},
	{"ontzien-zonder-doelen", about("werkgever-ontzien", `{"kvkNummer":"69599084","van":"2026-12-01","grond":"werkgever","doelen":[]}`), "/data/doelen: te-weinig"},
	{"afspraken-leeg", about("afspraken-vastgesteld", `{}`),
		"/data/contactenPerJaar: ontbreekt; /data/geldigheid: ontbreekt; /data/langsteDuur: ontbreekt; /data/naam: ontbreekt; /data/opschaling: ontbreekt; /data/optreden: ontbreekt; " +
			"/data/per: ontbreekt; /data/plannenPerAccountmanager: ontbreekt; /data/plannenPerPartner: ontbreekt; /data/rustdagen: ontbreekt; /data/storing: ontbreekt"},
	{"afspraken-geldig-te-lang", agreement(`"langsteDuur":180`, `"langsteDuur":29`), "/data/geldigheid: geldigheid-langer-dan-langste-duur"},
	{"afspraken-doel-dubbel", agreement(`"advies"`, `"vacature"`), "/data/storing/1/doel: dubbele-waarde"},
	{"afspraken-getallen", agreement(`"rustdagen":90`, `"rustdagen":-1`, `"contactenPerJaar":4`, `"contactenPerJaar":1001`, `"dagen":2`, `"dagen":1.5`),
		"/data/contactenPerJaar: te-hoog; /data/opschaling/dagen: geen-geheel-getal; /data/rustdagen: te-laag"},
	{"afspraken-optreden", agreement(`"rust":"waarschuwen"`, `"rust":"verbieden"`, `"teLang":"waarschuwen"`, `"teLaat":"waarschuwen"`),
		"/data/optreden/rust: onbekende-waarde; /data/optreden/teLaat: onbekend-veld; /data/optreden/teLang: ontbreekt"},
	{"afspraken-subregio-dubbel", agreement(`"geldigheid"`, `"subregios":[{"subregio":"Noord","rustdagen":30},{"subregio":"Zuid"},{"subregio":"Noord"}],"geldigheid"`), "/data/subregios/2/subregio: dubbele-waarde"},
	{"afspraken-subregio-geldig-te-lang", agreement(`"geldigheid"`, `"subregios":[{"subregio":"Noord","geldigheid":181},{"subregio":"Zuid","langsteDuur":29}],"geldigheid"`),
		"/data/subregios/0: geldigheid-langer-dan-langste-duur; /data/subregios/1: geldigheid-langer-dan-langste-duur"},
	{"afspraken-subregio-slecht", agreement(`"geldigheid"`, `"subregios":[{"rustdagen":731},{"subregio":"Zuid","storing":[{"doel":"advies","stoort":[]},{"doel":"advies","stoort":["koffie"]}],"optreden":{}}],"geldigheid"`),
		"/data/subregios/0/rustdagen: te-hoog; /data/subregios/0/subregio: ontbreekt; " + withFields("/data/subregios/1/optreden/", ": ontbreekt", "alleen", "anderPlan", "gebied",
			"jaarmaximum", "ontzien", "plannenAccountmanager", "plannenPartner", "rust", "teLang", "vasteContactpersoon") + "; /data/subregios/1/storing/1/stoort/0: onbekende-waarde"},
	{"afspraken-subregio-doel-dubbel", agreement(`"geldigheid"`, `"subregios":[{"subregio":"Zuid","storing":[{"doel":"advies","stoort":[]},{"doel":"advies","stoort":[]}]}],"geldigheid"`),
		"/data/subregios/0/storing/1/doel: dubbele-waarde"},
	{"plan-geweigerd-leeg", about("plan-geweigerd", `{"vestigingsnummer":"000038509504"}`),
		"/data: datum-of-periode-ontbreekt; /data: werkgever-ontbreekt; /data/accountmanager: ontbreekt; /data/benadering: ontbreekt; /data/doel: ontbreekt; /data/vestigingsnummer: vestiging-zonder-kvk-nummer"},
	{"verzet-ondanks-met-bsn", about("bezoek-verzet", `{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","datum":"2026-12-01","ondanks":{"reden":"999990019 kan niet eerder"}}`), "/data/ondanks/reden: bsn"},
	{"doelstelling-leeg", about("doelstelling-vastgesteld", `{}`),
		"/data/aantal: ontbreekt; /data/definitie: ontbreekt; /data/doelstelling: ontbreekt; /data/maat: ontbreekt; /data/naam: ontbreekt; /data/periode: ontbreekt"},
	{"doelstelling-omgekeerd", target(`"2027-01-01"`, `"2028-01-01"`, `"pad":[{"datum":"2027-06-30","aantal":180},{"datum":"2027-12-31","aantal":420}],`, ``), "/data/periode/tot: einde-voor-begin"},
	{"doelstelling-te-lang", target(`"2027-01-01"`, `"2020-01-01"`, `"tot":"2027-12-31"`, `"tot":"2030-01-01"`), "/data/periode/tot: periode-te-lang"},
	{"doelstelling-slecht", target(`"plaatsingen"`, `"geld"`, `420,"pad"`, `0,"doelgroepregister":"ja","doelgroepen":["DD06","DD01","DD01"],"pad"`, `{}}`, `{"soorten":[],"urenMinstens":169,"dagenMinstens":0,"lopend":1,"stand":true}}`),
		"/data/aantal: te-laag; /data/definitie/dagenMinstens: te-laag; /data/definitie/lopend: verkeerde-soort; /data/definitie/soorten: te-weinig; /data/definitie/stand: onbekend-veld; " +
			"/data/definitie/urenMinstens: te-hoog; /data/doelgroepen/0: doelgroep-ondernemer; /data/doelgroepen/2: dubbele-waarde; /data/doelgroepregister: verkeerde-soort; /data/maat: onbekende-waarde"},
	{"doelstelling-andere-maat", target(`"plaatsingen"`, `"werkgevers-bereikt"`, `"pad"`, `"doelgroepen":["DD01"],"doelgroepregister":false,"sector":"markt","pad"`,
		`{}}`, `{"soorten":["bbl"],"diensten":["jobcoach"],"doelen":["advies"],"urenMinstens":12,"dagenMinstens":180,"lopend":true}}`),
		withFields("/data/definitie/", ": past-niet-bij-maat", "dagenMinstens", "diensten", "lopend", "soorten", "urenMinstens") + "; " +
			withFields("/data/", ": past-niet-bij-maat", "doelgroepen", "doelgroepregister", "sector")},
	{"doelstelling-doelen-bij-banen", target(`"plaatsingen"`, `"banen"`, `{}}`, `{"doelen":["advies"],"diensten":["jobcoach"],"lopend":true}}`),
		"/data/definitie/diensten: past-niet-bij-maat; /data/definitie/doelen: past-niet-bij-maat"},
	{"doelstelling-aandeel-dubbel", target(`"pad"`, `"aandelen":[{"partner":"urn:nld:kvknr:68750110","aantal":0},{"partner":"uwv","aantal":-1},{"partner":"urn:nld:kvknr:68750110","aantal":5}],"pad"`),
		"/data/aandelen/1/aantal: te-laag; /data/aandelen/1/partner: geen-identiteit; /data/aandelen/2/partner: dubbele-waarde"},
	{"doelstelling-pad-volgorde", target(`"pad":[`, `"pad":[{"datum":"2027-07-01","aantal":200},{"datum":"2027-07-01","aantal":210},`), "/data/pad/1/datum: dubbele-waarde; /data/pad/2/datum: pad-niet-op-volgorde"},
	{"doelstelling-pad-buiten", target(`"pad":[`, `"pad":[{"datum":"2026-12-31","aantal":0},`, `"aantal":420}]`, `"aantal":420},{"datum":"2028-01-01","aantal":420}]`),
		"/data/pad/0/datum: pad-buiten-periode; /data/pad/3/datum: pad-buiten-periode"},
	{"doelstelling-pad-daalt", target(`"pad":[`, `"pad":[{"datum":"2027-03-31","aantal":200},`), "/data/pad/1/aantal: pad-daalt"},
	{"doelstelling-pad-boven", target(`"aantal":180`, `"aantal":421`), "/data/pad/0/aantal: pad-boven-aantal; /data/pad/1/aantal: pad-daalt"},
	{"doelstelling-pad-eindigt-anders", target(`"aantal":420}]`, `"aantal":419}]`), "/data/pad/1/aantal: pad-eindigt-anders"},
	{"doelstelling-pad-slecht", target(`"2027-06-30"`, `"2027-06-31"`, `"aantal":420}]`, `"aantal":419}]`), "/data/pad/0/datum: geen-datum"},
	{"doelstelling-reden-met-bsn", target(`"pad"`, `"reden":"Door 999990019","besluit":"regel een\nregel twee","pad"`), "/data/besluit: stuurtekens; /data/reden: bsn"},
	{"vervallen-leeg", about("doelstelling-vervallen", `{"doelstelling":"1"}`), "/data/doelstelling: geen-uuid"},
	{"gelijk-leeg", about("plaatsingen-gelijkgesteld", `{}`), "/data/met: ontbreekt; /data/plaatsing: ontbreekt"},
	{"gelijk-dubbel", about("plaatsingen-gelijkgesteld", `{"plaatsing":{"source":"urn:nld:oin:00000099000000002000:systeem:crm","id":"p-1"},"met":{"source":"urn:nld:oin:00000099000000002000:systeem:crm","id":"p-1"}}`), "/data/met: zelfde-melding"},
	{"gelijk-zichzelf", about("plaatsingen-gelijkgesteld", `{"plaatsing":{"source":"`+testSource+`","id":"kapot-1"},"met":{"source":"urn:nld:oin:00000099000000002000:systeem:crm","id":"p-1"},"reden":"over 999990019"}`),
		"/data/plaatsing: verwijst-naar-zichzelf; /data/reden: bsn"},
	{"onderscheiden-slecht", about("plaatsingen-onderscheiden", `{"plaatsing":{"source":"urn:nld:oin:00000099000000002000:systeem:crm","id":"p-1"},"met":{"source":"urn:x","id":""},"reden":""}`),
		"/data/met/id: leeg; /data/met/source: geen-bron; /data/reden: leeg"},
	{"onderscheiden-dubbel", about("plaatsingen-onderscheiden", `{"plaatsing":{"source":"urn:nld:oin:00000099000000002000:systeem:crm","id":"p-1"},"met":{"source":"urn:nld:oin:00000099000000002000:systeem:crm","id":"p-1"}}`), "/data/met: zelfde-melding"},
	{"aantallen-leeg", about("werkgeversaantallen-vastgesteld", `{"aantallen":[]}`), "/data/aantallen: te-weinig; /data/bron: ontbreekt; /data/per: ontbreekt"},
	{"aantallen-dubbel", about("werkgeversaantallen-vastgesteld", `{"per":"2026-01-01","bron":"CBS","aantallen":[{"gemeentecode":"GM0193","aantal":1},{"gemeentecode":"GM0193","grootteklasse":"1","aantal":1},`+
		`{"gemeentecode":"0193","grootteklasse":"klein","aantal":1.5},{"gemeentecode":"GM0193","aantal":2},{"gemeentecode":"GM0193","grootteklasse":"1","aantal":1}]}`),
		"/data/aantallen/2/aantal: geen-geheel-getal; /data/aantallen/2/gemeentecode: geen-gemeentecode; /data/aantallen/2/grootteklasse: onbekende-waarde; /data/aantallen/3: dubbele-waarde; /data/aantallen/4: dubbele-waarde"},
	{"verleden-slecht", about("partner-vertrokken", `{"partner":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","per":"2026-12-01","verleden":"weg"}`), "/data/verleden: onbekende-waarde"},
	{"partner-slecht", about("partner-toegelaten", `{"partner":"1","identiteiten":["00000099000000002000"],"naam":"X","soort":"club","per":"1-1-2026","postcodes":["8049-8000"]}`),
		"/data/identiteiten/0: geen-identiteit; /data/partner: geen-uuid; /data/per: geen-datum; /data/postcodes/0: geen-postcodegebied; /data/soort: onbekende-waarde"},
}

func TestBrokenEvents(t *testing.T) {
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode([]byte(c.raw), testNow)
			if err == nil {
				t.Fatal("accepted")
			}
			if got := strings.TrimPrefix(err.Error(), "refused: "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			sentencesFit(t, err.(Faults))
			compareFile(t, filepath.Join("testdata", "broken", c.name+".json"), []byte(c.raw))
			compareFile(t, filepath.Join("testdata", "broken", c.name+".want.json"), wantFile(t, err.(Faults)))
		})
	}
}

// sentencesFit: every fault says something whole, and echoes nothing.
func sentencesFit(t *testing.T, faults Faults) {
	t.Helper()
	for _, f := range faults {
		for _, s := range []string{f.Sentence.NL, f.Sentence.EN} {
			if s == "" || strings.Contains(s, "%!") || strings.Contains(s, "%s") || strings.Contains(s, "%d") {
				t.Errorf("%s: sentence %q", f.Code, s)
			}
			for _, secret := range []string{"999990019", "Voorbeeld", "69599084"} {
				if strings.Contains(s, secret) || strings.Contains(f.Field, secret) {
					t.Errorf("%s echoes a value: %q", f.Code, s)
				}
			}
		}
	}
}

func wantFile(t *testing.T, faults Faults) []byte {
	t.Helper()
	type fault struct {
		Field string `json:"veld"`
		Code  string `json:"code"`
	}
	var list []fault
	for _, f := range faults {
		list = append(list, fault{f.Field, f.Code})
	}
	b, err := json.Marshal(list, jsontext.WithIndent("  "))
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// compareFile compares a file that is made from code with what the code gives,
// and writes it with -update.
func compareFile(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code gives; run go test ./events -update\n%s", path, cmp.Diff(string(got), string(want)))
	}
}

// Every broken event is a case of its own and every file has its case.
func TestBrokenFiles(t *testing.T) {
	names := make(map[string]bool)
	for _, c := range broken {
		if names[c.name] {
			t.Errorf("%s stands in the table twice", c.name)
		}
		names[c.name] = true
	}
	files, err := filepath.Glob("testdata/broken/*.want.json")
	if err != nil || len(files) != len(broken) {
		t.Errorf("%d files for %d cases: %v", len(files), len(broken), err)
	}
}

// Every fault code is produced by some broken event here or in
// TestDecodeBinaryFaults, so that none is only written down.
func TestEveryCodeOccurs(t *testing.T) {
	seen := map[string]bool{string(codePercent): true}
	for _, c := range broken {
		_, err := Decode([]byte(c.raw), testNow)
		for _, f := range err.(Faults) {
			seen[f.Code] = true
		}
	}
	for _, c := range Codes() {
		if !seen[c] {
			t.Errorf("no broken event gives %s", c)
		}
	}
}

// codes.md is the list for people.
func TestCodesFile(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Fault codes\n\nMade from codes.go by `go test ./events -update`. A code never changes its meaning.\n" +
		"`%d` stands for a limit and `%s` for what is expected; a submitted value is never told.\n\n" +
		"| code | Nederlands | English |\n|---|---|---|\n")
	for _, c := range Codes() {
		s := sentences[code(c)]
		b.WriteString("| `" + c + "` | " + s.NL + " | " + s.EN + " |\n")
	}
	compareFile(t, "codes.md", b.Bytes())
}
