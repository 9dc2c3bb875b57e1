package targets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// theBook stands where a partner would, in what the steward and the ledger say.
const theBook = "0b1c1c0e-0000-4000-8000-000000000000"

const theTarget = "11111111-0000-4000-8000-000000000001"

// tale is a book that is written record by record, with the journal of it.
type tale struct {
	records   []*events.Record
	at        time.Time
	rows      *rows
	standings *Standings
	uuids     int
}

func newTale(begins events.Date) *tale {
	return &tale{at: begins.Begins().Add(12 * time.Hour), rows: &rows{by: map[string][]byte{}}, standings: NewStandings()}
}

func (s *tale) tx() projections.Tx { return s.rows }

func (s *tale) today(day events.Date) { s.at = day.Begins().Add(12 * time.Hour) }

func (s *tale) uuid() string {
	s.uuids++
	return fmt.Sprintf("22222222-0000-4000-8000-%012d", s.uuids)
}

func (s *tale) ask(q Question, at Known) (Standing, error) {
	return s.standings.Stand(s.tx(), q, at)
}

// tell records what a partner says.
func (s *tale) tell(partner string, data events.Data, restsOn ...events.Position) *events.Record {
	return s.tellFor(partner, data, nil, restsOn...)
}

func (s *tale) tellFor(partner string, data events.Data, reasons []string, restsOn ...events.Position) *events.Record {
	s.at = s.at.Add(time.Second)
	p := events.Position(len(s.records) + 1)
	r := stored(&events.Record{
		Position: p, At: s.at, Partner: partner,
		Verdict: events.Verdict{Outcome: events.Free, Reasons: reasons, RestsOn: restsOn, Today: events.DateOf(s.at)},
		Event:   events.Event{ID: fmt.Sprintf("id-%d", p), Source: "urn:nld:oin:00000099000000000001:systeem:crm", Type: data.Type(), Data: data},
	})
	s.records = append(s.records, r)
	if err := (projections.Journal{}).Apply(s.rows, r); err != nil {
		panic(err)
	}
	return r
}

// stored is a record as it comes out of a stream.
func stored(r *events.Record) *events.Record {
	bytes := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return b
	}
	none := strings.Repeat("A", 43)
	out, err := events.DecodeRecord(fmt.Appendf(nil, `{"v":1,"boek":%q,"positie":%d,"vorige":%q,"op":%q,"partner":%q,"toegang":"","weg":"",`+
		`"kenmerk":%q,"oordeel":{"uitkomst":%q,"redenen":%s,"regels":1,"vandaag":%q,"steuntOp":%s},`+
		`"gebeurtenis":{"specversion":"1.0","id":%q,"source":%q,"type":%q,"achteraf":false,"data":%s}}`,
		theBook, r.Position, none, r.At.UTC().Format("2006-01-02T15:04:05.000Z"), r.Partner, none, r.Verdict.Outcome, bytes(r.Verdict.Reasons), r.Verdict.Today,
		bytes(r.Verdict.RestsOn), r.Event.ID, r.Event.Source, r.Event.Type, bytes(r.Event.Data)))
	if err != nil {
		panic(err)
	}
	return out
}

func identityOf(partner string) string {
	return "urn:nld:oin:0000009900000000" + partner[len(partner)-4:]
}

func refOf(r *events.Record) *events.Ref { return &events.Ref{Source: r.Event.Source, ID: r.Event.ID} }

func (s *tale) admit(partner, name string, from events.Date, subregion string, gemeenten ...string) {
	s.tell(theBook, &events.PartnerAdmitted{
		Partner: partner, Identities: []string{identityOf(partner)}, Name: name, Kind: "overig", From: from, Subregion: subregion, Gemeenten: gemeenten,
	})
}

// rootOf is where a placement or vacancy began, whatever corrected it since.
func (s *tale) rootOf(r *events.Record) events.Position {
	for r.Target() != 0 {
		r = s.records[r.Target()-1]
	}
	return r.Position
}

// correct puts other data in the place of what a partner said.
func (s *tale) correct(old *events.Record, data events.Data) *events.Record {
	rests := []events.Position{old.Position}
	switch d := data.(type) {
	case *events.PlacementMade:
		d.Replaces = refOf(old)
		rests = append(rests, s.rootOf(old))
	case *events.PlacementEnded:
		d.Replaces = refOf(old)
		rests = append(rests, old.Root())
	case *events.VisitMade:
		d.Replaces = refOf(old)
	}
	return s.tell(old.Partner, data, rests...)
}

func (s *tale) retract(old *events.Record) {
	s.tell(old.Partner, &events.EventRetracted{Event: *refOf(old)}, old.Position)
}

func (s *tale) confirm(partner string, of *events.Record) *events.Record {
	return s.tell(partner, &events.JointVisitConfirmed{Event: *refOf(of)}, of.Position)
}

func (s *tale) link(a, b string) {
	whole := func(name string) events.WholeEmployer { return events.WholeEmployer{KvK: employerNamed(name).KvK} }
	s.tellFor(theBook, &events.EmployersLinked{Employer: whole(a), With: whole(b), Kind: "dezelfde"}, []string{"koppeling-geldt"})
}

// rows is a Tx in memory.
type rows struct {
	by   map[string][]byte
	keys []string // sorted, when whole
	full bool
}

func (t *rows) Get(key []byte) []byte { return t.by[string(key)] }
func (t *rows) Put(key, value []byte) { t.by[string(key)], t.full = slices.Clone(value), false }
func (t *rows) Delete(key []byte)     { delete(t.by, string(key)); t.full = false }
func (t *rows) Scan(prefix []byte, fn func(k, v []byte) bool) {
	t.ScanFrom(prefix, prefix, fn)
}

func (t *rows) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	if !t.full {
		t.keys = t.keys[:0]
		for k := range t.by {
			t.keys = append(t.keys, k)
		}
		slices.Sort(t.keys)
		t.full = true
	}
	i, _ := slices.BinarySearch(t.keys, string(max(string(from), string(prefix))))
	for _, k := range t.keys[i:] {
		if !strings.HasPrefix(k, string(prefix)) || !fn([]byte(k), t.by[k]) {
			return
		}
	}
}

// TestStandings: whatever is said, and however it is read, a standing is what a slow
// and obvious count comes to, on every day and as known at every moment.
func TestStandings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &author{tale: newTale("2025-12-01"), t: t, there: partnerIDs[:4]}
		a.about = pick(a, events.MeasurePlacements, events.MeasurePlacements, events.MeasureJobs, events.MeasureVisits, events.MeasureReached, events.MeasureServices, events.MeasureFilled)
		for i, name := range []string{"gemeente", "uwv", "sw", "dorp"} {
			a.admit(partnerIDs[i], name, "2020-01-01", pick(a, "", "Noord"))
		}
		a.tell(theBook, a.definition())
		for range a.int(0, 40) {
			a.step()
			if a.int(0, 4) == 0 { // what is kept between questions changes nothing
				q := Question{Target: theTarget, On: "2026-06-30", Today: later, Across: [2]Dimension{ByPartner, ByMonth}, Reader: Reader{All: true}}
				if _, err := a.ask(q, Known{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		checkModel(t, a.tale)
	})
}

// later is a day after everything: what is asked on it is kept from question to question.
const later events.Date = "2028-01-01"

// fatal is what a test and a property have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// checkModel holds standings of a tale against the model: live, rebuilt, and as known
// at some moments before.
func checkModel(t fatal, s *tale) {
	t.Helper()
	again := &tale{records: s.records, at: s.at, rows: &rows{by: map[string][]byte{}}, standings: NewStandings()}
	for _, r := range s.records {
		if err := (projections.Journal{}).Apply(again.rows, r); err != nil {
			t.Fatalf("%v", err)
		}
	}
	n := len(s.records)
	for _, upTo := range []int{n, n * 2 / 3, n / 3} {
		if upTo == 0 {
			continue
		}
		m := model(s.records[:upTo])
		moment := s.records[upTo-1].At
		today := events.DateOf(moment)
		for _, on := range []events.Date{today, "2026-06-30", "2026-03-15", "2027-03-01", "2025-12-31"} {
			for _, across := range [][2]Dimension{{ByPartner, ByMonth}, {ByKind, ByGroup}, {BySubregion, ByHours}} {
				q := Question{Target: theTarget, On: on, Today: today, Across: across, Reader: Reader{All: true}}
				known := Known{At: moment}
				want, ok := m.standing(on, across)
				got, err := s.ask(q, known)
				if !ok {
					if err != ErrNoTarget {
						t.Errorf("a target that nobody set: %v", err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%v", err)
				}
				what := fmt.Sprintf("on %s as known at position %d, by %v", on, upTo, across)
				same(t, what, &got, want)
				if upTo != n {
					continue
				}
				live, err := s.ask(q, Known{})
				if err != nil {
					t.Fatalf("%v", err)
				}
				same(t, "live "+what, &live, want)
				q.Today = later
				if live, err = s.ask(q, Known{}); err != nil {
					t.Fatalf("%v", err)
				}
				same(t, "kept "+what, &live, want)
				checkReader(t, again, q)
				if live, err = again.ask(q, Known{}); err != nil {
					t.Fatalf("%v", err)
				}
				same(t, "rebuilt "+what, &live, want)
			}
		}
	}
}

// checkReader: whoever reads a target that is not sensitive sees the whole total, and
// parts that add up to it.
func checkReader(t fatal, s *tale, q Question) {
	t.Helper()
	whole, err := s.ask(q, Known{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	q.Reader = Reader{Partner: partnerIDs[0], Own: func(p string) bool { return p == partnerIDs[0] }}
	q.Across = [2]Dimension{ByPartner, ByMonth}
	if Sensitive(&whole.Version) {
		return
	}
	got, err := s.ask(q, Known{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	var divided, cells, own Amount
	for _, x := range got.Shares {
		divided += x.Divided
		if x.Own {
			own += x.Whole
		}
	}
	for _, c := range got.Split.Cells {
		cells += c.Amount
	}
	if got.Total != whole.Total || divided != got.Total || cells != got.Total || own != got.Own {
		t.Fatalf("%s for all, %s for one: shares %s, cells %s, own %s and %s\n%s", whole.Total.text(), got.Total.text(), divided.text(), cells.text(), own.text(), got.Own.text(), lines(shown(got)))
	}
}

// same holds a standing against what the model counts, and against itself.
func same(t fatal, what string, got *Standing, want *counting) {
	t.Helper()
	if got.Total != want.total || got.Doubts != want.doubts {
		t.Fatalf("%s: %s with %d in doubt, not %s with %d\n%s", what, got.Total.text(), got.Doubts, want.total.text(), want.doubts, lines(shown(*got)))
	}
	var divided Amount
	for _, x := range got.Shares {
		divided += x.Divided
		if w := want.whole[x.Partner]; x.Whole != w {
			t.Fatalf("%s: %s has %s whole, not %s", what, x.Partner, x.Whole.text(), w.text())
		}
		if w := want.divided[x.Partner]; x.Divided-w > 1 || w-x.Divided > 1 { // by the largest remainder
			t.Fatalf("%s: %s has %s divided, not %s", what, x.Partner, x.Divided.text(), w.text())
		}
	}
	if divided != got.Total {
		t.Fatalf("%s: shares add up to %s, not %s", what, divided.text(), got.Total.text())
	}
	for partner, w := range want.whole {
		if w != 0 && !slices.ContainsFunc(got.Shares, func(s Share) bool { return s.Partner == partner }) {
			t.Fatalf("%s: %s is not there", what, partner)
		}
	}
	var cells Amount
	for _, c := range got.Split.Cells {
		cells += c.Amount
		if w := want.cells[c.Values]; c.Amount-w > 1 || w-c.Amount > 1 {
			t.Fatalf("%s: %v is %s, not %s", what, c.Values, c.Amount.text(), w.text())
		}
	}
	if cells != got.Total {
		t.Fatalf("%s: cells add up to %s, not %s", what, cells.text(), got.Total.text())
	}
	for _, m := range got.Months {
		if w := want.months[m.Month]; m.So != w {
			t.Fatalf("%s: %s by the end of %s, not %s", what, m.So.text(), m.Month, w.text())
		}
	}
	if n := len(got.Months); n > 0 && got.Months[n-1].So != got.Total {
		t.Fatalf("%s: the last month ends with %s, not %s", what, got.Months[n-1].So.text(), got.Total.text())
	}
	left := map[string]int{}
	for _, x := range got.NotCounted {
		left[x.Reason] = x.Count
	}
	for _, reason := range []string{WhySame, WhyLeft, WhyTooShort, WhyNotYet, WhyEnded, WhyKind, WhyAgain, WhyGroup, WhyNoHours} {
		if left[reason] != want.left[reason] {
			t.Fatalf("%s: %d %s, not %d", what, left[reason], reason, want.left[reason])
		}
	}
	if d := cmp.Compare(got.At, 0); d <= 0 {
		t.Fatalf("%s: nothing was known", what)
	}
}
