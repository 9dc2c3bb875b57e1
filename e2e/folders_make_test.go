package e2e_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	makeWith = flag.String("folders.with", "", "program that TestMakeFolder makes a data folder with: of the commit whose folders are to be kept")
	makeName = flag.String("folders.name", "", "name of the folder that TestMakeFolder makes, in testdata/folders")
	makeKill = flag.Bool("folders.kill", false, "TestMakeFolder ends the server with SIGKILL")
)

const (
	foldersDir = "testdata/folders"
	keptCreds  = "Gemeente Zwolle.creds"
)

// keptFolder is what stands beside a data folder that an older version made: what
// that version answered, and with what it can be asked again.
type keptFolder struct {
	Position uint64            `json:"positie"`
	Tokens   map[string]string `json:"tokens"` // of a test book that nobody serves
	Creds    string            `json:"creds"`  // of the first partner
	Answers  []keptAnswer      `json:"antwoorden"`
	Erased   []string          `json:"gewist"` // texts that nobody may be shown
	Shown    []string          `json:"getoond"`
	// What the plans of then came to, and one that held its employer; of a version that
	// had vacancies.
	Verdicts []keptVerdict `json:"oordelen,omitempty"`
	Holds    *keptHold     `json:"houdtVast,omitempty"`
}

type keptVerdict struct {
	Position uint64   `json:"positie"`
	Verdict  string   `json:"oordeel"`
	Reasons  []string `json:"redenen"`
}

// keptHold is a plan of somebody else than the first partner, and the last day on
// which it holds the employer.
type keptHold struct {
	Employer string `json:"werkgever"`
	Purpose  string `json:"doel"`
	Date     string `json:"datum"`
	Until    string `json:"tot"`
	Position uint64 `json:"positie"`
}

type keptAnswer struct {
	Who    string `json:"wie"`
	Path   string `json:"pad"`
	Answer any    `json:"antwoord"`
}

// dated are members whose value depends on the day on which is asked, or on how far
// the views are.
var dated = []string{"oordeel", "redenen", "bel", "advies", "bijgewerktTot", "peildatum", "laatsteBezoek", "anderePlannen", "onvolledigDoor"}

func undated(v any) any {
	switch v := v.(type) {
	case object:
		for _, name := range dated {
			delete(v, name)
		}
		for name := range v {
			v[name] = undated(v[name])
		}
	case []any:
		for i := range v {
			v[i] = undated(v[i])
		}
	}
	return v
}

// TestMakeFolder makes a data folder with an older program, for TestFolders:
//
//	git worktree add /tmp/older COMMIT && (cd /tmp/older && go build -o /tmp/older.bin ./cmd/huisboek)
//	go test ./e2e -run TestMakeFolder -folders.with /tmp/older.bin -folders.name format1-x
//
// It has an event of every type that the first version took, of three partners, with
// a correction, a retraction, an erasure and a partner that left. Everybody in it is
// invented, and its credentials are of a book that nobody serves.
func TestMakeFolder(t *testing.T) {
	if *makeWith == "" {
		t.Skip("only with -folders.with: it takes a program of an older commit")
	}
	b := newBookIn(t, *makeWith, t.TempDir())
	admit := func(oin, name, kind string) *partner {
		p := &partner{source: "urn:nld:oin:" + oin + ":systeem:crm"}
		words{program: *makeWith, dir: b.dir}.run(t, "partner", "add", "--data", b.data, "--oin", oin, "--name", name, "--kind", kind, "--json").well(t, p)
		p.Creds = filepath.Join(b.dir, p.Creds)
		p.connect(t, b.server)
		return p
	}
	p, q := admit(oinZwolle, "Gemeente Zwolle", "gemeente"), admit(oinUWV, "UWV", "uwv")
	var board struct{ Token string }
	words{program: *makeWith}.run(t, "access", "add", "--data", b.data, "--role", "board", "--json").well(t, &board)
	keep := keptFolder{
		Tokens: map[string]string{"zwolle": p.Token, "uwv": q.Token, "beraad": board.Token, "steward": b.steward},
		Creds:  keptCreds,
		Erased: []string{"Gerda Gewist", "gerda@voorbeeld.example"},
		Shown:  []string{"Ada Voorbeeld", "Bakkerij Voorbeeld", "Bo Voorbeeld", "Goed gesprek"},
	}
	say := func(list []said) {
		for _, e := range list {
			a := e.of.emit(t, e.event)
			if e.event["type"] != "nl.werkgeversdiensten.bezoek-gepland.v1" {
				continue
			}
			keep.Verdicts = append(keep.Verdicts, keptVerdict{a.Position, a.Outcome, codesOf(a.Reasons)})
			if data := e.event["data"].(object); data["benadering"] == keptHeld {
				keep.Holds = &keptHold{data["kvkNummer"].(string), data["doel"].(string), data["datum"].(string), day(180), a.Position}
			}
		}
	}
	say(keptEvents(p, q))
	questions := keptQuestions
	if help := (words{program: *makeWith}.run(t, "partner", "succeed", "--help")); strings.Contains(help.stdout, "--by") {
		old, heir := admit(oinOld, "Werkplein Oud", "gemeente"), admit(oinHeir, "Werkplein Nieuw", "gemeente")
		keep.Tokens["opvolger"] = heir.Token
		say(keptRegion(p, q, old))
		words{program: *makeWith}.run(t, "partner", "succeed", "--data", b.data, oinOld, "--by", oinHeir).well(t, nil)
		heir.emit(t, keptEvent(heir, "opgevolgd", "bezoek-verzet", object{"benadering": keptOfOld, "datum": "2039-07-02", "reden": "Nieuwe agenda"}))
		questions = slices.Concat(questions, keptRegionQuestions)
	} else {
		keep.Verdicts, keep.Holds = nil, nil
	}
	gone := admit(oinKampen, "Werkbedrijf Kampen", "sw")
	gone.emit(t, keptEvent(gone, "kampen", "dienst-geleverd", object{"kvkNummer": kvks[1], "dienst": "jobcoach", "datum": "2026-02-05"}))
	words{program: *makeWith}.run(t, "partner", "remove", "--data", b.data, oinKampen).well(t, nil)
	if help := (words{program: *makeWith}.run(t, "access", "add", "--help")); strings.Contains(help.stdout, "--expires") {
		var made, next struct{ ID, Token string }
		words{program: *makeWith}.run(t, "access", "add", "--data", b.data, "--partner", oinUWV, "--expires", "36500d", "--json").well(t, &made)
		words{program: *makeWith}.run(t, "access", "rotate", made.ID, "--data", b.data, "--json").well(t, &next)
		keep.Tokens["uwv-opvolger"] = next.Token
	}
	words{program: *makeWith}.run(t, "erase", "--data", b.data, "--partner", oinUWV, "--employee", "uwv-7", "--ground", "verzoek").well(t, nil)
	p.emit(t, keptEvent(p, "na-het-wissen", "dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "no-riskpolis", "datum": "2026-05-02"}))
	keep.Position = b.tip(t)
	for _, ask := range questions {
		var answer any
		if status, body := b.get(t, keep.Tokens[ask.Who], ask.Path, &answer); status != 200 {
			t.Fatalf("%s: %d %s", ask.Path, status, body)
		}
		keep.Answers = append(keep.Answers, keptAnswer{ask.Who, ask.Path, undated(answer)})
	}
	if *makeKill {
		b.kill()
	} else {
		b.stop(t)
	}
	text, err := json.MarshalIndent(keep, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(foldersDir, *makeName)
	if err := os.WriteFile(path+".want.json", append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	pack(t, b.dir, path+".tar.gz")
}

// keptQuestions are asked of a folder when it is made, and of it ever after.
var keptQuestions = []keptAnswer{
	{Who: "zwolle", Path: "/v1/werkgevers/" + kvks[0]},
	{Who: "uwv", Path: "/v1/werkgevers/" + kvks[0]},
	{Who: "zwolle", Path: "/v1/werkgevers/" + kvks[0] + "/contacten"},
	{Who: "uwv", Path: "/v1/werkgevers/" + kvks[0] + "/contacten"},
	{Who: "zwolle", Path: "/v1/werkgevers/" + kvks[1]},
	{Who: "uwv", Path: "/v1/werkgevers/DE-HRB-12345"},
	{Who: "zwolle", Path: "/v1/werkgevers/voorlopig-00000000-0000-4000-8000-0000000000aa"},
	{Who: "zwolle", Path: "/v1/partners"},
	{Who: "beraad", Path: "/v1/tellingen?meting=bezoeken&van=2026-01&tot=2026-06"},
	{Who: "beraad", Path: "/v1/tellingen?meting=diensten&van=2026-01&tot=2026-06"},
	{Who: "steward", Path: "/v1/tellingen?meting=plaatsingen&van=2026-01&tot=2026-06"},
}

// keptRegionQuestions are asked of a folder of a version with vacancies, links and
// successors as well.
var keptRegionQuestions = []keptAnswer{
	{Who: "zwolle", Path: "/v1/werkgevers/" + kvks[2]},
	{Who: "opvolger", Path: "/v1/werkgevers/" + kvks[2]},
	{Who: "opvolger", Path: "/v1/werkgevers/" + kvks[3] + "/contacten"},
	{Who: "uwv", Path: "/v1/werkgevers/" + keptUnnumbered},
	{Who: "zwolle", Path: "/v1/werkgevers/" + kvks[4] + "/contacten"},
	{Who: "zwolle", Path: "/v1/koppelingen?wacht=true"},
	{Who: "beraad", Path: "/v1/tellingen?meting=vacatures&van=2026-01&tot=2026-06"},
}

// The identifications of those who are only in folders of that version, and what
// more than one of its events is about.
const (
	oinOld, oinHeir = "00000099000000007100", "00000099000000007200"

	keptHeld       = "00000000-0000-4000-8000-000000000011"
	keptOfOld      = "00000000-0000-4000-8000-000000000012"
	keptUnnumbered = "voorlopig-00000000-0000-4000-8000-0000000000bb"
)

// keptRegion is a vacancy and its end, a signal, an employer without a number that
// turns out to have one, and plans of several partners at one employer.
func keptRegion(p, q, old *partner) (list []said) {
	add := func(of *partner, id, name string, data object) {
		list = append(list, said{of, keptEvent(of, id, name, data)})
	}
	const vacancy, ended = "00000000-0000-4000-8000-000000000021", "00000000-0000-4000-8000-000000000022"
	am := manager("oud-1", "Olga Voorbeeld", "038-1000171")
	plan := func(of *partner, id, kvk, approach, purpose, date string) {
		add(of, id, "bezoek-gepland", object{"kvkNummer": kvk, "benadering": approach, "datum": date, "doel": purpose, "accountmanager": am})
	}
	add(p, "vacature", "vacature-gemeld", object{"kvkNummer": kvks[2], "vacature": vacancy, "beroep": "Magazijnmedewerker", "aantal": 3, "datum": "2026-05-04"})
	add(p, "vervuld", "vacature-vervuld", object{"vacature": vacancy, "datum": "2026-05-20", "aantal": 1})
	add(old, "vacature-oud", "vacature-gemeld", object{"kvkNummer": kvks[2], "vacature": ended, "beroep": "Lasser", "aantal": 1, "datum": "2026-05-05"})
	add(old, "vacature-weg", "vacature-ingetrokken", object{"vacature": ended})
	add(q, "signaal", "signaal-opgevangen", object{"kvkNummer": kvks[2], "thema": "personeelstekort", "datum": "2026-05-06", "tekst": "Vindt geen lassers."})
	number := strings.TrimPrefix(keptUnnumbered, "voorlopig-")
	add(q, "zonder-nummer", "werkgever-beschreven", object{"voorlopig": number, "naam": "Kwekerij Voorbeeld", "plaats": "Kampen"})
	add(q, "bezoek-zonder-nummer", "bezoek-afgelegd", object{"voorlopig": number, "datum": "2026-05-07", "doel": "advies", "vorm": "telefoon"})
	pair := object{"werkgever": object{"voorlopig": number}, "met": object{"kvkNummer": kvks[4]}, "soort": "dezelfde"}
	add(p, "gekoppeld", "werkgever-gekoppeld", pair)
	add(q, "ook-gekoppeld", "werkgever-gekoppeld", pair)
	add(q, "wacht-nog", "werkgever-gekoppeld", object{"werkgever": object{"kvkNummer": kvks[6]}, "met": object{"kvkNummer": kvks[7]}, "soort": "concern"})
	plan(old, "oud-plan", kvks[3], keptOfOld, "kennismaking", "2039-07-01")
	plan(q, "uwv-tweede", kvks[3], "00000000-0000-4000-8000-000000000013", "kennismaking", "2039-07-01")
	plan(p, "zwolle-derde", kvks[3], "00000000-0000-4000-8000-000000000014", "kennismaking", "2039-07-02")
	plan(q, "uwv-houdt", kvks[5], keptHeld, "acquisitie", "2039-05-02")
	return list
}

func codesOf(reasons []reason) []string {
	codes := make([]string, len(reasons))
	for i := range reasons {
		codes[i] = reasons[i].Code
	}
	return codes
}

type said struct {
	of    *partner
	event object
}

func keptEvent(p *partner, id, name string, data object) object {
	e := p.event(name, data)
	e["id"] = id
	return e
}

// keptEvents are on days that are past for good, but for a plan that is far ahead.
func keptEvents(p, q *partner) (list []said) {
	add := func(of *partner, id, name string, data object) object {
		e := keptEvent(of, id, name, data)
		list = append(list, said{of, e})
		return object{"source": e["source"], "id": id}
	}
	am, erased := manager("am-1", "Ada Voorbeeld", "038-1000101"), manager("uwv-7", "Gerda Gewist", "038-1000199")
	erased["email"] = "gerda@voorbeeld.example"
	const first, second, third, placement = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003", "00000000-0000-4000-8000-000000000004"
	add(p, "beschreven", "werkgever-beschreven", object{
		"kvkNummer": kvks[0], "naam": "Bakkerij Voorbeeld", "plaats": "Zwolle", "postcode": "8011AB", "gemeentecode": "GM0193",
		"sbiCode": "10710", "sbiVersie": "2025", "grootteklasse": "10-19", "sector": "markt",
		"contactpersonen": []any{object{"naam": "Bo Voorbeeld", "functie": "bedrijfsleider", "telefoon": "038-1000102", "email": "bo@voorbeeld.example"}},
	})
	add(p, "buitenlands", "werkgever-beschreven", object{"buitenlands": object{"land": "DE", "register": "HRB", "nummer": "12345"}, "naam": "Beispiel GmbH", "plaats": "Nordhorn"})
	add(p, "voorlopig", "werkgever-beschreven", object{"voorlopig": "00000000-0000-4000-8000-0000000000aa", "naam": "Loonbedrijf Proef", "plaats": "Kampen"})
	add(p, "vast", "contactpersoon-aangewezen", object{"kvkNummer": kvks[0], "accountmanager": am})
	add(p, "vast-nazorg", "contactpersoon-aangewezen", object{"kvkNummer": kvks[0], "accountmanager": am, "doel": "nazorg"})
	add(p, "ontheven", "contactpersoon-ontheven", object{"kvkNummer": kvks[0], "doel": "nazorg"})
	add(p, "plan", "bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": first, "datum": "2026-04-01", "doel": "kennismaking", "accountmanager": am, "tijd": "10:30", "duur": "PT1H", "vorm": "op-locatie", "doelgroepen": []any{"DD01"}})
	add(p, "verzet", "bezoek-verzet", object{"benadering": first, "datum": "2026-04-03", "reden": "Op verzoek"})
	add(p, "plan-af", "bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": second, "periode": object{"van": "2026-05-10", "tot": "2026-05-20"}, "doel": "vacature", "accountmanager": am})
	add(p, "afgezegd", "bezoek-afgezegd", object{"benadering": second, "reden": "Geen tijd"})
	add(p, "bezoek", "bezoek-afgelegd", object{"kvkNummer": kvks[0], "benadering": first, "datum": "2026-04-03", "doel": "kennismaking", "vorm": "op-locatie", "accountmanager": am, "uitkomst": []any{"vacature"}, "toelichting": "Goed gesprek"})
	add(p, "dienst", "dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": "2026-04-10", "doelgroep": "DD01", "aantal": 2})
	add(p, "plaatsing", "plaatsing-gerealiseerd", object{"kvkNummer": kvks[0], "plaatsing": placement, "ingangsdatum": "2026-03-01", "soort": "dienstverband", "arbeidsmarktregio": "AM36", "urenPerWeek": 32.5, "doelgroep": "DD01", "doelgroepregister": true})
	add(p, "plaatsing-einde", "plaatsing-beeindigd", object{"plaatsing": placement, "einddatum": "2026-05-01"})
	add(q, "uwv-plan", "bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": third, "datum": "2039-03-02", "doel": "vacature", "accountmanager": erased})
	add(q, "uwv-bezoek", "bezoek-afgelegd", object{"kvkNummer": kvks[1], "vestigingsnummer": "000037178598", "datum": "2026-02-02", "doel": "acquisitie", "vorm": "telefoon", "accountmanager": erased, "samenMet": []any{"urn:nld:oin:" + oinZwolle}})
	wrong := add(q, "uwv-fout", "dienst-geleverd", object{"kvkNummer": kvks[1], "dienst": "jobcoach", "datum": "2026-02-03", "aantal": 3})
	add(q, "uwv-beter", "dienst-geleverd", object{"kvkNummer": kvks[1], "dienst": "jobcarving", "datum": "2026-02-03", "aantal": 1, "vervangt": wrong})
	mistake := add(p, "vergissing", "bezoek-afgelegd", object{"kvkNummer": kvks[1], "datum": "2026-02-04", "doel": "overig", "vorm": "telefoon"})
	add(p, "ingetrokken", "melding-ingetrokken", object{"melding": mistake, "reden": "Verkeerde werkgever"})
	old := keptEvent(q, "uwv-oud", "bezoek-afgelegd", object{"kvkNummer": kvks[0], "datum": "2019-06-01", "doel": "advies", "vorm": "video"})
	old["achteraf"] = true
	return append(list, said{q, old})
}

// pack puts a folder in an archive, without what only a running server has.
func pack(t *testing.T, dir, path string) {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".creds") && d.Name() != keptCreds {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(content)), Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
}
