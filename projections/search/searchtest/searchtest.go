// Package searchtest makes employers to search among, and questions as people ask
// them. The same number gives the same ones.
package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"huisboek/events"
	"huisboek/projections/search"
)

const today = events.Date("2026-11-22")

// What employers are described by besides; of some it is not known.
var (
	gemeenten = strings.Split("GM0193 GM0193 GM0193 GM0119 GM0148 GM0160 GM0166 GM0175 GM0177 GM0180 GM0244 GM0246 GM0269 ", " ")
	sectors   = strings.Split("markt markt markt overheid ", " ")
	sizes     = strings.Split("1 2-4 2-4 5-9 5-9 10-19 20-49 50-99 100-249 1000+ ", " ")
)

// Employers are so many invented employers, always the same. What they do is what
// the demo's do, so that those words are common; their own names are not.
func Employers(n int) []search.Entry {
	dice := rand.New(rand.NewPCG(4, 200_000))
	pick := func(from []string) string { return from[dice.IntN(len(from))] }
	heads := strings.Fields("Aard Bok Chr Dwer Elf Fluit Gloor Huiv Inkt Jok Knip Lef Moer Naald Ooi Pauw Riet Scharr Twee Urk Vlier Wiek Zwenk Broes Droom Glim Kroos Plag Snoek Trom")
	middles := strings.Fields("e i o a el er ig aa oe ui ee en is ek op um")
	tails := strings.Fields("berg dam dijk feld gaard heem hof kamp kant laar meer molen pad rade schot sluis straat trap vaart voorde waard werf zoom brug donk eind")
	doing := strings.Fields("Metaalbewerking Zuivel Bakkerij Houtbouw Kunststoffen Bouw Installatietechniek Autobedrijf Groothandel Supermarkt Transport Logistiek Hotel Eethuis Software Advies Schoonmaak Hoveniers Basisscholen Ziekenzorg Thuiszorg Kinderopvang Waterbeheer Kwekerij")
	legal := []string{"", "", " B.V.", " B.V.", " B.V.", " V.O.F.", " N.V.", " Holding B.V."}
	before := []string{"", "", "", "", "De ", "Van der ", "Het ", "Stichting ", "Gebr. "}
	places := strings.Fields("Zwolle Zwolle Zwolle Zwolle Meppel Dalfsen Nieuwleusen Hardenberg Dedemsvaart Kampen IJsselmuiden Ommen Raalte Heino Staphorst Hattem Wezep Havelte Steenwijk Genemuiden Hasselt")
	const letters = "ABCDEGHJKLMNPRTVWXZ"
	all := make([]search.Entry, n)
	for i := range all {
		stem := pick(heads) + pick(middles) + pick(tails)
		name := pick(before)
		switch dice.IntN(6) {
		case 0:
			name += stem
		case 1:
			name += stem + " & " + pick(heads) + pick(middles) + pick(tails)
		case 2, 3:
			name += pick(doing) + " " + stem
		default:
			name += stem + " " + pick(doing)
		}
		e := search.Entry{
			Keys: []string{fmt.Sprintf("00%06d", i)}, Names: []string{name + pick(legal)}, Place: pick(places), Gemeente: gemeenten[i%len(gemeenten)],
			Postcode: fmt.Sprintf("%d%c%c", 7700+dice.IntN(640), letters[dice.IntN(len(letters))], letters[dice.IntN(len(letters))]),
		}
		e.Sector, e.Size = sectors[i%len(sectors)], sizes[i%len(sizes)]
		switch {
		case i%25 == 0:
			e.Keys[0] = fmt.Sprintf("voorlopig-00000000-0000-4000-8000-%012d", i)
			e.Postcode = ""
		case i%100 == 1:
			e.Keys[0] = fmt.Sprintf("DE-HRB-%06d", i)
		case i%3 == 0:
			e.Establishments = []string{fmt.Sprintf("0000%08d", i)}
		}
		if dice.IntN(3) > 0 {
			e.LastContact = today.AddDays(-30 - dice.IntN(700))
		}
		all[i] = e
	}
	return all
}

// Questions are so many questions to those employers: whole names and parts of them,
// with a place, a postcode or a typing error, glued, numbers, and some that nobody
// should ask.
func Questions(n int) []string {
	dice := rand.New(rand.NewPCG(7, 1_000))
	employers := Employers(20_000)
	odd := []string{"a", "de", "transport", "bv", "bakkerij zwolle", "8011", "zwolle", "b a d e s t m k", strings.Repeat("transport ", 250), strings.Repeat("9", 2_000)}
	all := make([]string, n)
	for i := range all {
		e := employers[dice.IntN(len(employers))]
		name := e.Names[0]
		words := strings.Fields(name)
		at := dice.IntN(len(name))
		all[i] = []string{
			name, words[0], words[len(words)-1] + " " + e.Place, name[:min(len(name), 3+dice.IntN(6))], name[:at] + "x" + name[at:],
			words[0] + " " + e.Postcode, e.Keys[0], strings.ReplaceAll(name, " ", ""), odd[dice.IntN(len(odd))], name + " " + e.Place,
		}[i%10]
	}
	return all
}
