package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	placementsTarget = "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11"
	jobsTarget       = "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e12"
	noTarget         = "00000000-0000-4000-8000-000000000000"
)

// moment makes it that moment.
func (h *house) moment(text string) {
	h.t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		h.t.Fatal(err)
	}
	h.clock.Store(&at)
}

// target is set by the board: 100 and 500 of 600.
func (h *house) target(id, measure string) {
	h.t.Helper()
	h.record(ledger.Caller{Role: ledger.RoleBoard, Credential: "bestuur", Door: ledger.DoorHTTP}, stewardSource, &events.TargetSet{
		Target: id, Name: "Doel 2026", Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: measure, Number: 600,
		Shares: []events.TargetShare{{Partner: oins[partnerA], Number: 100}, {Partner: oins[partnerB], Number: 500}},
	})
}

// placed records a placement of so many hours, and says which it is.
func (h *house) placed(partner, kvk string, day events.Date, hours int, group string) (string, events.Ref) {
	h.t.Helper()
	id, paid := uuid.NewString(), events.Hundredths(100*hours)
	_, ref := h.say(partner, &events.PlacementMade{
		Employer: at(kvk), Placement: id, Start: day, Kind: "dienstverband", Region: "AM36", Hours: &paid, TargetGroup: group,
	})
	return id, ref
}

func (h *house) standing(who string, in web.StandingQuestion) *web.StandingAnswer {
	h.t.Helper()
	in.Since = h.last
	answer, err := h.client(who).Standing(h.t.Context(), in)
	if err != nil {
		h.t.Fatalf("%s %+v: %v", who, in, err)
	}
	return answer
}

// TestWhoReadsTargets: the board reads how targets stand, and nothing of one placement.
func TestWhoReadsTargets(t *testing.T) {
	h := newHouse(t)
	h.target(placementsTarget, events.MeasurePlacements)
	h.synced()
	one := "/v1/doelstellingen/" + placementsTarget
	for _, path := range []string{"/v1/doelstellingen", one, one + "/stand", one + "/stand/bestand", one + "/verschil?bekendOp=2026-09-01T10:59:00Z", "/v1/bereik", "/v1/dubbelen"} {
		for who, want := range map[string]int{"a": 200, "steward": 200, "board": 200, "auditor": 403, "": 401} {
			switch {
			case who == "board" && path == "/v1/dubbelen":
				want = 403
			case want == 200 && strings.Contains(path, "/verschil"):
				want = 404 // it was not there yet
			}
			if r := h.get(who, path); r.status != want {
				t.Errorf("%s as %q: %d, want %d: %.300s", path, who, r.status, want, r.body)
			}
		}
	}
	for _, path := range []string{"", "/stand", "/stand/bestand", "/verschil?bekendOp=2026-08-01"} {
		r := h.get("board", "/v1/doelstellingen/"+noTarget+path)
		if p := r.problem(t); r.status != 404 || !strings.HasSuffix(p.Type, "/onbekende-doelstelling") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

// TestWhatIsWrongWithTargets: everything that is wrong with a question comes back, in
// both languages, whichever way it is asked.
func TestWhatIsWrongWithTargets(t *testing.T) {
	h := newHouse(t)
	h.target(placementsTarget, events.MeasurePlacements)
	h.synced()
	one := "/v1/doelstellingen/" + placementsTarget
	for _, tt := range []struct {
		path string
		want []string
	}{
		{one + "/stand?peildatum=2026-02-30&bekendOp=gisteren&per=partner,kleur", []string{"/query/bekendOp", "/query/peildatum", "/query/per"}},
		{one + "/stand/bestand?peildatum=2026-02-30&bekendOp=gisteren&per=partner,partner&vorm=pdf&taal=fr&vanafPositie=x&kleur=rood", []string{"/query/bekendOp", "/query/kleur", "/query/peildatum", "/query/per", "/query/taal", "/query/vanafPositie", "/query/vorm"}},
		{one + "/stand?per=partner,maand,sector", []string{"/query/per"}},
		{one + "/stand?per=", nil},
		{one + "/stand?bekendOp=0001-01-01T00:00:00Z", []string{"/query/bekendOp"}},
		{one + "/stand?kleur=rood&vanafPositie=-1", []string{"/query/kleur", "/query/vanafPositie"}},
		{one + "/stand?kleur=rood", []string{"/query/kleur"}},
		{one + "/stand?kleur=rood&peildatum=2026-02-30&per=kleur", []string{"/query/kleur", "/query/peildatum", "/query/per"}},
		{one + "/verschil?peildatum=x&bekendOp=y&bekendOp=z&kleur=rood", []string{"/query/bekendOp", "/query/bekendOp", "/query/kleur", "/query/peildatum"}},
		{"/v1/doelstellingen/" + noTarget + "/stand?kleur=rood&vanafPositie=999", []string{"/query/kleur"}},
		{"/v1/bereik?kleur=rood&tot=x", []string{"/query/kleur", "/query/tot"}},
		{"/v1/doelstellingen/een/stand", []string{"/path/doelstelling"}},
		{"/v1/doelstellingen/een/stand/bestand", []string{"/path/doelstelling"}},
		{"/v1/doelstellingen/een", []string{"/path/doelstelling"}},
		{one + "/verschil", []string{"/query/bekendOp"}},
		{one + "/verschil?bekendOp=2027-01-01", []string{"/query/bekendOp"}},
		{one + "/verschil?bekendOp=2026-08-03&vergelekenMet=2026-08-02", []string{"/query/vergelekenMet"}},
		{one + "/verschil?bekendOp=x&vergelekenMet=y&peildatum=z", []string{"/query/bekendOp", "/query/peildatum", "/query/vergelekenMet"}},
		{"/v1/doelstellingen?bekendOp=x&vervallen=misschien", []string{"/query/vervallen"}},
		{"/v1/bereik?van=x&tot=y&bekendOp=z", []string{"/query/bekendOp", "/query/tot", "/query/van"}},
		{"/v1/bereik?van=2026-09-02&tot=2026-09-01", []string{"/query/van"}},
	} {
		r := h.get("steward", tt.path)
		if tt.want == nil {
			if r.status != 200 {
				t.Errorf("%s: %d %s", tt.path, r.status, r.body)
			}
			continue
		}
		var got []string
		for _, f := range r.problem(t).Faults {
			got = append(got, f.Field)
			if f.Sentence.NL == "" || f.Sentence.EN == "" || f.Sentence.NL == "Dit klopt niet." {
				t.Errorf("%s: %+v says nothing", tt.path, f)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); r.status != 400 || diff != "" {
			t.Errorf("%s: %d %s", tt.path, r.status, diff)
		}
	}
	r := h.get("steward", "/v1/dubbelen?stand=anders&aantal=0")
	if got := r.problem(t).Faults; r.status != 400 || len(got) != 2 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := h.get("steward", "/v1/dubbelen?na=gisteren"); r.status != 400 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestAsKnownOn: a day is up to its end in Amsterdam, a moment includes itself, and what
// has yet to come is now.
func TestAsKnownOn(t *testing.T) {
	h := newHouse(t)
	h.target(placementsTarget, events.MeasurePlacements) // on 1 September at 11:00 UTC
	for i, when := range []string{"2026-09-10T11:00:00Z", "2026-09-10T21:59:59.999Z", "2026-09-10T22:00:00Z"} {
		h.moment(when)
		h.placed(partnerA, []string{"69599084", "68727720", "68750110"}[i], "2026-09-0"+events.Date(fmt.Sprint(i+1)), 30, "DD02")
	}
	h.day("2026-09-20")
	for _, tt := range []struct {
		known string
		total float64
		said  string // of bekendOp
	}{
		{"2026-09-09", 0, "2026-09-09T21:59:59.999Z"},
		{"2026-09-10T10:59:59Z", 0, "2026-09-10T10:59:59Z"},
		{"2026-09-10T13:00:00+02:00", 1, "2026-09-10T11:00:00Z"},
		{"2026-09-10", 2, "2026-09-10T21:59:59.999Z"},
		{"2026-09-11", 3, "2026-09-11T21:59:59.999Z"},
		{"2026-09-20", 3, ""},
		{"2027-01-01", 3, ""},
		{"2026-09-20T11:00:00Z", 3, ""},
		{"", 3, ""},
	} {
		got := h.standing("board", web.StandingQuestion{Target: placementsTarget, Known: tt.known})
		said := ""
		if got.Known != nil {
			said = got.Known.Format(time.RFC3339Nano)
		}
		day := events.Date("2026-09-20")
		if got.Known != nil {
			day = events.DateOf(*got.Known)
		}
		if got.Total != tt.total || said != tt.said || got.Position != h.last || got.On != day {
			t.Errorf("%q: %v as known on %q on %s at %d, want %v as known on %q on %s", tt.known, got.Total, said, got.On, got.Position, tt.total, tt.said, day)
		}
	}
	why, err := h.client("b").Difference(t.Context(), web.StandingQuestion{Target: placementsTarget, Known: "2026-09-10", On: "2026-09-20"}, "")
	if err != nil || why.Was != 2 || why.Is != 3 || len(why.Changes) != 1 || why.Changes[0].Moved != 1 {
		t.Errorf("%+v, %v", why, err)
	}
	r := h.get("board", "/v1/doelstellingen/"+placementsTarget+"/stand?bekendOp=2026-08-01")
	if r.status != 404 {
		t.Errorf("before it was set: %d", r.status)
	}
}

// TestPlacementDoubles: two reports that look alike are shown to the two and to the
// steward, without the other's day, hours and group; both together say that they are the
// same, and either takes it back.
func TestPlacementDoubles(t *testing.T) {
	h := newHouse(t)
	h.day("2026-10-20")
	h.target(placementsTarget, events.MeasurePlacements)
	idA, refA := h.placed(partnerA, employer, "2026-10-03", 31, "DD03")
	idB, refB := h.placed(partnerB, employer, "2026-10-06", 30, "DD03")
	list := func(who, state string) *web.PlacementDoublesAnswer {
		t.Helper()
		a, err := h.client(who).PlacementDoubles(t.Context(), state, "", 0, h.last)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for who, hidden := range map[string][]string{
		"a": {"2026-10-06", idB}, "b": {"2026-10-03", idA}, "steward": {"2026-10-03", "2026-10-06", idA, idB}, "c": {employer, idA, idB},
	} {
		want := 1
		if who == "c" {
			want = 0
		}
		if got := list(who, ""); got.Total != want || len(got.Doubles) != want {
			t.Errorf("%s sees %+v", who, got)
		}
		body := h.get(who, "/v1/dubbelen").body
		for _, x := range append(hidden, "DD03", "urenPerWeek") {
			if strings.Contains(body, x) {
				t.Errorf("%s sees %s: %s", who, x, body)
			}
		}
	}
	own := list("b", "mogelijk").Doubles[0]
	if own.A.Start != nil || own.A.ID != nil || own.B.Start == nil || *own.B.Start != "2026-10-06" || *own.B.ID != idB || *own.A.Event != refA || *own.B.Event != refB {
		t.Errorf("%+v", own)
	}
	count := func(total float64, doubts int) {
		t.Helper()
		if got := h.standing("board", web.StandingQuestion{Target: placementsTarget}); got.Total != total || got.Doubts != doubts {
			t.Errorf("%v, of which %d possibly double; want %v, %d", got.Total, got.Doubts, total, doubts)
		}
	}
	count(2, 1)
	h.say(partnerA, &events.PlacementsMatched{Placement: &refA, With: &refB})
	count(2, 1)
	if got := list("b", "wacht"); got.Total != 1 || len(got.Doubles[0].Words) != 1 || got.Doubles[0].Words[0].Partner.Name != "Partner A" {
		t.Errorf("%+v", got)
	}
	h.say(partnerB, &events.PlacementsMatched{Placement: &refB, With: &refA})
	count(1, 0)
	if list("a", "").Total != 0 || list("a", "gelijk").Total != 1 || list("c", "gelijk").Total != 0 {
		t.Error("what is settled is not open")
	}
	h.say(partnerA, &events.PlacementsDistinct{Placement: &refA, With: &refB})
	count(2, 0)
	if list("steward", "onderscheiden").Total != 1 {
		t.Error("two again")
	}
}

// TestDoublesByThePage: every pair comes once.
func TestDoublesByThePage(t *testing.T) {
	h := newHouse(t)
	h.day("2026-10-20")
	for _, kvk := range []string{"69599084", "68727720", "68750110"} {
		h.placed(partnerA, kvk, "2026-10-03", 30, "DD03")
		h.placed(partnerB, kvk, "2026-10-03", 30, "DD03")
	}
	var got []string
	for next := ""; ; {
		a, err := h.client("steward").PlacementDoubles(t.Context(), "", next, 1, h.last)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range a.Doubles {
			got = append(got, d.A.Employer)
		}
		if next = a.Next; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"69599084", "68727720", "68750110"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestSheet: the files have the headers of files, and the same figures as JSON.
func TestSheet(t *testing.T) {
	h := newHouse(t)
	h.day("2026-10-20")
	h.target(placementsTarget, events.MeasurePlacements)
	h.target(jobsTarget, events.MeasureJobs)
	const visitsTarget = "3f0b2a7e-11c4-4b7e-9a55-6d2e8c0f7a33"
	h.target(visitsTarget, events.MeasureVisits)
	h.placed(partnerA, employer, "2026-10-03", 20, "DD03")
	h.placed(partnerB, otherEmployer, "2026-09-03", 32, "DD03")
	h.synced()
	for form, media := range map[string]string{
		"csv": "text/csv; charset=utf-8; header=absent", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	} {
		r := h.get("board", "/v1/doelstellingen/"+placementsTarget+"/stand/bestand?peildatum=2026-10-10&vorm="+form)
		got := []string{r.header.Get("Content-Type"), r.header.Get("Content-Disposition"), r.header.Get("X-Content-Type-Options"), r.header.Get("Content-Length"), r.header.Get("Cache-Control")}
		want := []string{media, `attachment; filename="doelstelling-6c1e5a0e-2026-10-10.` + form + `"`, "nosniff", fmt.Sprint(len(r.body)), "no-store"}
		if diff := cmp.Diff(want, got); r.status != 200 || diff != "" {
			t.Errorf("%s: %d %s", form, r.status, diff)
		}
	}
	for _, tt := range []struct {
		who, target  string
		total, own   string // in Dutch; own "" is no such row
		language     string
		labels       [2]string
		notInTheFile string
	}{
		{"board", placementsTarget, "2", "", "nl", [2]string{"Gerealiseerd", "Eigen, heel geteld"}, ""},
		{"a", jobsTarget, "0", "0,784", "nl", [2]string{"Gerealiseerd", "Eigen, heel geteld"}, "1,255"},
		{"a", visitsTarget, "0", "0", "nl", [2]string{"Gerealiseerd", "Eigen, heel geteld"}, ""}, // nothing of its own is said, too
		{"b", jobsTarget, "0", "1,255", "nl", [2]string{"Gerealiseerd", "Eigen, heel geteld"}, "0,784"},
	} {
		q := web.StandingQuestion{Target: tt.target}
		said := h.standing(tt.who, q)
		var text, book bytes.Buffer
		c := h.client(tt.who)
		if err := c.Sheet(t.Context(), q, "csv", tt.language, &text); err != nil {
			t.Fatal(err)
		}
		if err := c.Sheet(t.Context(), q, "xlsx", tt.language, &book); err != nil {
			t.Fatal(err)
		}
		f := must[*excelize.File](t)(excelize.OpenReader(&book))
		rows := must[[][]string](t)(f.GetRows(f.GetSheetList()[0], excelize.Options{RawCellValue: true}))
		inCSV, inXLSX := map[string]string{}, map[string]string{}
		for line := range strings.Lines(text.String()) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ";"); ok && inCSV[name] == "" {
				inCSV[name] = value
			}
		}
		for _, row := range rows {
			if len(row) > 1 {
				inXLSX[row[0]] = row[1]
			}
		}
		total, own := strings.ReplaceAll(fmt.Sprint(said.Total), ".", ","), ""
		if said.Own != nil {
			own = strings.ReplaceAll(fmt.Sprint(*said.Own), ".", ",")
		}
		if total != tt.total || own != tt.own {
			t.Errorf("%s: %s and %s in JSON", tt.who, total, own)
		}
		for name, found := range map[string]map[string]string{"csv": inCSV, "xlsx": inXLSX} {
			comma := func(label string) string { return strings.ReplaceAll(label, ".", ",") }
			if comma(found[tt.labels[0]]) != tt.total || comma(found[tt.labels[1]]) != tt.own {
				t.Errorf("%s in %s: %q and %q of %v", tt.who, name, found[tt.labels[0]], found[tt.labels[1]], found)
			}
		}
		if tt.notInTheFile != "" && strings.Contains(text.String(), tt.notInTheFile) {
			t.Errorf("%s sees another's %s:\n%s", tt.who, tt.notInTheFile, text.String())
		}
	}
	var none bytes.Buffer
	if err := h.client("a").Sheet(t.Context(), web.StandingQuestion{Target: noTarget}, "csv", "", &none); err == nil || none.Len() != 0 {
		t.Errorf("%v, %d bytes", err, none.Len())
	}
}

// TestSheetOfThen: as known then, a file is the same whatever was recorded since.
func TestSheetOfThen(t *testing.T) {
	h := newHouse(t)
	h.target(placementsTarget, events.MeasurePlacements)
	h.placed(partnerA, employer, "2026-08-03", 20, "DD03")
	h.day("2026-10-20")
	h.synced()
	path := "/v1/doelstellingen/" + placementsTarget + "/stand/bestand?vorm=csv&bekendOp=2026-09-30"
	was := h.get("board", path).body
	h.placed(partnerB, otherEmployer, "2026-08-03", 20, "DD03")
	h.synced()
	if is := h.get("board", path).body; is != was {
		t.Error(cmp.Diff(was, is))
	}
}

// TestNeverBehind: who asks while events are recorded gets an answer, and never one of
// before the answer that it had.
func TestNeverBehind(t *testing.T) {
	h := newHouse(t)
	h.day("2026-10-20")
	h.target(placementsTarget, events.MeasurePlacements)
	h.synced()
	var stop atomic.Bool
	var asked atomic.Int64
	var readers sync.WaitGroup
	for range 12 {
		readers.Go(func() {
			for last := 0.0; !stop.Load(); asked.Add(1) {
				r, err := h.client("board").Standing(t.Context(), web.StandingQuestion{Target: placementsTarget, Across: []string{"partner"}})
				if err != nil || r.Total < last {
					t.Errorf("%v after %v: %v", r, last, err)
					return
				}
				last = r.Total
			}
		})
	}
	for i := range 150 {
		h.placed(partnerA, fmt.Sprintf("9%07d", i), "2026-10-03", 30, "")
	}
	stop.Store(true)
	readers.Wait()
	if got := h.standing("board", web.StandingQuestion{Target: placementsTarget}); got.Total != 150 {
		t.Errorf("%v in the end", got.Total)
	}
	t.Logf("asked %d times", asked.Load())
	if r := h.do(http.MethodHead, "board", "/v1/doelstellingen"); r.status != 200 {
		t.Errorf("HEAD: %d", r.status)
	}
}
