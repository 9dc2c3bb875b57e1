package browser_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// demo is a running huisboek demo, and what it said of its story.
type demo struct {
	*process
	url string
	// busy is the key of an employer that was visited and is planned for; calm of one
	// where nobody has been.
	busy, calm string
	// targets are the board's, by name: the paths of their pages.
	targets map[string]string
	// plan is the path of a plan of the account manager's, verdict of one that clashed.
	plan, verdict string

	dir string // of the binary; empty: the demo is not ours to stop
}

// startDemo builds the program, without the race detector, for the browser waits for
// every answer and the other tests in e2e have it, and tells the demo's year.
func startDemo() (d *demo, err error) {
	d = &demo{}
	if *already != "" {
		d.url = strings.TrimSuffix(*already, "/")
		return d, d.story()
	}
	if d.dir, err = os.MkdirTemp("", "huisboek-browser-"); err != nil {
		return nil, err
	}
	program, err := build(d.dir)
	if err == nil {
		d.process, d.url, err = start(program, []string{"TMPDIR=" + d.dir}, "demo", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	return d, d.story()
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
	if d.process == nil {
		return nil
	}
	told := toldOf.FindAllStringSubmatch(d.logged(), 2)
	if len(told) != 2 {
		return fmt.Errorf("the demo does not say whom to look up:\n%s", d.logged())
	}
	d.busy, d.calm = told[0][1], told[1][1]
	return nil
}

// stop ends the demo, which takes its folder with it.
func (d *demo) stop() error {
	if d.process == nil {
		return nil
	}
	d.end()
	return os.RemoveAll(d.dir)
}
