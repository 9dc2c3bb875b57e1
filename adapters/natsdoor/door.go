// Package natsdoor is the partners' NATS door: request in, receipt out.
//
// A partner sends a CloudEvent as a request to "melden" in its own account, with
// any NATS client, and gets a receipt or a problem; a request to
// "vragen.werkgever.<number>" gives the advice on an employer, one to
// "vragen.adviezen" that on up to 500 of them, one to "vragen.berichten" the messages for the partner, and "berichten.nieuw" hints that
// there are new ones. Who speaks is the account, which the server itself writes
// into the subject (natsserver). Headers are input at most: of what came in,
// nothing but the checked event goes on.
//
// Requests are worked on side by side, so a partner that does not wait for a
// receipt has no promise about order.
package natsdoor

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// Desk takes in events; *intake.Desk is one.
type Desk interface {
	Report(ctx context.Context, c ledger.Caller, headers map[string][]string, body []byte) (*ledger.Receipt, error)
	// Refused is told of an event that this door refuses by itself. It does not wait.
	Refused(c ledger.Caller, err error)
}

// Ledger is what the door asks of one.
type Ledger interface {
	Advise(ctx context.Context, q ledger.Question) (ledger.Advice, events.Position, error)
	AdviseAll(ctx context.Context, q ledger.Question, all []events.Employer) ([]ledger.Advice, events.Position, error)
}

// Config is what a door stands on.
type Config struct {
	Conn   *nats.Conn // of the ledger's account; natsserver.Door is enough
	Desk   Desk
	Ledger Ledger
	// Messages are the messages for a caller after a cursor, at most max of them, as
	// web answers them; what is absent in the question is "" and 0. They are asked
	// again for fewer when the answer does not go into one message of NATS: one
	// message for the caller must. nil: nobody answers that question.
	Messages func(ctx context.Context, c ledger.Caller, after string, max int) (any, error)
	// Coverage says of whom something may be missing in an advice, as web answers it.
	// nil: the advice does not say.
	Coverage func(ctx context.Context, c ledger.Caller) (any, error)
	// Caller is who speaks through an account, by its public key. It is asked for
	// each request in turn, so it does not wait for anything.
	Caller func(account string) (ledger.Caller, bool)
	Now    func() time.Time // nil: the machine's clock
	// Reports say how many events of one credential are worked on at once, so that
	// one partner does not take all hands of this door, which are its own (how many
	// may come the desk knows); Questions the same of what it asks, and how often.
	// nil: no limit but that of all together.
	Reports   *intake.Limits
	Questions *intake.Limits
	Log       *slog.Logger // nil: nothing is logged
}

const (
	// inFlight is how many requests are worked on at once; more are told to come
	// back rather than kept waiting without an answer.
	inFlight = 4_096
	// answerWithin bounds the work on one request.
	answerWithin = 30 * time.Second
)

// Door answers partners until it is closed.
type Door struct {
	cfg   Config
	subs  []*nats.Subscription
	slots chan struct{}
	work  sync.WaitGroup

	mu     sync.Mutex // orders work.Add before work.Wait
	closed bool
}

// Open begins to answer.
func Open(cfg Config) (*Door, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	d := &Door{cfg: cfg, slots: make(chan struct{}, inFlight)}
	kinds := map[string]kind{
		"in.*.melden":             {cfg.Reports.Enter, d.report, cfg.Desk.Refused},
		"in.*.vragen.werkgever.*": {d.ask, d.employer, nil},
		"in.*.vragen.adviezen":    {d.ask, d.tour, nil},
	}
	if cfg.Messages != nil {
		kinds["in.*.vragen.berichten"] = kind{d.ask, d.messages, nil}
	}
	for subject, k := range kinds {
		sub, err := cfg.Conn.Subscribe(subject, func(m *nats.Msg) { d.take(m, k) })
		if err != nil {
			d.Close()
			return nil, fmt.Errorf("listen on %s: %w", subject, err)
		}
		d.subs = append(d.subs, sub)
	}
	return d, cfg.Conn.Flush()
}

// Close stops taking requests and waits until those under way are answered. One
// that comes in meanwhile is told to come back.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	for _, s := range d.subs {
		s.Unsubscribe() // an error means that the connection is gone already
	}
	d.work.Wait()
	d.cfg.Conn.Flush()
}

// kind is a kind of request: how it is let in, what answers it, and who is told
// when it is not let in (nil: nobody).
type kind struct {
	enter   func(credential string) (leave func(), err error)
	answer  func(context.Context, ledger.Caller, *nats.Msg) (any, error)
	refused func(ledger.Caller, error)
}

// ask lets a question in.
func (d *Door) ask(credential string) (leave func(), err error) {
	if err := d.cfg.Questions.Take(credential, 1); err != nil {
		return nil, err
	}
	return d.cfg.Questions.Enter(credential)
}

// take works on one request in a goroutine of its own. Who may not come in, or not
// now, is told so before there is one: a flood costs the others next to nothing.
func (d *Door) take(m *nats.Msg, k kind) {
	caller, ok := d.cfg.Caller(account(m.Subject))
	if !ok {
		d.respond(m, nil, ledger.ErrForbidden)
		return
	}
	leave, err := k.enter(caller.Credential)
	if err == nil && !d.enter() {
		leave()
		err = ledger.ErrBusy
	}
	if err != nil {
		if k.refused != nil {
			k.refused(caller, err)
		}
		d.respond(m, nil, err)
		return
	}
	go func() {
		defer func() { leave(); <-d.slots; d.work.Done() }()
		ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
		defer cancel()
		body, err := k.answer(ctx, caller, m)
		d.respond(m, body, err)
	}()
}

// enter takes a slot, unless all are taken or the door is closed.
func (d *Door) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	select {
	case d.slots <- struct{}{}:
		d.work.Add(1)
		return true
	default:
		return false
	}
}

// account is the second token of the subject, which the server wrote there.
func account(subject string) string {
	_, rest, _ := strings.Cut(subject, ".")
	a, _, _ := strings.Cut(rest, ".")
	return a
}

func (d *Door) report(ctx context.Context, c ledger.Caller, m *nats.Msg) (any, error) {
	r, err := d.cfg.Desk.Report(ctx, c, m.Header, m.Data)
	if err != nil {
		return nil, err
	}
	return intake.ReceiptOf(r), nil
}

// respond sends a receipt or a problem. A request without a reply subject gets
// neither: its event is recorded all the same.
func (d *Door) respond(m *nats.Msg, body any, err error) {
	out := d.answer(m, body, err)
	if m.Reply == "" {
		return
	}
	out.Subject = m.Reply
	if err := d.cfg.Conn.PublishMsg(out); err != nil {
		d.cfg.Log.Warn("answer not sent", "account", account(m.Subject), "err", err)
	}
}

// answer is the message that answers a request. One that cannot be sent is our own
// failure, and told as that: a partner must not wait for nothing.
func (d *Door) answer(m *nats.Msg, body any, err error) *nats.Msg {
	var data []byte
	if err == nil {
		if data, err = json.Marshal(body); err == nil && len(data) > d.room() {
			err = fmt.Errorf("an answer of %d bytes does not go into one message", len(data))
		}
	}
	out := &nats.Msg{Header: nats.Header{}, Data: data}
	out.Header.Set("content-type", "application/json")
	if err != nil {
		d.problem(out, account(m.Subject), err)
	}
	return out
}

// problem makes a message that of an error.
func (d *Door) problem(out *nats.Msg, account string, err error) {
	p := intake.ProblemOf(err)
	if p.Status >= http.StatusInternalServerError {
		level := slog.LevelError
		if p.Status == http.StatusServiceUnavailable {
			level = slog.LevelDebug // as many as partners try again; why the book halts it logs itself
		}
		// Not the subject: its end is a partner's own words.
		d.cfg.Log.Log(context.Background(), level, "request failed", "account", account, "err", err)
	}
	out.Header.Set("content-type", ledger.ProblemMediaType)
	if after := intake.RetryAfter(err); after > 0 {
		out.Header.Set("retry-after", strconv.Itoa(after))
	}
	var failed error
	if out.Data, failed = json.Marshal(p); failed != nil {
		panic(failed) // strings and numbers only
	}
}

// headerRoom is more than the headers of an answer take.
const headerRoom = 1 << 10

// room is how large the body of an answer may be.
func (d *Door) room() int { return int(d.cfg.Conn.MaxPayload()) - headerRoom }
