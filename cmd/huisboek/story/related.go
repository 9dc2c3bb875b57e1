package story

import (
	"fmt"
	"slices"
	"strings"

	"huisboek/events"
)

// merge lets the last SW company go on in the first, somewhat past the middle of the
// year, and another one fall silent in the last month.
func (t *teller) merge() {
	sw := t.ofKind("sw")
	t.old, t.heir, t.silent = sw[len(sw)-1], sw[0], sw[2]
	t.merged = t.cal.later(t.cal.end-150, 0)
	t.silence = t.cal.end - 31
	t.decree(t.cal.earlier(t.merged, 8), &events.PartnerSucceeded{
		Partner: t.partners[t.old].ID, By: t.partners[t.heir].ID, From: t.cal.date(t.merged),
	})
}

// related tells of employers that belong together: provisional ones that turn out to
// be known, one abroad, a concern, and one that goes on under another number.
func (t *teller) related(h *Highlights) {
	t.twins(h)
	t.concern(h)
	t.abroad(h)

	before, after := &t.employers[60], &t.employers[61]
	before.known, after.known = 100, t.cal.end-100
	after.Place, after.place, after.home, after.kind, after.sector = before.Place, before.place, before.home, before.kind, before.sector
	after.Name = t.renamed(after, stemOf(before)+" Nieuw")
	t.decree(t.cal.end-90, &events.EmployersLinked{
		Employer: before.whole(), With: after.whole(), Kind: "opvolger", Reason: plain("Gaat sinds de overname verder onder een ander nummer."),
	})
}

// fate is what became of a provisional employer.
type fate int

const (
	linked   fate = iota // by the steward
	own                  // by the partner that named it: it holds at once
	waiting              // by one of two partners that named it: it needs a second voice
	unlinked             // linked, and taken back
	open                 // nobody said anything of it yet
)

var fates = []fate{linked, linked, linked, linked, linked, own, own, waiting, unlinked, open, open, open}

// firstTwin is the first of the employers that have a provisional twin.
const firstTwin = 20

// twins tells of partners that had no number for an employer that others knew.
func (t *teller) twins(h *Highlights) {
	for i, fate := range fates {
		e := &t.employers[firstTwin+i]
		e.known = 25
		if fate == open { // found by its name alone: no other ends so
			e.Name = fmt.Sprintf("%s %s%sbrink B.V.", e.kind.word, heads[i], middle[i%len(middle)])
		}
		twin := *e
		twin.as = &events.Employer{Provisional: t.dice.uuid()}
		twin.Name = otherName(e, i)
		twin.contacts = nil
		t.twin(e, &twin, fate)
		switch {
		case fate == linked:
			h.Linked = firstTwin + i
		case fate == open:
			h.Known, h.Twin = firstTwin+i, twin.as.Key()
			h.Search = strings.ToLower(e.kind.word + " " + misspelt(stemOf(e)))
		}
	}
}

// twin tells how a partner came to a provisional employer, and what became of it.
func (t *teller) twin(e, twin *Employer, fate fate) {
	day := t.cal.later(t.dice.between(30, t.cal.end-120), 0)
	first := t.thread(twin, t.stranger(e))
	first.emit(day, &events.EmployerDescribed{Employer: twin.ref(), Name: plain(twin.Name), Place: plain(twin.Place), Gemeente: twin.place.gemeente})
	first.visit(t.cal.later(day, 1), t.cal.later(day, 1), "kennismaking", "", false)
	day = t.cal.later(day, t.dice.between(20, 50))
	same := &events.EmployersLinked{Employer: twin.whole(), With: e.whole(), Kind: "dezelfde", Reason: plain("Zelfde bedrijf: adres en eigenaar komen overeen.")}
	switch fate {
	case linked:
		t.decree(day, same)
	case own:
		first.emit(day, same)
	case waiting:
		second := t.thread(twin, e.home)
		second.visit(t.cal.later(day, 1), t.cal.later(day, 1), "kennismaking", "", false)
		first.emit(t.cal.later(day, 6), same)
	case unlinked:
		t.decree(day, same)
		t.decree(t.cal.later(day, 9), &events.EmployersUnlinked{
			Employer: twin.whole(), With: e.whole(), Reason: plain("Twee bedrijven van dezelfde familie."),
		})
	}
}

// stranger is a municipality that takes part all year and is not an employer's own.
func (t *teller) stranger(e *Employer) int {
	for {
		if i := pick(t.dice, t.ofKind("gemeente")); i != e.home {
			return i
		}
	}
}

// concern makes three employers one concern, as the steward said.
func (t *teller) concern(h *Highlights) {
	h.Concern = [3]int{40, 41, 42}
	stem := stemOf(&t.employers[40])
	for i, part := range []string{"Groep B.V.", "Transport B.V.", "Logistiek B.V."} {
		e := &t.employers[h.Concern[i]]
		e.Name = t.renamed(e, stem+" "+part)
		e.level, e.size, e.known = regional, "100-249", 100
		if i > 0 {
			t.decree(120+i, &events.EmployersLinked{
				Employer: t.employers[h.Concern[0]].whole(), With: e.whole(), Kind: "concern", Reason: plain("Eén directie, drie nummers."),
			})
		}
	}
}

// abroad tells of an employer across the border, with a number that its register
// does not give out.
func (t *teller) abroad(h *Highlights) {
	model := &t.employers[50]
	home := slices.IndexFunc(t.partners, func(p Partner) bool { return slices.Contains(p.Gemeenten, "GM0160") })
	e := &Employer{
		Name: stemOf(model) + " Metallbau GmbH", Place: "Nordhorn", home: home, kind: businesses[0].value, size: "20-49", sector: "markt", level: regional,
		as: &events.Employer{Foreign: &events.Foreign{Country: "DE", Register: "HRB", Number: "0000001"}},
	}
	h.Foreign = e.ref().Key()
	th := t.thread(e, home)
	day := t.cal.later(45, 0)
	th.emit(day, &events.EmployerDescribed{
		Employer: e.ref(), Name: plain(e.Name), Place: plain(e.Place), SBICode: e.kind.sbi, SBIVersion: "2008", Size: e.size, Sector: e.sector,
	})
	for _, day := range t.days(4, t.cal.end-50) {
		t.occasion(e, home, t.cal.later(max(day, 46), 1))
	}
}

// stemOf is the syllables in a name: what is left without the trade and the legal form.
func stemOf(e *Employer) string {
	words := strings.Fields(strings.TrimPrefix(e.Name, e.kind.word+" "))
	return words[0]
}

// renamed is a new name for an employer that no other has; its people go along.
func (t *teller) renamed(e *Employer, name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(t.employers, func(x Employer) bool { return x.Name == n && x.KvK != e.KvK })
	}
	out := name
	for i := 2; taken(out); i++ {
		out = fmt.Sprintf("%s %d", name, i)
	}
	return out
}

// otherName is how somebody writes a name who heard it: the trade left out or put
// elsewhere, another legal form, a letter doubled.
func otherName(e *Employer, i int) string {
	stem := stemOf(e)
	switch i % 4 {
	case 0:
		return stem
	case 1:
		return stem + " " + e.kind.word + " BV"
	case 2:
		return e.kind.word + " " + misspelt(stem)
	}
	return strings.ToUpper(stem) + " & Zn."
}

// misspelt is a word with one letter, in the middle, that is another.
func misspelt(word string) string {
	b := []byte(word) // syllables are ASCII
	i := len(b) / 2
	if b[i] == 'e' {
		b[i] = 'a'
	} else {
		b[i] = 'e'
	}
	return string(b)
}
