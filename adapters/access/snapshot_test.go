package access_test

import (
	"os"
	"path/filepath"
	"testing"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

// TestSnapshot: what is added afterwards is not in it, and it opens under the same key.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	f := mustOpen(t, filepath.Join(dir, "access.db"))
	first, token := mustAdd(t, f, access.Credential{Role: ledger.RoleSteward, Kind: access.KindToken})
	copied := filepath.Join(dir, "copy.db")
	if err := f.Snapshot(copied); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, f, access.Credential{Role: ledger.RoleBoard, Kind: access.KindToken})
	if i, err := os.Stat(copied); err != nil || i.Mode() != 0o600 {
		t.Fatal(i, err)
	}
	c := mustOpen(t, copied)
	if all := c.List(); len(all) != 1 || all[0].ID != first.ID {
		t.Errorf("the copy holds %+v", all)
	}
	if _, err := c.Authenticate(token); err != nil {
		t.Errorf("the token in the copy: %v", err)
	}
}
