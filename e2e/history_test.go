package e2e_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var historyLines = flag.Int("history", 20_000, "how many lines TestHistory submits")

// What a server may take, and what the program that submits may, of memory that is
// not a file's.
const (
	serverMemory = 512 << 20
	submitMemory = 128 << 20
)

// TestHistory: a file of old history goes in once, whatever is killed on the way.
// submit is killed after a quarter of it and the server after a half; the same
// command goes on from there. In the end the report is right, every event stands in
// the stream once, and each refused line is kept with its number and its reason.
func TestHistory(t *testing.T) {
	program, err := plain() // the race detector is no measure of memory
	if err != nil {
		t.Fatal(err)
	}
	b := newBookAs(t, program)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	b.lift(t, p, "token")
	address := strings.TrimPrefix(b.url, "http://")
	h := writeHistory(t, filepath.Join(t.TempDir(), "historie.jsonl"), *historyLines, b.newTypes(t, p))
	submit := func() *process {
		c := exec.Command(program, "submit", "--json", "--quiet", "--server", b.url, h.path)
		c.Env = environment("HUISBOEK_TOKEN=" + p.Token)
		return launch(t, c)
	}
	began := time.Now()
	used := map[string]*memory{"server": {}, "submit": {}}
	used["server"].watch(t, b.process)

	first := submit()
	used["submit"].watch(t, first)
	h.awaitState(t, first, *historyLines/4)
	first.cmd.Process.Kill()
	<-first.ended
	came := h.state(t)

	second := submit()
	used["submit"].watch(t, second)
	h.awaitState(t, second, *historyLines/2)
	b.kill()
	b.server = startAs(t, program, b.data, "--listen", address)
	used["server"].watch(t, b.process)
	ctx, cancel := context.WithTimeout(t.Context(), patience+time.Duration(*historyLines)*10*time.Millisecond)
	defer cancel()
	if err := second.await(ctx, func() bool { return false }); err != errEnded {
		t.Fatal(err)
	}
	took := time.Since(began)
	got := h.report(t, second)
	h.compare(t, got, false)
	if got.Resumed < came {
		t.Errorf("went on after event %d, and %d was written down", got.Resumed, came)
	}
	if !strings.Contains(second.logged(), "goes on after event") || !strings.Contains(second.logged(), "no receipt yet") {
		t.Errorf("does not say that it went on and waited:\n%s", second.logged())
	}
	if _, err := os.Stat(h.path + ".voortgang"); !os.IsNotExist(err) {
		t.Errorf("how far it is stays written down: %v", err)
	}
	if tip, want := b.tip(t), uint64(2+h.good); tip != want {
		t.Errorf("the book is at %d, want %d", tip, want)
	}

	third := submit() // all of it once more, to no effect
	if err := third.await(ctx, func() bool { return false }); err != errEnded {
		t.Fatal(err)
	}
	again := h.report(t, third)
	h.compare(t, again, true)
	if again.RefusedFile != got.RefusedFile || again.Resumed != 0 {
		t.Errorf("again: refused lines in %s, before in %s; went on after %d", again.RefusedFile, got.RefusedFile, again.Resumed)
	}
	if left := listing(t, filepath.Dir(h.path)); len(left) != 2 {
		t.Errorf("files that are left: %q", left)
	}
	for name, limit := range map[string]int64{"server": serverMemory, "submit": submitMemory} {
		own, resident := used[name].most()
		t.Logf("%s: at most %d MiB of its own, %d MiB resident", name, own>>20, resident>>20)
		if own > limit {
			t.Errorf("%s took %d bytes", name, own)
		}
	}
	t.Logf("%d lines (%d MB) with two kills in %s: %.0f a second; once more in %.1fs: %.0f a second; the data folder has %d MB",
		*historyLines, h.size>>20, took.Round(time.Millisecond), float64(*historyLines)/took.Seconds(),
		again.Took, float64(*historyLines)/again.Took, folderSize(t, b.data)>>20)
	verify := launch(t, exec.Command(program, "verify", "--data", b.data))
	if err := verify.await(ctx, func() bool { return false }); err != errEnded || verify.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("verify: %v\n%s%s", err, verify.said(), verify.logged())
	}
	b.stop(t)
	if *historyLines <= 100_000 { // chain holds all of it in memory
		h.once(t, b.data)
	}
}

// lift lets a partner's credential of a kind, token or nats, send as fast as it can, as
// the steward does for the afternoon in which the history of years comes in.
func (b *book) lift(t *testing.T, p *partner, kind string) {
	t.Helper()
	var list []struct {
		ID, Soort, Partner string
		Tempo              int
	}
	find := func() (id string, rate int) {
		cli(t, "access", "list", "--data", b.data, "--json").well(t, &list)
		for _, c := range list {
			if c.Partner == p.ID && c.Soort == kind {
				return c.ID, c.Tempo
			}
		}
		t.Fatalf("no %s of %s in %+v", kind, p.Name, list)
		return "", 0
	}
	id, _ := find()
	cli(t, "access", "rate", id, "--rate", "100000", "--data", b.data).well(t, nil)
	if _, rate := find(); rate != 100_000 {
		t.Errorf("listed with a rate of %d", rate)
	}
}

// newTypes reports whether the book takes vacancies and signals.
func (b *book) newTypes(t *testing.T, p *partner) bool {
	t.Helper()
	file := filepath.Join(t.TempDir(), "proef.json")
	e := p.event("vacature-gemeld", object{"kvkNummer": kvks[0], "vacature": "00000000-0000-4000-8000-000000000001", "beroep": "Magazijnmedewerker", "aantal": 1})
	if err := os.WriteFile(file, marshal(e), 0o600); err != nil {
		t.Fatal(err)
	}
	return words{env: []string{"HUISBOEK_TOKEN=" + p.Token}}.run(t, "submit", "--proef", "--server", b.url, file).code == 0
}

// state is how many events were answered, as submit has written it down.
func (h *history) state(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(h.path + ".voortgang")
	if os.IsNotExist(err) {
		return 0
	}
	var s struct {
		Events int `json:"gebeurtenissen"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s.Events
}

// awaitState waits until so many events were answered.
func (h *history) awaitState(t *testing.T, p *process, events int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for h.state(t) < events {
		select {
		case <-tick.C:
		case <-p.ended:
			t.Fatalf("submit ended at event %d: %s%s", h.state(t), p.said(), p.logged())
		}
	}
}

// submitReport is what submit --json --quiet prints.
type submitReport struct {
	Recorded int            `json:"vastgelegd"`
	Again    int            `json:"eerderGezien"`
	Refused  int            `json:"geweigerd"`
	Codes    map[string]int `json:"codes"`
	Took     float64        `json:"seconden"`
	Files    []struct {
		RefusedFile string `json:"geweigerdBestand"`
		Resumed     int    `json:"hervatNa"`
	} `json:"bestanden"`
	RefusedFile string `json:"-"`
	Resumed     int    `json:"-"`
}

func (h *history) report(t *testing.T, p *process) (r submitReport) {
	t.Helper()
	if code := p.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit %d, and lines were refused:\n%s", code, p.logged())
	}
	if err := json.Unmarshal([]byte(p.said()), &r); err != nil || len(r.Files) != 1 {
		t.Fatalf("%v: %s\n%s", err, p.said(), p.logged())
	}
	r.RefusedFile, r.Resumed = r.Files[0].RefusedFile, r.Files[0].Resumed
	return r
}

// compare holds a report and the file of refused lines against what is in the file.
// What was recorded in the moment of a kill counts as seen before: whole says that
// nothing was news.
func (h *history) compare(t *testing.T, r submitReport, whole bool) {
	t.Helper()
	if r.Recorded+r.Again != h.good+h.again || r.Recorded > h.good || whole && r.Recorded != 0 {
		t.Errorf("%d recorded and %d seen before, of %d and %d", r.Recorded, r.Again, h.good, h.again)
	}
	if r.Refused != len(h.refused) || !maps.Equal(r.Codes, h.codes) {
		t.Errorf("%d refused %v, want %d %v", r.Refused, r.Codes, len(h.refused), h.codes)
	}
	info, err := os.Stat(r.RefusedFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file of refused lines: %v %v", info, err)
	}
	got := map[int]string{}
	for line := range strings.Lines(readText(t, r.RefusedFile)) {
		var l struct {
			Refused struct {
				Line    int    `json:"regel"`
				ID      string `json:"id"`
				Problem string `json:"probleem"`
				Faults  []fault
			} `json:"geweigerd"`
			Event object `json:"melding"`
			Text  string `json:"tekst"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		got[l.Refused.Line] = l.Refused.Problem
		for n, f := range l.Refused.Faults {
			if n == 0 {
				got[l.Refused.Line] = f.Code
			}
		}
		if code := h.refused[l.Refused.Line]; code != "te-groot" && l.Event == nil && l.Text == "" {
			t.Errorf("line %d is not repeated: %s", l.Refused.Line, line)
		}
	}
	if n := strings.Count(readText(t, r.RefusedFile), "\n"); len(got) != len(h.refused) || n != len(got) {
		t.Errorf("%d lines were refused, and %d kept, want %d", len(got), n, len(h.refused))
	}
	for line := range h.refused {
		if got[line] == "" {
			t.Errorf("line %d, %s, is not among the refused", line, h.refused[line])
		}
	}
}

// once: every good line stands in the stream once, in the order of the file.
func (h *history) once(t *testing.T, data string) {
	t.Helper()
	last := 0
	n := 0
	for _, r := range chain(t, data, nil) {
		id, ours := strings.CutPrefix(fmt.Sprint(r.Event["id"]), "h-")
		if !ours {
			continue
		}
		n++
		line, err := strconv.Atoi(id)
		if err != nil || line <= last || h.refused[line] != "" {
			t.Fatalf("event %v stands behind line %d: %v", r.Event["id"], last, err)
		}
		last = line
	}
	if n != h.good {
		t.Errorf("%d events are in the stream, want %d", n, h.good)
	}
}

func listing(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func folderSize(t *testing.T, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
