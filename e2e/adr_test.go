package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// foreign is the folder of the clients and tools that are not ours.
const foreign = "foreign"

// TestAPIDesignRules runs the ruleset of the NL API Design Rules, with the linter
// it is written for, over the document that a book serves: no finding of any
// severity. That the linter finds what is wrong is seen on the same document
// without the header that the rules want.
func TestAPIDesignRules(t *testing.T) {
	needTool(t, "node", "npx")
	s := start(t, t.TempDir(), "--region", "AM36")
	status, document := s.get(t, "", "/v1/openapi.json", nil)
	if status != 200 {
		t.Fatalf("the document: %d", status)
	}
	for _, f := range lint(t, document) {
		t.Errorf("%s (severity %d) at %v: %s", f.Code, f.Severity, f.Path, f.Message)
	}
	var spoilt map[string]any
	if err := json.Unmarshal(document, &spoilt); err != nil {
		t.Fatal(err)
	}
	delete(spoilt["info"].(map[string]any), "contact")
	worse, err := json.Marshal(spoilt)
	if err != nil {
		t.Fatal(err)
	}
	if found := lint(t, worse); len(found) == 0 || found[0].Code != "info-contact" {
		t.Errorf("without a contact the linter says %v", found)
	}
}

// finding is one of Spectral's.
type finding struct {
	Code     string
	Message  string
	Path     []any
	Severity int // 0 error, 1 warning, 2 information, 3 hint
}

func lint(t *testing.T, document []byte) []finding {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs("../adapters/web/testdata/adr/linter-2.2.0-rc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, "npx", "--no-install", "spectral", "lint", "--ruleset", rules,
		"--format", "json", "--quiet", "--fail-severity", "hint", file)
	c.Dir = foreign
	out, err := c.Output()
	var found []finding
	if bad := json.Unmarshal(out, &found); bad != nil {
		t.Fatalf("%v: %v, %v\n%.2000s", c.Args, err, bad, out)
	}
	if (err != nil) != (len(found) > 0) { // a linter that breaks has found nothing, and must not look clean
		t.Fatalf("%v: %v with %d findings", c.Args, err, len(found))
	}
	return found
}
