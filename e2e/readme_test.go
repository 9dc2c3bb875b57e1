package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReadme runs what README.md says. Every line of a block marked sh is a
// command and is run by one shell in an empty folder, in order. A line that ends
// with " &" is a server, waited for until it says ready; a demo or a server
// without it is interrupted then, as a reader does. Lines of make and docker are
// looked up instead: the target, or the file, must exist; git and cd are left
// out, for the reader is not where the test is.
func TestReadme(t *testing.T) {
	commands := shellLines(t, readText(t, "../README.md"))
	if len(commands) < 5 {
		t.Fatalf("README.md has %d commands in blocks marked sh", len(commands))
	}
	web, partners := freePort(t), freePort(t)
	address := strings.NewReplacer("127.0.0.1:8080", web, "localhost:8080", web, "127.0.0.1:4222", partners, "localhost:4222", partners)
	dir := t.TempDir()
	env := shell(t, "HUISBOEK_LISTEN="+web, "HUISBOEK_SERVER=http://"+web, "HUISBOEK_NATS=nats://"+partners)
	sh := newSession(t, dir, env)
	for _, command := range commands {
		t.Logf("$ %s", command)
		verb, rest, _ := strings.Cut(command, " ")
		server, background := strings.CutSuffix(address.Replace(command), " &")
		switch {
		case verb == "make":
			isTarget(t, rest)
		case verb == "docker":
			isThere(t, "../Dockerfile", "../docker-compose.yml")
		case verb == "git" || verb == "cd":
		case background:
			sh.serve(t, server, env, partners)
		case endless.MatchString(server):
			if code := sh.serve(t, server, env, partners).end(syscall.SIGINT); code != 0 {
				t.Errorf("%s: exit %d after SIGINT", command, code)
			}
		default:
			sh.run(t, server)
		}
		if t.Failed() {
			return // what follows rests on it
		}
	}
}

// endless are the commands that run until they are interrupted.
var endless = regexp.MustCompile(`huisboek (demo|serve)\b`)

var (
	here   = regexp.MustCompile(`<<'?(\w+)'?$`)
	block  = regexp.MustCompile("(?ms)^```sh\\n(.*?)^```$")
	joined = regexp.MustCompile(`\\\n\s*`)
)

// shellLines are the commands in the blocks marked sh, without comments; one
// with a here-document is one command.
func shellLines(t *testing.T, text string) (commands []string) {
	t.Helper()
	for _, b := range block.FindAllStringSubmatch(text, -1) {
		end := ""
		for line := range strings.Lines(joined.ReplaceAllString(b[1], "")) {
			if end != "" {
				commands[len(commands)-1] += "\n" + strings.TrimSuffix(line, "\n")
				if strings.TrimSpace(line) == end {
					end = ""
				}
				continue
			}
			line = strings.TrimSpace(line)
			if word := here.FindStringSubmatch(line); word != nil {
				end = word[1]
			}
			if i := strings.Index(line, "  # "); i > 0 {
				line = strings.TrimSpace(line[:i])
			}
			if line != "" && !strings.HasPrefix(line, "#") {
				commands = append(commands, line)
			}
		}
	}
	return commands
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func isTarget(t *testing.T, words string) {
	t.Helper()
	makefile := readText(t, "../Makefile")
	for _, target := range strings.Fields(words) {
		if !strings.Contains(target, "=") && !strings.HasPrefix(target, "-") && !regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`).MatchString(makefile) {
			t.Errorf("the Makefile has no target %s", target)
		}
	}
}

func isThere(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// session is one shell that runs lines one after the other, so that variables
// stay.
type session struct {
	dir string
	in  *os.File
	out *os.File
	n   int
}

func newSession(t *testing.T, dir string, env []string) *session {
	t.Helper()
	c := exec.Command("bash")
	c.Dir, c.Env = dir, env
	ours, theirs := pipe(t)
	fromShell, toUs := pipe(t)
	c.Stdin, c.Stdout, c.Stderr = ours, toUs, toUs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	toUs.Close()
	t.Cleanup(func() {
		theirs.Close() // the end of its input ends the shell
		c.Wait()
	})
	return &session{dir: dir, in: theirs, out: fromShell}
}

func pipe(t *testing.T) (read, write *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// run runs a line and wants exit code 0.
func (s *session) run(t *testing.T, line string) {
	t.Helper()
	s.n++
	mark := fmt.Sprintf("--- line %d ended with ", s.n)
	if !strings.Contains(line, "<<") {
		line += " </dev/null" // its input is not ours
	}
	if _, err := fmt.Fprintf(s.in, "%s\ncode=$?; echo; echo '%s'$code\n", line, mark); err != nil {
		t.Fatal(err)
	}
	if err := s.out.SetReadDeadline(time.Now().Add(2 * patience)); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for out := bufio.NewReader(s.out); ; {
		text, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: the shell ended: %v\n%s", line, err, said.String())
		}
		if code, ended := strings.CutPrefix(text, mark); ended {
			t.Logf("%s", strings.TrimSpace(said.String()))
			if code != "0\n" || strings.Contains(said.String(), `"fouten":`) { // curl takes a problem for an answer
				t.Errorf("%s: exit code %s", line, code)
			}
			return
		}
		said.WriteString(text)
	}
}

// serve starts a server and waits until it is ready.
func (s *session) serve(t *testing.T, line string, env []string, partners string) *process {
	t.Helper()
	c := exec.Command("bash", "-c", "exec "+line)
	c.Dir, c.Env = s.dir, slices.Clone(env)
	if strings.Contains(line, " demo") {
		c.Env = append(c.Env, "HUISBOEK_NATS_LISTEN="+partners)
	}
	p := launch(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if err := p.await(ctx, func() bool { return after(p.said(), "ready ") != "" }); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, p.logged())
	}
	return p
}

// TestReadmeReader: the reader of README.md finds what it should run.
func TestReadmeReader(t *testing.T) {
	text := "# A\n```sh\n# a word\nhuisboek serve --data d \\\n  --region AM36 &\nhuisboek who 69599084  # a question\n\nmake test\ncat > a.json <<'EOF'\n{\n  \"a\": 1\n}\nEOF\n```\nand ```sh inline``` and\n```json\n{}\n```\n```sh\ncurl -s x | head -1\n```\n"
	want := []string{"huisboek serve --data d --region AM36 &", "huisboek who 69599084", "make test", "cat > a.json <<'EOF'\n{\n  \"a\": 1\n}\nEOF", "curl -s x | head -1"}
	if got := shellLines(t, text); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
