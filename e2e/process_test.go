package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before a test gives up: machines that
// run tests are busy.
const patience = 2 * time.Minute

// process is a program that was started, with what it said so far.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended and all it said is here

	mu       sync.Mutex
	out, log bytes.Buffer
	news     chan struct{} // closed, and made anew, when more was said
}

// voice is where a process writes: one of its two buffers.
type voice struct {
	p    *process
	into *bytes.Buffer
}

func (v voice) Write(b []byte) (int, error) {
	v.p.mu.Lock()
	defer v.p.mu.Unlock()
	close(v.p.news)
	v.p.news = make(chan struct{})
	return v.into.Write(b)
}

// launch starts a program. When the test ends it is stopped, by its own process
// id, and what it logged is shown if the test failed.
func launch(t *testing.T, c *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: c, ended: make(chan struct{}), news: make(chan struct{})}
	c.Stdout, c.Stderr = voice{p, &p.out}, voice{p, &p.log}
	if c.Env == nil {
		c.Env = environment()
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		c.Wait() // how it ended is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.end(syscall.SIGTERM)
		if text := p.logged(); strings.Contains(text, "DATA RACE") {
			t.Errorf("the server has a data race:\n%s", text)
		} else if t.Failed() {
			t.Logf("%v said:\n%s%s", c.Args, p.said(), tail(text, 8000))
		}
	})
	return p
}

// environment is this process's own without the settings of the program.
func environment(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "HUISBOEK_") {
			env = append(env, e)
		}
	}
	return append(env, more...)
}

func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return "…" + s[len(s)-n:]
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

var errEnded = errors.New("the process has ended")

// await waits until what the process said fulfils ok: nil, errEnded when it ended
// before that, or the end of ctx.
func (p *process) await(ctx context.Context, ok func() bool) error {
	for {
		p.mu.Lock()
		news := p.news
		p.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-news:
		case <-p.ended:
			if ok() {
				return nil
			}
			return errEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// end sends a signal, waits, and kills what does not listen. It gives the exit
// code, -1 after a signal.
func (p *process) end(s syscall.Signal) int {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	default:
	}
	p.cmd.Process.Signal(s) // it may have ended just now
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.cmd.Process.Kill()
		<-p.ended
	}
	return p.cmd.ProcessState.ExitCode()
}

// server is a running huisboek serve.
type server struct {
	*process
	data string // its folder
	url  string // http://…
	nats string // nats://…, when it listens for partners
}

// start serves a folder on free ports and waits until it is ready.
func start(t *testing.T, data string, flags ...string) *server {
	t.Helper()
	return startAs(t, built, data, flags...)
}

func startAs(t *testing.T, program, data string, flags ...string) *server {
	t.Helper()
	s := serveAs(t, program, data, flags...)
	if err := s.awaitReady(t); err != nil {
		t.Fatalf("not ready: %v\n%s", err, s.logged())
	}
	return s
}

// serveAs starts a server and does not wait for it.
func serveAs(t *testing.T, program, data string, flags ...string) *server {
	t.Helper()
	args := append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0"}, flags...)
	return &server{process: launch(t, exec.Command(program, args...)), data: data}
}

// awaitReady waits for the line "ready http://…" and for the partners' address.
func (s *server) awaitReady(t *testing.T) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.ready(ctx)
}

func (s *server) ready(ctx context.Context) error {
	return s.await(ctx, func() bool {
		s.url, s.nats = after(s.said(), "ready "), s.loggedURL()
		return s.url != "" && s.nats != ""
	})
}

// after is the rest of the first whole line that begins with prefix.
func after(text, prefix string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, prefix); ok && strings.HasSuffix(rest, "\n") {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func (s *server) loggedURL() string {
	for line := range strings.Lines(s.logged()) {
		var entry struct{ NATS string }
		if strings.Contains(line, "partners connect to") && json.Unmarshal([]byte(line), &entry) == nil {
			return entry.NATS
		}
	}
	return ""
}

// stop ends it as an operator does, and wants a clean end.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if code := s.end(syscall.SIGTERM); code != 0 {
		t.Errorf("serve ended with exit code %d after SIGTERM:\n%s", code, tail(s.logged(), 4000))
	}
}

// kill ends it as a crash does.
func (s *server) kill() {
	s.cmd.Process.Kill() // an error means that it has ended already
	<-s.ended
}

// get asks over HTTP. The answer's JSON goes into answer unless that is nil.
func (s *server) get(t *testing.T, token, path string, answer any) (status int, body []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	status, body, err := fetch(ctx, s.url+path, token)
	if err != nil {
		t.Fatal(err)
	}
	if answer != nil {
		if err := json.Unmarshal(body, answer); err != nil {
			t.Fatalf("GET %s: %v: %s", path, err, body)
		}
	}
	return status, body
}

func fetch(ctx context.Context, url, token string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// words is a call of the command line, with where and how.
type words struct {
	program string   // empty: built
	dir     string   // empty: a folder of its own
	env     []string // HUISBOEK_…=…
	stdin   string
}

// result is what a call of the command line gave.
type result struct {
	stdout, stderr string
	code           int
}

func (r result) String() string {
	return fmt.Sprintf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
}

// cli runs the binary to its end.
func cli(t *testing.T, args ...string) result {
	t.Helper()
	return words{}.run(t, args...)
}

func (w words) run(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if w.program == "" {
		w.program = built
	}
	if w.dir == "" {
		w.dir = t.TempDir()
	}
	c := exec.CommandContext(ctx, w.program, args...)
	c.Dir, c.Env, c.Stdin = w.dir, environment(w.env...), strings.NewReader(w.stdin)
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("huisboek %v: %v\n%s", args, err, errOut.String())
	}
	if strings.Contains(errOut.String(), "DATA RACE") {
		t.Errorf("huisboek %v has a data race:\n%s", args, errOut.String())
	}
	return result{out.String(), errOut.String(), c.ProcessState.ExitCode()}
}

// well wants exit code 0, and the JSON that was printed in v unless that is nil.
func (r result) well(t *testing.T, v any) result {
	t.Helper()
	if r.code != 0 {
		t.Fatal(r)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(r.stdout), v); err != nil {
			t.Fatalf("%v: %v", err, r)
		}
	}
	return r
}
