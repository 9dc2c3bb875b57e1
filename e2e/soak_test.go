package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

var (
	soakTime = flag.Duration("soak.time", 10*time.Minute, "how long TestSoak loads the book")
	soakRate = flag.Float64("soak.rate", 2000, "how many events a second TestSoak offers")
)

const (
	soakWindows = 20
	soakWarm    = 3 // windows that are not judged
	soakRebuild = 5 // the window in which the views are rebuilt
	soakBackup  = 7 // and the one in which a backup is made, or when the rebuild is done
)

// TestSoak: sixty partners speak for a long time at a steady pace, over both doors,
// while others ask and listen, credentials are replaced, the views are rebuilt and
// a backup is made. What the server takes stays level (memory, goroutines, handles,
// connections, processor time for each event, how long an answer takes, how far the
// views are behind); nothing acknowledged is lost; and verify is well. It runs with
// HUISBOEK_SOAK=1, as make soak does. Whether the rate was reached is told and not
// judged: that is the machine's.
func TestSoak(t *testing.T) {
	if os.Getenv("HUISBOEK_SOAK") != "1" {
		t.Skip("takes long: runs with HUISBOEK_SOAK=1, as make soak does")
	}
	program, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	b := newBookAs(t, program)
	kept := &acknowledged{}
	m := newMeter(*soakTime)
	all := admitSpeakers(t, b, m, kept)
	target := setTarget(t, b, all)
	before := b.weigh(t)
	first := b.tip(t)

	ctx, stop := context.WithTimeout(t.Context(), *soakTime+10*patience)
	defer stop()
	asking, silence := context.WithCancel(ctx)
	defer silence()
	closing := make(chan struct{})
	var speaking, reading sync.WaitGroup
	var once sync.Once
	enough := func() { once.Do(func() { close(closing) }) }
	failed := func(err error) { t.Error(err); enough() }
	m.begin()
	for _, s := range all {
		s.speak(ctx, *soakRate/soakPartners, closing, &speaking, failed)
	}
	readers(asking, m, all, target, &reading, failed)
	reading.Go(func() {
		if err := m.look(asking, b); err != nil {
			failed(err)
		}
	})
	reading.Go(func() { turnKeys(t, asking, b, m, all) })
	reading.Go(func() { maintain(t, asking, b, m) })
	time.AfterFunc(*soakTime, enough)
	speaking.Wait()
	silence()
	reading.Wait()
	m.cut()
	m.report(t)
	m.judge(t)
	nothingLost(t, b, first, kept)
	for _, s := range all {
		s.nc.Load().Close()
		s.line.CloseIdleConnections()
	}
	awaitWeight(t, b, before, int(kept.count))
	b.stop(t)
	patientRun(t, program, "verify", "--data", b.data)
}

// setTarget sets a target that placements count for.
func setTarget(t *testing.T, b *book, all []*speaker) string {
	t.Helper()
	target, year := uuid.NewString(), time.Now().In(amsterdam).Year()
	var shares []object
	for _, s := range all[:2] {
		shares = append(shares, object{"partner": strings.TrimSuffix(s.source, ":systeem:crm"), "aantal": 300})
	}
	path := filepath.Join(b.dir, "doel.json")
	text := marshal(object{
		"doelstelling": target, "naam": "Plaatsingen", "maat": "plaatsingen", "aantal": 600, "definitie": object{},
		"periode":  object{"van": fmt.Sprintf("%d-01-01", year), "tot": fmt.Sprintf("%d-12-31", year)},
		"aandelen": shares,
	})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	words{program: b.cmd.Path, dir: b.dir}.run(t, "targets", "set", path, "--data", b.data).well(t, nil)
	return target
}

// turnKeys gives in each window one partner that speaks over HTTP and one over NATS
// another credential, and ends the old one at once.
func turnKeys(t *testing.T, ctx context.Context, b *book, m *meter, all []*speaker) {
	tick := time.NewTicker(m.window)
	defer tick.Stop()
	for i := 0; ; i += 2 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		natsOne, httpOne := all[i%soakPartners], all[(i+1)%soakPartners]
		httpOne.Access.Token = turnKey(t, b, httpOne.Access.Token, func(next *partner) { httpOne.token.Store(&next.Token) })
		natsOne.Access.NATS = turnKey(t, b, natsOne.Access.NATS, func(next *partner) {
			natsOne.Creds = filepath.Join(b.dir, next.Creds)
			natsOne.dial(t, b)
		})
	}
}

func turnKey(t *testing.T, b *book, id string, use func(next *partner)) (next string) {
	var made struct {
		partner
		ID string `json:"id"`
	}
	words{program: b.cmd.Path, dir: b.dir}.run(t, "access", "rotate", id, "--overlap", "0", "--data", b.data, "--json").well(t, &made)
	use(&made.partner)
	return made.ID
}

// maintain rebuilds the views and makes a backup, under the load.
func maintain(t *testing.T, ctx context.Context, b *book, m *meter) {
	for _, job := range []struct {
		window int
		args   []string
	}{
		{soakRebuild, []string{"rebuild"}},
		{soakBackup, []string{"backup", filepath.Join(b.dir, "backup.tar")}},
	} {
		select {
		case <-time.After(time.Until(m.began.Add(time.Duration(job.window) * m.window))):
		case <-ctx.Done():
			t.Errorf("no time for %s", job.args[0])
			return
		}
		under, done := context.WithCancel(ctx)
		var noting sync.WaitGroup
		noting.Go(func() {
			for under.Err() == nil {
				m.note(func(w *window) { w.upkeep = job.args[0] })
				select {
				case <-under.Done():
				case <-time.After(m.window / 4):
				}
			}
		})
		patientRun(t, b.cmd.Path, append(job.args, "--data", b.data)...)
		done()
		noting.Wait()
	}
}

// patientRun runs a command that may take long, to its good end.
func patientRun(t *testing.T, program string, args ...string) {
	t.Helper()
	p := launch(t, exec.Command(program, args...))
	began := time.Now()
	if <-p.ended; p.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("%v: exit %d\n%s%s", args, p.cmd.ProcessState.ExitCode(), p.said(), tail(p.logged(), 4000))
		return
	}
	t.Logf("%s took %s\n%s", args[0], time.Since(began).Round(time.Second), p.said())
}

// nothingLost: the book has as many records more as were acknowledged, each at a
// position of its own; and what is offered again gets its position.
func nothingLost(t *testing.T, b *book, first uint64, kept *acknowledged) {
	t.Helper()
	if len(kept.twice) > 0 {
		t.Errorf("%d events were told a position that another has: %q", len(kept.twice), kept.twice[:min(len(kept.twice), 10)])
	}
	if tip := b.tip(t); tip != first+kept.count {
		t.Errorf("the book has %d records more, and %d events were acknowledged", tip-first, kept.count)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	same := 0
	for _, s := range kept.sample {
		a, err := post(ctx, s.who.line, b.url, *s.who.token.Load(), s.event, false)
		if err != nil || a.Status != http.StatusOK || a.Position != s.position {
			t.Errorf("%s was acknowledged at %d, and offered again: %v %v", s.event["id"], s.position, a, err)
			continue
		}
		same++
	}
	t.Logf("%d events acknowledged; of a sample of %d, %d offered again had their position", kept.count, len(kept.sample), same)
}
