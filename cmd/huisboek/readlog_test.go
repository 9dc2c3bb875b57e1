package main

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/adapters/archive"
	"huisboek/adapters/readlog"
	"huisboek/events"
	"huisboek/ledger"
)

// describe says who is at an employer, as a partner.
func describe(t *testing.T, h *house, partner, identity string) {
	t.Helper()
	e, err := events.NewEvent(identity+":systeem:crm", uuid.NewString(), h.Now(), &events.EmployerDescribed{
		Employer: events.Employer{KvK: "69599084"}, Name: events.Plainly("Bakkerij Voorbeeld"),
		Contacts: events.Plainly([]events.ContactPerson{{Name: "Contact Voorbeeld", Phone: "038-0000009"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	by := ledger.Caller{Role: ledger.RolePartner, Partner: partner, Credential: "c", Door: ledger.DoorNATS}
	r, err := h.ledger.Record(context.WithoutCancel(t.Context()), ledger.Submission{Event: e, Caller: by})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.runner.WaitFor(t.Context(), r.Position); err != nil {
		t.Fatal(err)
	}
}

func tokenOf(t *testing.T, h *house, c access.Credential) string {
	t.Helper()
	c.Kind = access.KindToken
	_, token, err := h.access.Add(c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Somebody at the command line looks, and an auditor sees that, in the form asked for.
func TestReadLogVerb(t *testing.T) {
	h, one, _ := testHouse(t)
	describe(t, h, one, "urn:nld:oin:00000099000000001000")
	s := httptest.NewServer(h.web)
	defer s.Close()
	t.Setenv("HUISBOEK_SERVER", s.URL)
	partner, auditor := tokenOf(t, h, access.Credential{Role: ledger.RolePartner, Partner: one}), tokenOf(t, h, access.Credential{Role: ledger.RoleAuditor})
	for range 2 {
		if code, out, errOut := do(t, "who", "69599084", "--json", "--token", partner); code != exitDone || !strings.Contains(out, "Contact Voorbeeld") {
			t.Fatalf("exit %d %s%s", code, out, errOut)
		}
	}
	row := regexp.MustCompile(`^WHEN\tPARTNER\tCREDENTIAL\tFOR\tEMPLOYER\tPEOPLE\tDESCRIBED BY\tTRACE\n(\S+Z\t[^\t]+\t[0-9a-f-]{36}\tcontact-voorbereiden\t69599084\t1\t[^\t]+\t[0-9a-f]{32}\n){2}$`)
	today := string(events.DateOf(h.Now()))
	for _, c := range []struct {
		words []string
		code  int
		says  string // a pattern
	}{
		{nil, exitDone, row.String()},
		{[]string{"--employer", "69599084", "--from", today, "--to", today, "--by", one}, exitDone, row.String()},
		{[]string{"--employer", "68750110"}, exitDone, `^WHEN.*\n$`},
		{[]string{"--max", "1"}, exitDone, `More: --after \S+\n`},
		{[]string{"--json"}, exitDone, `"dpl.core.data_subject_id": "[0-9a-f]{32}"`},
		{[]string{"--employer", "bakker"}, exitUsage, "is no employer"},
		{[]string{"--from", "gisteren"}, exitUsage, "is no day"},
		{[]string{"--from", "2026-02-02", "--to", "2026-02-01"}, exitUsage, "before --from"},
		{[]string{"--max", "0"}, exitUsage, "1 to 200"},
		{[]string{"--after", "x"}, exitFailed, "/query/na"},
		{[]string{"69599084"}, exitUsage, "unknown command"},
	} {
		code, out, errOut := do(t, append([]string{"readlog", "--token", auditor}, c.words...)...)
		if ok, err := regexp.MatchString(c.says, out+errOut); code != c.code || !ok || err != nil {
			t.Errorf("%v: exit %d\n%s%s", c.words, code, out, errOut)
		}
		if strings.Contains(out, "Contact Voorbeeld") { // the employer is named
			t.Errorf("%v names somebody: %s", c.words, out)
		}
	}
	metrics, err := h.Registry.Gather()
	var size float64
	for _, m := range metrics {
		if m.GetName() == "huisboek_read_log_bytes" {
			size = m.GetMetric()[0].GetGauge().GetValue()
		}
	}
	if size <= 0 || err != nil {
		t.Errorf("the metric says %v: %v", size, err)
	}
}

// withoutReadLog writes a backup as an older version of the program made it.
func withoutReadLog(t *testing.T, file string) {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := archive.Read(bytes.NewReader(whole), archive.Taker{})
	if err != nil {
		t.Fatal(err)
	}
	var older bytes.Buffer
	w, err := archive.NewWriter(&older, *m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Read(bytes.NewReader(whole), archive.Taker{
		File: func(name string, size int64, r io.Reader) error {
			if name == archive.PartBook || name == archive.PartAccess || name == archive.PartIntake {
				return w.File(name, size, r)
			}
			return nil
		},
		Record: func(_ *events.Record, stored []byte) error { return w.Record(stored) },
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, older.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The log goes with a backup and comes back; a backup by an older version, that has
// none, comes back as well. It is verified in both places.
func TestReadLogBackup(t *testing.T) {
	for name, older := range map[string]bool{"with": false, "older": true} {
		t.Run(name, func(t *testing.T) {
			r, _ := smallBackup(t)
			look := readlog.Look{
				Who: "proef", Partner: r.now.partner, Role: "partner", Door: "http", Purpose: readlog.PurposeKeep, Name: "werkgeverLezen",
				Employer: "69599084", Described: r.now.partner, Began: r.now.Now(), People: 2,
			}
			for range 3 {
				if err := r.now.looks.Write(t.Context(), look); err != nil {
					t.Fatal(err)
				}
			}
			found, err := r.now.house.verify(t.Context(), struct{}{}, silent3)
			if err != nil || !slices.ContainsFunc(found, func(f finding) bool { return f.What == "read log" && strings.HasPrefix(f.Fine, "3 looks") }) {
				t.Errorf("%+v %v", found, err)
			}
			made, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "inzagen.tar")}, silent3)
			if err != nil {
				t.Fatal(err)
			}
			want := 3
			if older {
				withoutReadLog(t, made.File)
				want = 0
			}
			r.close()
			code, out, errOut := do(t, "verify", "--backup", made.File, "--keys", made.KeysFile)
			if code != exitDone || strings.Contains(out, "3 looks") == older {
				t.Errorf("exit %d %s%s", code, out, errOut)
			}
			dir := filepath.Join(r.dir, "terug")
			if code, out, errOut := do(t, "restore", made.File, "--erasures", r.list, "--data", dir); code != exitDone {
				t.Fatalf("exit %d %s%s", code, out, errOut)
			}
			r.open(dir)
			all, _, err := r.now.looks.List(readlog.Filter{}, "", 10)
			if err != nil || len(all) != want {
				t.Errorf("%d looks, %v", len(all), err)
			}
			if i, err := os.Stat(filepath.Join(dir, fileReadLog)); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("%v %v", i, err)
			}
			r.close()
		})
	}
}

// How long looks are kept is said once, and holds for later commands.
func TestKeepLooks(t *testing.T) {
	for days, ok := range map[int]bool{-1: false, 0: true, 30: true, maxKeepLooks: true, maxKeepLooks + 1: false} {
		w := serveWords{settings: settings{Dir: "x"}, Listen: "127.0.0.1:0", keepLooks: days}
		if err := w.check(); (err == nil) != ok {
			t.Errorf("%d days: %v", days, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "boek")
	for _, keep := range []int{40, 0} {
		w := serveWords{settings: settings{Dir: dir, Region: "AM36"}, Listen: "127.0.0.1:0", keepLooks: keep}
		if err := w.check(); err != nil {
			t.Fatal(err)
		}
		h, err := openHouse(t.Context(), w.settings)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.looks.Keep().Hours() / 24; got != 40 {
			t.Errorf("kept for %v days", got)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
