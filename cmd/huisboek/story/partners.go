package story

import (
	"fmt"
	"slices"
	"strings"

	"huisboek/events"
)

// Partner is an organisation of the story.
type Partner struct {
	ID        string // internal UUID
	Name      string
	Kind      string // gemeente, uwv or sw
	OIN       string // with the test prefix 00000099
	Gemeenten []string
	Postcodes []string
	Regions   []string // every region that it serves; empty: this one

	managers []events.AccountManager
}

// Identity is how the partner is known on the wire.
func (p *Partner) Identity() string { return "urn:nld:oin:" + p.OIN }

// Source is the partner's system that emits its events.
func (p *Partner) Source() string { return p.Identity() + ":systeem:crm" }

// Managers are the partner's account managers; there is at least one.
func (p *Partner) Managers() []events.AccountManager { return slices.Clone(p.managers) }

// Admitted is what the region's steward says to let the partner take part.
func (p *Partner) Admitted(from events.Date) *events.PartnerAdmitted {
	return &events.PartnerAdmitted{
		Partner:    p.ID,
		Identities: []string{p.Identity()},
		Name:       p.Name,
		Kind:       p.Kind,
		From:       from,
		Gemeenten:  p.Gemeenten,
		Postcodes:  p.Postcodes,
		Regions:    p.Regions,
	}
}

// sheltered are the invented SW companies. The second works in three regions, the
// third fell silent, and the last, a small one, goes on in the first.
var sheltered = []string{"SW-bedrijf Orvelstee", "SW-bedrijf Tessenmark", "SW-bedrijf Bralloord", "SW-bedrijf Dorvenhoek"}

// StewardOIN is who the region's steward is in the story: a test number.
const StewardOIN = "00000099000000000000"

const stewardSource = "urn:nld:oin:" + StewardOIN + ":systeem:huisboek"

// partners are the municipalities in the order of the table, then UWV, then the
// SW companies.
func partners(d dice, places []place) []Partner {
	var all []Partner
	for _, p := range places {
		i := slices.IndexFunc(all, func(x Partner) bool { return x.Gemeenten[0] == p.gemeente })
		if i < 0 {
			i = len(all)
			all = append(all, Partner{Name: "Gemeente " + p.municipality, Kind: "gemeente", Gemeenten: []string{p.gemeente}})
		}
		postcodes := fmt.Sprintf("%d-%d", p.from, p.to)
		if p.from == p.to {
			postcodes = fmt.Sprint(p.from)
		}
		all[i].Postcodes = append(all[i].Postcodes, postcodes)
	}
	all = append(all, Partner{Name: "UWV", Kind: "uwv"})
	for _, name := range sheltered {
		all = append(all, Partner{Name: name, Kind: "sw"})
	}
	all[len(all)-3].Regions = []string{Region, "AM05", "AM06"}
	for i := range all {
		all[i].ID = d.uuid()
		all[i].OIN = fmt.Sprintf("00000099%09d000", 36000+i+1)
		initials := "am"
		if i == len(all)-1 { // whose people keep their numbers where they go on
			initials = "do"
		}
		all[i].managers = managers(d, all[i].Name, initials, staff(&all[i]))
	}
	return all
}

func staff(p *Partner) int {
	switch {
	case p.Kind == "uwv":
		return 8
	case p.Kind == "sw":
		return 4
	case p.Gemeenten[0] == "GM0193":
		return 6
	}
	return 3
}

var (
	givenNames = strings.Fields(`Aafke Abel Berber Bo Ciska Daan Eefje Emre Fenna Floor Gijs Hanna Hugo Ilse Imane
		Jelle Jip Kaat Karim Lieke Loek Mees Mila Nadia Niek Olaf Pien Quinten Roos Ruben Saar Sefa Teun Tirza Veerle Wout Yara Zeno`)
	initials = strings.Split("ABCDEGHKLMNPRSTVWZ", "")
)

// managers are a partner's account managers: a given name and a letter each.
func managers(d dice, partner, numbers string, n int) []events.AccountManager {
	all := make([]events.AccountManager, n)
	for i := range all {
		given, initial := pick(d, givenNames), pick(d, initials)
		all[i] = events.AccountManager{
			Employee: fmt.Sprintf("%s-%02d", numbers, i+1),
			Name:     given + " " + initial + ".",
			Phone:    phone(d),
			Email:    strings.ToLower(given) + "." + strings.ToLower(initial) + "@" + domain(partner),
		}
	}
	return all
}

// phone looks like a Dutch number and is none: no subscriber's number begins with 000.
func phone(d dice) string {
	if d.chance(50) {
		return fmt.Sprintf("06-0000%04d", d.IntN(10000))
	}
	return fmt.Sprintf("038-000%04d", d.IntN(10000))
}

// domain is within example.nl, which belongs to nobody.
func domain(name string) string {
	label := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-':
			return '-'
		}
		return -1
	}, strings.ToLower(name))
	return strings.Trim(label, "-") + ".example.nl"
}
