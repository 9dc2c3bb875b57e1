package e2e_test

import (
	"os"
	"os/exec"
	"testing"
)

// needTool is for tests that need more than Go: they run when HUISBOEK_TOOLS=1, as
// make test says after it has installed them, and then a tool that is missing
// fails. Otherwise they are skipped, so that go test ./... needs nothing but Go.
func needTool(t *testing.T, names ...string) {
	t.Helper()
	if os.Getenv("HUISBOEK_TOOLS") != "1" {
		t.Skipf("needs %v: runs with HUISBOEK_TOOLS=1, as make test does", names)
	}
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Fatalf("HUISBOEK_TOOLS=1, but %v: run make deps", err)
		}
	}
}
