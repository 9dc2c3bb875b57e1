package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"huisboek/adapters/web"
	"huisboek/projections/targets"
)

func (in *tongue) doubles(w io.Writer, a *web.PlacementDoublesAnswer) {
	if len(a.Doubles) == 0 {
		fmt.Fprintln(w, in.say("None.", "Geen."))
		return
	}
	open, steward := false, false
	for i := range a.Doubles {
		d := &a.Doubles[i]
		open = open || d.State == targets.DoublePossible || d.State == targets.DoubleWaits
		score := ""
		if d.Score != nil { // only the steward gets it
			steward, score = true, fmt.Sprintf(in.say(" (%d of 100 points)", " (%d van 100 punten)"), *d.Score)
		}
		fmt.Fprintf(w, in.say("Positions %d and %d: %s%s\n  %s and %s, employer %s, %s\n", "Posities %d en %d: %s%s\n  %s en %s, werkgever %s, %s\n"),
			d.A.Position, d.B.Position, in.state(d.State), score, d.A.Partner.Name, d.B.Partner.Name, d.A.Employer, targets.Month(d.A.Month, in.lang))
		for _, r := range d.Reasons {
			fmt.Fprintf(w, "  - %s\n", in.of(r.Sentence))
		}
		for _, word := range d.Words {
			says := in.say("says that they are two", "zegt dat het er twee zijn")
			if word.Same {
				says = in.say("says that they are one", "zegt dat het er één is")
			}
			fmt.Fprintf(w, in.say("  - %s %s (position %d).\n", "  - %s %s (positie %d).\n"), word.Partner.Name, says, word.Position)
		}
	}
	fmt.Fprintf(w, in.say("\n%d in all.", "\n%d in totaal."), a.Total)
	switch {
	case open && steward:
		fmt.Fprint(w, in.say(" Ask the two partners first; then: huisboek targets same or distinct, with the two positions.", " Vraag het eerst de twee partners; daarna: huisboek targets same of distinct, met de twee posities."))
	case open:
		fmt.Fprint(w, in.say(" Your system can say which: plaatsingen-gelijkgesteld or plaatsingen-onderscheiden. The other partner says it, too, or the steward does.",
			" Uw systeem kan zeggen wat het is: plaatsingen-gelijkgesteld of plaatsingen-onderscheiden. De andere partner zegt het ook, of de regisseur doet het."))
	}
	fmt.Fprintln(w)
	if a.Next != "" {
		fmt.Fprintf(w, in.say("More: --after %s\n", "Meer: --after %s\n"), a.Next)
	}
}

func (in *tongue) state(state string) string {
	switch state {
	case targets.DoublePossible:
		return in.say("possibly one placement", "mogelijk één plaatsing")
	case targets.DoubleWaits:
		return in.say("one of the two said that it is one placement", "een van beide zei dat het één plaatsing is")
	case targets.DoubleSame:
		return in.say("one placement", "één plaatsing")
	case targets.DoubleDistinct:
		return in.say("two placements", "twee plaatsingen")
	}
	return state
}

func (in *tongue) reach(w io.Writer, a *web.ReachAnswer, sizes bool) {
	fmt.Fprintf(w, in.say("Employers visited from %s to %s.\n\n", "Werkgevers bezocht van %s tot en met %s.\n\n"), targets.Day(a.From, in.lang), targets.Day(a.To, in.lang))
	if a.To.After(today(a.Known)) {
		fmt.Fprintln(w, in.say("The last day has yet to come: this is what is known so far.\n", "De laatste dag moet nog komen: dit is wat er tot nu toe bekend is.\n"))
	}
	part := func(share float64) string { return in.number(100*share, 1) + " %" }
	table(w, func(w io.Writer) {
		line := func(r *web.ReachRow, name string) {
			employers, share, size := in.say("not known", "niet bekend"), "-", ""
			if r.Employers != nil {
				employers = in.number(float64(*r.Employers), 0)
			}
			if r.Share != nil {
				share = part(*r.Share)
			}
			if sizes {
				size = r.Size + "\t"
			}
			fmt.Fprintf(w, "%s\t%s%s\t%s\t%s\n", name, size, in.number(float64(r.Contacted), 0), employers, share)
		}
		size := ""
		if sizes {
			size = in.say("SIZE\t", "GROOTTE\t")
		}
		fmt.Fprintln(w, in.say("MUNICIPALITY\t"+size+"VISITED\tEMPLOYERS\tREACH", "GEMEENTE\t"+size+"BEZOCHT\tWERKGEVERS\tBEREIK"))
		for i := range a.Rows {
			if r := &a.Rows[i]; sizes || r.Size == "" {
				name := r.Name
				if name == "" {
					name = r.Gemeente
				}
				line(r, name)
			}
		}
		for i := range a.Subregions {
			line(&a.Subregions[i].ReachRow, in.say("Subregion ", "Subregio ")+a.Subregions[i].Name)
		}
		line(&a.Total, in.say("All of which it is known", "Alle waarvan het bekend is"))
	})
	fmt.Fprintln(w)
	if a.NoPlace > 0 {
		fmt.Fprintf(w, in.say("The municipality of %s of the %s visited employers is not known.\n", "Van %s van de %s bezochte werkgevers is de gemeente niet bekend.\n"), in.number(float64(a.NoPlace), 0), in.number(float64(a.Contacted), 0))
	}
	for _, n := range a.Numbers {
		fmt.Fprintf(w, in.say("How many employers there are: %s, from %s on (position %d).\n", "Hoeveel werkgevers er zijn: %s, per %s (positie %d).\n"), n.Origin, n.From, n.Position)
	}
	if len(a.Numbers) == 0 {
		fmt.Fprintln(w, in.say("Nobody recorded how many employers there are: huisboek reach set.", "Niemand legde vast hoeveel werkgevers er zijn: huisboek reach set."))
	}
	fmt.Fprintln(w, in.upTo("", a.Known, a.Freshness))
}

func (in *tongue) difference(w io.Writer, a *web.DifferenceAnswer) {
	until := in.say("now", "nu bekend")
	if a.To != nil {
		until = in.say("on ", "bekend op ") + clock(*a.To)
	}
	fmt.Fprintf(w, in.say("%s, the standing on %s: %s as known on %s, and %s as known %s.\n", "%s, de stand op %s: %s zoals bekend op %s, en %s zoals %s.\n"),
		a.Target.Name, targets.Day(a.On, in.lang), in.number(a.Was, 3), clock(a.From), in.number(a.Is, 3), until)
	if len(a.Changes) == 0 {
		fmt.Fprintln(w, in.say("Nothing changed it.", "Er veranderde niets aan."))
		return
	}
	doubts := slices.ContainsFunc(a.Changes, func(c web.TargetChange) bool { return c.Doubts != 0 })
	column := func(s string) string {
		if doubts {
			return s + "\t"
		}
		return ""
	}
	fmt.Fprintln(w)
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, in.say("POSITION\tRECORDED\tPARTNER\tMOVED\t"+column("DOUBTS")+"WHY", "POSITIE\tVASTGELEGD\tPARTNER\tVERSCHIL\t"+column("TWIJFEL")+"WAAROM"))
		for i := range a.Changes {
			c := &a.Changes[i]
			position, partner, month := "-", "-", ""
			if c.Position != nil {
				position = strconv.FormatUint(uint64(*c.Position), 10)
			}
			if c.Partner != nil {
				partner = c.Partner.Name
			}
			if c.Month != nil {
				month = " (" + targets.Month(*c.Month, in.lang) + ")"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s%s%s\n", position, clock(c.At)[:16], partner, in.moved(c.Moved), column(in.moved(float64(c.Doubts))), in.of(c.Sentence), month)
		}
	})
	fmt.Fprintf(w, in.say("\nTogether %s.\n", "\nSamen %s.\n"), in.moved(a.Is-a.Was))
}
