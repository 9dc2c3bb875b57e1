package sheets

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/projections/targets"
)

// aStanding has something of everything.
func aStanding() *targets.Standing {
	yes, hours, days, took := true, events.Hundredths(1250), 180, 300
	return &targets.Standing{
		Version: targets.Version{Position: 40, At: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), Number: 2, TargetSet: &events.TargetSet{
			Target: "t", Name: "=Plaatsingen 2026", Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: events.MeasureJobs, Number: 600,
			Groups: []string{"DD01", "DD02"}, Register: &yes, Sector: "markt", Subregion: "IJssel-Vecht", Decision: "Bestuur, 8 december", Reason: "uren erbij",
			Shares:     []events.TargetShare{{Partner: "oin:1", Number: 300}},
			Definition: events.Definition{Kinds: []string{"dienstverband", "uitzend"}, LeastHours: &hours, LeastDays: &days, Standing: true, Note: "ook deeltijd"},
		}},
		On: "2026-11-22", Today: "2026-11-22", At: 1234, Settled: "2026-10", Total: 133_569, Doubts: 2, Own: 40_784, Agreed: 499_726, Difference: 300_000,
		Left:   []targets.Departure{{Partner: "w", From: "2026-07-01", Past: events.PastStays}},
		Shares: []targets.Share{{Partner: "u", Agreed: &took, Whole: 40_784, Divided: 40_392, Own: true}, {Label: targets.Hidden, Divided: 93_177}},
		Months: []targets.MonthTotal{{Month: "2026-01", Count: 12_345, So: 12_345, Agreed: 50_959}},
		Split: &targets.Split{Across: [2]targets.Dimension{targets.ByPartner, targets.ByMonth}, Settled: "2026-10", Cells: []targets.Cell{
			{Values: [2]string{"u", "2026-01"}, Amount: 40_392}, {Values: [2]string{targets.Hidden, targets.Running}, Amount: 93_177},
		}},
		NotCounted: []targets.LeftOut{{Reason: targets.WhyNoHours, Count: 3, Hidden: true, Own: []targets.Item{{Root: 7, Last: 9, Employer: "12345678", From: "2026-03-04"}}}, {Reason: "nieuw", Count: 1},
			{Reason: targets.WhyTooShort, Hidden: true}, {Reason: targets.Hidden, Count: 40, Hidden: true}},
		Forecast: &targets.Forecast{Expected: 160_200, Low: 150_000, High: 170_100, Months: 10, Left: 2, Short: 439_800},
	}
}

// written is a table as text, a line per row.
func written(tables []Table) string {
	var b strings.Builder
	for _, t := range tables {
		fmt.Fprintf(&b, "# %s\n", t.Title)
		for _, line := range t.About {
			fmt.Fprintln(&b, strings.Join(plain(line[:], nil), " | "))
		}
		for i, c := range t.Columns {
			fmt.Fprint(&b, map[bool]string{true: "", false: " | "}[i == 0], c.Name)
		}
		fmt.Fprintln(&b)
		for _, row := range t.Rows {
			fmt.Fprintln(&b, strings.Join(plain(row, t.Columns), " | "))
		}
	}
	return b.String()
}

func TestOfStanding(t *testing.T) {
	name := func(partner string) string { return map[string]string{"u": "UWV", "w": "Werkplein"}[partner] }
	s := aStanding()
	about := About{Language: "nl", Name: name, Partner: true, Known: time.Date(2026, 11, 22, 17, 30, 5, 0, time.UTC)}
	const sums = `# Per maand
Doelstelling | '=Plaatsingen 2026
Peildatum | 2026-11-22
Bekend tot en met positie | 1234
Vrijgegeven tot en met | 2026-10
Maand | Erbij | Tot en met die maand | Volgens het pad
2026-01 | 12,345 | 12,345 | 51
# Aandelen
Doelstelling | '=Plaatsingen 2026
Peildatum | 2026-11-22
Bekend tot en met positie | 1234
Vrijgegeven tot en met | 2026-10
Verdeeld | Wat van meer partners samen is, telt in het eigen beeld van elk van hen heel. Verdeeld krijgt ieder een gelijk deel, zodat de delen optellen tot het totaal; een bereikte werkgever gaat naar wie er het eerst was.
Partner | Afgesproken | Heel | Verdeeld
UWV | 300 | 40,784 | 40,392
afgeschermd |  |  | 93,177
# Uitsplitsing
Doelstelling | '=Plaatsingen 2026
Peildatum | 2026-11-22
Bekend tot en met positie | 1234
Vrijgegeven tot en met | 2026-10
Partner | Maand | Aantal
UWV | 2026-01 | 40,392
afgeschermd | lopende maand | 93,177
# Niet geteld
Doelstelling | '=Plaatsingen 2026
Peildatum | 2026-11-22
Bekend tot en met positie | 1234
Vrijgegeven tot en met | 2026-10
Reden | Aantal | Volledig
De uren ontbreken: vul de melding aan. | 3 | nee
nieuw | 1 | ja
Het eindigde voordat het lang genoeg duurde; klopt het einde niet, corrigeer dan de melding daarvan. |  | nee
Hiervan is afgeschermd of het meetelt. | 40 | hooguit
# Niet geteld, eigen
Doelstelling | '=Plaatsingen 2026
Peildatum | 2026-11-22
Bekend tot en met positie | 1234
Vrijgegeven tot en met | 2026-10
Reden | Datum | Werkgever | Positie
De uren ontbreken: vul de melding aan. | 2026-03-04 | 12345678 | 9
`
	const overview = `# Overzicht
Onderdeel | Waarde
Doelstelling | '=Plaatsingen 2026
Stand | Op 22 november 2026 staan we op 133,6 banen (indicatie), zoals vrijgegeven tot en met oktober 2026, waarvan hooguit 2 mogelijk dubbel: 366,1 achter op de afspraak (499,7). In dit tempo komen we uit op 160,2 (150 tot hooguit 170,1, als alles meetelt wat is afgeschermd), hooguit 439,8 te weinig. Er kunnen er tot 40 bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen. Wat eindigt, gaat er soms later af: de stand kan te hoog zijn.
Peildatum | 2026-11-22
Bekend op | 2026-11-22 18:30:05
Bekend tot en met positie | 1234
Vrijgegeven tot en met | 2026-10
Gerealiseerd | 133,569
Waarvan hooguit mogelijk dubbel | 2
Volgens het pad | 499,726
Eigen, heel geteld | 40,784
Verwacht aan het eind | 160,2
Verwacht, laagst | 150
Verwacht, hoogst | 170,1
Hoe dat verwacht wordt | De verwachting is wat er nu staat, met voor elke maand die nog komt het gemiddelde van de laatste drie tot twaalf gesloten maanden; de marge volgt uit hoe die maanden van elkaar verschillen, en houdt in vier van de vijf gevallen; wat is afgeschermd, telt alleen mee in de bovenkant.
Doel | 600
Doel min de som van de aandelen | 300
Periode van | 2026-01-01
Periode tot en met | 2026-12-31
Definitie | banen van 25,5 betaalde uren per week (indicatie; de officiële telling is die van UWV); van de soort dienstverband, uitzend; van doelgroep DD01, DD02; in het doelgroepregister; sector markt; van partners in subregio IJssel-Vecht; minstens 12,5 uur per week; die minstens 180 dagen duren; zolang het duurt; ook deeltijd
Besluit | Bestuur, 8 december
Versie | 2
Vastgesteld | 2026-01-05 10:00:00
Reden van deze versie | uren erbij
Vertrokken | Werkplein, per 1 juli 2026: haar verleden blijft meetellen
`
	if got := written(OfStanding(s, about)); got != overview+sums {
		t.Errorf("got\n%s\nwant\n%s", got, overview+sums)
	}

	about.Language, about.Known, about.Position = "en", time.Time{}, 1300
	english := written(OfStanding(s, about))
	for _, want := range []string{
		"As known on | what was known last\nKnown up to position | 1300\n", "On 22 November 2026 we are at 133.6 jobs (indication)", "Released up to and including | 2026-10\n",
		"Left | Werkplein, from 1 July 2026: its past goes on counting", "not shown | running month | 93,177", "at least 12.5 hours a week; that last at least 180 days", "The hours are missing: complete the report. | 3 | no",
	} {
		if !strings.Contains(english, want) {
			t.Errorf("no %q in\n%s", want, english)
		}
	}

	s.Split, s.Forecast, s.Plain, s.Settled, s.Own, s.Shares, s.NotCounted[0].Own = nil, nil, true, "", 0, nil, nil
	if got := written(OfStanding(s, about)); !strings.Contains(got, "\nOwn, counted whole | 0\n") {
		t.Errorf("a partner that has nothing:\n%s", got)
	}
	about.Partner = false
	if got := OfStanding(s, about); len(got) != 4 || strings.Contains(written(got), "Released") || strings.Contains(written(got), "Own") {
		t.Error(written(got))
	}
	if WriteXLSX(&bytes.Buffer{}, OfStanding(aStanding(), about)...) != nil || WriteCSV(&bytes.Buffer{}, OfStanding(aStanding(), about)...) != nil {
		t.Error("cannot be written")
	}
}

// Both languages have every word.
func TestWords(t *testing.T) {
	for name, pair := range map[string][2]map[string]string{
		"past": {inDutch.past, inEnglish.past}, "measures": {inDutch.measures, inEnglish.measures},
	} {
		for key := range pair[0] {
			if pair[0][key] == "" || pair[1][key] == "" {
				t.Errorf("%s has no word for %s", name, key)
			}
		}
	}
	for _, m := range events.Values("maat") {
		if inDutch.measures[m] == "" {
			t.Errorf("no word for %s", m)
		}
	}
	for _, w := range []*words{inDutch, inEnglish} {
		for _, field := range strings.Split(strings.Trim(fmt.Sprintf("%#v", *w), "{}"), ", ") {
			if name, value, ok := strings.Cut(field, ":"); ok && value == `""` {
				t.Errorf("%s: no %s", w.lang, name)
			}
		}
	}
}
