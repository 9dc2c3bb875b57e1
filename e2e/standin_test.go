package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// standInBinary names the variable with the path of the built binary, for the
// stand-in of go.
const standInBinary = "E2E_BINARY"

// standIn lets this test program stand in for "go run ./cmd/huisboek …" and "go
// build -o FILE ./cmd/huisboek", which would build the binary once more, and for curl where a machine has none, when
// it is called by those names.
func standIn() (stood bool, code int) {
	switch filepath.Base(os.Args[0]) {
	case "go":
		return true, goRun(os.Args[1:])
	case "curl":
		return true, curl(os.Args[1:])
	}
	return false, 0
}

func goRun(args []string) int {
	if len(args) == 4 && args[0] == "build" && args[1] == "-o" && args[3] == "./cmd/huisboek" {
		if err := os.Symlink(os.Getenv(standInBinary), args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	if len(args) < 2 || args[0] != "run" || args[1] != "./cmd/huisboek" {
		fmt.Fprintf(os.Stderr, "stand-in for go: only run and build -o FILE of ./cmd/huisboek, not %q\n", args)
		return 2
	}
	path := os.Getenv(standInBinary)
	fmt.Fprintln(os.Stderr, syscall.Exec(path, append([]string{path}, args[2:]...), os.Environ()))
	return 1
}

// curl knows -s, -S, -f, -i and -H, and one address.
func curl(args []string) int {
	req, err := http.NewRequest(http.MethodGet, "", nil)
	fail, head, address := false, false, ""
	for i := 0; err == nil && i < len(args); i++ {
		switch a := args[i]; {
		case a == "-H" && i+1 < len(args):
			i++
			name, value, _ := strings.Cut(args[i], ":")
			req.Header.Set(name, strings.TrimSpace(value))
		case strings.HasPrefix(a, "-") && strings.Trim(a[1:], "sSfi") == "":
			fail, head = fail || strings.Contains(a, "f"), head || strings.Contains(a, "i")
		case strings.HasPrefix(a, "-") || address != "":
			err = fmt.Errorf("stand-in for curl: %q is not known", a)
		default:
			address = a
			req.URL, err = req.URL.Parse(address)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 7
	}
	defer resp.Body.Close()
	if head {
		fmt.Println(resp.Proto, resp.Status)
		resp.Header.Write(os.Stdout)
		fmt.Println()
	}
	io.Copy(os.Stdout, resp.Body)
	if fail && resp.StatusCode >= 400 {
		return 22
	}
	return 0
}

// shell is an environment in which documented commands can be run as they are
// written: huisboek and go run ./cmd/huisboek are the built binary.
func shell(t *testing.T, more ...string) []string {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Fatalf("documented commands are run by bash: %v", err)
	}
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"huisboek": built, "go": self}
	if _, err := exec.LookPath("curl"); err != nil {
		links["curl"] = self
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	return environment(append([]string{path, standInBinary + "=" + built}, more...)...)
}
