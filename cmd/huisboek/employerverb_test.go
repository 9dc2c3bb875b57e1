package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

const provisional = "voorlopig-0a1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3"

// The steward links and unlinks by words alone, and unlinking puts everything back.
func TestEmployerLink(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	for _, c := range []struct {
		words string
		code  int
		says  string
		same  string // keys under which 69599084 is known afterwards
	}{
		{"link 69599084 68727720", exitUsage, "--kind", "69599084"},
		{"link 69599084 --kind dezelfde", exitUsage, "accepts 2 arg", "69599084"},
		{"link 69599084 bakker --kind dezelfde", exitUsage, `"bakker" is no employer`, "69599084"},
		{"link 69599084 68727720 --kind zusje", exitFailed, "/data/soort", "69599084"},
		{"link 69599084 69599084 --kind dezelfde", exitFailed, "/data/met", "69599084"},
		{"link " + provisional + " 69599084 --kind dezelfde --reason adres", exitDone, "are one employer from now on", "69599084 " + provisional},
		{"link 69599084 DE-HRB-12 --kind opvolger", exitDone, "What 69599084 was, DE-HRB-12 is", "69599084 DE-HRB-12 " + provisional},
		{"link 69599084 68727720 --kind concern", exitDone, "of one concern", "69599084 DE-HRB-12 " + provisional},
		{"unlink 69599084 DE-HRB-12", exitDone, "do not belong together", "69599084 " + provisional},
		{"unlink " + provisional + " 69599084 --reason nee", exitDone, "do not belong together", "69599084"},
		{"unlink 69599084 90004760", exitDone, "do not belong together", "69599084"}, // never linked: not the same
		{"unlink 69599084", exitUsage, "accepts 2 arg", "69599084"},
		{"unlink 69599084 x", exitUsage, `"x" is no employer`, "69599084"},
	} {
		words := append([]string{"employer"}, strings.Fields(c.words)...)
		if code, out, errOut := do(t, append(words, "--data", "data")...); code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
		if got := sameAs(t, "69599084"); got != c.same {
			t.Errorf("after %s it is known as %s, want %s", c.words, got, c.same)
		}
	}
	code, out, _ := do(t, "employer", "link", "--data", "data", "69599084", "68727720", "--kind", "dezelfde", "--json")
	if code != exitDone || !strings.Contains(out, `"soort": "dezelfde"`) || !strings.Contains(out, `"positie"`) {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, _, errOut := do(t, "employer", "nonsense"); code != exitUsage || !strings.Contains(errOut, "nonsense") {
		t.Errorf("exit %d %s", code, errOut)
	}
}

// sameAs are the keys of an employer in the book in data.
func sameAs(t *testing.T, key string) string {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: "data"})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	err = h.views.View(func(tx projections.Tx, _ events.Checkpoint) (err error) {
		keys, err = projections.NewEmployers().Same(tx, key)
		return err
	})
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

// answering is a book that answers every question with one thing; asked is the last
// question.
func answering(t *testing.T, status int, answer any) (url string, asked func() string) {
	t.Helper()
	var last atomic.Value
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last.Store(r.URL.Path + "?" + r.URL.Query().Encode())
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("%s without its token", r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		if status != http.StatusOK {
			w.Header().Set("Content-Type", ledger.ProblemMediaType)
		}
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() string { return last.Load().(string) }
}

func TestEmployerFind(t *testing.T) {
	name, place, day := "Bakkerij Ormarwijk B.V.", "Zwolle", events.Date("2026-11-20")
	two := web.FindAnswer{Total: 9, Employers: []web.Hit{
		{Found: web.Found{Employer: web.EmployerName{Key: "69599084"}, Name: &name, Place: &place, Last: &day, Others: []string{"Ormarwijk"}}, Score: 90},
		{Found: web.Found{Employer: web.EmployerName{Key: provisional}}, Score: 60},
	}}
	for _, c := range []struct {
		name   string
		words  string
		status int
		answer any
		code   int
		says   []string
		asked  string
	}{
		{"OK", "find bakkerij zwol", 200, two, exitDone, []string{"Bakkerij Ormarwijk B.V. (also Ormarwijk)", "Zwolle", "2026-11-20", "69599084", provisional, "and 7 more"}, "/v1/werkgevers?aantal=20&zoek=bakkerij+zwol"},
		{"JSON", "find bakkerij --json --max 2", 200, two, exitDone, []string{`"aantalGevonden": 9`}, "/v1/werkgevers?aantal=2&zoek=bakkerij"},
		{"None", "find bakkerij", 200, web.FindAnswer{Employers: []web.Hit{}}, exitDone, []string{`No employer found for "bakkerij".`}, ""},
		{"NoText", "find", 200, nil, exitUsage, []string{"needs a text, or one of --gemeente"}, ""},
		{"Filters", "find --gemeente GM0193,GM0175 --sector markt --size 10-19 --not-since 2026-08-01 --sort laatste", 200, two, exitDone, []string{"69599084"},
			"/v1/werkgevers?aantal=20&gemeente=GM0193&gemeente=GM0175&grootteklasse=10-19&nietSinds=2026-08-01&sector=markt&sorteer=laatste"},
		{"NoneLikeThat", "find --sector markt", 200, web.FindAnswer{Employers: []web.Hit{}}, exitDone, []string{"No employer is like that."}, "/v1/werkgevers?aantal=20&sector=markt"},
		{"TooMany", "find a --max 201", 200, nil, exitUsage, []string{"--max takes 1 to 200"}, ""},
		{"Token", "find bakkerij", 401, ledger.Problem{Status: 401}, exitFailed, []string{"wants a token that it knows"}, ""},
		{"NotReady", "find bakkerij", 503, ledger.Problem{Status: 503, Detail: "Nog niet."}, exitFailed, []string{"Nog niet."}, ""},
		{"Doubles", "doubles", 200, web.DoublesAnswer{Total: 4, Pairs: []web.Double{{
			Employers: []web.Found{two.Employers[0].Found, two.Employers[1].Found}, Score: 92,
			Reasons: []ledger.Reason{{Code: "x", Sentence: events.Sentence{NL: "Zelfde naam.", EN: "The same name."}}},
		}}}, exitDone, []string{" 92  Bakkerij", "- The same name.", provisional, "1 of 4", "--kind dezelfde"}, "/v1/mogelijk-dezelfde?aantal=20"},
		{"NoDoubles", "doubles", 200, web.DoublesAnswer{}, exitDone, []string{"No two employers"}, ""},
		{"DoublesTooMany", "doubles --max 0", 200, nil, exitUsage, []string{"--max takes 1 to 200"}, ""},
		{"NotTheSteward", "doubles", 403, ledger.Problem{Status: 403, Detail: "Alleen de beheerder."}, exitFailed, []string{"Alleen de beheerder."}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, asked := answering(t, c.status, c.answer)
			words := append([]string{"employer"}, strings.Fields(c.words)...)
			code, out, errOut := do(t, append(words, "--server", url, "--token", "t")...)
			if code != c.code {
				t.Fatalf("exit %d, want %d\n%s%s", code, c.code, out, errOut)
			}
			for _, want := range c.says {
				if !strings.Contains(out+errOut, want) {
					t.Errorf("it does not say %q:\n%s%s", want, out, errOut)
				}
			}
			if c.asked != "" && asked() != c.asked {
				t.Errorf("asked %s, want %s", asked(), c.asked)
			}
		})
	}
	if code, _, errOut := do(t, "employer", "find", "x", "--server", "http://192.0.2.1:1", "--token", "t"); code != exitUsage || !strings.Contains(errOut, "--insecure") {
		t.Errorf("a token over http to another machine: exit %d %s", code, errOut)
	}
}

// A minute before a visit one sees under which names an employer is known, whom it
// looks for, and of whom something may be missing.
func TestWhoPrints(t *testing.T) {
	full := web.EmployerAnswer{
		Employer: web.EmployerName{Key: "69599084"}, Outcome: events.Free,
		Vacancies: []web.Vacancy{{Date: "2026-11-02", Count: 3, Left: 2, Occupation: "Lasser", Partner: ledger.PartnerName{Name: "UWV"}}},
		Coverage: &web.EmployerCoverage{By: []web.Gap{{Say: events.Sentence{
			NL: "Van SW-bedrijf Proef is 31 dagen niets gehoord.", EN: "Nothing was heard of SW-bedrijf Proef for 31 days.",
		}}}},
	}
	full.Keys = []string{"69599084", provisional}
	plain := web.EmployerAnswer{Employer: web.EmployerName{Key: "69599084"}, Outcome: events.Free, Coverage: &web.EmployerCoverage{Complete: true}}
	plain.Keys = []string{"69599084"}
	parts := []string{"Also known as " + provisional + "\n", "Looking for\n  2026-11-02  2 of 3  Lasser  UWV", "This may not be all:\n- Nothing was heard of SW-bedrijf Proef"}
	for _, c := range []struct {
		name, words string
		answer      web.EmployerAnswer
		want        bool
		asked       string
	}{
		{"Full", "who 69599084", full, true, "/v1/werkgevers/69599084?verwerking=contact-voorbereiden"},
		{"Plain", "who 69599084", plain, false, "/v1/werkgevers/69599084?verwerking=contact-voorbereiden"},
		{"Concern", "who 69599084 --concern", plain, false, "/v1/werkgevers/69599084?concern=true&verwerking=contact-voorbereiden"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, asked := answering(t, http.StatusOK, c.answer)
			code, out, errOut := do(t, append(strings.Fields(c.words), "--server", url, "--token", "t")...)
			if code != exitDone || asked() != c.asked {
				t.Fatalf("exit %d, asked %s\n%s", code, asked(), errOut)
			}
			for _, part := range parts {
				if strings.Contains(out, part) != c.want {
					t.Errorf("says %q: %t, want %t:\n%s", part, !c.want, c.want, out)
				}
			}
		})
	}
}
