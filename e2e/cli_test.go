package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

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
		{"serve --listen 127.0.0.1:0 --data " + data, "--region"},
		{"serve --data " + data + " --region AM99 --listen 127.0.0.1:0", "AM99"},
		{"serve --data " + data + " --region AM36 --steward-oin 12 --listen 127.0.0.1:0", "OIN"},
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
		{"submit x.json --creds a.creds --token hb_x", "one of"},
		{"submit x.json --proef --creds a.creds", "--token"},
		{"check", "--creds"},
		{"check --token hb_x", "--source"},
		{"check --token hb_x --lang de x.json", "nl or en"},
		{"access add --data " + data + " --role board --expires never", "--expires"},
		{"access rotate --data " + data + " x --overlap soon", "--overlap"},
		{"serve --data " + data + " --region AM36 --listen 127.0.0.1:0 --max-events -1", "--max-events"},
		{"serve --data " + data + " --region AM36 --listen 127.0.0.1:0 --contact-name X", "--contact-url"},
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
		{[]string{"who", kvks[0], "--server", b.url, "--token", "wrong"}, "HUISBOEK_TOKEN"},
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
