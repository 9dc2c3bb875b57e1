package e2e_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestWrongWords: words that cannot be understood give exit code 2 and say what
// is missing; nothing is made.
func TestWrongWords(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	for _, tt := range []struct {
		args string
		says string
	}{
		{"nonsense", "unknown command"},
		{"serve", "--data"},
		{"serve --data " + data, "--region"},
		{"serve --data " + data + " --region AM99", "AM99"},
		{"serve --data " + data + " --region AM36 --steward-oin 12", "OIN"},
		{"serve --data " + data + " --region AM36 --listen 0.0.0.0:0", "--insecure"},
		{"serve --data " + data + " --region AM36 --listen :0", "--insecure"},
		{"serve --data " + data + " --region AM36 --listen 127.0.0.1:0 --nats-listen 0.0.0.0:0", "--insecure"},
		{"serve --data " + data + " --region AM36 --tls-cert x.pem", "--tls-key"},
		{"serve --data " + data + " --region AM36 --listen nowhere", "host:port"},
		{"serve --data " + data + " --region AM36 --max-bytes many", "max-bytes"},
		{"demo --listen 0.0.0.0:0", "--insecure"},
		{"partner", "add"},
		{"partner add --data " + data, "--name"},
		{"partner add --data " + data + " --name X --kind uwv --oin 1 --kvk 2", "one of"},
		{"partner list", "--data"},
		{"partner remove --data " + data, "arg"},
		{"access", "rotate"},
		{"access add --data " + data, "--role"},
		{"access add --data " + data + " --role partner", "--partner"},
		{"access add --data " + data + " --role board --partner X", "one of"},
		{"access rotate --data " + data, "arg"},
		{"submit", "arg"},
		{"submit x.json", "--creds"},
		{"who", "arg"},
		{"who 123", "employer"},
		{"erase --data " + data, "one of"},
		{"erase --data " + data + " --employee am-1 --ground verzoek", "--partner"},
		{"erase --data " + data + " --partner P --ground verzoek", "one of"},
		{"erase --data " + data + " --employer 69599084", "--ground"},
		{"erase --data " + data + " --employer 69599084 --source s --id i --ground verzoek", "one of"},
		{"erase --data " + data + " --source s --ground verzoek", "together"},
		{"erase --data " + data + " --partner P --employee e --texts --ground verzoek", "--texts"},
		{"verify", "--data"},
		{"rebuild", "--data"},
		{"version --nonsense", "nonsense"},
	} {
		r := words{dir: dir}.run(t, strings.Fields(tt.args)...)
		if r.code != 2 || !strings.Contains(r.stderr, tt.says) || r.stdout != "" {
			t.Errorf("huisboek %s: want exit 2 and %q: %v", tt.args, tt.says, r)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("wrong words left %v %v", left, err)
	}
}

// TestRefusals: what was understood and cannot be done gives exit code 1 and one
// sentence on stderr.
func TestRefusals(t *testing.T) {
	b := newBook(t)
	b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	elsewhere := t.TempDir()
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"partner", "list", "--data", elsewhere}, "no book in this folder"},
		{[]string{"verify", "--data", elsewhere}, "no book in this folder"},
		{[]string{"partner", "add", "--data", b.data, "--name", "Nog eens", "--kind", "gemeente", "--oin", oinZwolle}, "takes part already"},
		{[]string{"partner", "add", "--data", b.data, "--name", "Fout", "--kind", "club", "--oin", oinUWV}, "/data/soort"},
		{[]string{"partner", "add", "--data", b.data, "--name", "Fout", "--kind", "uwv", "--oin", "1"}, "/data/identiteiten/0"},
		{[]string{"partner", "remove", "--data", b.data, "Niemand"}, "no partner"},
		{[]string{"access", "add", "--data", b.data, "--partner", "Niemand"}, "no partner"},
		{[]string{"access", "remove", "--data", b.data, uuid.NewString()}, "access list"},
		{[]string{"access", "rotate", "--data", b.data, uuid.NewString()}, ""},
		{[]string{"erase", "--data", b.data, "--employer", kvks[0], "--ground", "verzoek"}, "nothing is kept"},
		{[]string{"erase", "--data", b.data, "--employer", "1", "--ground", "verzoek"}, "no employer"},
		{[]string{"who", kvks[0], "--server", b.url, "--token", "wrong"}, "401"},
		{[]string{"who", kvks[0], "--server", "http://127.0.0.1:1"}, "127.0.0.1:1"},
		{[]string{"serve", "--data", b.data, "--listen", "127.0.0.1:0"}, "another process has this book open"},
		{[]string{"serve", "--data", b.data, "--region", "AM01", "--listen", "127.0.0.1:0"}, "AM36"},
		{[]string{"serve", "--data", b.data, "--listen", strings.TrimPrefix(b.url, "http://")}, "in use"},
		{[]string{"submit", "--creds", "missing.creds", "--nats", b.nats, "x.json"}, "missing.creds"},
	} {
		r := cli(t, tt.args...)
		if r.code != 1 || !strings.Contains(r.stderr, tt.says) {
			t.Errorf("huisboek %q: want exit 1 and %q: %v", tt.args, tt.says, r)
		}
	}
	var list []object
	cli(t, "partner", "list", "--data", b.data, "--json").well(t, &list)
	if len(list) != 1 {
		t.Errorf("%d partners after what was refused", len(list))
	}
}

// TestFirstStart: a first start makes a book with a steward's token for its owner
// only; it says where, ends cleanly, and is the same book ever after.
func TestFirstStart(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "new", "data")
	s := start(t, data, "--region", "AM36")
	var about struct {
		Book   string `json:"boek"`
		Region string `json:"arbeidsmarktregio"`
		OIN    string `json:"stewardOin"`
	}
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(data, "book.json"))), &about); err != nil {
		t.Fatal(err)
	}
	if about.Region != "AM36" || !strings.HasPrefix(about.OIN, "00000099") {
		t.Errorf("a book without --steward-oin: %+v, want a test OIN", about)
	}
	info, err := os.Stat(filepath.Join(data, "steward.token"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("steward.token: %v %v", info, err)
	}
	token := strings.TrimSpace(readText(t, filepath.Join(data, "steward.token")))
	if status, _ := s.get(t, token, "/v1/partners", nil); status != 200 {
		t.Errorf("the steward's token: %d", status)
	}
	if strings.Contains(s.logged(), token) || strings.Contains(s.said(), token) {
		t.Error("the token is logged")
	}
	if !strings.HasPrefix(s.said(), "ready http://127.0.0.1:") || strings.Count(s.said(), "\n") != 1 {
		t.Errorf("stdout: %q", s.said())
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		if code := s.end(signal); code != 0 {
			t.Errorf("exit %d after %s:\n%s", code, signal, s.logged())
		}
		if _, err := os.Stat(filepath.Join(data, "huisboek.sock")); !os.IsNotExist(err) {
			t.Errorf("after %s the socket is left: %v", signal, err)
		}
		s = start(t, data)
	}
	if got := messages(t, data, recordStream); len(got) != 1 {
		t.Errorf("%d records after three starts, want the genesis", len(got))
	}
	if status, _ := s.get(t, token, "/v1/partners", nil); status != 200 {
		t.Errorf("the steward's token after restarts: %d", status)
	}
}

// TestAdministration: partner and access do the same, with the same shapes, while
// the book is served and while it is not.
func TestAdministration(t *testing.T) {
	for _, served := range []bool{true, false} {
		t.Run(map[bool]string{true: "Served", false: "NotServed"}[served], func(t *testing.T) {
			b := newBook(t)
			if !served {
				b.stop(t)
			}
			administer(t, b)
			if !served {
				b.server = start(t, b.data)
			}
			cli(t, "verify", "--data", b.data).well(t, nil)
		})
	}
}

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	tokenForm = regexp.MustCompile(`^hb_[A-Za-z0-9_-]{43}$`)
)

func administer(t *testing.T, b *book) {
	var none []object
	if cli(t, "partner", "list", "--data", b.data, "--json").well(t, &none); none == nil || len(none) != 0 {
		t.Errorf("no partners yet: %v, want []", none)
	}
	p := b.admit(t, oinZwolle, "Gemeente Zwolle/Noord", "gemeente")
	if !uuidForm.MatchString(p.ID) || !tokenForm.MatchString(p.Token) || filepath.Base(p.Creds) != "Gemeente Zwolle-Noord.creds" {
		t.Errorf("%+v", p)
	}
	if info, err := os.Stat(p.Creds); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v %v", p.Creds, info, err)
	}
	var partners []struct {
		ID         string   `json:"id"`
		Name       string   `json:"naam"`
		Kind       string   `json:"soort"`
		Identities []string `json:"identiteiten"`
		From       string   `json:"per"`
		Gemeenten  []string `json:"gemeentecodes"`
	}
	cli(t, "partner", "add", "--data", b.data, "--kvk", kvks[3], "--name", "Stichting Werk", "--kind", "sw", "--gemeente", "GM0193,GM0166", "--from", day(-30)).well(t, nil)
	r := cli(t, "partner", "list", "--data", b.data, "--json").well(t, &partners)
	if len(partners) != 2 {
		t.Fatal(r)
	}
	for _, got := range partners {
		if got.ID == p.ID && (got.Name != "Gemeente Zwolle/Noord" || got.Kind != "gemeente" || got.From != day(0) || !slices.Equal(got.Identities, []string{"urn:nld:oin:" + oinZwolle})) ||
			got.ID != p.ID && (got.Kind != "sw" || got.From != day(-30) || !slices.Equal(got.Gemeenten, []string{"GM0193", "GM0166"}) || !slices.Equal(got.Identities, []string{"urn:nld:kvknr:" + kvks[3]})) {
			t.Errorf("%+v", got)
		}
	}
	type credential struct {
		ID, Token string
		Role      string `json:"rol"`
		Name      string `json:"naam"`
		Kind      string `json:"soort"`
		Partner   string `json:"partner"`
	}
	var board, rotated credential
	cli(t, "access", "add", "--data", b.data, "--role", "board", "--name", "Regionaal Beraad", "--json").well(t, &board)
	cli(t, "access", "rotate", "--data", b.data, board.ID, "--json").well(t, &rotated)
	if rotated.ID != board.ID || rotated.Token == board.Token || !tokenForm.MatchString(rotated.Token) || rotated.Role != "board" || rotated.Name != "Regionaal Beraad" {
		t.Errorf("%+v, rotated %+v", board, rotated)
	}
	var extra credential
	cli(t, "access", "add", "--data", b.data, "--partner", oinZwolle, "--json").well(t, &extra)
	if extra.Role != "partner" || extra.Partner != p.ID {
		t.Errorf("%+v", extra)
	}
	var all []credential
	r = cli(t, "access", "list", "--data", b.data, "--json").well(t, &all)
	if len(all) != 7 || strings.Contains(r.stdout, "hb_") { // steward, two partners with nats and token, board, extra
		t.Errorf("%d credentials: %v", len(all), r)
	}
	cli(t, "access", "remove", "--data", b.data, extra.ID, "--json").well(t, nil)
	cli(t, "access", "list", "--data", b.data, "--json").well(t, &all)
	if slices.ContainsFunc(all, func(c credential) bool { return c.ID == extra.ID }) {
		t.Error("a removed credential is listed")
	}
	var gone struct {
		Until string `json:"tot"`
	}
	r = cli(t, "partner", "remove", "--data", b.data, "Stichting Werk", "--json").well(t, &gone)
	if gone.Until != day(0) {
		t.Errorf("%v", r)
	}
}

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
	for _, verb := range []string{"demo", "serve", "partner", "access", "submit", "who", "erase", "verify", "rebuild", "version"} {
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
	if len(findings) != 3 || slices.ContainsFunc(findings, func(f struct {
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
