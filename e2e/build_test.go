// Package e2e_test knows nothing of ours but the built binary and what is written
// about it: it starts cmd/huisboek as an operator does, speaks to it as a partner
// does (plain nats.go, net/http, encoding/json), kills it, damages its files, and
// looks whether every promise of docs/design.md still holds.
package e2e_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the path of the built cmd/huisboek, with the race detector when the tests have it.
var built string

// plain is the binary without the race detector, for the loops that start it
// hundreds of times. It is built when it is first asked for.
var plain = sync.OnceValues(func() (string, error) {
	if !raced {
		return built, nil
	}
	path := built + "-plain"
	return path, build(path, false)
})

func TestMain(m *testing.M) {
	if stood, code := standIn(); stood {
		os.Exit(code)
	}
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "huisboek-e2e-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	built = filepath.Join(dir, "huisboek")
	if err := build(built, raced); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func build(path string, race bool) error {
	args := []string{"build", "-o", path}
	if race {
		args = append(args, "-race")
	}
	c := exec.Command("go", append(args, "./cmd/huisboek")...)
	c.Dir = ".."
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", c.Args, err, out)
	}
	return nil
}
