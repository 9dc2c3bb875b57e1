package access_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/access"
	"huisboek/events"
	"huisboek/ledger"
)

const issuer = "https://login.example.nl"

func mustAddPerson(t *testing.T, f *access.File, p access.Person) access.Person {
	t.Helper()
	p, err := f.AddPerson(p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPeople: somebody is found by address until it is known who it is, and by that from
// then on, over reopening.
func TestPeople(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f := mustOpen(t, path)
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	f.UseClock(func() time.Time { at = at.Add(time.Second); return at })
	riet := mustAddPerson(t, f, access.Person{Duty: access.DutyAccountManager, Partner: partnerA, Employee: "am-03", Email: "Riet@Zwolle.example.nl"})
	board := mustAddPerson(t, f, access.Person{Duty: access.DutyBoard, Issuer: issuer, Subject: "sub-9", Name: "Beraad"})
	if riet.ID == board.ID || riet.Email != "riet@zwolle.example.nl" || !riet.Bound.IsZero() || board.Bound != board.Made {
		t.Errorf("%+v %+v", riet, board)
	}
	found := func(got access.Person, ok bool) string {
		if !ok {
			return ""
		}
		return got.ID
	}
	if found(f.PersonCalled("RIET@zwolle.example.nl")) != riet.ID || found(f.PersonCalled("")) != "" || found(f.PersonCalled("x@y.nl")) != "" {
		t.Error("not found by address")
	}
	if found(f.PersonOf(issuer, "sub-9")) != board.ID || found(f.PersonOf(issuer+"/", "sub-9")) != "" || found(f.PersonOf("", "")) != "" {
		t.Error("not found by subject")
	}
	for _, again := range []access.Person{
		{Duty: access.DutyAuditor, Email: "riet@zwolle.example.nl"},
		{Duty: access.DutyAuditor, Issuer: issuer, Subject: "sub-9"},
	} {
		if _, err := f.AddPerson(again); !errors.Is(err, access.ErrKnownPerson) {
			t.Errorf("twice: %v", err)
		}
	}
	for _, c := range []struct {
		id, issuer, subject string
		want                error
	}{
		{riet.ID, issuer, "sub-9", access.ErrKnownPerson},
		{riet.ID, issuer, "sub-1", nil},
		{riet.ID, issuer, "sub-1", nil},
		{riet.ID, issuer, "sub-2", access.ErrBound},
		{"nobody", issuer, "sub-2", access.ErrNoPerson},
	} {
		if err := f.BindPerson(c.id, c.issuer, c.subject); !errors.Is(err, c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if f.BindPerson(riet.ID, "", "") == nil {
		t.Error("bound to nobody")
	}
	if found(f.PersonCalled("riet@zwolle.example.nl")) != "" || found(f.PersonOf(issuer, "sub-1")) != riet.ID {
		t.Error("the address still opens it")
	}
	if err := f.SetPersonPhone(riet.ID, "038-0000001"); err != nil {
		t.Error(err)
	}
	if err := f.SetPersonPhone(riet.ID, "bel mij"); err == nil {
		t.Error("that is no number")
	}
	before := f.People()
	if len(before) != 2 || before[0].ID != riet.ID || before[0].Phone != "038-0000001" {
		t.Errorf("%+v", before)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = mustOpen(t, path)
	if d := cmp.Diff(before, f.People()); d != "" {
		t.Error(d)
	}
	if err := f.RemovePerson(board.ID); err != nil {
		t.Error(err)
	}
	if err := f.RemovePerson(board.ID); !errors.Is(err, access.ErrNoPerson) {
		t.Error(err)
	}
}

// TestRemovePeopleOf takes an employee's entries, or a partner's, and nobody else's.
func TestRemovePeopleOf(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	for i, p := range []access.Person{
		{Duty: access.DutyAccountManager, Partner: partnerA, Employee: "am-03"},
		{Duty: access.DutyPartnerManager, Partner: partnerA, Employee: "am-03"},
		{Duty: access.DutyAccountManager, Partner: partnerA, Employee: "am-04"},
		{Duty: access.DutyPartnerManager, Partner: partnerA},
		{Duty: access.DutyAccountManager, Partner: partnerB, Employee: "am-03"},
		{Duty: access.DutySteward},
	} {
		p.Email = fmt.Sprintf("p%d@example.nl", i)
		mustAddPerson(t, f, p)
	}
	for _, c := range []struct {
		partner, employee string
		gone, left        int
	}{{"", "", 0, 6}, {"", "am-03", 0, 6}, {partnerA, "am-09", 0, 6}, {partnerA, "am-03", 2, 4}, {partnerA, "", 2, 2}, {partnerA, "", 0, 2}} {
		gone, err := f.RemovePeopleOf(c.partner, c.employee)
		if err != nil || len(gone) != c.gone || len(f.People()) != c.left {
			t.Errorf("%+v: %d gone, %d left, %v", c, len(gone), len(f.People()), err)
		}
	}
}

// TestPersonCheck: who cannot be, and what an event would not take.
func TestPersonCheck(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	good := access.Person{Duty: access.DutyAccountManager, Partner: partnerA, Employee: "am-03", Email: "a@example.nl"}
	for name, change := range map[string]func(*access.Person){
		"duty":             func(p *access.Person) { p.Duty = "koning" },
		"no partner":       func(p *access.Person) { p.Partner = "" },
		"no employee":      func(p *access.Person) { p.Employee = "" },
		"board of one":     func(p *access.Person) { p.Duty = access.DutyBoard; p.Employee = "" },
		"steward employee": func(p *access.Person) { p.Duty = access.DutySteward; p.Partner = "" },
		"nobody":           func(p *access.Person) { p.Email = "" },
		"half":             func(p *access.Person) { p.Issuer = issuer },
		"address":          func(p *access.Person) { p.Email = "Riet <a@example.nl>" },
		"name":             func(p *access.Person) { p.Name = "a\nb" },
		"long name":        func(p *access.Person) { p.Name = strings.Repeat("a", 201) },
		"number":           func(p *access.Person) { p.Name = "Riet 123456782" },
		"employee number":  func(p *access.Person) { p.Employee = "123456782" },
		"phone":            func(p *access.Person) { p.Phone = "12345" },
		"subject":          func(p *access.Person) { p.Issuer, p.Subject = issuer, strings.Repeat("a", 256) },
	} {
		p := good
		change(&p)
		if _, err := f.AddPerson(p); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if len(f.People()) != 0 {
		t.Error("kept all the same")
	}
	roles := map[ledger.Role]int{}
	for _, d := range access.Duties() {
		roles[d.Role()]++
	}
	if want := (map[ledger.Role]int{ledger.RolePartner: 2, ledger.RoleBoard: 1, ledger.RoleSteward: 1, ledger.RoleAuditor: 1}); !cmp.Equal(roles, want) {
		t.Errorf("%v", roles)
	}
}

// TestWordsOfEvents: a label and a telephone number are what an event takes for one.
func TestWordsOfEvents(t *testing.T) {
	takes := func(a events.AccountManager) bool {
		t.Helper()
		_, err := events.NewEvent("urn:nld:oin:00000099000000001000:systeem:crm", "een", time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), &events.ContactAppointed{
			Employer: events.Employer{KvK: "69599084"}, AccountManager: events.Plainly(a),
		})
		return err == nil
	}
	good := events.AccountManager{Employee: "am-03", Name: "Riet"}
	if !takes(good) {
		t.Fatal("an event takes nothing")
	}
	for _, name := range []string{"Riet Z.", "", " ", "a\nb", "a\x7f", "a\u0085b", "Riet 123456782", strings.Repeat("é", 200), strings.Repeat("é", 201)} {
		a := good
		if a.Name = name; takes(a) != access.Label(name, 200) {
			t.Errorf("name %.30q: an event %v", name, takes(a))
		}
	}
	for _, phone := range []string{"038-0000000", "+31 6 123456782", "06 123 456 78", "123456782", "0031123456782", "12345", "123456", "a12345", "(038) 123 45 67", "038/1234567.8", strings.Repeat("1", 21), "12345 "} {
		a := good
		if a.Phone = phone; takes(a) != access.PhoneNumber(phone) {
			t.Errorf("phone %q: an event %v", phone, takes(a))
		}
	}
}

// TestCompact: what was removed stands nowhere in the file, and all else goes on: reading
// and writing meanwhile, the lock, and opening it again.
func TestCompact(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f := mustOpen(t, path)
	const name = "Wendelmoet Zegge"
	_, token := mustAddFeed(t, f, access.Feed{Scope: access.FeedRegion}, "")
	p := mustAddPerson(t, f, access.Person{Duty: access.DutyAuditor, Email: "w@example.nl", Name: name})
	if err := f.RemovePerson(p.ID); err != nil {
		t.Fatal(err)
	}
	holds := func() bool {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(b, []byte(name))
	}
	if !holds() {
		t.Fatal("nothing is left to take away: this test proves nothing")
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 5 {
				if _, err := f.AddPerson(access.Person{Duty: access.DutyBoard, Email: fmt.Sprintf("b%d-%d@example.nl", i, j)}); err != nil {
					t.Error(err)
				}
				f.People()
				if err := f.Snapshot(filepath.Join(filepath.Dir(path), fmt.Sprintf("copy-%d-%d.db", i, j))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 3 {
		if err := f.Compact(); err != nil {
			t.Fatal(err)
		}
	}
	all.Wait()
	if holds() {
		t.Error("the name is still there")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if _, err := access.Open(path, macKey); err == nil {
		t.Error("open twice")
	}
	before := f.People()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".nieuw", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	f = mustOpen(t, path)
	if d := cmp.Diff(before, f.People()); d != "" || len(before) != 20 {
		t.Errorf("%d people %s", len(before), d)
	}
	if _, _, err := f.FeedOf(token); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
