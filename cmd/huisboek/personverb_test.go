package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"huisboek/adapters/access"
	"huisboek/adapters/signin"
)

// TestPersonWords: what cannot be meant is refused before a book is opened.
func TestPersonWords(t *testing.T) {
	t.Setenv("HUISBOEK_DUTY", "regisseur") // who gets in is typed
	for words, says := range map[string]string{
		"access person":                                                                                     "add, list or remove",
		"access person add --data x":                                                                        "--duty",
		"access person add --data x --duty koning":                                                          "regisseur",
		"access person add --duty bestuur --email a@b.nl":                                                   "--data",
		"access person add --data x --duty bestuur":                                                         "--email",
		"access person add --data x --duty bestuur --email a@b.nl --partner P":                              "--partner",
		"access person add --data x --duty bestuur --email a@b.nl --employee am-1":                          "--employee",
		"access person add --data x --duty partnerbeheerder --email a@b.nl":                                 "--partner",
		"access person add --data x --duty accountmanager --email a@b.nl --partner P":                       "--employee",
		"access person add --data x --duty accountmanager --email a@b.nl --employee am-1":                   "--partner",
		"access person add --data x --duty bestuur --subject s":                                             "come together",
		"access person add --data x --duty bestuur --email a@b.nl --issuer https://a.nl":                    "come together",
		"access person remove --data x":                                                                     "accepts 1 arg",
		"access person add --data x --duty accountmanager --employee am-1 --partner P --email a@b.nl extra": "extra",
	} {
		if code, _, errOut := do(t, strings.Fields(words)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit %d %s", words, code, errOut)
		}
	}
}

// TestPersonVerbs: people are added, listed, removed, and forgotten with an erasure, on a
// book that nobody serves.
func TestPersonVerbs(t *testing.T) {
	t.Chdir(t.TempDir())
	h, err := openHouse(t.Context(), settings{Dir: "data", Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	ok := func(words ...string) string {
		t.Helper()
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != exitDone {
			t.Fatalf("%v: exit %d %s", words, code, errOut)
		}
		return out
	}
	list := func() (all []listedPerson) {
		t.Helper()
		if err := json.Unmarshal([]byte(ok("access", "person", "list", "--json")), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if out := ok("access", "person", "list"); !strings.Contains(out, "access person add") {
		t.Error(out)
	}
	ok("partner", "add", "--oin", oinP, "--name", "Gemeente P", "--kind", "gemeente")
	ok("partner", "add", "--oin", oinQ, "--name", "Gemeente Q", "--kind", "gemeente")
	if out := ok("access", "person", "add", "--duty", "accountmanager", "--partner", "Gemeente P", "--employee", "am-03", "--email", "Riet@P.example.nl", "--name", "Riet Zegge"); !strings.Contains(out, "Riet Zegge may sign in as accountmanager") {
		t.Error(out)
	}
	ok("access", "person", "add", "--duty", "partnerbeheerder", "--partner", oinP, "--employee", "am-03", "--issuer", "https://login.example.nl", "--subject", "sub-7")
	ok("access", "person", "add", "--duty", "accountmanager", "--partner", oinQ, "--employee", "am-03", "--email", "q@q.example.nl")
	ok("access", "person", "add", "--duty", "regisseur", "--email", "r@regio.example.nl", "--phone", "038-0000000")
	all := list()
	if len(all) != 4 || all[0].PartnerName != "Gemeente P" || all[0].Email != "riet@p.example.nl" || all[1].Bound.IsZero() || all[3].Partner != "" {
		t.Fatalf("%+v", all)
	}
	if out := ok("access", "person", "list"); !strings.HasPrefix(out, "ID") || !strings.Contains(out, "not yet") || !strings.Contains(out, "Riet Zegge") {
		t.Error(out)
	}
	for _, c := range []struct {
		words string
		says  string
	}{
		{"access person add --duty auditor --email RIET@p.example.nl", "remove that entry first"},
		{"access person add --duty auditor --email riet", "naam@voorbeeld.nl"},
		{"access person add --duty accountmanager --partner Niemand --employee am-1 --email n@n.nl", "no partner"},
		{"access person remove 3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a01", "access person list"},
	} {
		if code, _, errOut := do(t, append(strings.Fields(c.words), "--data", "data")...); code != exitFailed || !strings.Contains(errOut, c.says) {
			t.Errorf("%s: exit %d %s", c.words, code, errOut)
		}
	}
	if out := ok("access", "person", "remove", all[3].ID); !strings.Contains(out, "r@regio.example.nl may not sign in") {
		t.Error(out)
	}

	// Erasing takes both entries of that employee, also when nothing was recorded of it, and
	// their bytes with them.
	if out := ok("erase", "--partner", oinP, "--employee", "am-03", "--ground", "verzoek"); !strings.Contains(out, "Entries removed: 2") || strings.Contains(out, "position") {
		t.Error(out)
	}
	if left := list(); len(left) != 1 || left[0].ID != all[2].ID {
		t.Errorf("%+v", left)
	}
	b, err := os.ReadFile("data/access.db")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Riet Zegge", "riet@p.example.nl", "sub-7", "038-0000000"} {
		if bytes.Contains(b, []byte(word)) {
			t.Errorf("%q still stands in the file", word)
		}
	}
	if code, _, _ := do(t, "erase", "--partner", oinP, "--employee", "am-03", "--ground", "verzoek", "--data", "data"); code != exitFailed {
		t.Errorf("erasing nothing: exit %d", code)
	}
	ok("partner", "remove", "Gemeente Q")
	if left := list(); len(left) != 0 {
		t.Errorf("of a partner that left: %+v", left)
	}
	if code, _, errOut := do(t, "access", "person", "add", "--duty", "partnerbeheerder", "--partner", oinQ, "--email", "q@q.nl", "--data", "data"); code != exitFailed || !strings.Contains(errOut, "no longer takes part") {
		t.Errorf("exit %d %s", code, errOut)
	}
}

// TestErasedIsOut: an erasure of what was recorded takes the entry too, and a partner's
// people are out when it leaves.
func TestErasedIsOut(t *testing.T) {
	h := listening(t, settings{Signin: signinSettings{OneClick: []signin.Person{{Duty: signin.AccountManager, Partner: "x", Employee: "am-1"}}}})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "Gemeente P"})
	planIn(t, h, p.Partner, strings.TrimSuffix(sourceP, ":systeem:crm"), "2099-01-05")
	for _, employee := range []string{"am-1", "am-2"} {
		if _, err := h.addPerson(t.Context(), newPerson{Duty: access.DutyAccountManager, Partner: oinP, Employee: employee, Email: employee + "@p.nl"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	done, err := h.erase(t.Context(), eraseWords{Partner: oinP, Employee: "am-1", Ground: "verzoek"}, nil)
	if err != nil || done.People != 1 {
		t.Errorf("%+v %v", done, err)
	}
	if left := h.access.People(); len(left) != 1 || left[0].Employee != "am-2" {
		t.Errorf("%+v", left)
	}
	if !h.takesPart(p.Partner) || h.takesPart("x") || h.takesPart("") {
		t.Error("who takes part")
	}
	if id, ok := h.partnerWith("urn:nld:oin:" + oinP); !ok || id != p.Partner {
		t.Errorf("%q %v", id, ok)
	}
	if _, ok := h.partnerWith(p.Partner); ok {
		t.Error("a UUID is no identity")
	}
	// x takes no part: one click lets somebody in, and the next request does not.
	w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	if err := h.signin.OneClick(w, r, h.signin.Ways().OneClick[0].ID); err != nil {
		t.Fatal(err)
	}
	r.AddCookie(w.Result().Cookies()[0])
	if who, ok := h.signin.Person(r); ok {
		t.Errorf("in as %+v", who)
	}
}
