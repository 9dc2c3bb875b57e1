package projections

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huisboek/events"
)

// longBook draws a book with everything in it.
func longBook(t *rapid.T) []*events.Record {
	a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	for _, partner := range partners {
		a.admit(partner, "2026-01-01")
	}
	for range 150 {
		switch a.int(0, 5) {
		case 0:
			a.interest()
		case 1:
			a.agree()
		case 2:
			a.succession()
		default:
			a.step()
		}
	}
	return a.records
}

// rowsOf are the rows that a book leaves, and the kinds of those that it ever had.
func rowsOf(t *rapid.T, records []*events.Record, kinds map[byte]bool) map[string][]byte {
	tx := memoryTx{map[string][]byte{}}
	for _, r := range records {
		if err := NewViews().Apply(tx, r); err != nil {
			t.Fatal(err)
		}
		for key := range tx.rows {
			kinds[key[0]] = true
		}
	}
	return tx.rows
}

// TestEveryRowHasAName: of no row that a long history leaves does KeyName quote the key,
// and no kind of row is left out of such histories.
func TestEveryRowHasAName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for key := range rowsOf(t, longBook(t), map[byte]bool{}) {
			if name := KeyName([]byte(key)); strings.HasPrefix(name, `"`) {
				t.Errorf("a row has no name: %s", name)
			}
		}
	})
	kinds := map[byte]bool{}
	always(t, 20, func(t *rapid.T) { rowsOf(t, longBook(t), kinds) })
	all := []byte{
		rowDone, rowApproach, rowPlacement, rowCard, rowTimeline, rowVisit, rowFixed, rowMonth, rowInterest, rowNews, rowMessage, rowLast, rowSeal,
		rowGiven, rowTally, rowCovered, rowVacancy, rowStillOpen, rowLink, rowWaiting, rowRhythm, rowMember, rowSuccessor, rowConfirmed, rowAbout,
		rowThing, rowClash, rowAgreement, rowPlanned, rowTime, rowFollowed, rowDue, rowHeld, rowIdentity, rowPlaces, rowLinked,
		rowJournal,
	}
	slices.Sort(all)
	if got := slices.Sorted(maps.Keys(kinds)); !slices.Equal(got, all) {
		t.Errorf("kinds of rows: %q, want %q", got, all)
	}
	for _, key := range [][]byte{nil, {'!'}, {rowClash}, {rowAgreement, 1}, positionKey(rowDue, 1), employerPrefix(rowAbout, "x")} {
		if name := KeyName(key); !strings.HasPrefix(name, `"`) {
			t.Errorf("%q is called %s", key, name)
		}
	}
	if name := KeyName(positionKey(rowAgreement, events.Position(7))); name != "agreement at position 7" {
		t.Error(name)
	}
}
