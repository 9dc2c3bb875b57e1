package e2e_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestSubmit: JSON, JSON lines, arrays and standard input; each event is answered,
// and the exit code says whether any was refused.
func TestSubmit(t *testing.T) {
	b := newBook(t)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	good := func() object {
		return p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)})
	}
	bad := p.event("dienst-geleverd", object{"kvkNummer": "1", "dienst": "jobcoach", "datum": day(0)})
	one, two, three, four := good(), good(), good(), good()
	lines := string(marshal(one)) + "\n" + string(marshal(two)) + "\n"
	array := string(marshal([]any{three, four}))
	for _, tt := range []struct {
		name, content string
		code          int
		positions     []uint64 // 0 for a problem
	}{
		{"Lines", lines, 0, []uint64{3, 4}},
		{"Array", array, 0, []uint64{5, 6}},
		{"Again", array + lines, 0, []uint64{5, 6, 3, 4}},
		{"Refused", lines + string(marshal(bad)) + array, 1, []uint64{3, 4, 0, 5, 6}},
		{"Empty", "", 0, nil},
		{"BrokenOff", lines + `{"specversion":`, 1, []uint64{3, 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "events.json")
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, r := range []result{
				cli(t, "submit", "--json", "--creds", p.Creds, "--nats", b.nats, file),
				words{env: []string{"HUISBOEK_TOKEN=" + p.Token}}.run(t, "submit", "--json", "--server", b.url, file),
				words{stdin: tt.content, env: []string{"HUISBOEK_CREDS=" + p.Creds, "HUISBOEK_NATS=" + b.nats, "HUISBOEK_JSON=true"}}.run(t, "submit", "-"),
			} {
				if got := submitted(t, r); r.code != tt.code || !slices.Equal(got, tt.positions) {
					t.Errorf("positions %v, want %v: %v", got, tt.positions, r)
				}
			}
		})
	}
	r := words{stdin: string(marshal(bad))}.run(t, "submit", "--creds", p.Creds, "--nats", b.nats, "-")
	if r.code != 1 || !strings.Contains(r.stderr, "/data/kvkNummer (geen-kvk-nummer)") || !strings.Contains(r.stdout, "1 refused") {
		t.Errorf("for people: %v", r)
	}
}

func submitted(t *testing.T, r result) (positions []uint64) {
	t.Helper()
	for line := range strings.Lines(r.stdout) {
		var got struct {
			File    string  `json:"bestand"`
			Number  int     `json:"nummer"`
			Receipt *answer `json:"ontvangstbewijs"`
			Problem *answer `json:"probleem"`
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil || (got.Receipt == nil) == (got.Problem == nil) || got.Number != len(positions)+1 {
			t.Fatalf("%v: %s", err, line)
		}
		if got.Receipt == nil {
			positions = append(positions, 0)
		} else {
			positions = append(positions, got.Receipt.Position)
		}
	}
	return positions
}

// TestWho: the question of the command line, for an employer that is known and
// one that nobody ever named.
func TestWho(t *testing.T) {
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	other := b.admit(t, oinUWV, "UWV", "uwv")
	p.emit(t, p.event("bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": uuid.NewString(), "datum": day(5), "doel": "advies", "accountmanager": manager("z1", "Zoë Voorbeeld", "038-1000103")}))
	r := cli(t, "who", kvks[0], "--server", b.url, "--token", other.Token).well(t, nil)
	for _, says := range []string{"Call first: Zoë Voorbeeld (Gemeente Zwolle), 038-1000103", day(5), "True up to position"} {
		if !strings.Contains(r.stdout, says) {
			t.Errorf("does not say %q: %v", says, r)
		}
	}
	var a employerAnswer
	words{env: []string{"HUISBOEK_SERVER=" + b.url, "HUISBOEK_TOKEN=" + other.Token}}.run(t, "who", kvks[1], "--json").well(t, &a)
	if a.Call != nil || a.Outcome != "vrij" || a.Contacts == nil || len(a.Contacts) != 0 {
		t.Errorf("an employer nobody named: %+v", a)
	}
	if r := cli(t, "who", kvks[1], "--server", b.url, "--token", other.Token).well(t, nil); !strings.Contains(r.stdout, "Nobody has been here") {
		t.Error(r)
	}
}

// TestVersion, and help without a server.
func TestVersion(t *testing.T) {
	var v struct {
		Version string `json:"versie"`
		Commit  string `json:"commit"`
		Go      string `json:"go"`
		Format  int    `json:"formaat"`
	}
	cli(t, "version", "--json").well(t, &v)
	if v.Version == "" || v.Format != 1 || !strings.HasPrefix(v.Go, "go1.") {
		t.Errorf("%+v", v)
	}
	help := cli(t, "--help").well(t, nil)
	for _, verb := range []string{"demo", "serve", "partner", "access", "submit", "check", "who", "erase", "verify", "rebuild", "version"} {
		if !strings.Contains(help.stdout, "  "+verb) {
			t.Errorf("help does not name %s", verb)
		}
		if r := cli(t, verb, "--help"); r.code != 0 || !strings.Contains(r.stdout, "Usage:") {
			t.Errorf("%s --help: %v", verb, r)
		}
	}
}

// TestEnvironment: every flag can be a variable, and a flag goes before it.
func TestEnvironment(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c := exec.Command(built, "serve", "--listen", "127.0.0.1:0")
	c.Env = environment("HUISBOEK_DATA="+data, "HUISBOEK_REGION=AM36", "HUISBOEK_LISTEN=nonsense", "HUISBOEK_NATS_LISTEN=127.0.0.1:0")
	s := &server{process: launch(t, c), data: data}
	if err := s.awaitReady(t); err != nil {
		t.Fatalf("%v\n%s", err, s.logged())
	}
	s.stop(t)
	r := words{env: []string{"HUISBOEK_DATA=" + data, "HUISBOEK_JSON=perhaps"}}.run(t, "partner", "list")
	if r.code != 2 || !strings.Contains(r.stderr, "HUISBOEK_JSON") {
		t.Errorf("a wrong variable: %v", r)
	}
}

// TestVerifyAndRebuild: both work while the book is served, and their JSON has
// its shape.
func TestVerifyAndRebuild(t *testing.T) {
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	list, how := told(p, kvks[0])
	for i, e := range list {
		receipt(t, p.ask(t, how[i](e)))
	}
	var findings []struct {
		What  string `json:"wat"`
		Fault string `json:"fout"`
		Fine  string `json:"goed"`
	}
	r := cli(t, "verify", "--data", b.data, "--json").well(t, &findings)
	if len(findings) != 4 || slices.ContainsFunc(findings, func(f struct {
		What  string `json:"wat"`
		Fault string `json:"fout"`
		Fine  string `json:"goed"`
	}) bool {
		return f.Fault != "" || f.Fine == "" || f.What == ""
	}) {
		t.Error(r)
	}
	var rebuilt struct {
		Position uint64 `json:"positie"`
		Took     string `json:"duur"`
		Changed  string `json:"verschil"`
	}
	r = cli(t, "rebuild", "--data", b.data, "--json").well(t, &rebuilt)
	if rebuilt.Position != b.tip(t) || rebuilt.Changed != "" {
		t.Error(r)
	}
	if _, err := time.ParseDuration(rebuilt.Took); err != nil {
		t.Error(err)
	}
	if a := b.employer(t, p.Token, kvks[0], rebuilt.Position); len(a.Contacts) != 5 {
		t.Errorf("after a rebuild: %d contacts", len(a.Contacts))
	}
	receipt(t, p.ask(t, structured(p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)}))))
	if a := b.employer(t, p.Token, kvks[0], rebuilt.Position+1); len(a.Contacts) != 6 {
		t.Errorf("after a rebuild the view does not follow: %d contacts", len(a.Contacts))
	}
}

// TestPortTaken: a serve that cannot listen changes nothing.
func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	data := filepath.Join(t.TempDir(), "data")
	if r := cli(t, "serve", "--data", data, "--region", "AM36", "--listen", l.Addr().String()); r.code != 1 || !strings.Contains(r.stderr, "in use") {
		t.Error(r)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}
