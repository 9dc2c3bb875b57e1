package story

import (
	"fmt"
	"strings"

	"huisboek/events"
)

const employerCount = 2000

// Employer is an invented employer of the story.
type Employer struct {
	KvK   string
	Name  string
	Place string

	place    place
	home     int // the municipality it lies in, an index of partners
	level    level
	kind     business
	size     string
	sector   string
	contacts []events.ContactPerson
	as       *events.Employer // what it is called instead of its KvK number
	known    int              // the day by which it must have been described; 0: any
}

func (e *Employer) ref() events.Employer {
	if e.as != nil {
		return *e.as
	}
	return events.Employer{KvK: e.KvK}
}

// whole is the employer as links name it.
func (e *Employer) whole() events.WholeEmployer {
	r := e.ref()
	return events.WholeEmployer{KvK: r.KvK, Foreign: r.Foreign, Provisional: r.Provisional}
}

// level is how widely an employer is approached: lokaal, regionaal or landelijk.
type level int

const (
	local level = iota
	regional
	national
)

// business is what an employer does, with its code in the Standaard
// Bedrijfsindeling 2008.
type business struct {
	word, sbi string
	sector    string
}

var businesses = []weighted[business]{
	{business{"Metaalbewerking", "2562", "markt"}, 7},
	{business{"Zuivel", "1051", "markt"}, 3},
	{business{"Bakkerij", "1071", "markt"}, 5},
	{business{"Houtbouw", "1623", "markt"}, 4},
	{business{"Kunststoffen", "2229", "markt"}, 4},
	{business{"Bouw", "4120", "markt"}, 8},
	{business{"Installatietechniek", "4321", "markt"}, 7},
	{business{"Autobedrijf", "4520", "markt"}, 5},
	{business{"Groothandel", "4690", "markt"}, 6},
	{business{"Supermarkt", "4711", "markt"}, 7},
	{business{"Transport", "4941", "markt"}, 8},
	{business{"Logistiek", "5210", "markt"}, 6},
	{business{"Hotel", "5510", "markt"}, 3},
	{business{"Eethuis", "5610", "markt"}, 7},
	{business{"Software", "6201", "markt"}, 4},
	{business{"Advies", "7022", "markt"}, 4},
	{business{"Schoonmaak", "8121", "markt"}, 7},
	{business{"Hoveniers", "8130", "markt"}, 6},
	{business{"Basisscholen", "8520", "overheid"}, 3},
	{business{"Ziekenzorg", "8610", "markt"}, 2},
	{business{"Thuiszorg", "8810", "markt"}, 6},
	{business{"Kinderopvang", "8891", "markt"}, 5},
	{business{"Waterbeheer", "8413", "overheid"}, 1},
	{business{"Kwekerij", "0130", "markt"}, 4},
}

// fictitious are KvK's published test numbers, in the order in which the story
// gives them out; the first is a private company's.
var fictitious = []string{
	"68750110", "90001354", "68727720", "90004760", "69599084", "69599068", "69599076",
	"90005414", "55344526", "90002520", "90000749", "90001745", "90003942", "55505201",
}

// reserved are test numbers that stand for an error at KvK.
var reserved = []string{"90004973", "90002903"}

// kvkNumbers are n different fictitious numbers.
func kvkNumbers(d dice, n int) []string {
	numbers := append([]string(nil), fictitious...)
	seen := make(map[string]bool)
	for _, s := range append(numbers, reserved...) {
		seen[s] = true
	}
	for _, tail := range d.Perm(10000) {
		if len(numbers) >= n {
			break
		}
		if s := fmt.Sprintf("9000%04d", tail); !seen[s] {
			numbers = append(numbers, s)
		}
	}
	return numbers
}

func employers(d dice, places []place, partners []Partner) []Employer {
	home := make(map[string]int)
	for i, p := range partners {
		if p.Kind == "gemeente" {
			home[p.Gemeenten[0]] = i
		}
	}
	spots := make([]weighted[place], len(places))
	for i, p := range places {
		spots[i] = weighted[place]{p, p.weight}
	}
	names := make(map[string]bool)
	all := make([]Employer, employerCount)
	for i, kvk := range kvkNumbers(d, employerCount) {
		at := draw(d, spots)
		kind := draw(d, businesses)
		e := Employer{KvK: kvk, Place: at.name, place: at, home: home[at.gemeente], kind: kind, sector: kind.sector}
		for e.Name = employerName(d, kind); names[e.Name]; e.Name = employerName(d, kind) {
		}
		names[e.Name] = true
		e.level, e.size = scale(d)
		e.contacts = contacts(d, e.Name)
		all[i] = e
	}
	return all
}

// scale draws a level and a size that go together.
func scale(d dice) (level, string) {
	l := draw(d, []weighted[level]{{local, 85}, {regional, 12}, {national, 3}})
	sizes := [][]weighted[string]{
		local:    {{"1", 20}, {"2-4", 25}, {"5-9", 20}, {"10-19", 20}, {"20-49", 15}},
		regional: {{"50-99", 55}, {"100-249", 45}},
		national: {{"100-249", 30}, {"250-499", 40}, {"500-999", 20}, {"1000+", 10}},
	}
	return l, draw(d, sizes[l])
}

var (
	heads  = strings.Fields("Or Tes Bral Quin Vel Zum Krel Drev Lom Wag Nis Puk Grob Hem Ilt Jar Kep Mul Nor Pel Rus Sil Tor Ulm Wol Yst Zand Dor Fen Gar")
	middle = strings.Fields("vel sen mar lin dor ken bal ter lo wis ger num")
	tails  = strings.Fields("mark daal wijk oord stee veen horst loo beke zijl")
	legal  = []string{"", "", " B.V.", " B.V.", " B.V.", " V.O.F."}
)

func employerName(d dice, kind business) string {
	stem := pick(d, heads) + pick(d, middle) + pick(d, tails)
	if d.chance(50) {
		return kind.word + " " + stem + pick(d, legal)
	}
	return stem + " " + kind.word + pick(d, legal)
}

func contacts(d dice, employer string) []events.ContactPerson {
	if !d.chance(60) {
		return nil
	}
	given, initial := pick(d, givenNames), pick(d, initials)
	c := events.ContactPerson{Name: given + " " + initial + ".", Role: pick(d, []string{"eigenaar", "bedrijfsleider", "personeelszaken", "teamleider"})}
	if d.chance(80) {
		c.Phone = phone(d)
	}
	if d.chance(50) {
		c.Email = strings.ToLower(given) + "@" + domain(employer)
	}
	return []events.ContactPerson{c}
}
