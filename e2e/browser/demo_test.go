package browser_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// demo is a running huisboek demo, and what it said of its story.
type demo struct {
	url string
	// busy is the key of an employer that was visited and is planned for; calm of one
	// where nobody has been.
	busy, calm string
	// targets are the board's, by name: the paths of their pages.
	targets map[string]string
	// plan is the path of a plan of the account manager's, verdict of one that clashed.
	plan, verdict string

	dir   string // of the binary; empty: the demo is not ours to stop
	cmd   *exec.Cmd
	ended chan struct{}

	mu   sync.Mutex
	said bytes.Buffer
	news chan struct{} // closed, and made anew, when more was said
}

// startDemo builds the program, without the race detector, for the browser waits for
// every answer and the other tests in e2e have it, and tells the demo's year.
func startDemo() (*demo, error) {
	d := &demo{ended: make(chan struct{}), news: make(chan struct{})}
	if *already != "" {
		d.url = strings.TrimSuffix(*already, "/")
		return d, d.story()
	}
	var err error
	if d.dir, err = os.MkdirTemp("", "huisboek-browser-"); err != nil {
		return nil, err
	}
	program := filepath.Join(d.dir, "huisboek")
	build := exec.Command("go", "build", "-o", program, "./cmd/huisboek")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("%v: %w\n%s", build.Args, err, out), os.RemoveAll(d.dir))
	}
	d.cmd = exec.Command(program, "demo", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	d.cmd.Stdout, d.cmd.Stderr = d, d
	for _, e := range append(os.Environ(), "TMPDIR="+d.dir) {
		if !strings.HasPrefix(e, "HUISBOEK_") {
			d.cmd.Env = append(d.cmd.Env, e)
		}
	}
	if err := d.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	go func() {
		d.cmd.Wait() // how it ended is in ProcessState
		close(d.ended)
	}()
	if err := d.awaitReady(); err != nil {
		return nil, errors.Join(err, d.stop())
	}
	return d, d.story()
}

// Write is what the demo says.
func (d *demo) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.news)
	d.news = make(chan struct{})
	return d.said.Write(b)
}

func (d *demo) awaitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	for {
		d.mu.Lock()
		text, news := d.said.String(), d.news
		d.mu.Unlock()
		if _, after, ok := strings.Cut(text, "\nready "); ok {
			if line, _, whole := strings.Cut(after, "\n"); whole {
				d.url = strings.TrimSpace(line)
				return nil
			}
		}
		select {
		case <-news:
		case <-d.ended:
			return fmt.Errorf("the demo has ended:\n%s", text)
		case <-ctx.Done():
			return fmt.Errorf("the demo is not ready:\n%s", text)
		}
	}
}

var (
	targetLink  = regexp.MustCompile(`<a href="(/doelen/[0-9a-f-]{36})[^"]*"><bdi>([^<]*)</bdi>`)
	planLink    = regexp.MustCompile(`href="(/plannen/[0-9]+)"`)
	verdictLink = regexp.MustCompile(`href="(/oordelen/[0-9]+)"`)
)

// addresses reads on the pages themselves where others are.
func addresses() error {
	ask := func(who person, path string) string {
		c, err := signedIn(who)
		if err != nil {
			return err.Error()
		}
		r, err := c.fetch(context.Background(), path)
		if err != nil {
			return err.Error()
		}
		return r.body
	}
	house.targets = map[string]string{}
	list := ask(board, "/doelen")
	for _, link := range targetLink.FindAllStringSubmatch(list, -1) {
		house.targets[link[2]] = link[1]
	}
	plan, verdict := planLink.FindStringSubmatch(ask(manager, "/plannen")), verdictLink.FindStringSubmatch(ask(manager, "/botsingen"))
	if len(house.targets) != 3 || plan == nil || verdict == nil {
		return fmt.Errorf("%d targets, plan %v, verdict %v:\n%.2000s", len(house.targets), plan, verdict, list)
	}
	house.plan, house.verdict = plan[1], verdict[1]
	return nil
}

var toldOf = regexp.MustCompile(`huisboek who (\S+) `)

// story reads in the demo's own words where something happens.
func (d *demo) story() error {
	d.busy, d.calm = "68750110", "90001354" // of the demo's own seed
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd == nil {
		return nil
	}
	told := toldOf.FindAllStringSubmatch(d.said.String(), 2)
	if len(told) != 2 {
		return fmt.Errorf("the demo does not say whom to look up:\n%s", d.said.String())
	}
	d.busy, d.calm = told[0][1], told[1][1]
	return nil
}

// stop ends the demo, which takes its folder with it.
func (d *demo) stop() error {
	if d.cmd == nil {
		return nil
	}
	d.cmd.Process.Signal(syscall.SIGINT) // it may have ended
	select {
	case <-d.ended:
	case <-time.After(patience):
		d.cmd.Process.Kill()
		<-d.ended
	}
	return os.RemoveAll(d.dir)
}
