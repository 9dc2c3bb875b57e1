package ledger_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"huisboek/adapters/natsstream"
	"huisboek/events"
	"huisboek/ledger"
)

var (
	histories   = flag.Int("histories", 3, "how many histories TestLinearizable makes and checks")
	historySeed = flag.Uint64("histories.seed", 0, "seed of the histories; 0 draws one")
)

// The agreement of the histories: short, so that much meets and much expires.
const (
	historyQuiet = 1
	historyValid = 2
)

// spoken is what a planner says of an employer.
type spoken struct {
	kind     string // plan, move or off
	employer string
	partner  int
	approach string
	from, to events.Date
}

// answered is what it was told, and the day that it was in the book.
type answered struct {
	outcome events.Outcome
	today   events.Date
}

// held is an approach in the sequential model.
type held struct {
	approach        string
	partner         int
	from, to, until events.Date
}

// holding is the state of one employer: what holds it, and the day.
type holding struct {
	today events.Date
	holds []held
}

// sequential is what one employer would be if everything were said one after the
// other: whoever comes first gets it, until it calls off, moves or is too late.
var sequential = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		of := map[string][]porcupine.Operation{}
		for _, o := range history {
			e := o.Input.(spoken).employer
			of[e] = append(of[e], o)
		}
		for _, p := range of {
			parts = append(parts, p)
		}
		return parts
	},
	Init: func() any { return holding{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(holding), input.(spoken), output.(answered)
		return s.step(in, out)
	},
	Equal: func(a, b any) bool {
		x, y := a.(holding), b.(holding)
		return x.today == y.today && slices.Equal(x.holds, y.holds)
	},
	DescribeOperation: func(input, output any) string {
		in, out := input.(spoken), output.(answered)
		return fmt.Sprintf("partner %d %s %.4s %s..%s = %s on %s", in.partner, in.kind, in.approach, in.from, in.to, out.outcome, out.today)
	},
	DescribeState: func(state any) string { return fmt.Sprintf("%+v", state) },
}

// step is whether the answer could have been given, and what is after it.
func (s holding) step(in spoken, out answered) (bool, holding) {
	if out.today < s.today {
		return false, s
	}
	next := holding{today: out.today}
	taken := false
	for _, h := range s.holds {
		if h.until < out.today {
			continue // expired
		}
		if h.approach == in.approach {
			continue // what it says now comes in its place
		}
		next.holds = append(next.holds, h)
		taken = taken || h.partner != in.partner && h.from <= in.to.AddDays(historyQuiet) && in.from <= h.to.AddDays(historyQuiet)
	}
	switch {
	case in.kind == "off":
		return out.outcome == events.Free, next
	case taken:
		return out.outcome == events.Taken, next
	}
	until := in.to
	if in.from != in.to {
		until = min(until, out.today.AddDays(historyValid))
	}
	next.holds = append(next.holds, held{in.approach, in.partner, in.from, in.to, until})
	slices.SortFunc(next.holds, func(a, b held) int { return strings.Compare(a.approach, b.approach) })
	if in.to < out.today { // midnight passed since it was meant
		return out.outcome == events.Attention, next
	}
	return out.outcome == events.Free, next
}

// historian makes a history of what planners say at the same time and are told.
type historian struct {
	c    *cluster
	days atomic.Int32 // that went by
	tick atomic.Int64
	mu   sync.Mutex
	list []porcupine.Operation
	size int // what one planner says
}

const (
	historyLedgers   = 4
	historyPlanners  = 8
	historyEmployers = 3
)

func newHistorian(t testing.TB, size int, through func(*natsstream.Stream) ledger.Stream) *historian {
	return &historian{size: size, c: newCluster(t, historyLedgers, historyPlanners, func(a *events.AgreementSet) {
		a.QuietDays, a.ValidDays, a.LongestDays, a.ContactsPerYear, a.PlansPerPartner, a.PlansPerManager = historyQuiet, historyValid, 1000, 0, 0, 0
	}, through)}
}

// make lets every planner say so much, at once.
func (h *historian) make(seed uint64) []porcupine.Operation {
	h.c.t.Helper()
	h.list = nil
	var all sync.WaitGroup
	for i := range h.c.parties {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		all.Go(func() {
			if err := h.planner(i, rng); err != nil {
				h.c.t.Errorf("planner %d: %v", i, err)
			}
		})
	}
	all.Wait()
	return h.list
}

// planner plans at employers, moves what it planned and calls it off; now and then
// a day goes by.
func (h *historian) planner(i int, rng *rand.Rand) error {
	open := []spoken{}
	day := func() (from, to events.Date) {
		from = events.DateOf(h.c.clock.now()).AddDays(rng.IntN(3))
		if rng.IntN(3) == 0 {
			return from, from.AddDays(1 + rng.IntN(6))
		}
		return from, from
	}
	for range h.size {
		if rng.IntN(25) == 0 {
			h.c.clock.set(noon.AddDate(0, 0, int(h.days.Add(1))))
		}
		in := spoken{kind: "plan", employer: fmt.Sprint(91_000_000 + rng.IntN(historyEmployers)), partner: i, approach: uuid.NewString()}
		if n := len(open); n > 0 && rng.IntN(3) > 0 {
			at := rng.IntN(n)
			in = open[at]
			if in.kind = "move"; rng.IntN(2) == 0 {
				in.kind = "off"
				open = slices.Delete(open, at, at+1)
			}
		}
		if in.kind != "off" {
			in.from, in.to = day()
		}
		if in.kind == "plan" {
			open = append(open, in)
		}
		if err := h.says(in); err != nil {
			return fmt.Errorf("%s: %w", in.kind, err)
		}
	}
	return nil
}

// says says it by the planner's own ledger and keeps it in the history.
func (h *historian) says(in spoken) error {
	var data events.Data
	var period *events.Period
	date := in.from
	if in.from != in.to {
		date, period = "", &events.Period{From: in.from, To: in.to}
	}
	switch in.kind {
	case "plan":
		d := plan(in.employer, in.approach, date)
		d.Period = period
		data = d
	case "move":
		data = &events.VisitMoved{Approach: in.approach, Date: date, Period: period}
	default:
		data = &events.VisitCalledOff{Approach: in.approach}
	}
	began := h.tick.Add(1)
	r, err := h.c.say(in.partner%historyLedgers, h.c.parties[in.partner], data)
	ended := h.tick.Add(1)
	if err != nil {
		return err
	}
	stored, err := h.c.stored(r.Position)
	if err != nil {
		return err
	}
	if stored.Verdict.Outcome != r.Outcome {
		return fmt.Errorf("told %s at %d, and %s stands there", r.Outcome, r.Position, stored.Verdict.Outcome)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, porcupine.Operation{
		ClientId: in.partner, Input: in, Call: began, Output: answered{r.Outcome, stored.Verdict.Today}, Return: ended,
	})
	return nil
}

func count(history []porcupine.Operation, o events.Outcome) (n int) {
	for _, x := range history {
		if x.Output.(answered).outcome == o {
			n++
		}
	}
	return n
}

func seeded(t testing.TB) uint64 {
	seed := *historySeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-histories.seed=%d", seed)
	return seed
}

// TestLinearizable: what planners at several ledgers are told at the same time could
// have been told to them one after the other, whatever is planned, moved and called
// off, and however days go by meanwhile.
func TestLinearizable(t *testing.T) {
	seed := seeded(t)
	for n := range *histories {
		h := newHistorian(t, 40, nil)
		history := h.make(seed + uint64(n))
		if t.Failed() {
			return
		}
		began := time.Now()
		result, info := porcupine.CheckOperationsVerbose(sequential, history, 2*time.Minute)
		if result != porcupine.Ok {
			t.Errorf("history %d is %s; drawn in %s", n, result, draw(t, info))
		}
		t.Logf("%d things said at %d ledgers in %d days, %d free and %d taken; checked in %s",
			len(history), historyLedgers, h.days.Load(), count(history, events.Free), count(history, events.Taken), time.Since(began).Round(time.Millisecond))
		if count(history, events.Taken) == 0 || h.days.Load() == 0 {
			t.Error("nothing met, or no day went by: the history shows nothing")
		}
		h.c.checkBooks()
	}
}

func draw(t *testing.T, info porcupine.LinearizationInfo) string {
	t.Helper()
	name := t.ArtifactDir() + "/history.html"
	if err := porcupine.VisualizePath(sequential, info, name); err != nil {
		t.Error(err)
	}
	return name
}

// unfenced is a stream without the fence: what was decided goes in, also when
// something else came first. Only the place in the chain is made right, so that
// nothing but the verdict is wrong.
type unfenced struct {
	*natsstream.Stream
	dropped *atomic.Int32
}

func (u unfenced) Append(ctx context.Context, after events.Position, messages []ledger.Message) error {
	err := u.Stream.Append(ctx, after, messages)
	for errors.Is(err, ledger.ErrFence) {
		if after, messages, err = u.restamped(ctx, messages); err != nil {
			return err
		}
		if err = u.Stream.Append(ctx, after, messages); err == nil {
			u.dropped.Add(1)
			return ledger.ErrUnknown // so that the ledger reads where it came to stand
		}
	}
	return err
}

// restamped are the messages as they would stand at the end of the stream.
func (u unfenced) restamped(ctx context.Context, messages []ledger.Message) (events.Position, []ledger.Message, error) {
	last, err := u.Last(ctx)
	if err != nil {
		return 0, nil, err
	}
	data, err := u.Get(ctx, last)
	if err != nil {
		return 0, nil, err
	}
	r, err := events.DecodeRecord(data)
	if err != nil {
		return 0, nil, err
	}
	tip := r.Checkpoint()
	var all []ledger.Message
	for _, m := range messages {
		r, err := events.DecodeRecord(m.Data)
		if err != nil {
			return 0, nil, err
		}
		r.Position, r.Previous = tip.Position+1, tip.Hash
		data, err := events.EncodeRecord(r)
		if err != nil {
			return 0, nil, err
		}
		tip = r.Checkpoint()
		all = append(all, ledger.Message{Name: m.Name, Data: data})
	}
	return last, all, nil
}

// TestLinearizableNeedsTheFence: the checker rejects what ledgers say that decide on
// what they last knew.
func TestLinearizableNeedsTheFence(t *testing.T) {
	var dropped atomic.Int32
	h := newHistorian(t, 25, func(s *natsstream.Stream) ledger.Stream { return unfenced{s, &dropped} })
	history := h.make(seeded(t))
	if t.Failed() {
		return
	}
	if dropped.Load() == 0 {
		t.Fatal("no ledger was ever behind: this shows nothing")
	}
	if result := porcupine.CheckOperationsTimeout(sequential, history, time.Minute); result != porcupine.Illegal {
		t.Errorf("%d verdicts were decided on a stale book, and the history is %s", dropped.Load(), result)
	}
}

// TestLinearizableByHand: the checker itself, on histories of a few words.
func TestLinearizableByHand(t *testing.T) {
	type line struct {
		partner     int
		kind        string
		approach    string
		from, to    int // days from today
		began, done int64
		outcome     events.Outcome
		day         int
	}
	for _, c := range []struct {
		name  string
		lines []line
		want  porcupine.CheckResult
	}{
		{"one after the other", []line{{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {2, "plan", "b", 0, 0, 3, 4, "bezet", 0}}, porcupine.Ok},
		{"at once, the later one wins", []line{{1, "plan", "a", 0, 0, 1, 4, "bezet", 0}, {2, "plan", "b", 0, 0, 2, 3, "vrij", 0}}, porcupine.Ok},
		{"at once, both win", []line{{1, "plan", "a", 0, 0, 1, 4, "vrij", 0}, {2, "plan", "b", 0, 0, 2, 3, "vrij", 0}}, porcupine.Illegal},
		{"at once, nobody wins", []line{{1, "plan", "a", 0, 0, 1, 4, "bezet", 0}, {2, "plan", "b", 0, 0, 2, 3, "bezet", 0}}, porcupine.Illegal},
		{"the first does not win", []line{{1, "plan", "a", 0, 0, 1, 2, "bezet", 0}, {2, "plan", "b", 0, 0, 3, 4, "vrij", 0}}, porcupine.Illegal},
		{"the quiet day between", []line{{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {2, "plan", "b", 1, 1, 3, 4, "vrij", 0}}, porcupine.Illegal},
		{"after the quiet day", []line{{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {2, "plan", "b", 2, 2, 3, 4, "vrij", 0}}, porcupine.Ok},
		{"called off", []line{{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {1, "off", "a", 0, 0, 3, 4, "vrij", 0}, {2, "plan", "b", 0, 0, 5, 6, "vrij", 0}}, porcupine.Ok},
		{"called off, and still taken", []line{{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {1, "off", "a", 0, 0, 3, 4, "vrij", 0}, {2, "plan", "b", 0, 0, 5, 6, "bezet", 0}}, porcupine.Illegal},
		{"moved away", []line{{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {1, "move", "a", 3, 3, 3, 4, "vrij", 0}, {2, "plan", "b", 0, 0, 5, 6, "vrij", 0}}, porcupine.Ok},
		{"a move into a hold gives up what it had", []line{
			{1, "plan", "a", 0, 0, 1, 2, "vrij", 0}, {2, "plan", "b", 5, 5, 3, 4, "vrij", 0}, {1, "move", "a", 5, 5, 5, 6, "bezet", 0}, {3, "plan", "c", 0, 0, 7, 8, "vrij", 0},
		}, porcupine.Ok},
		{"a period that is valid still", []line{{1, "plan", "a", 0, 6, 1, 2, "vrij", 0}, {2, "plan", "b", 6, 6, 3, 4, "vrij", 2}}, porcupine.Illegal},
		{"a period that expired", []line{{1, "plan", "a", 0, 6, 1, 2, "vrij", 0}, {2, "plan", "b", 6, 6, 3, 4, "vrij", 3}}, porcupine.Ok},
		{"a period that expired, and still holds", []line{{1, "plan", "a", 0, 6, 1, 2, "vrij", 0}, {2, "plan", "b", 6, 6, 3, 4, "bezet", 3}}, porcupine.Illegal},
		{"the day goes back", []line{{1, "plan", "a", 9, 9, 1, 2, "vrij", 1}, {2, "plan", "b", 5, 5, 3, 4, "vrij", 0}}, porcupine.Illegal},
	} {
		t.Run(c.name, func(t *testing.T) {
			var history []porcupine.Operation
			for _, l := range c.lines {
				history = append(history, porcupine.Operation{
					ClientId: l.partner, Call: l.began, Return: l.done,
					Input:  spoken{l.kind, kvk, l.partner, l.approach, today.AddDays(l.from), today.AddDays(l.to)},
					Output: answered{l.outcome, today.AddDays(l.day)},
				})
			}
			if got := porcupine.CheckOperationsTimeout(sequential, history, time.Minute); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
