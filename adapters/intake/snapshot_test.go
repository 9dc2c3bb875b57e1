package intake_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"huisboek/adapters/intake"
	"huisboek/events"
)

// TestSnapshot: a copy has what was noted before it, also what is not in the file
// yet; and without what names a position beyond one, the rest is as it was.
func TestSnapshot(t *testing.T) {
	o := intake.Options{Now: newClock().now}
	f := openFile(t, newPath(t), o)
	for i := range 10 {
		d, at := delivery(intake.OutcomeRecorded, i), events.Position(i+1)
		d.Position, d.ID = &at, ptr(fmt.Sprint(at))
		f.Note("een", d)
		f.Note("twee", d)
	}
	f.Note("een", delivery(intake.OutcomeRefused, 11))
	path := filepath.Join(t.TempDir(), "kopie.db")
	if err := f.Snapshot(path); err != nil {
		t.Fatal(err)
	}
	f.Note("een", delivery(intake.OutcomeRefused, 12))
	c := openFile(t, path, o)
	if n := len(all(t, c, "een", "", 50)); n != 11 {
		t.Fatalf("the copy has %d", n)
	}
	if err := c.DropAfter(7); err != nil {
		t.Fatal(err)
	}
	if got, want := all(t, c, "twee", "", 50), []string{"7", "6", "5", "4", "3", "2", "1"}; !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
	if n := len(all(t, c, "een", intake.OutcomeRefused, 50)); n != 1 {
		t.Errorf("%d refused are left", n)
	}
	if err := f.Snapshot(filepath.Join(t.TempDir(), "er", "niet")); err == nil {
		t.Error("a folder that is not there is no error")
	}
}
