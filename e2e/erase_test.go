package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// canaries are personal values that are found nowhere else.
var canaries = map[string]string{
	"account manager's name":    "Kanariëtte Zevenblad-Ångström",
	"account manager's phone":   "038-4815163",
	"account manager's e-mail":  "kanariette.zevenblad@voorbeeld.example",
	"account manager's id":      "am-kanarie-4815163",
	"contact person's name":     "Xanthippe Goudhaantje",
	"contact person's phone":    "038-2342108",
	"contact person's e-mail":   "goudhaantje@werkgever.example",
	"employer's name":           "Vogelhuis Wielewaal v.o.f.",
	"free text of a visit":      "roodborstje zat vertrouwelijk op de tak",
	"free text of a move":       "koolmees wilde liever een andere dag",
	"reason to go all the same": "nachtegaal had het toch gevraagd",
}

// forms are the ways in which a canary could stand in a file or an answer: as it
// is, escaped in JSON, in hexadecimal, and in base64 at each of the three places
// where it can begin.
func forms(canary string) map[string][]byte {
	all := map[string][]byte{"as it is": []byte(canary), "hex": []byte(hex.EncodeToString([]byte(canary)))}
	var escaped strings.Builder
	for _, r := range utf16.Encode([]rune(canary)) {
		if r < 0x80 {
			escaped.WriteByte(byte(r))
		} else {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		}
	}
	all["escaped"] = []byte(escaped.String())
	for shift := range 3 {
		padded := append(make([]byte, shift), canary...)
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			text := encoding.EncodeToString(padded[:len(padded)/3*3]) // the last group depends on what follows
			if shift > 0 {
				text = text[4:] // and the first on what was before
			}
			all[fmt.Sprintf("%s at %d", name, shift)] = []byte(text)
		}
	}
	return all
}

// TestForms: a canary is found in each of its forms, wherever it begins.
func TestForms(t *testing.T) {
	for what, canary := range canaries {
		needles := forms(canary)
		for shift := range 7 {
			text := strings.Repeat("x", shift) + canary + "yyyy"
			quoted, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, written := range []string{text, string(quoted), hex.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text))} {
				if contains([]byte(written), needles) == "" {
					t.Errorf("the %s is not found in %q", what, written)
				}
			}
		}
		if found := contains([]byte("nothing of the kind"), needles); found != "" {
			t.Errorf("%s is found in nothing", found)
		}
	}
}

// aviary is a book with canaries in it.
type aviary struct {
	*book
	owner, other *partner
	told         []*sent // with the canaries, by owner
	board, audit string  // tokens
	needles      map[string][]byte
	halves       map[string][]byte // of the erased keys
}

func newAviary(t *testing.T) *aviary {
	b := newBook(t)
	v := &aviary{book: b, needles: map[string][]byte{}, halves: map[string][]byte{}}
	for what, canary := range canaries {
		for form, needle := range forms(canary) {
			v.needles[what+", "+form] = needle
		}
	}
	v.owner, v.other = b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente"), b.admit(t, oinUWV, "UWV", "uwv")
	for role, token := range map[string]*string{"board": &v.board, "auditor": &v.audit} {
		var made struct{ Token string }
		cli(t, "access", "add", "--data", b.data, "--role", role, "--json").well(t, &made)
		*token = made.Token
	}
	v.connect(t)
	am := manager(canaries["account manager's id"], canaries["account manager's name"], canaries["account manager's phone"])
	am["email"] = canaries["account manager's e-mail"]
	approach := uuid.NewString()
	for name, data := range ordered(
		"werkgever-beschreven", object{"kvkNummer": kvks[0], "naam": canaries["employer's name"], "contactpersonen": []any{
			object{"naam": canaries["contact person's name"], "telefoon": canaries["contact person's phone"], "email": canaries["contact person's e-mail"]}}},
		"contactpersoon-aangewezen", object{"kvkNummer": kvks[0], "accountmanager": am},
		"bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": approach, "datum": day(5), "doel": "advies", "accountmanager": am,
			"ondanks": object{"reden": "De " + canaries["reason to go all the same"]}},
		"bezoek-verzet", object{"benadering": approach, "datum": day(6), "reden": "De " + canaries["free text of a move"] + "."},
		"bezoek-afgelegd", object{"kvkNummer": kvks[0], "datum": day(-1), "doel": "advies", "vorm": "video", "accountmanager": am,
			"toelichting": "Een " + canaries["free text of a visit"] + ", en verder niets."},
		"bezoek-gepland", object{"kvkNummer": kvks[1], "benadering": uuid.NewString(), "datum": day(7), "doel": "nazorg", "accountmanager": am},
	) {
		e := v.owner.event(name, data)
		v.told = append(v.told, &sent{event: e, name: name, id: e["id"].(string), position: v.owner.emit(t, e).Position})
	}
	return v
}

// ordered gives names with their data in the order written.
func ordered(pairs ...any) func(func(string, object) bool) {
	return func(yield func(string, object) bool) {
		for i := 0; i < len(pairs); i += 2 {
			if !yield(pairs[i].(string), pairs[i+1].(object)) {
				return
			}
		}
	}
}

func (v *aviary) connect(t *testing.T) {
	t.Helper()
	v.owner.connect(t, v.server)
	v.other.connect(t, v.server)
}

// answers is everything that anybody can be told, over both doors, with the log.
func (v *aviary) answers(t *testing.T) []byte {
	t.Helper()
	var all []byte
	for _, token := range []string{v.owner.Token, v.other.Token, v.steward, v.board, v.audit, ""} {
		for _, kvk := range kvks[:2] {
			for _, path := range []string{"", "/contacten?aantal=200", "/advies", "/advies?doel=nazorg"} {
				_, body := v.get(t, token, "/v1/werkgevers/"+kvk+path, nil)
				all = append(all, body...)
			}
		}
		for _, path := range []string{"/v1/partners", "/v1/tellingen?meting=bezoeken", "/v1/tellingen?meting=plaatsingen&per=doelgroep", "/metrics", "/readyz"} {
			_, body := v.get(t, token, path, nil)
			all = append(all, body...)
		}
	}
	for _, p := range []*partner{v.owner, v.other} {
		for _, kvk := range kvks[:2] {
			all = append(all, p.ask(t, nats.NewMsg("vragen.werkgever."+kvk)).raw...)
		}
	}
	for _, s := range v.told {
		a := receipt(t, v.owner.ask(t, structured(s.event)))
		if a.Position != s.position {
			t.Errorf("%s again: position %d, was %d", s.name, a.Position, s.position)
		}
		all = append(all, a.raw...)
	}
	all = append(all, cli(t, "who", kvks[0], "--server", v.url, "--token", v.other.Token).well(t, nil).stdout...)
	all = append(all, cli(t, "partner", "list", "--data", v.data).well(t, nil).stdout...)
	return append(all, v.logged()...)
}

// goneFromAnswers looks for every canary in every answer.
func (v *aviary) goneFromAnswers(t *testing.T) {
	t.Helper()
	if found := contains(v.answers(t), v.needles); found != "" {
		t.Errorf("an answer holds the %s", found)
	}
}

// goneFromFiles looks for every canary and every half of an erased key in every
// byte of every file, those beside the data folder too.
func (v *aviary) goneFromFiles(t *testing.T) {
	t.Helper()
	eachFile(t, v.dir, func(path string, content []byte) {
		for _, needles := range []map[string][]byte{v.needles, v.halves} {
			if found := contains(content, needles); found != "" {
				t.Errorf("%s holds the %s", path, found)
			}
		}
	})
}

// TestErasure: after erase a person is in no answer and in no byte of the data
// folder, before and after a restart, and also when older files of keys and views
// are put back under the current records; the destroyed keys are in no file; what
// was said stays said (promise 10).
func TestErasure(t *testing.T) {
	v := newAviary(t)
	before := string(v.answers(t))
	for _, what := range []string{"account manager's name", "account manager's phone", "contact person's e-mail", "employer's name", "free text of a visit"} {
		if !strings.Contains(before, canaries[what]) {
			t.Errorf("nobody is told the %s, so that its absence later shows nothing", what)
		}
	}
	v.goneFromFiles(t) // sealed: in no file from the first moment on
	v.stop(t)
	old := filepath.Join(t.TempDir(), "old")
	copyTree(t, v.data, old)
	v.again(t)

	v.erase(t, old, "--partner", v.owner.ID, "--employee", canaries["account manager's id"])
	v.erase(t, old, "--employer", kvks[0], "--texts")
	if r := cli(t, "erase", "--data", v.data, "--partner", v.owner.ID, "--employee", canaries["account manager's id"], "--ground", "verzoek"); r.code != 1 {
		t.Errorf("erased twice: %v", r)
	}
	v.gone(t, "AtOnce")
	v.stop(t)
	v.again(t)
	v.gone(t, "AfterRestart")
	for _, older := range []struct {
		name  string
		parts []string
	}{
		{"OlderKeysAndViews", []string{"nats", "views.db"}},
		{"OlderKeysViewsAndBook", []string{"nats", "views.db", "book.db"}},
	} {
		v.stop(t)
		v.putBack(t, old, older.parts)
		v.again(t)
		v.gone(t, older.name)
	}
	v.stop(t)
	v.goneFromFiles(t)
	cli(t, "verify", "--data", v.data).well(t, nil)
	v.again(t)
	fresh := v.owner.event("bezoek-gepland", object{"kvkNummer": kvks[2], "benadering": uuid.NewString(), "datum": day(3), "doel": "advies",
		"accountmanager": manager(canaries["account manager's id"], "Nieuwe Naam", "038-1000777")})
	v.owner.emit(t, fresh)
	if a := v.other.advice(t, kvks[2]); a.Call == nil || a.Call.Name != "Nieuwe Naam" {
		t.Errorf("after an erasure the id can be used anew: %s", a.raw)
	}
	v.gone(t, "SaidAnew")
}

func (v *aviary) gone(t *testing.T, when string) {
	t.Run(when, func(t *testing.T) {
		v.goneFromAnswers(t)
		v.goneFromFiles(t)
		cli(t, "verify", "--data", v.data).well(t, nil)
	})
}

// again starts the server on its folder and connects the partners again.
func (v *aviary) again(t *testing.T) {
	t.Helper()
	v.server = start(t, v.data)
	v.connect(t)
}

// putBack copies parts of an older folder under the current stream of records:
// of nats the key stream.
func (v *aviary) putBack(t *testing.T, old string, parts []string) {
	t.Helper()
	for _, part := range parts {
		from, to := filepath.Join(old, part), filepath.Join(v.data, part)
		if part == "nats" {
			from, to = streamDir(t, old, keyStream), streamDir(t, v.data, keyStream)
			remove(t, to)
			copyTree(t, from, to)
			continue
		}
		if err := copyFile(from, to); err != nil {
			t.Fatal(err)
		}
	}
	found := ""
	eachFile(t, v.data, func(_ string, content []byte) { found += contains(content, v.halves) })
	if found == "" {
		t.Fatal("the older files hold no erased key, so that putting them back shows nothing")
	}
}

// erase erases, takes the bytes of the keys from an older copy, and checks the
// list outside the folder.
func (v *aviary) erase(t *testing.T, old string, who ...string) {
	t.Helper()
	var done struct {
		Book     string   `json:"boek"`
		Position uint64   `json:"positie"`
		Keys     []uint64 `json:"sleutels"`
	}
	cli(t, append([]string{"erase", "--data", v.data, "--ground", "verzoek", "--json"}, who...)...).well(t, &done)
	if len(done.Keys) == 0 || done.Position != v.tip(t) {
		t.Fatalf("%+v", done)
	}
	keys := messages(t, old, keyStream)
	for _, id := range done.Keys {
		key := keys[id]
		if len(key) != 64 {
			t.Fatalf("key %d has %d bytes in the older copy", id, len(key))
		}
		for half, bytes := range [][]byte{key[:32], key[32:]} {
			v.halves[fmt.Sprintf("half %d of key %d", half+1, id)] = bytes
		}
	}
	var listed []uint64
	for line := range strings.Lines(readText(t, v.data+".erasures.jsonl")) {
		var e struct {
			Book     string   `json:"boek"`
			Position uint64   `json:"positie"`
			Keys     []uint64 `json:"sleutels"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Position == done.Position && e.Book == done.Book {
			listed = append(listed, e.Keys...)
		}
	}
	if !slices.Equal(listed, done.Keys) {
		t.Errorf("the list of erasures names %v, want %v", listed, done.Keys)
	}
	if info, err := os.Stat(v.data + ".erasures.jsonl"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the list of erasures: %v %v", info, err)
	}
}

// TestErasureWithoutServer: erase works on a folder that nobody serves, and keeps
// the list of erasures where it is told to.
func TestErasureWithoutServer(t *testing.T) {
	v := newAviary(t)
	v.stop(t)
	list := filepath.Join(t.TempDir(), "erasures.jsonl")
	cli(t, "erase", "--data", v.data, "--employer", kvks[0], "--ground", "bewaartermijn", "--erasures", list).well(t, nil)
	if !strings.Contains(readText(t, list), `"sleutels":[`) {
		t.Errorf("the list: %s", readText(t, list))
	}
	v.again(t)
	answers := string(v.answers(t))
	for _, what := range []string{"contact person's name", "employer's name"} {
		if strings.Contains(answers, canaries[what]) {
			t.Errorf("the %s is still told", what)
		}
	}
	if !strings.Contains(answers, canaries["account manager's name"]) {
		t.Error("the account manager was erased with the employer")
	}
	ref := v.told[4]
	cli(t, "erase", "--data", v.data, "--source", v.owner.source, "--id", ref.id, "--ground", "onjuist").well(t, nil)
	if strings.Contains(string(v.answers(t)), canaries["free text of a visit"]) {
		t.Error("the text of one event is still told")
	}
}
