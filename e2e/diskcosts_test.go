package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"huisboek/e2e/disktest"
)

// cost is what something costs the disk, at most.
type cost struct {
	what   string
	events int
	syncs  float64 // per event
	writes float64
	bytes  float64
	do     func(t *testing.T, c *cutter, s *server, a *actor)
}

// costs are upper bounds: three times what was counted, for how many events share a
// transaction of the files behind the stream is a matter of chance. A slip of ten times
// is far above them.
var costs = []cost{
	{"an event, one after another (100)", 100, 9, 35, 130_000, func(t *testing.T, c *cutter, _ *server, a *actor) {
		for range 100 {
			must(t, a.send(t.Context(), a.make("dienst-geleverd", object{"kvkNummer": "90000001", "dienst": "jobcoach", "datum": day(-1)})))
		}
	}},
	{"a visit with a name and a text sealed (100)", 100, 9, 60, 225_000, func(t *testing.T, c *cutter, _ *server, a *actor) {
		for i := range 100 {
			must(t, a.send(t.Context(), a.make("bezoek-afgelegd", object{"kvkNummer": "90000001", "datum": day(-i), "doel": "kennismaking", "vorm": "telefoon", "toelichting": "Kort gesproken",
				"accountmanager": manager("am-1", "Ada Voorbeeld", "038-1000101")})))
		}
	}},
	{"an event of a batch of 1,000", 1000, 0.4, 6, 15_000, func(t *testing.T, c *cutter, s *server, a *actor) {
		all := make([]object, 1000)
		for i := range all {
			all[i] = a.make("dienst-geleverd", object{"kvkNummer": fmt.Sprint(90_000_000 + i), "dienst": "jobcoach", "datum": day(-1)}).event
		}
		a.url = s.url
		if status, body, err := a.offer(t.Context(), "application/cloudevents-batch+json", all); err != nil || status != 200 {
			t.Fatalf("%d %s %v", status, body, err)
		}
		a.url = ""
	}},
	{"two seconds of nothing", 1, 2, 4, 20_000, func(_ *testing.T, _ *cutter, s *server, _ *actor) {
		awaitMoment(s, 2*time.Second)
	}},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestDiskCosts counts what an event costs the disk, from outside: whatever slips by
// ten times in the number of syncs, writes or bytes shows here, on any machine.
func TestDiskCosts(t *testing.T) {
	needDisk(t)
	c := newCutter(t)
	s := startAs(t, c.program, c.data)
	c.connect(t, s)
	a := c.actors[0]
	must(t, a.send(t.Context(), a.next())) // keys are drawn, files have grown
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "per event\tsyncs\tof\twrites\tof\tbytes\tof\t")
	for _, k := range costs {
		before := c.spent(ctx, t, s)
		k.do(t, c, s, a)
		after := c.spent(ctx, t, s)
		syncs, writes, bytes := float64(after.Syncs-before.Syncs)/float64(k.events), float64(after.Writes-before.Writes)/float64(k.events), float64(after.Bytes-before.Bytes)/float64(k.events)
		fmt.Fprintf(w, "%s\t%.2f\t%.1f\t%.2f\t%.1f\t%.0f\t%.0f\t\n", k.what, syncs, k.syncs, writes, k.writes, bytes, k.bytes)
		if syncs > k.syncs || writes > k.writes || bytes > k.bytes {
			t.Errorf("%s costs more than it may", k.what)
		}
	}
	w.Flush()
	t.Logf("what it costs the disk, and may at most:\n%s", table.String())
	s.stop(t)
}

// spent is what the disk did since it was mounted, once everything that was recorded is
// in every file.
func (c *cutter) spent(ctx context.Context, t *testing.T, s *server) (sum disktest.Count) {
	t.Helper()
	highest := uint64(0)
	for _, a := range c.actors {
		highest = max(highest, a.highest)
	}
	s.get(t, c.actors[0].Token, fmt.Sprintf("/v1/partners?vanafPositie=%d", highest), nil)
	last := uint64(0)
	c.eventually(ctx, t, "the disk is at rest", func() bool {
		now := c.disk.Ops()
		if now == last {
			return true
		}
		last = now
		awaitMoment(s, 400*time.Millisecond) // more than the files' own lingering
		return false
	})
	for path, n := range c.disk.Counts() {
		if filepath.Base(path) != "steward.token" {
			sum.Syncs, sum.Writes, sum.Bytes = sum.Syncs+n.Syncs, sum.Writes+n.Writes, sum.Bytes+n.Bytes
		}
	}
	return sum
}
