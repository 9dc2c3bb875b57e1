package client_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"huisboek/adapters/client"
)

// What the child is told, in its environment.
const (
	childDir  = "HUISBOEK_CLIENT_CHILD" // the folder of its outbox
	childFrom = "HUISBOEK_CLIENT_FROM"  // the first event that it puts
	childNATS = "HUISBOEK_CLIENT_NATS"
	childCred = "HUISBOEK_CLIENT_CREDS"
)

// child puts events with growing numbers, says so of each that is kept, and runs
// its outbox meanwhile, until it is killed.
func child(dir string) int {
	fail := func(err error) int { fmt.Println("fail", err); return 1 }
	b, err := client.Open(filepath.Join(dir, "outbox.db"), client.Options{Check: true})
	if err != nil {
		return fail(err)
	}
	s, err := client.DialNATS(os.Getenv(childNATS), os.Getenv(childCred))
	if err != nil {
		return fail(err)
	}
	go func() {
		fmt.Println("fail", b.Run(context.Background(), s))
		os.Exit(1)
	}()
	from, err := strconv.Atoi(os.Getenv(childFrom))
	for n := from; err == nil && n < from+30; n++ {
		event := move(strconv.Itoa(n))
		if n == 1 {
			event = plan("1") // everything else rests on it
		}
		if err = b.Put(event); err == nil {
			fmt.Println("put", n)
		}
	}
	if err != nil {
		return fail(err)
	}
	select {} // the parent ends it
}

// A process that is killed over and over loses nothing that Put kept, doubles
// nothing, and keeps the order.
func TestKilled(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	kept := 0
	for range 30 {
		kept = h.killOne(dir, kept, dice)
	}
	if kept < 60 {
		t.Fatalf("only %d events were put: the test proves nothing", kept)
	}
	h.hook(nil, nil)
	b := openOutbox(t, filepath.Join(dir, "outbox.db"), client.Options{})
	left := must[int](t)(b.Len())
	if err := b.Flush(t.Context(), h.dial()); err != nil {
		t.Fatal(err)
	}
	if refused := must[[]client.Refusal](t)(b.Refused()); len(refused) != 0 {
		t.Errorf("refused: %d, the first with %v", len(refused), refused[0].Problem)
	}
	got := h.recorded()
	t.Logf("%d events put, %d recorded, %d of them after the last kill", kept, len(got), left)
	for i, id := range got {
		if id != strconv.Itoa(i+1) {
			t.Fatalf("recorded %v: something is lost, doubled or out of order at %d", got, i)
		}
	}
	if len(got) < kept {
		t.Errorf("%d recorded, %d were kept", len(got), kept)
	}
}

// killOne lets a child run and kills it at some moment: when it has put so many
// events, or when its n-th is under way to the book and is lost there, or when the
// book has recorded that and did not answer.
func (h *house) killOne(dir string, kept int, dice *rand.Rand) int {
	t := h.t
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childFrom+"="+strconv.Itoa(kept+1), childNATS+"="+h.url, childCred+"="+h.creds)
	out := must[io.ReadCloser](t)(cmd.StdoutPipe())
	cmd.Stderr = os.Stderr
	when, moment := int64(1+dice.IntN(25)), dice.IntN(3)
	var reached atomic.Int64
	count := func() bool {
		if reached.Add(1) == when {
			cmd.Process.Kill()
		}
		return reached.Load() >= when
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	switch moment {
	case 0:
		h.hook(nil, nil)
	case 1:
		h.hook(count, nil)
	case 2:
		h.hook(nil, func() { count() })
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, ok := strings.CutPrefix(lines.Text(), "put ")
		if !ok {
			t.Fatalf("the child says %q", lines.Text())
		}
		kept = must[int](t)(strconv.Atoi(n))
		if moment == 0 {
			count()
		}
	}
	if err := cmd.Wait(); cmd.ProcessState.Exited() {
		t.Fatalf("the child was not killed: %v", err)
	}
	return kept
}

// The events of the kill test are good ones: a refusal would hide a loss.
func TestChildsEvents(t *testing.T) {
	h := newHouse(t)
	s := h.dial()
	for _, e := range [][]byte{plan("1"), move("2"), move("3")} {
		if _, err := s.Send(t.Context(), e); err != nil {
			t.Error(err)
		}
	}
	if got := h.recorded(); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("got %v", got)
	}
}
