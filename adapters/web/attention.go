package web

import (
	"fmt"

	"huisboek/events"
	"huisboek/ledger"
)

// When a steward should look, in days.
const (
	fullSoon  = 60 // until something is full
	backupOld = 2  // since the last backup
	checkOld  = 8  // since everything was last read
)

// attention is what of a status somebody should look at, the worst first. The
// codes are for programs that watch a book, the sentences for people.
func (s *Status) attention(today events.Date) []ledger.Reason {
	list := []ledger.Reason{}
	add := func(code, nl, en string) {
		list = append(list, ledger.Reason{Code: code, Sentence: events.Sentence{NL: nl, EN: en}})
	}
	if !s.Records {
		add("boek-staat-stil", "Er wordt niets meer vastgelegd tot de beheerder heeft gekeken.", "Nothing is recorded until somebody has looked.")
	}
	s.doneAttention(today, add)
	for _, v := range s.Views {
		if v.Trouble != "" {
			add("beeld-staat-stil", fmt.Sprintf("Het onderdeel %s wordt niet meer bijgewerkt sinds positie %d.", v.Name, v.Position),
				fmt.Sprintf("The part %s has not been kept up to date since position %d.", v.Name, v.Position))
		}
	}
	if d := s.Disk.Full; d != "" && today.DaysUntil(d) <= fullSoon {
		add("ruimte-raakt-op", fmt.Sprintf("In dit tempo is de ruimte %s op.", dutchDays(d, d)), fmt.Sprintf("At this pace there is no room left %s.", englishDays(d, d)))
	}
	for _, p := range s.Partners {
		switch {
		case p.Silent && p.Last == nil:
			add("partner-meldde-nooit", p.Partner.Name+" heeft nog nooit iets gemeld.", p.Partner.Name+" has never told anything.")
		case p.Silent:
			nl, en := silence(p.Partner.Name, p.Days, p.Usual)
			add("partner-stil", nl, en)
		}
	}
	return list
}

// doneAttention is about the last backup and the last time that everything was read.
func (s *Status) doneAttention(today events.Date, add func(code, nl, en string)) {
	age := func(d *Done) int { return events.DateOf(d.At).DaysUntil(today) }
	switch b := s.Backup; {
	case b == nil:
		add("geen-backup", "Er is nog geen backup gemaakt.", "No backup was made yet.")
	case !b.Well:
		add("backup-mislukt", "De laatste backup is mislukt.", "The last backup failed.")
	case age(b) > backupOld:
		add("backup-verouderd", fmt.Sprintf("De laatste backup is %d dagen oud.", age(b)), fmt.Sprintf("The last backup is %d days old.", age(b)))
	}
	switch c := s.Verified; {
	case c == nil:
		add("geen-controle", "Het boek is nog niet in zijn geheel nagelezen.", "The book has not been read as a whole yet.")
	case !c.Well:
		add("controle-mislukt", "Bij het nalezen van het boek klopte er iets niet.", "Something was wrong when the book was read as a whole.")
	case age(c) > checkOld:
		add("controle-verouderd", fmt.Sprintf("Het boek is %d dagen geleden voor het laatst nagelezen.", age(c)),
			fmt.Sprintf("The book was last read as a whole %d days ago.", age(c)))
	}
}

// silence says that a partner has told nothing for so many days; usual is 0 when
// it is not known.
func silence(name string, days, usual int) (nl, en string) {
	nl = fmt.Sprintf("%s heeft al %s niets gemeld", name, counted(days, "dag", "dagen"))
	en = fmt.Sprintf("%s has told nothing for %s", name, counted(days, "day", "days"))
	if usual == 0 {
		return nl + ".", en + "."
	}
	return nl + fmt.Sprintf("; gewoonlijk zit er ten hoogste %s tussen.", counted(usual, "dag", "dagen")),
		en + fmt.Sprintf("; usually there are at most %s in between.", counted(usual, "day", "days"))
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
