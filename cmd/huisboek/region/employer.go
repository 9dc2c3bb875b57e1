package region

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"huisboek/events"
)

// Employer is what the region knows of an employer, by its number: 0 is the one with
// which most happens.
type Employer struct {
	KvK, Name, Place, Postcode string
	Gemeente                   string

	sbi, size, sector string
	establishment     string // "" of most
	contacts          []events.ContactPerson
}

// KvK numbers, from the range in which KvK's own test numbers lie: of the employers, of
// partners, of the employers with a known number of contacts.
const (
	privateFirst  = 500_000
	measuredFirst = 1_000_000
)

func kvk(i int) string { return fmt.Sprintf("9%07d", i) }

// KvKOf is the KvK number of an employer.
func KvKOf(i int) string { return kvk(i) }

// business is what an employer does, with its code in the Standaard Bedrijfsindeling 2008.
type business struct{ word, sbi string }

var (
	businesses = []business{
		{"Metaalbewerking", "2562"}, {"Zuivel", "1051"}, {"Bakkerij", "1071"}, {"Houtbouw", "1623"}, {"Kunststoffen", "2229"},
		{"Bouw", "4120"}, {"Installatietechniek", "4321"}, {"Autobedrijf", "4520"}, {"Groothandel", "4690"}, {"Supermarkt", "4711"},
		{"Transport", "4941"}, {"Logistiek", "5210"}, {"Hotel", "5510"}, {"Eethuis", "5610"}, {"Software", "6201"}, {"Advies", "7022"},
		{"Schoonmaak", "8121"}, {"Hoveniers", "8130"}, {"Scholen", "8520"}, {"Ziekenzorg", "8610"}, {"Thuiszorg", "8810"}, {"Kinderopvang", "8891"},
	}
	heads   = strings.Fields("Aard Bok Chr Dwer Elf Fluit Gloor Huiv Inkt Jok Knip Lef Moer Naald Ooi Pauw Riet Scharr Twee Urk Vlier Wiek Zwenk Broes Droom Glim Kroos Plag Snoek Trom")
	middles = strings.Fields("e i o a el er ig aa oe ui ee en is ek op um ol ant ing est")
	tails   = strings.Fields("berg dam dijk feld gaard heem hof kamp kant laar meer molen pad rade schot sluis straat trap vaart voorde waard werf zoom brug donk eind")
	legal   = strings.Split(",, B.V., B.V., B.V., V.O.F., N.V., Holding B.V.", ",")
	places  = strings.Fields("Zwolle Zwolle Zwolle Meppel Dalfsen Hardenberg Dedemsvaart Kampen Ommen Raalte Heino Staphorst Hattem Wezep Steenwijk Genemuiden Hasselt")
	sizes   = []share[string]{{"1", 30}, {"2-4", 28}, {"5-9", 15}, {"10-19", 11}, {"20-49", 9}, {"50-99", 4}, {"100-249", 2}, {"250-499", 1}}
	roles   = strings.Split("eigenaar,bedrijfsleider,personeelszaken,teamleider", ",")
)

// Employer is an employer by its number, from 0 up to and not including Employers.
func (r *Region) Employer(i int) Employer {
	d := dice{rand.New(rand.NewPCG(r.seed, uint64(i)))}
	what := pick(d, businesses)
	e := Employer{
		KvK: KvKOf(i), Place: pick(d, places), Gemeente: gemeenten[homeOf(i)],
		Postcode: fmt.Sprintf("%d%c%c", d.between(7700, 8339), 'A'+rune(d.IntN(5)), 'H'+rune(d.IntN(6))),
		sbi:      what.sbi, size: draw(d, sizes), sector: "markt", establishment: establishmentOf(i),
	}
	e.Name = pick(d, heads) + pick(d, middles) + pick(d, tails)
	if d.chance(50) {
		e.Name = what.word + " " + e.Name
	} else {
		e.Name += " " + what.word
	}
	e.Name += pick(d, legal)
	if what.word == "Scholen" {
		e.sector = "overheid"
	}
	for range d.IntN(3) {
		name := pick(d, givenNames) + " " + string(rune('A'+d.IntN(26))) + "."
		e.contacts = append(e.contacts, events.ContactPerson{Name: name, Role: pick(d, roles), Phone: phone(d)})
	}
	return e
}

// homeOf is the municipality that an employer lies in, the first twice as often.
func homeOf(i int) int { return max(0, i%(len(gemeenten)+1)-1) }

// establishmentOf: every eighth employer is approached at one establishment of several.
func establishmentOf(i int) string {
	if i%8 != 3 {
		return ""
	}
	return fmt.Sprintf("0000%08d", i)
}
