package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

func TestReadTour(t *testing.T) {
	many := func(n int) string {
		return `{"werkgevers":[` + strings.TrimSuffix(strings.Repeat(`"`+kvk+`",`, n), ",") + `]}`
	}
	for name, c := range map[string]struct {
		body string
		want []string // field and code
		n    int
	}{
		"all":             {`{"werkgevers":["69599084","69599084/000037178598","voorlopig-6f9619ff-8b86-4011-b42d-00cf4fc964ff","DE-HRB-12"],"doel":"acquisitie","datum":"2026-11-22","tot":"2026-11-30"}`, nil, 4},
		"nulls":           {`{"werkgevers":["69599084"],"doel":null,"datum":null}`, nil, 1},
		"as many":         {many(intake.MaxTour), nil, intake.MaxTour},
		"too many":        {many(intake.MaxTour + 1), []string{"/werkgevers te-veel"}, 0},
		"none":            {`{"werkgevers":[]}`, []string{"/werkgevers te-weinig"}, 0},
		"nothing":         {``, []string{" ongeldige-json"}, 0},
		"no object":       {`[]`, []string{" verkeerde-soort"}, 0},
		"not named":       {`{"doel":"advies"}`, []string{"/werkgevers ontbreekt"}, 0},
		"no list":         {`{"werkgevers":"69599084"}`, []string{"/werkgevers verkeerde-soort"}, 0},
		"over":            {`{"werkgevers":["69599084"],"datum":"2026-11-21"}`, []string{"/datum dag-voorbij"}, 0},
		"backwards":       {`{"werkgevers":["69599084"],"datum":"2026-12-02","tot":"2026-12-01"}`, []string{"/tot einde-voor-begin"}, 0},
		"a year":          {`{"werkgevers":["69599084"],"datum":"2026-12-01","tot":"2027-12-01"}`, nil, 1},
		"too long":        {`{"werkgevers":["69599084"],"datum":"2026-12-01","tot":"2027-12-02"}`, []string{"/tot periode-te-lang"}, 0},
		"no first day":    {`{"werkgevers":["69599084"],"tot":"2026-12-02"}`, []string{"/datum ontbreekt"}, 0},
		"twice":           {`{"werkgevers":["69599084"],"doel":"advies","doel":"advies"}`, []string{"/doel dubbel-veld"}, 0},
		"more behind":     {`{"werkgevers":["69599084"]} 1`, []string{" ongeldige-json"}, 0},
		"no UTF-8":        {"{\"werkgevers\":[\"\xff\"]}", []string{" ongeldige-tekens"}, 0},
		"all wrong":       {`{"werkgevers":["69599084","6959908",7,"DE-HRB-12/000037178598"],"doel":"koffie","datum":"2026-02-30","tot":12,"kleur":1,"x":2}`, []string{"/werkgevers/1 geen-werkgever", "/werkgevers/2 verkeerde-soort", "/werkgevers/3 geen-werkgever", "/tot verkeerde-soort", " onbekend-veld", "/doel onbekende-waarde", "/datum geen-datum"}, 0},
		"one short of it": {`{"werkgevers":["69599084/00003717859"]}`, []string{"/werkgevers/0 geen-werkgever"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := intake.ReadTour([]byte(c.body), today)
			if got := codesOf(err); !slices.Equal(got, c.want) {
				t.Fatalf("%q, want %q", got, c.want)
			}
			if err == nil && len(q.Employers) != c.n {
				t.Errorf("%d employers, want %d", len(q.Employers), c.n)
			}
		})
	}
}

// A question about one employer names none, and may be empty.
func TestReadQuestion(t *testing.T) {
	q, err := intake.ReadQuestion(nil, today)
	if err != nil || q.Purpose != "" || q.From != "" {
		t.Fatal(q, err)
	}
	q, err = intake.ReadQuestion([]byte(`{"doel":"advies","datum":"2026-12-01"}`), today)
	if err != nil || q.Purpose != "advies" || q.From != "2026-12-01" || q.To != q.From {
		t.Fatal(q, err)
	}
	if _, err = intake.ReadQuestion([]byte(`{"werkgevers":["69599084"]}`), today); !slices.Equal(codesOf(err), []string{" onbekend-veld"}) {
		t.Fatal(codesOf(err))
	}
	if _, err = intake.ReadQuestion(make([]byte, intake.MaxQuestionBytes+1), today); ledger.ProblemOf(err).Status != 413 {
		t.Fatal(err)
	}
}

func codesOf(err error) (list []string) {
	if err == nil {
		return nil
	}
	for _, f := range ledger.ProblemOf(err).Faults {
		list = append(list, fmt.Sprintf("%s %s", f.Field, f.Code))
		if f.Sentence.NL == "" || f.Sentence.EN == "" {
			list = append(list, "no sentence")
		}
	}
	return list
}

// FuzzReadTour: whatever is asked is a question within its bounds or a problem, and
// never a crash.
func FuzzReadTour(f *testing.F) {
	f.Add([]byte(`{"werkgevers":["69599084","DE-HRB-12"],"doel":"acquisitie","datum":"2026-11-22","tot":"2026-11-30"}`))
	f.Add([]byte(`{"werkgevers":[["69599084"]],"doel":{},"datum":"2026-11-21"}`))
	f.Add([]byte(`{"doel":"advies","doel":"advies","\ud800":1}`))
	f.Add([]byte("{\"werkgevers\":[\"\xff\"]}"))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, read := range []func([]byte, events.Date) (*intake.Question, error){intake.ReadTour, intake.ReadQuestion} {
			q, err := read(body, today)
			if err != nil {
				if p := ledger.ProblemOf(err); p.Status != 400 && p.Status != 413 || p.Status == 400 && len(p.Faults) == 0 {
					t.Fatal(p)
				}
				continue
			}
			if len(q.Employers) > intake.MaxTour || q.From != "" && (q.From < today || q.To < q.From) {
				t.Fatal(q)
			}
		}
	})
}
