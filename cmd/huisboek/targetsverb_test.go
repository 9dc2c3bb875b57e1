package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections/targets"
)

// targetFile is what huisboek targets example prints, changed: each old string of it by
// the new one after it.
func targetFile(t *testing.T, change ...string) (path, target string) {
	t.Helper()
	code, out, errOut := do(t, "targets", "example")
	var set events.TargetSet
	if err := json.Unmarshal([]byte(out), &set); code != exitDone || err != nil {
		t.Fatalf("exit %d: %v\n%s", code, err, errOut)
	}
	text := strings.NewReplacer(change...).Replace(out)
	if len(change) > 0 && text == out {
		t.Fatalf("nothing was changed in\n%s", out)
	}
	return written(t, text), set.Target
}

// A target is recorded, again as a new version, and dropped; what is wrong with one is
// told at once.
func TestTargetSet(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	first, target := targetFile(t)
	set := func(file string, more ...string) (int, string, string) {
		return do(t, append([]string{"targets", "set", file, "--data", "data"}, more...)...)
	}
	if code, out, errOut := set(first); code != exitDone || out != "Recorded at position 2: target "+target+".\n" {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	if code, out, errOut := set(first); code != exitDone || out != "Target "+target+" says the same at position 2 already: nothing was recorded.\n" {
		t.Fatalf("again: exit %d\n%s%s", code, out, errOut)
	}
	again := written(t, strings.NewReplacer(`"aantal": 600`, `"aantal": 700`).Replace(readString(t, first)))
	var done saidDone
	if code, out, errOut := set(again, "--json"); code != exitDone || json.Unmarshal([]byte(out), &done) != nil || done.Position != 3 || done.Target != target {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	for _, c := range []struct {
		name string
		file string
		says []string
	}{
		{"No file", "nergens.json", []string{"nergens.json"}},
		{"Not JSON", written(t, `{"naam":`), []string{"is not JSON"}},
		{"A list", written(t, "[]"), []string{"/data (verkeerde-soort)"}},
		{"A member twice", written(t, `{"naam":"A","naam":"B"}`), []string{"/data/naam (dubbel-veld)"}},
		{"All that is wrong", written(t, `{"doelstelling":"geen","naam":"X","maat":"uren","aantal":-1,"periode":{"van":"2026-12-31","tot":"2026-01-01"},"definitie":{"dagenMinstens":0},"kleur":"rood"}`),
			[]string{"/data/doelstelling (", "/data/maat (", "/data/aantal (", "/data/definitie/dagenMinstens (", "/data/kleur (onbekend-veld)", "nl: "}},
	} {
		code, out, errOut := set(c.file)
		if code != exitFailed || strings.Contains(out, "Recorded") {
			t.Errorf("%s: exit %d\n%s", c.name, code, out)
		}
		for _, s := range c.says {
			if !strings.Contains(errOut, s) {
				t.Errorf("%s: %q is not told\n%s", c.name, s, errOut)
			}
		}
	}
	if code, out, errOut := do(t, "targets", "drop", target, "--reason", "Opgegaan in een ander.", "--data", "data"); code != exitDone || out != "Recorded at position 4.\n" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	for _, c := range []struct{ target, says string }{
		{target, "doelstelling-vervallen"}, {uuid.NewString(), "onbekende-doelstelling"},
	} {
		if code, _, errOut := do(t, "targets", "drop", c.target, "--data", "data"); code != exitFailed || !strings.Contains(errOut, c.says) {
			t.Errorf("drop %s: exit %d, want %q\n%s", c.target, code, c.says, errOut)
		}
	}
	// Dropped, it is none: the same is recorded again.
	if code, out, errOut := set(again); code != exitDone || out != "Recorded at position 5: target "+target+".\n" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if code, _, errOut := do(t, "targets", "same", "2", "99", "--data", "data"); code != exitFailed || !strings.Contains(errOut, "nothing was recorded at position 99: the last one is 5") || strings.Contains(errOut, "damaged") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
}

func readString(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// How many employers there are comes from a list; every line that is wrong is told, and
// then nothing is recorded.
func TestReachSet(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	set := func(text string) (int, string, string) {
		return do(t, "reach", "set", written(t, text), "--from", "2026-01-01", "--origin", "CBS", "--data", "data")
	}
	if code, out, errOut := set("\ufeffgemeentecode;grootteklasse;aantal\nGM0193;;9000\nGM0193;2-4; 1200\r\n\n\"GM0150\";;7000\n"); code != exitDone || out != "Recorded at position 2.\n" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	for text, says := range map[string][]string{
		"GM0193;;veel\nGM0150;;7000\n\nGM0200;12\n": {`line 1: "veel" is no number of employers`, "line 4: not gemeentecode;grootteklasse;aantal"},
		"GM0193;\"9000\n":      {"line 1"},
		"":                     {"/data/aantallen"},
		"GM0193;;-1\nX;;2\n":   {"/data/aantallen/0/aantal", "/data/aantallen/1/gemeentecode"},
		"GM0193;;1\nGM0193;;2": {"/data/aantallen/1"},
	} {
		code, out, errOut := set(text)
		if code != exitFailed || strings.Contains(out, "Recorded") {
			t.Errorf("%q: exit %d\n%s", text, code, out)
		}
		for _, s := range says {
			if !strings.Contains(errOut, s) {
				t.Errorf("%q: %q is not told\n%s", text, s, errOut)
			}
		}
	}
}

// placed records a placement of a partner.
func placed(t *testing.T, h *house, partner, identity string) events.Position {
	t.Helper()
	hours, register := events.Hundredths(2800), false
	e, err := events.NewEvent(identity+":systeem:crm", uuid.NewString(), h.Now(), &events.PlacementMade{
		Employer: events.Employer{KvK: "69599084"}, Placement: uuid.NewString(), Start: events.DateOf(h.Now()),
		Kind: "dienstverband", Region: "AM36", Hours: &hours, Register: &register,
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RolePartner, Partner: partner, Credential: "c", Door: ledger.DoorHTTP}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Position
}

// What the board reads: the list, one of them, why, files, doubles and reach; and what
// is no question.
func TestTargetsVerbs(t *testing.T) {
	h, one, two := testHouse(t)
	a := placed(t, h, one, "urn:nld:oin:00000099000000001000")
	b := placed(t, h, two, "urn:nld:kvknr:90004760")
	today := events.DateOf(h.Now())
	target := uuid.NewString()
	year := string(today[:4])
	text, err := json.Marshal(map[string]any{
		"doelstelling": target, "naam": "Plaatsingen " + year, "maat": "plaatsingen", "aantal": 600, "definitie": map[string]any{},
		"periode":  map[string]string{"van": year + "-01-01", "tot": year + "-12-31"},
		"aandelen": []map[string]any{{"partner": "urn:nld:oin:00000099000000001000", "aantal": 100}, {"partner": "urn:nld:kvknr:90004760", "aantal": 500}},
	})
	if err != nil {
		t.Fatal(err)
	}
	before := h.Now()
	if _, err := h.sayBoard(t.Context(), said{events.TypeTargetSet, string(text)}, nil); err != nil {
		t.Fatal(err)
	}
	board, token, err := h.access.Add(access.Credential{Role: ledger.RoleBoard, Name: "Regionaal Beraad", Kind: access.KindToken})
	if err != nil {
		t.Fatal(board, err)
	}
	s := httptest.NewServer(h.web)
	defer s.Close()
	dir := t.TempDir()
	csv, xlsx := filepath.Join(dir, "stand.csv"), filepath.Join(dir, "stand.XLSX")
	ask := func(words ...string) (int, string) {
		code, out, errOut := do(t, append(words, "--server", s.URL)...)
		return code, squeezed(out + errOut)
	}
	t.Setenv("HUISBOEK_TOKEN", token)
	total := func(want string) { // as soon as the views have it
		t.Helper()
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			_, all := ask("targets")
			if strings.Contains(all, want) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("no %q in %s", want, all)
			}
		}
	}
	total("we are at 2 placements")
	steward := strings.TrimSpace(readString(t, h.folder.path(fileSteward)))
	known := before.AddDate(0, 0, 1).Format(time.RFC3339)
	for _, c := range []struct {
		words []string
		code  int
		says  []string
	}{
		{[]string{"targets"}, exitDone, []string{"Plaatsingen " + year, "we are at 2 placements, of which 1 possibly double", "Target: 600 placements from " + year + "-01-01", target, "true up to position"}},
		{[]string{"targets", "--lang", "nl"}, exitDone, []string{"staan we op 2 plaatsingen, waarvan 1 mogelijk dubbel", "Doel: 600 plaatsingen van", "waar tot en met positie"}},
		{[]string{"targets", "--json"}, exitDone, []string{`"gerealiseerd": 2`, `"mogelijkDubbel": 1`}},
		{[]string{"targets", "--known", "2020-01-01"}, exitDone, []string{"has no targets"}},
		{[]string{"targets", "show", "plaats"}, exitDone, []string{"(version 1, set at position 6)", "Realised 2, of which 1 possibly double", "PARTNER AGREED WHOLE DIVIDED", "MONTH CAME SO FAR AGREED"}},
		{[]string{"targets", "show", target, "--by", "partner,maand", "--lang", "nl"}, exitDone, []string{"Gerealiseerd 2", "AFGESPROKEN HEEL VERDEELD", "PARTNER / MAAND (lopende maand) ALLES", "Uitgesplitst tot en met"}},
		{[]string{"targets", "show", target, "--by", "doelgroepregister"}, exitDone, []string{"REGISTER COUNT", "Taken apart up to the end of"}},
		{[]string{"targets", "show", "PLAATSINGEN " + year, "--json"}, exitDone, []string{`"aandelen": [`, `"aantal": 500`}},
		{[]string{"targets", "show", "banen"}, exitFailed, []string{`huisboek: no target is called like "banen"`}},
		{[]string{"targets", "show", "plaatsingen", "--known", "2020-01-01"}, exitFailed, []string{`no target was called like "plaatsingen" as known on 2020-01-01`}},
		{[]string{"targets", "show", target, "--on", string(today.AddDays(1))}, exitDone, []string{"a day that has yet to come, this is known on"}},
		{[]string{"targets", "show", target, "--on", string(today.AddDays(1)), "--lang", "nl"}, exitDone, []string{"een dag die nog moet komen, is op"}},
		{[]string{"targets", "show", uuid.NewString()}, exitFailed, []string{"404"}},
		{[]string{"targets", "show", target, "--by", "kleur"}, exitFailed, []string{"400"}},
		{[]string{"targets", "why", target, "--known", known}, exitFailed, nil},
		{[]string{"targets", "why", target, "--known", string(today.AddDays(-1))}, exitFailed, []string{"404"}},
		{[]string{"targets", "export", target, csv, "--lang", "nl"}, exitDone, []string{"Wrote " + csv + " ("}},
		{[]string{"targets", "export", target, csv}, exitFailed, []string{"exists"}},
		{[]string{"targets", "export", target, xlsx, "--json"}, exitDone, []string{`"bestand": `, `"bytes": `}},
		{[]string{"targets", "doubles", "--token", steward}, exitDone, []string{"possibly one placement (90 of 100 points)", "The same employer.", "1 in all. Ask the two partners first; then: huisboek targets same"}},
		{[]string{"targets", "doubles", "--token", steward, "--lang", "nl"}, exitDone, []string{"mogelijk één plaatsing (90 van 100 punten)", "1 in totaal. Vraag het eerst de twee partners"}},
		{[]string{"targets", "doubles", "--token", steward, "--state", "gelijk"}, exitDone, []string{"None."}},
		{[]string{"targets", "doubles", "--token", steward, "--json"}, exitDone, []string{`"totaal": 1`}},
		{[]string{"targets", "doubles"}, exitFailed, []string{"403"}},
		{[]string{"reach"}, exitDone, []string{"MUNICIPALITY VISITED EMPLOYERS REACH", "Nobody recorded how many"}},
		{[]string{"reach", "--lang", "nl", "--sizes"}, exitDone, []string{"GEMEENTE GROOTTE BEZOCHT", "Niemand legde vast"}},
		{[]string{"reach", "--to", string(today.AddDays(1))}, exitDone, []string{"The last day has yet to come: this is what is known so far."}},
		{[]string{"reach", "--to", string(today.AddDays(1)), "--lang", "nl"}, exitDone, []string{"De laatste dag moet nog komen"}},
		{[]string{"reach", "--json"}, exitDone, []string{`"rijen": []`}},
	} {
		code, all := ask(c.words...)
		if code != c.code && c.says != nil {
			t.Errorf("%v: exit %d\n%s", c.words, code, all)
		}
		for _, part := range c.says {
			if !strings.Contains(all, part) {
				t.Errorf("%v does not say %q:\n%s", c.words, part, all)
			}
		}
	}
	if text := readString(t, csv); !strings.HasPrefix(text, "\ufeffOverzicht\r\n") && !strings.HasPrefix(text, "\ufeffOverzicht\n") {
		t.Errorf("the text begins with %q", text[:min(len(text), 40)])
	}
	if text := readString(t, xlsx); !strings.HasPrefix(text, "PK") {
		t.Error("the workbook is none")
	}

	// The two become one, and two again.
	at := h.Now()
	if _, err := h.sayPair(t.Context(), pair{Placement: a, With: b, Same: true, Reason: "Navraag."}, nil); err != nil {
		t.Fatal(err)
	}
	total("we are at 1 placement:")
	if code, all := ask("targets", "why", target, "--on", string(today), "--known", at.Format(time.RFC3339Nano)); code != exitDone ||
		!strings.Contains(all, "MOVED DOUBTS WHY") || !strings.Contains(all, "-1 -1 Two reports were said to be of the same placement.") || !strings.Contains(all, "Together -1.") {
		t.Errorf("exit %d: %s", code, all)
	}
	if _, err := h.sayPair(t.Context(), pair{Placement: a, With: b}, nil); err != nil {
		t.Fatal(err)
	}
	total("we are at 2 placements:")
}

// What is no question is told before anything is asked.
func TestTargetsWrongWords(t *testing.T) {
	for words, says := range map[string]string{
		"targets nonsense":                                   "nonsense",
		"targets --lang fr":                                  "en or nl",
		"targets show":                                       "accepts 1 arg",
		"targets show x --lang fr":                           "en or nl",
		"targets why x":                                      "--known",
		"targets export x stand.pdf":                         ".xlsx or .csv",
		"targets export x":                                   "accepts 2 arg",
		"targets set":                                        "accepts 1 arg",
		"targets drop":                                       "accepts 1 arg",
		"targets drop plaatsingen --data d":                  "is no UUID",
		"targets same 1":                                     "accepts 2 arg",
		"targets same 1 x --data d":                          "is no position",
		"targets distinct 0 1 --data d":                      "is no position",
		"reach set x.csv --data d":                           "--from and --origin",
		"reach --lang fr":                                    "en or nl",
		"reach nonsense":                                     "nonsense",
		"targets --token t --server http://192.0.2.1:1":      "--insecure",
		"targets show x --token t --server http://192.0.2.1": "--insecure",
	} {
		if code, _, errOut := do(t, strings.Fields(words)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit %d, want %q\n%s", words, code, says, errOut)
		}
	}
	for _, verb := range []string{"", "show", "why", "export", "doubles", "example", "set", "drop", "same", "distinct"} {
		if code, out, _ := do(t, strings.Fields("targets "+verb+" --help")...); code != exitDone || !strings.Contains(out, "Usage:\n  huisboek targets") {
			t.Errorf("targets %s --help: exit %d\n%s", verb, code, out)
		}
	}
}

// What no story here has is printed as well.
func TestPrintStanding(t *testing.T) {
	settled, less, left := "2026-10", 5.0, "2026-10"
	a := &web.StandingAnswer{
		Target: web.Target{Version: 2, TargetSet: events.TargetSet{Name: "Banen", Measure: events.MeasureJobs, Number: 1250}}, Total: 1234.567, Doubts: 2, Agreed: 600, Own: &less, Settled: &settled, SharesLess: -10,
		Shares:     []web.StandingShare{{Kind: targets.Hidden, Divided: 12.75}, {Partner: &ledger.PartnerName{Name: "Zwolle"}, Own: true, Agreed: new(int), Whole: &less, Divided: 5}},
		Split:      &web.TargetSplit{Across: []string{"doelgroep"}, Settled: &left, Cells: []web.TargetCell{{Values: []string{targets.Unknown}, Count: 2.5}, {Values: []string{targets.Waiting}, Count: 1}, {Values: []string{"DD05"}, Count: 9}, {Values: []string{"DD02"}, Count: 7}}},
		NotCounted: []web.TargetLeftOut{{Reason: "x"}, {Reason: "y", Count: 7}, {Reason: "z", Count: 1, Complete: true, Own: make([]web.TargetItem, 7)}, {Reason: targets.Hidden, Sentence: targets.WhySentence(targets.Hidden), Count: 244}},
		Left:       []web.TargetDeparture{{Partner: ledger.PartnerName{Name: "Kampen"}, From: "2026-05-01", Past: events.PastLeaves}},
	}
	for lang, says := range map[string][]string{
		"en": {
			"Realised 1,234.6, of which at most 2 possibly double", "600 up to and including October 2026, 1,250 in all", "Your own 5, each thing whole, up to today", "Zwolle (yours) 0 5 5 (not shown) - - 12.8",
			"add up to 0, which is 10 more than the target", "TARGET GROUP COUNT DD02 7 DD05 9 (not released yet) 1 (unknown) 2.5", "7 of your own:", "Up to 244: Of this it is not shown", "1: (z)", "for they say something of people: x, y.", "and 2 more of your own", "Kampen left on 2026-05-01; what it did before then no longer counts.",
		},
		"nl": {
			"Gerealiseerd 1.234,6, waarvan hooguit 2 mogelijk dubbel", "600 tot en met oktober 2026, 1.250 in totaal", "Van uzelf 5, alles heel geteld, tot en met vandaag", "Zwolle (eigen) 0 5 5 (afgeschermd) - - 12,8",
			"zijn samen 0: 10 meer dan het doel", "DOELGROEP AANTAL DD02 7 DD05 9 (nog niet vrijgegeven) 1 (onbekend) 2,5", "7 van uzelf:", "Hooguit 244: Hiervan is afgeschermd", "1: (z)", "want zij zeggen iets over mensen: x, y.", "en nog 2 van uzelf", "Kampen vertrok per 2026-05-01",
		},
	} {
		in, err := tongueOf(lang)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		in.standing(&out, a)
		for _, part := range says {
			if !strings.Contains(squeezed(out.String()), part) {
				t.Errorf("no %q in\n%s", part, out.String())
			}
		}
	}
}

// Of nothing there are no parts.
func TestPrintNoParts(t *testing.T) {
	for lang, want := range map[string]string{"en": "There is nothing to take apart yet.\n", "nl": "Er valt nog niets uit te splitsen.\n"} {
		in, err := tongueOf(lang)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if in.split(&out, &web.TargetSplit{Across: []string{"partner", "maand"}}); out.String() != want {
			t.Errorf("printed\n%s", out.String())
		}
	}
}

// A partner is told no points, and what its system can say.
func TestPrintDoubles(t *testing.T) {
	in, err := tongueOf("nl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	in.doubles(&out, &web.PlacementDoublesAnswer{Total: 1, Doubles: []web.PlacementDouble{{State: targets.DoubleWaits}}})
	if text := out.String(); strings.Contains(text, "100") || !strings.Contains(text, "zei dat het één plaatsing is\n") || !strings.Contains(text, "Uw systeem kan zeggen wat het is: plaatsingen-gelijkgesteld of plaatsingen-onderscheiden.") {
		t.Errorf("a partner reads\n%s", text)
	}
}

// A name means the target that is called so before one that has it in its name, and one
// that stands before one that was dropped.
func TestTargetCalled(t *testing.T) {
	at := events.Position(9)
	one := func(id, name string, dropped *events.Position) web.TargetNow {
		return web.TargetNow{Target: web.Target{TargetSet: events.TargetSet{Target: id, Name: name}, Dropped: dropped}}
	}
	list := []web.TargetNow{one("a", "Plaatsingen", &at), one("b", "Plaatsingen", nil), one("c", "Plaatsingen 2026", nil), one("d", "Plaatsingen 2025", &at), one("e", "Banen", nil), one("f", "Banen", nil)}
	for word, want := range map[string]string{"plaatsingen": "b", "PLAATSINGEN 2025": "d", "plaats": "b c", "2025": "d", "banen": "e f", "x": ""} {
		var got []string
		for _, found := range called(list, word) {
			got = append(got, found.Target.Target)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q means %v, want %s", word, got, want)
		}
	}
}
