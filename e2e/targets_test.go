package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// oinRegion speaks for the region.
const oinRegion = "00000099000000009000"

// standing is what a target's standing says.
type standing struct {
	Total  float64 `json:"gerealiseerd"`
	Doubts int     `json:"mogelijkDubbel"`
	Less   int     `json:"aandelenVerschil"`
	Shares []struct {
		Partner *partnerName `json:"partner"`
		Agreed  *int         `json:"afgesproken"`
		Whole   *float64     `json:"geheel"`
		Divided float64      `json:"verdeeld"`
	} `json:"aandelen"`
}

// upToWhen is what an answer says of how far the book was.
var upToWhen = regexp.MustCompile(`"(positie|bijgewerktTot|tipPositie|bijgewerkt)": ?("[^"]*"|[0-9]+),?`)

// TestTargets: the board sets a target of 600, of which two partners take 100 and 500;
// what they report counts once; a placement that both reported is found, becomes one
// and is two again; and an answer of then stays what it was, over a restart and a rebuild.
func TestTargets(t *testing.T) {
	b := newBook(t, "--steward-oin", oinRegion)
	zwolle, uwv := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente"), b.admit(t, oinUWV, "UWV", "uwv")
	var access struct {
		Token string `json:"token"`
	}
	words{dir: b.dir}.run(t, "access", "add", "--data", b.data, "--role", "board", "--name", "Regionaal Beraad", "--json").well(t, &access)
	region := &partner{source: "urn:nld:oin:" + oinRegion + ":systeem:regie", Token: access.Token}
	steward := &partner{source: region.source, Token: b.steward}
	say := func(p *partner, name string, data object) (uint64, object) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		e := p.event(name, data)
		a, err := post(ctx, http.DefaultClient, b.url, p.Token, e, false)
		if err != nil || a.Status != http.StatusCreated {
			t.Fatalf("%s: %v %+v", name, err, a)
		}
		return a.Position, object{"source": e["source"], "id": e["id"]}
	}
	now := time.Now()
	today, year := now.Format(time.DateOnly), now.Year()
	target := uuid.NewString()
	say(region, "doelstelling-vastgesteld", object{
		"doelstelling": target, "naam": "Plaatsingen", "maat": "plaatsingen", "aantal": 600, "definitie": object{},
		"periode":  object{"van": fmt.Sprintf("%d-01-01", year), "tot": fmt.Sprintf("%d-12-31", year)},
		"aandelen": []object{{"partner": "urn:nld:oin:" + oinZwolle, "aantal": 100}, {"partner": "urn:nld:oin:" + oinUWV, "aantal": 500}},
	})
	place := func(p *partner, kvk string) (uint64, object) {
		return say(p, "plaatsing-gerealiseerd", object{
			"kvkNummer": kvk, "plaatsing": uuid.NewString(), "ingangsdatum": today, "soort": "dienstverband", "arbeidsmarktregio": "AM36", "urenPerWeek": 28,
		})
	}
	place(zwolle, kvks[0])
	place(uwv, kvks[1])
	place(uwv, kvks[2])
	_, one := place(zwolle, kvks[3])
	last, other := place(uwv, kvks[3])
	path := "/v1/doelstellingen/" + target + "/stand"
	stand := func(position uint64, total float64, doubts int) (s standing) {
		t.Helper()
		if status, body := b.get(t, zwolle.Token, fmt.Sprintf("%s?vanafPositie=%d", path, position), &s); status != 200 || s.Total != total || s.Doubts != doubts {
			t.Fatalf("%d, want %v with %d in doubt: %s", status, total, doubts, body)
		}
		return s
	}
	if s := stand(last, 5, 1); len(s.Shares) < 2 || *s.Shares[0].Agreed+*s.Shares[1].Agreed != 600 || s.Less != 0 {
		t.Errorf("%+v", s.Shares)
	}

	// As known then, before what follows; times are told to the second.
	time.Sleep(1100 * time.Millisecond)
	then := time.Now().UTC().Truncate(time.Second).Format(time.RFC3339)
	asOf := func() []byte {
		t.Helper()
		status, body := b.get(t, zwolle.Token, path+"?peildatum="+today+"&bekendOp="+then, nil)
		if status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return upToWhen.ReplaceAll(body, nil)
	}
	figures := asOf()
	if !bytes.Contains(figures, []byte(`"gerealiseerd":5,`)) {
		t.Fatalf("as known then: %s", figures)
	}
	unchanged := func(when string) {
		t.Helper()
		if again := asOf(); !bytes.Equal(again, figures) {
			t.Errorf("%s the answer of then is\n%s\nand was\n%s", when, again, figures)
		}
	}

	// Both partners and the steward see the pair; they resolve it, and take it back.
	for name, token := range map[string]string{"zwolle": zwolle.Token, "uwv": uwv.Token, "steward": steward.Token} {
		var doubles struct {
			Total int `json:"totaal"`
		}
		if status, body := b.get(t, token, "/v1/dubbelen", &doubles); status != 200 || doubles.Total != 1 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _ := b.get(t, access.Token, "/v1/dubbelen", nil); status != http.StatusForbidden {
		t.Errorf("the board sees doubles: %d", status)
	}
	pair := object{"plaatsing": one, "met": other}
	last, _ = say(zwolle, "plaatsingen-gelijkgesteld", pair)
	stand(last, 5, 1) // one of the two waits for the other
	last, _ = say(uwv, "plaatsingen-gelijkgesteld", pair)
	s := stand(last, 4, 0)
	whole, divided := 0.0, 0.0
	for _, x := range s.Shares {
		divided += x.Divided
		if x.Whole != nil {
			whole += *x.Whole
		}
	}
	if divided != 4 {
		t.Errorf("whole %v, divided %v: %+v", whole, divided, s.Shares)
	}
	last, _ = say(steward, "plaatsingen-onderscheiden", pair)
	stand(last, 5, 0)
	last, _ = place(zwolle, kvks[4])
	stand(last, 6, 0)
	unchanged("after more was recorded")

	for form, begin := range map[string]string{"csv": "\ufeff", "xlsx": "PK"} {
		if status, body := b.get(t, access.Token, path+"/bestand?vorm="+form, nil); status != 200 || !strings.HasPrefix(string(body), begin) {
			t.Errorf("%s: %d, begins with %q", form, status, body[:min(len(body), 20)])
		}
	}

	b.restart(t)
	stand(last, 6, 0)
	unchanged("after a restart")
	before := upToWhen.ReplaceAllString(b.text(t, access.Token, path), "")
	words{dir: b.dir}.run(t, "rebuild", "--data", b.data, "--json").well(t, nil)
	if after := upToWhen.ReplaceAllString(b.text(t, access.Token, path), ""); after != before {
		t.Errorf("after a rebuild\n%s\nand before it\n%s", after, before)
	}
	unchanged("after a rebuild")

	// A partner's export has what it said itself of a pair, and nothing of board or steward.
	for _, x := range []struct {
		words            []string
		set, same, apart int
	}{{nil, 1, 2, 1}, {[]string{"--partner", zwolle.ID}, 0, 1, 0}} {
		text := words{dir: b.dir}.run(t, append([]string{"export", "--data", b.data}, x.words...)...).well(t, nil).stdout
		for name, want := range map[string]int{"doelstelling-vastgesteld": x.set, "plaatsingen-gelijkgesteld": x.same, "plaatsingen-onderscheiden": x.apart} {
			if n := strings.Count(text, "."+name+".v1"); n != want {
				t.Errorf("export %v has %d of %s, want %d", x.words, n, name, want)
			}
		}
	}
}

func (b *book) text(t *testing.T, token, path string) string {
	t.Helper()
	status, body := b.get(t, token, path, nil)
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return string(body)
}
