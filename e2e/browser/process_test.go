package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// build makes the program in a folder.
func build(dir string) (program string, err error) {
	program = filepath.Join(dir, "huisboek")
	c := exec.Command("go", "build", "-o", program, "./cmd/huisboek")
	c.Dir = "../.."
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", c.Args, err, out)
	}
	return program, nil
}

// process is the program while it serves, and what it said.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu   sync.Mutex
	said bytes.Buffer
	news chan struct{} // closed, and made anew, when more was said
}

// start runs the program until it says at which address it is ready. Of our own
// environment it gets what is not about a huisboek.
func start(program string, env []string, args ...string) (p *process, url string, err error) {
	p = &process{cmd: exec.Command(program, args...), ended: make(chan struct{}), news: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	for _, e := range append(os.Environ(), env...) {
		if !strings.HasPrefix(e, "HUISBOEK_") {
			p.cmd.Env = append(p.cmd.Env, e)
		}
	}
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	go func() {
		p.cmd.Wait() // how it ended is in ProcessState
		close(p.ended)
	}()
	if url, err = p.awaitReady(); err != nil {
		p.end()
		return nil, "", err
	}
	return p, url, nil
}

// Write is what the program says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.news)
	p.news = make(chan struct{})
	return p.said.Write(b)
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

func (p *process) awaitReady() (url string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	for {
		p.mu.Lock()
		text, news := "\n"+p.said.String(), p.news
		p.mu.Unlock()
		if _, after, ok := strings.Cut(text, "\nready "); ok {
			if line, _, whole := strings.Cut(after, "\n"); whole {
				return strings.TrimSpace(line), nil
			}
		}
		select {
		case <-news:
		case <-p.ended:
			return "", fmt.Errorf("%s has ended:\n%s", p.cmd.Args[1], text)
		case <-ctx.Done():
			return "", fmt.Errorf("%s is not ready:\n%s", p.cmd.Args[1], text)
		}
	}
}

// end interrupts the program, and waits until it has ended.
func (p *process) end() {
	p.cmd.Process.Signal(syscall.SIGINT) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.cmd.Process.Kill()
		<-p.ended
	}
}
