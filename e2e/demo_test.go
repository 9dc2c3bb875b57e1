package e2e_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demoReady is within how long the demo must be ready on a machine that does
// nothing else; the tests only tell the figure, for theirs does.
const demoReady = 15 * time.Second

// TestDemo: huisboek demo tells its story, every command that it prints works as
// it is printed, and its folder is gone after Ctrl-C.
func TestDemo(t *testing.T) {
	temp := t.TempDir()
	c := exec.Command(built, "demo", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	c.Env = environment("TMPDIR=" + temp)
	began := time.Now()
	p := launch(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if err := p.await(ctx, func() bool { return after(p.said(), "ready ") != "" }); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("ready after %s (the goal is %s on an unloaded machine; race detector: %t)", took.Round(100*time.Millisecond), demoReady, raced)
	for _, says := range []string{"Regio Zwolle (AM36)", "Ctrl-C"} {
		if !strings.Contains(p.said(), says) {
			t.Errorf("the demo does not say %q:\n%s", says, p.said())
		}
	}
	commands := printedCommands(p.said())
	if len(commands) < 5 {
		t.Fatalf("%d commands: %q", len(commands), commands)
	}
	env := shell(t)
	for _, command := range commands {
		t.Run(named(command), func(t *testing.T) { demoCommand(t, env, command) })
	}
	folders, err := filepath.Glob(filepath.Join(temp, "huisboek-demo-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("the demo's folder: %v %v", folders, err)
	}
	if code := p.end(syscall.SIGINT); code != 0 {
		t.Errorf("exit %d after SIGINT:\n%s", code, tail(p.logged(), 4000))
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("after SIGINT %v are left: %v", left, err)
	}
}

// printedCommands are the indented lines that begin with a program's name.
func printedCommands(text string) (commands []string) {
	for line := range strings.Lines(text) {
		if command := strings.TrimSpace(line); strings.HasPrefix(line, "  ") && (strings.HasPrefix(command, "go run ") || strings.HasPrefix(command, "curl ")) {
			commands = append(commands, command)
		}
	}
	return commands
}

// named is a short name for a command: its verb.
func named(command string) string {
	words := strings.Fields(strings.TrimPrefix(command, "go run ./cmd/huisboek "))
	return words[0]
}

var emptyAnswer = regexp.MustCompile(`"rijen": ?\[\]`)

func demoCommand(t *testing.T, env []string, command string) {
	out, errOut, code := bash(t, env, t.TempDir(), command)
	if code != 0 || strings.TrimSpace(out) == "" {
		t.Fatalf("%s\nexit %d\n%s%s", command, code, out, errOut)
	}
	for _, wrong := range []string{"FAULT", "application/problem", `"status":4`, `"status":5`} {
		if strings.Contains(out, wrong) {
			t.Errorf("%s\nsays %s:\n%s", command, wrong, out)
		}
	}
	if emptyAnswer.MatchString(out) {
		t.Errorf("%s\nshows nothing:\n%s", command, out)
	}
	if named(command) == "submit" && !strings.Contains(out, "bezet; call ") { // another's plan is in the way: story.Highlights.Busy
		t.Errorf("the plan is free, or has nobody to call:\n%s", out)
	}
}

// bash runs one command line.
func bash(t *testing.T, env []string, dir, command string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", "-c", "set -euo pipefail\n"+command)
	c.Env, c.Dir = env, dir
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	c.Run() // its exit code says enough
	return out.String(), errOut.String(), c.ProcessState.ExitCode()
}

// TestDemoIsDeterministic: the same seed on the same day tells the same story.
func TestDemoIsDeterministic(t *testing.T) {
	program, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var demos [2]*process
	for i := range demos { // side by side: each takes as long as a year does
		demos[i] = launch(t, exec.Command(program, "demo", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--seed", "7"))
	}
	var stories [len(demos)]string
	for i, p := range demos {
		if err := p.await(ctx, func() bool { return after(p.said(), "ready ") != "" }); err != nil {
			t.Fatal(err)
		}
		out, errOut, code := bash(t, shell(t), t.TempDir(), printedCommands(p.said())[0]+" --json")
		if code != 0 {
			t.Fatalf("exit %d\n%s", code, errOut)
		}
		stories[i] = regexp.MustCompile(`"bijgewerktTot": ?"[^"]*"`).ReplaceAllString(out, "")
	}
	if stories[0] != stories[1] {
		t.Errorf("the same seed tells\n%s\nand\n%s", stories[0], stories[1])
	}
}
