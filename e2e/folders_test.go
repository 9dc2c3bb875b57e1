package e2e_test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFolders: data folders that older versions made, with views, books and access
// files of other shapes, open with this one. It answers what they answered (new
// members are welcome), shows nothing that was erased, lets in the credentials that
// were given then, goes on at the next position, and the list of erasures still
// tells an older copy.
func TestFolders(t *testing.T) {
	wants, err := filepath.Glob(filepath.Join(foldersDir, "*.want.json"))
	if err != nil || len(wants) < 4 {
		t.Fatalf("%d folders: %v", len(wants), err)
	}
	for _, path := range wants {
		name := strings.TrimSuffix(filepath.Base(path), ".want.json")
		t.Run(name, func(t *testing.T) {
			var want keptFolder
			if err := json.Unmarshal([]byte(readText(t, path)), &want); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			unpack(t, filepath.Join(foldersDir, name+".tar.gz"), dir)
			b := &book{dir: dir, server: start(t, filepath.Join(dir, "data")), steward: want.Tokens["steward"]}
			b.answersAs(t, &want)
			list := readText(t, b.data+".erasures.jsonl")

			p := &partner{Creds: filepath.Join(dir, want.Creds), source: "urn:nld:oin:" + oinZwolle + ":systeem:crm"}
			p.connect(t, b.server)
			for i, e := range []object{
				keptEvent(p, "van-nu", "dienst-geleverd", object{"kvkNummer": kvks[1], "dienst": "jobcoach", "datum": "2026-06-01"}),
				keptEvent(p, "beter-van-nu", "dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": "2026-04-11", "doelgroep": "DD01",
					"vervangt": object{"source": p.source, "id": "dienst"}}),
			} {
				if a := p.emit(t, e); a.Position != want.Position+1+uint64(i) {
					t.Errorf("%v is recorded at %d, and the book was at %d", e["id"], a.Position, want.Position)
				}
			}
			if a := p.emit(t, keptEvent(p, "na-het-wissen", "dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "no-riskpolis", "datum": "2026-05-02"})); a.Position != want.Position {
				t.Errorf("what was recorded at %d is now at %d", want.Position, a.Position)
			}
			cli(t, "verify", "--data", b.data).well(t, nil)
			b.restart(t)
			cli(t, "verify", "--data", b.data).well(t, nil)
			if tip := b.tip(t); tip != want.Position+2 {
				t.Errorf("after a restart the book is at %d", tip)
			}
			b.judgesAs(t, p, &want)
			b.stop(t)

			now := readText(t, b.data+".erasures.jsonl")
			if !strings.HasPrefix(now, list) || list == "" {
				t.Errorf("the list of erasures was\n%s and is\n%s", list, now)
			}
			further := regexp.MustCompile(`"positie":\d+`).ReplaceAllString(strings.SplitAfter(list, "\n")[0], fmt.Sprintf(`"positie":%d`, want.Position+10))
			if err := os.WriteFile(b.data+".erasures.jsonl", []byte(now+further), 0o600); err != nil {
				t.Fatal(err)
			}
			late := serveAs(t, built, b.data)
			if err := late.awaitReady(t); err != errEnded || !strings.Contains(late.logged(), strconv.Itoa(int(want.Position+10))) {
				t.Errorf("with an erasure on the list that the stream has not: %v\n%s", err, tail(late.logged(), 1000))
			}
		})
	}
}

// answersAs asks everything that an older version was asked.
func (b *book) answersAs(t *testing.T, want *keptFolder) {
	t.Helper()
	if tip := b.tip(t); tip != want.Position {
		t.Errorf("the book is at %d, want %d", tip, want.Position)
	}
	var all strings.Builder
	for _, ask := range want.Answers {
		status, body := b.get(t, want.Tokens[ask.Who], ask.Path, nil)
		all.Write(body)
		var got any
		if err := json.Unmarshal(body, &got); err != nil || status != 200 {
			t.Fatalf("%s: %d %v %s", ask.Path, status, err, body)
		}
		for _, difference := range lacks(got, asToday(t, undated(ask.Answer)), "") {
			t.Errorf("%s, asked by %s: %s", ask.Path, ask.Who, difference)
		}
	}
	for name, token := range want.Tokens {
		if status, body := b.get(t, token, "/v1/partners", nil); status != 200 && name != "beraad" {
			t.Errorf("the token of %s is not let in: %d %s", name, status, body)
		}
	}
	for _, text := range want.Erased {
		if strings.Contains(all.String(), text) {
			t.Errorf("%q was erased and is shown", text)
		}
	}
	for _, text := range want.Shown {
		if !strings.Contains(all.String(), text) {
			t.Errorf("%q is not shown", text)
		}
	}
}

// asToday is an answer of then as it should be today: a plan that was open then holds
// its employer for at most the 180 days of the default agreement, however far its day
// is, and has expired after that.
func asToday(t *testing.T, answer any) any {
	t.Helper()
	a, ok := answer.(object)
	if !ok {
		return answer
	}
	var expired []any // positions
	contacts, _ := a["contacten"].([]any)
	for _, contact := range contacts {
		c := contact.(object)
		if c["status"] != "gepland" && c["status"] != "verzet" {
			continue
		}
		said, err := time.Parse(time.RFC3339, c["op"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if said.In(amsterdam).AddDate(0, 0, 180).Format(time.DateOnly) < day(0) {
			c["status"] = "verlopen"
			expired = append(expired, c["positie"])
		}
	}
	if open, ok := a["vanPlan"].([]any); ok {
		a["vanPlan"] = slices.DeleteFunc(open, func(p any) bool { return slices.Contains(expired, p.(object)["positie"]) })
	}
	return a
}

// judgesAs looks at the verdicts of then: they are told as they were given, and not
// judged again by rules that they were not given by. A plan of then still holds its
// employer, for as long as the agreement says.
func (b *book) judgesAs(t *testing.T, p *partner, want *keptFolder) {
	t.Helper()
	for _, v := range want.Verdicts {
		var a struct {
			Explanation struct {
				Judged  bool           `json:"beoordeeld"`
				Verdict string         `json:"oordeel"`
				Reasons []reason       `json:"redenen"`
				Rules   int            `json:"regels"`
				Said    map[string]any `json:"zin"`
				Again   any            `json:"opnieuw"`
			} `json:"uitleg"`
		}
		path := "/v1/oordelen/" + strconv.FormatUint(v.Position, 10)
		if status, body := b.get(t, want.Tokens["zwolle"], path, &a); status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		e := &a.Explanation
		if !e.Judged || e.Verdict != v.Verdict || !slices.Equal(codesOf(e.Reasons), v.Reasons) || e.Rules != 2 || e.Again != nil || e.Said["nl"] == "" {
			t.Errorf("the verdict at %d was %+v and is %+v", v.Position, v, *e)
		}
		told := cli(t, "explain", strconv.FormatUint(v.Position, 10), "--server", b.url, "--token", want.Tokens["steward"])
		if told.code != 0 || !strings.Contains(told.stdout, "version 2 of the rules") {
			t.Errorf("of %d is told: exit %d\n%s%s", v.Position, told.code, told.stdout, told.stderr)
		}
	}
	h := want.Holds
	if h == nil {
		return
	}
	p.connect(t, b.server)
	a := p.emit(t, keptEvent(p, "in-de-weg", "bezoek-gepland", object{
		"kvkNummer": h.Employer, "benadering": "00000000-0000-4000-8000-0000000000ff", "datum": h.Date, "doel": h.Purpose, "accountmanager": manager("am-1", "Ada Voorbeeld", "038-1000101"),
	}))
	if holds := day(0) <= h.Until; holds != (a.Outcome == "bezet") || holds != slices.Contains(codesOf(a.Reasons), "ander-plan") {
		t.Errorf("a plan for what the one of %d holds until %s: %s", h.Position, h.Until, a.raw)
	}
	cli(t, "rebuild", "--data", b.data).well(t, nil)
	cli(t, "verify", "--data", b.data).well(t, nil)
}

// lacks says what of a wanted JSON value another one does not have. Members that
// are not wanted may be there.
func lacks(got, want any, where string) (differences []string) {
	switch want := want.(type) {
	case object:
		o, ok := got.(object)
		if !ok {
			break
		}
		for name, w := range want {
			g, there := o[name]
			if !there {
				differences = append(differences, where+"/"+name+" is missing")
				continue
			}
			differences = append(differences, lacks(g, w, where+"/"+name)...)
		}
		slices.Sort(differences)
		return differences
	case []any:
		l, ok := got.([]any)
		if !ok || len(l) != len(want) {
			break
		}
		for i := range want {
			differences = append(differences, lacks(l[i], want[i], where+"/"+strconv.Itoa(i))...)
		}
		return differences
	default:
		if got == want {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %s, want %s", where, tail(string(marshal(got)), 500), tail(string(marshal(want)), 500))}
}

// TestLacks: what is wanted is missed wherever it is not.
func TestLacks(t *testing.T) {
	for _, tt := range []struct {
		got, want string
		well      bool
	}{
		{`{"a":1,"b":[{"c":null,"d":2}]}`, `{"a":1,"b":[{"c":null}]}`, true},
		{`{"a":1}`, `{"a":2}`, false},
		{`{"a":1}`, `{"b":null}`, false},
		{`{"a":[1,2]}`, `{"a":[1]}`, false},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{`{"a":null}`, `{"a":{}}`, false},
		{`{"a":{"b":1}}`, `{"a":{"b":"1"}}`, false},
	} {
		var got, want any
		if err := errors.Join(json.Unmarshal([]byte(tt.got), &got), json.Unmarshal([]byte(tt.want), &want)); err != nil {
			t.Fatal(err)
		}
		if d := lacks(got, want, ""); (len(d) == 0) != tt.well {
			t.Errorf("%s of %s: %q", tt.got, tt.want, d)
		}
	}
}

// unpack is the opposite of pack.
func unpack(t *testing.T, path, dir string) {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(head.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
