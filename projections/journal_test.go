package projections

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"huisboek/events"
)

func someDay(t *rapid.T, label string) events.Date {
	return rapid.Custom(func(t *rapid.T) events.Date {
		return dayAt(rapid.Int64Range(firstDay, lastDay).Draw(t, "day"))
	}).Draw(t, label)
}

// anyLine draws a line of a type, with everything set that lines of that type have.
func anyLine(t *rapid.T, typ events.Type) Line {
	p := events.Position(rapid.Uint64Range(1, 1<<40).Draw(t, "position"))
	earlier := func(label string) events.Position {
		return events.Position(rapid.Uint64Range(0, uint64(p)-1).Draw(t, label))
	}
	id := func(label string) string {
		return rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), rapid.String()).Draw(t, label)
	}
	key := func(label string) string {
		return rapid.OneOf(rapid.StringMatching(`[0-9]{8}`), rapid.StringMatching(`voorlopig-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`),
			rapid.StringMatching(`[A-Z]{2}-[A-Z]{3}-[0-9a-z]{1,9}`), rapid.String()).Draw(t, label)
	}
	day := func(label string) events.Date {
		if rapid.Bool().Draw(t, label) {
			return ""
		}
		return someDay(t, label)
	}
	word := rapid.OneOf(rapid.String(), rapid.SampledFrom(lineWords[:]))
	text := func(label string) string { return word.Draw(t, label) }
	texts := func(label string) []string { return rapid.SliceOfN(word, 0, 5).Draw(t, label) }
	amount := func(label string) int { return rapid.IntRange(-1, 20_000).Draw(t, label) }
	l := Line{
		Position: p, Type: typ, Partner: id("partner"), Steward: rapid.Bool().Draw(t, "steward"), Today: someDay(t, "today"), Hours: -1, Count: -1,
		At: time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "at")).UTC(),
	}
	switch typ {
	case events.TypePlacementMade:
		l.Target, l.Root, l.Employer, l.ID, l.From, l.To = earlier("target"), earlier("root"), key("employer"), id("id"), day("from"), day("to")
		l.Sort, l.Groups, l.Hours, l.Sector = text("sort"), texts("groups"), amount("hours"), text("sector")
		l.Register = Register(rapid.IntRange(0, 2).Draw(t, "register"))
	case events.TypePlacementEnded:
		l.Target, l.Root, l.ID, l.From = earlier("target"), earlier("root"), id("id"), day("from")
	case events.TypePlacementsMatched, events.TypePlacementsDistinct:
		l.Pair = [2]events.Position{earlier("one"), earlier("two")}
	case events.TypeVisitMade:
		l.Target, l.Employer, l.From, l.Sort, l.Groups = earlier("target"), key("employer"), day("from"), text("sort"), texts("groups")
	case events.TypeServiceDelivered:
		l.Target, l.Employer, l.From, l.To, l.Sort, l.Groups, l.Count = earlier("target"), key("employer"), day("from"), day("to"), text("sort"), texts("groups"), amount("count")
	case events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		l.Target, l.Root, l.ID, l.Employer, l.From, l.Count = earlier("target"), earlier("root"), id("id"), key("employer"), day("from"), amount("count")
	case events.TypeSignalNoted:
		l.Target, l.Employer, l.From, l.Sort = earlier("target"), key("employer"), day("from"), text("sort")
	case events.TypeEmployerDescribed:
		l.Target, l.Employer, l.Gemeenten, l.Size, l.Sector = earlier("target"), key("employer"), texts("gemeenten"), text("size"), text("sector")
	case events.TypeLevelSet:
		l.Employer, l.Sort = key("employer"), text("sort")
	case events.TypeEmployersLinked, events.TypeEmployersUnlinked:
		l.Employer, l.With, l.Sort, l.Holds = key("employer"), key("with"), text("sort"), rapid.Bool().Draw(t, "holds")
	case events.TypePartnerAdmitted:
		l.Of, l.From, l.Name, l.Identities, l.Gemeenten, l.Subregion = id("of"), day("from"), text("name"), texts("identities"), texts("gemeenten"), text("subregion")
	case events.TypePartnerDeparted:
		l.Of, l.From, l.Past = id("of"), day("from"), text("past")
	case events.TypePartnerSucceeded:
		l.Of, l.From, l.By = id("of"), day("from"), id("by")
	case events.TypeTargetSet:
		hours, days, yes := events.Hundredths(rapid.Int64Range(0, 16_800).Draw(t, "hours")), 180, rapid.Bool().Draw(t, "register")
		l.Set = &events.TargetSet{
			Target: text("target"), Name: text("name"), Period: &events.Period{From: someDay(t, "van"), To: someDay(t, "tot")},
			Measure: events.MeasureJobs, Number: 600, Groups: texts("groups"), Register: &yes, Shares: []events.TargetShare{{Partner: text("partner"), Number: 0}},
			Path:       []events.TargetPoint{{Day: someDay(t, "day"), Number: 10}},
			Definition: events.Definition{Kinds: texts("kinds"), LeastHours: &hours, LeastDays: &days, Standing: yes, Note: text("note")},
		}
		l.ID = l.Set.Target
	case events.TypeTargetDropped:
		l.ID = id("id")
	case events.TypeEmployersCounted:
		l.Counted = &events.EmployersCounted{From: someDay(t, "per"), Origin: text("origin"), Counts: []events.EmployerCount{{Gemeente: "GM0193", Size: "2-4", Count: amount("n")}}}
		l.From = l.Counted.From
	case events.TypeEventRetracted:
		l.Target = earlier("target")
	case events.TypeJointVisitConfirmed:
		l.Confirms = earlier("confirms")
	}
	return l
}

// TestJournalRows: what is written is read back, of every type.
func TestJournalRows(t *testing.T) {
	for i := range linePart {
		typ := linePart[i].typ
		t.Run(typ.Name(), func(t *testing.T) {
			j := NewJournalReader() // one, so that what it keeps is used
			rapid.Check(t, func(t *rapid.T) {
				l := anyLine(t, typ)
				row, err := l.encode()
				if err != nil {
					t.Fatal(err)
				}
				if err := j.decode(l.Position, row); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(l, j.line, cmpopts.EquateEmpty()); d != "" {
					t.Fatal(d)
				}
				if len(row) > 0 { // a row that ends too soon is no row
					if err := j.decode(l.Position, row[:len(row)-1]); err == nil {
						t.Fatal("half a row was read")
					}
				}
			})
		})
	}
}

// TestJournalSize: what comes most is small.
func TestJournalSize(t *testing.T) {
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	l := Line{Position: 1_000_000, At: at, Today: "2026-09-01", Partner: "0b1c1c0e-0000-4000-8000-000000000001", Employer: "69599084", From: "2026-08-31",
		Hours: 2400, Count: 1, Groups: []string{"DD01"}}
	for _, tt := range []struct {
		typ  events.Type
		sort string
		id   string
	}{{events.TypeVisitMade, "acquisitie", ""}, {events.TypePlacementMade, "dienstverband", "0b1c1c0e-0000-4000-8000-00000000000f"}} {
		l.Type, l.Sort, l.ID = tt.typ, tt.sort, tt.id
		row, err := l.encode()
		if most := 60; err != nil || len(row) > most {
			t.Errorf("%s takes %d bytes, at most %d; %v", tt.typ.Name(), len(row), most, err)
		}
		t.Logf("%s: %d bytes", tt.typ.Name(), len(row))
	}
}

// TestJournalOfBook: for every record that standings need there is one line, in its
// part, that says what the record says; read in one go or in pieces, apart or merged.
func TestJournalOfBook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := book(t)
		tx := memoryTx{map[string][]byte{}}
		want := map[Part][]Line{}
		var all []Line
		for _, r := range records {
			if err := (Journal{}).Apply(tx, r); err != nil {
				t.Fatal(err)
			}
			if l, ok := lineOf(r); ok {
				l.At = l.At.UTC()
				want[l.Part()] = append(want[l.Part()], l)
				all = append(all, l)
			}
		}
		if n := len(tx.rows); n != len(all) {
			t.Fatalf("%d rows for %d lines", n, len(all))
		}
		for _, part := range Parts {
			var got []Line
			for {
				var after events.Position
				if len(got) > 0 {
					after = got[len(got)-1].Position
				}
				n, many := 0, rapid.IntRange(1, 20).Draw(t, "many")
				err := Journal{}.Lines(tx, part, after, func(l *Line) bool {
					got = append(got, *l)
					n++
					return n < many
				})
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					break
				}
			}
			if d := cmp.Diff(want[part], got, cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("part %c: %s", part, d)
			}
		}
		var merged []Line
		after := events.Position(rapid.IntRange(0, len(records)).Draw(t, "after"))
		if err := NewJournalReader().Merged(tx, Parts[:], after, func(l *Line) bool { merged = append(merged, *l); return true }); err != nil {
			t.Fatal(err)
		}
		all = slices.DeleteFunc(all, func(l Line) bool { return l.Position <= after })
		if d := cmp.Diff(all, merged, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		if more := (Journal{}).More(tx, Parts[:], after); more != (len(all) > 0) {
			t.Fatal(more)
		}
	})
}

// TestRollEqualsMembers: the roll says what the view of the members says.
func TestRollEqualsMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
		tx := memoryTx{map[string][]byte{}}
		roll := NewRoll()
		for range rapid.IntRange(0, 15).Draw(t, "steps") {
			partner := draw(a, partners)
			switch a.int(0, 3) {
			case 0:
				i := a.int(1, len(partners)-1)
				a.append(theBook, &events.PartnerSucceeded{Partner: partners[a.int(0, i-1)], By: partners[i], From: a.date()})
			case 1:
				a.append(theBook, &events.PartnerDeparted{Partner: partner, From: a.date()})
			default:
				a.admit(partner, a.date())
			}
		}
		for _, r := range a.records {
			if err := (Members{}).Apply(tx, r); err != nil {
				t.Fatal(err)
			}
			if l, ok := lineOf(r); ok {
				roll.Apply(&l)
			}
		}
		for n := serial("2026-08-31"); n < serial("2027-01-02"); n++ {
			day := dayAt(n)
			list, err := Members{}.On(tx, day)
			if err != nil {
				t.Fatal(err)
			}
			for _, partner := range partners {
				subregion, known := "", false
				for _, m := range list {
					if m.Partner == partner {
						subregion, known = m.Subregion, true
						for _, identity := range m.Identities {
							if owner := roll.Owner(identity); owner != partner {
								t.Fatalf("%s is %s's, not %s's", identity, owner, partner)
							}
						}
					}
				}
				if got, ok := roll.Subregion(partner, day); got != subregion || ok != known {
					t.Fatalf("subregion of %s on %s: %q %t, want %q %t", partner, day, got, ok, subregion, known)
				}
				end, err := Members{}.Successor(tx, partner, day)
				if got := roll.Heir(partner, day); got != end || err != nil {
					t.Fatalf("heir of %s on %s: %s, want %s", partner, day, got, end)
				}
			}
		}
		for _, left := range roll.Left() {
			list, err := Members{}.On(tx, "2199-01-01")
			i := slices.IndexFunc(list, func(m Member) bool { return m.Partner == left.Partner })
			if err != nil || i >= 0 && list[i].Active("2199-01-01") {
				t.Fatalf("%s left, and is there", left.Partner)
			}
		}
	})
}

// TestJournalLong: a part that is read in many pieces is read to its end.
func TestJournalLong(t *testing.T) {
	const many = 100_000
	var rows longTx
	for p := range events.Position(many) {
		l := Line{Position: p + 1, Type: events.TypeEventRetracted, Target: p, Today: "2026-09-01", At: time.UnixMilli(1_790_000_000_000)}
		row, err := l.encode()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	var last events.Position
	err := NewJournalReader().Merged(rows, Parts[:], 0, func(l *Line) bool {
		if l.Position != last+1 || l.Target != last {
			t.Fatalf("%+v after %d", l, last)
		}
		last = l.Position
		return true
	})
	if last != many || err != nil {
		t.Fatal(last, err)
	}
}

// longTx is the rows of retractions, from position 1 on.
type longTx [][]byte

func (longTx) Get([]byte) []byte                   { return nil }
func (longTx) Put(_, _ []byte)                     {}
func (longTx) Delete([]byte)                       {}
func (longTx) Scan([]byte, func(k, v []byte) bool) {}
func (x longTx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	if Part(prefix[1]) != PartTakenBack {
		return
	}
	for p := binary.BigEndian.Uint64(from[2:]); p <= uint64(len(x)); p++ {
		if !fn(journalKey(PartTakenBack, events.Position(p)), x[p-1]) {
			return
		}
	}
}

func TestRollLeft(t *testing.T) {
	admitted := func(p events.Position, from events.Date) *Line {
		return &Line{Position: p, Type: events.TypePartnerAdmitted, Of: "a", From: from, Name: "A", Identities: []string{"urn:a"}}
	}
	departed := func(p events.Position, from events.Date, past string) *Line {
		return &Line{Position: p, Type: events.TypePartnerDeparted, Of: "a", From: from, Past: past}
	}
	succeeded := func(p events.Position, from events.Date) *Line {
		return &Line{Position: p, Type: events.TypePartnerSucceeded, Of: "a", By: "b", From: from}
	}
	for _, tt := range []struct {
		name  string
		lines []*Line
		want  []Leave
	}{
		{"There", []*Line{admitted(1, "2026-01-01")}, nil},
		{"Left", []*Line{admitted(1, "2026-01-01"), departed(2, "2026-06-01", events.PastLeaves)}, []Leave{{"a", "2026-06-01", events.PastLeaves}}},
		{"Moved", []*Line{admitted(1, "2026-01-01"), departed(2, "2026-06-01", events.PastLeaves), departed(3, "2026-07-01", events.PastStays)},
			[]Leave{{"a", "2026-07-01", events.PastStays}}},
		{"CameBack", []*Line{admitted(1, "2026-01-01"), departed(2, "2026-06-01", events.PastLeaves), admitted(3, "2026-09-01")}, nil},
		{"Succeeded", []*Line{admitted(1, "2026-01-01"), succeeded(2, "2026-06-01")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			roll := NewRoll()
			for _, l := range tt.lines {
				roll.Apply(l)
			}
			if d := cmp.Diff(tt.want, roll.Left()); d != "" {
				t.Error(d)
			}
			if roll.NameOf("a") != "A" || roll.Owner("urn:a") != "a" || roll.NameOf("x") != "" {
				t.Error("name or owner")
			}
		})
	}
}

// TestJournalRebuilt: rows are what each record alone says.
func TestJournalRebuilt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := book(t)
		live, again := newMemory(), newMemory()
		for _, batch := range cutUp(t, records) {
			err := live.Update(events.Checkpoint{Position: batch[len(batch)-1].Position}, func(tx Tx) error {
				for _, r := range batch {
					if err := (Journal{}).Apply(tx, r); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := Rebuild(context.Background(), &tape{batches: [][]*events.Record{records}}, Journal{}, again, nil); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(live.rows, again.rows); d != "" {
			t.Fatal(d)
		}
	})
}

// BenchmarkJournalDecode reads rows of visits and placements.
func BenchmarkJournalDecode(b *testing.B) {
	rows := make([][]byte, 10_000)
	for i := range rows {
		l := Line{
			Position: events.Position(1000 + i), At: time.UnixMilli(1_790_000_000_000 + int64(i)*60_000), Type: events.TypeVisitMade, Today: "2026-09-22",
			Partner: fmt.Sprintf("0b1c1c0e-0000-4000-8000-%012d", i%40), Employer: fmt.Sprintf("%08d", 60_000_000+i%6000), From: "2026-09-20",
			Sort: "acquisitie", Groups: groups[:i%3], Hours: 2400,
		}
		if i%6 == 0 {
			l.Type, l.ID = events.TypePlacementMade, fmt.Sprintf("0b1c1c0e-0000-4000-8000-%012d", i)
		}
		var err error
		if rows[i], err = l.encode(); err != nil {
			b.Fatal(err)
		}
	}
	j := NewJournalReader()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := j.decode(events.Position(1000+n%len(rows)), rows[n%len(rows)]); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
