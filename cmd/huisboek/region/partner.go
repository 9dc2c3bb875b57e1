package region

import (
	"fmt"
	"strings"

	"huisboek/events"
)

// Partner is an organisation that takes part.
type Partner struct {
	ID       string // internal UUID
	Name     string
	Kind     string // gemeente, uwv, sw or overig
	Identity string // urn:nld:oin: or, of a private one, urn:nld:kvknr:

	gemeenten []string
	managers  []events.AccountManager
}

// Source is the partner's system that emits its events.
func (p *Partner) Source() string { return p.Identity + ":systeem:crm" }

func (p *Partner) admitted(from events.Date) *events.PartnerAdmitted {
	return &events.PartnerAdmitted{
		Partner: p.ID, Identities: []string{p.Identity}, Name: p.Name, Kind: p.Kind, From: from, Gemeenten: p.gemeenten,
	}
}

// The municipalities of the region, with how much of what happens is at employers there.
var gemeenten = strings.Fields("GM0193 GM0119 GM0148 GM0160 GM0166 GM0175 GM0177 GM0180 GM0244 GM0269 GM1701 GM1708 GM1896")

const (
	uwv       = 13 // its place among the partners
	sheltered = 6
	private   = 4
)

// partners are the municipalities, UWV, SW companies and others.
func partners(d dice) []Partner {
	var all []Partner
	for i, code := range gemeenten {
		all = append(all, Partner{Name: fmt.Sprintf("Gemeente %c", 'A'+i), Kind: "gemeente", gemeenten: []string{code}})
	}
	all = append(all, Partner{Name: "UWV", Kind: "uwv"})
	for i := range sheltered {
		all = append(all, Partner{Name: fmt.Sprintf("SW-bedrijf %c", 'A'+i), Kind: "sw"})
	}
	for i := range private {
		all = append(all, Partner{Name: fmt.Sprintf("Bemiddelaar %c", 'A'+i), Kind: "overig"})
	}
	for i := range all {
		p := &all[i]
		p.ID = d.uuid()
		p.Identity = fmt.Sprintf("urn:nld:oin:00000099%09d000", 70_000+i)
		if i >= len(all)-2 {
			p.Identity = "urn:nld:kvknr:" + kvk(privateFirst+i)
		}
		staff := 40
		if i == uwv {
			staff = 160
		}
		for n := range staff {
			given, initial := pick(d, givenNames), string(rune('A'+d.IntN(26)))
			p.managers = append(p.managers, events.AccountManager{
				Employee: fmt.Sprintf("am-%03d", n+1), Name: given + " " + initial + ".", Phone: phone(d),
				Email: strings.ToLower(given+"."+initial) + fmt.Sprintf("@partner%02d.example.nl", i+1),
			})
		}
	}
	return all
}

var givenNames = strings.Fields(`Aafke Abel Berber Bo Ciska Daan Eefje Emre Fenna Floor Gijs Hanna Hugo Ilse Imane Jelle Jip Kaat
	Karim Lieke Loek Mees Mila Nadia Niek Olaf Pien Quinten Roos Ruben Saar Sefa Teun Tirza Veerle Wout Yara Zeno`)

// phone looks like a Dutch number and is none: no subscriber's number begins with 000.
func phone(d dice) string { return fmt.Sprintf("038-000%04d", d.IntN(10_000)) }
