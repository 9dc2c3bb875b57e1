package natsstream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/ledger"
)

const (
	// answerWithin is how long an append is waited for: a server whose disk is
	// full answers nothing at all.
	answerWithin = 10 * time.Second
	// maxBatchBytes keeps a batch well under what a stream buffers (128 MB).
	maxBatchBytes = 64 << 20
)

var (
	errTwoUnderWay = errors.New("natsstream: an append is under way already; with two the fence forks the book")
	errTooLarge    = fmt.Errorf("natsstream: more than %d messages or %d bytes in one append", MaxBatch, maxBatchBytes)
)

// message is one message to append.
type message struct {
	subject string
	data    []byte
}

// publisher appends to one stream, one append at a time. It reads the answers
// from an inbox of its own, where a late answer is told from the one awaited.
type publisher struct {
	nc     *nats.Conn
	gate   *Gate
	stream string
	inbox  string
	name   string // of its batches, to which each adds a letter
	sub    *nats.Subscription

	mu sync.Mutex
	n  uint64 // appends so far; names the answer of each
}

func newPublisher(nc *nats.Conn, gate *Gate, stream string) (*publisher, error) {
	p := &publisher{nc: nc, gate: gate, stream: stream, inbox: nats.NewInbox() + ".", name: rand.Text()[:batchName]}
	var err error
	if p.sub, err = nc.SubscribeSync(p.inbox + "*"); err != nil {
		return nil, fmt.Errorf("natsstream: inbox for stream %s: %w", stream, err)
	}
	return p, nil
}

// append stores the messages, all or none, and returns the sequence of the last.
// With a fence they come directly after that sequence or not at all. The stored
// messages carry these headers and no others: whatever a partner sent along
// stays outside.
func (p *publisher) append(ctx context.Context, fence *uint64, messages []message) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if !p.mu.TryLock() {
		return 0, errTwoUnderWay
	}
	defer p.mu.Unlock()
	if tooLarge(messages) {
		return 0, errTooLarge
	}
	if err := p.gate.Err(); err != nil {
		return 0, err
	}
	p.n++
	reply := p.inbox + strconv.FormatUint(p.n, 36)
	for i, m := range messages {
		msg := &nats.Msg{Subject: m.subject, Data: m.data, Header: p.header(fence, i, len(messages))}
		if i == len(messages)-1 {
			msg.Reply = reply
		}
		if err := p.nc.PublishMsg(msg); err != nil {
			if msg.Reply != "" && !neverSent(err) {
				err = errors.Join(ledger.ErrUnknown, err)
			}
			return 0, fmt.Errorf("natsstream: publishing to stream %s: %w", p.stream, err)
		}
	}
	return p.answer(ctx, reply)
}

// neverSent is whether the client refused a message before it sent a byte of it.
// Of a batch without its last message the server keeps nothing.
func neverSent(err error) bool {
	for _, e := range []error{
		nats.ErrMaxPayload, nats.ErrBadSubject, nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrReconnectBufExceeded,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func tooLarge(messages []message) bool {
	size := 0
	for _, m := range messages {
		size += len(m.data)
	}
	return len(messages) > MaxBatch || size > maxBatchBytes
}

// batchName is how long the drawn part of a batch's name is: short, as it is stored
// with every message, and long enough (20 bits) that the few publishers there may be
// on one stream have other ones. Of two that had the same the server would put the
// batches together.
const batchName = 4

// header is the fence, on the first message, and the batch. The batch's name differs
// from the one before, so that a batch that was broken off is not taken for this one,
// and from those of other publishers.
func (p *publisher) header(fence *uint64, i, of int) nats.Header {
	h := make(nats.Header, 3)
	if i == 0 && fence != nil {
		h[jetstream.ExpectedLastSeqHeader] = []string{strconv.FormatUint(*fence, 10)}
	}
	if of == 1 {
		return h
	}
	h["Nats-Batch-Id"] = []string{p.name + string(rune('a'+p.n%26))}
	h["Nats-Batch-Sequence"] = []string{strconv.Itoa(i + 1)}
	if i == of-1 {
		h["Nats-Batch-Commit"] = []string{"1"}
	}
	return h
}

// ack is the server's answer to an append.
type ack struct {
	Sequence uint64              `json:"seq"`
	Error    *jetstream.APIError `json:"error"`
}

// answer waits for the answer to an append. Once it is sent, no answer means
// that the outcome is not known, also when ctx ends.
func (p *publisher) answer(ctx context.Context, reply string) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	p.gate.waits(p, cancel)
	defer p.gate.waits(p, nil)
	for {
		msg, err := p.sub.NextMsgWithContext(ctx)
		if err != nil {
			return 0, fmt.Errorf("%w: stream %s: %w", ledger.ErrUnknown, p.stream, err)
		}
		if msg.Subject != reply {
			continue // of an append that was given up
		}
		var a ack
		if err := json.Unmarshal(msg.Data, &a); err != nil {
			return 0, fmt.Errorf("%w: stream %s: answer not understood: %w", ledger.ErrUnknown, p.stream, err)
		}
		if a.Error != nil {
			return 0, fmt.Errorf("natsstream: stream %s: %w", p.stream, refusal(a.Error))
		}
		return a.Sequence, nil
	}
}
