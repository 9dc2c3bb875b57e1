package natsstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// quiet is how long a reader hears nothing before it looks whether there is
// something after all: at a block that it cannot read, a consumer does not fail,
// it falls silent.
const quiet = 500 * time.Millisecond

// inactive is how long the server keeps a consumer that nobody reads from.
const inactive = 30 * time.Second

// reader gives the messages of a stream in order, from a sequence on. The
// ordered consumer beneath it starts itself anew when the connection was lost.
type reader struct {
	log      *log
	want     uint64 // the next sequence
	sparse   bool   // sequences may be missing (keys that were erased)
	consumer jetstream.ConsumeContext
	messages chan jetstream.Msg
	closed   chan struct{} // the connection is
	stop     chan struct{}
	timer    *time.Timer
}

func (l *log) read(ctx context.Context, from uint64, sparse bool) (*reader, error) {
	r := &reader{log: l, want: max(from, 1), sparse: sparse, timer: time.NewTimer(quiet)}
	if err := r.open(ctx); err != nil {
		r.timer.Stop()
		return nil, err
	}
	return r, nil
}

func (r *reader) open(ctx context.Context) error {
	if err := r.log.gate.ask(); err != nil {
		return err
	}
	defer r.log.gate.told()
	c, err := r.log.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.want, InactiveThreshold: inactive,
	})
	if err != nil {
		return fmt.Errorf("natsstream: reading stream %s: %w", r.log.name, err)
	}
	messages, closed, stop := make(chan jetstream.Msg, 512), make(chan struct{}, 1), make(chan struct{})
	consumer, err := c.Consume(func(m jetstream.Msg) {
		select {
		case messages <- m:
		case <-stop:
		}
	}, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		if errors.Is(err, jetstream.ErrConnectionClosed) {
			select {
			case closed <- struct{}{}:
			default:
			}
		}
	}))
	if err != nil {
		return fmt.Errorf("natsstream: reading stream %s: %w", r.log.name, err)
	}
	r.consumer, r.messages, r.closed, r.stop = consumer, messages, closed, stop
	return nil
}

func (r *reader) reopen(ctx context.Context) error {
	r.shut()
	return r.open(ctx)
}

// shut may be called again: when nothing could be opened after it.
func (r *reader) shut() {
	if r.stop == nil {
		return
	}
	close(r.stop)
	r.consumer.Stop()
	r.stop = nil
}

// close ends the reading.
func (r *reader) close() {
	r.timer.Stop()
	r.shut()
}

// next waits for the next message.
func (r *reader) next(ctx context.Context) (uint64, []byte, error) {
	for {
		r.timer.Reset(quiet)
		select {
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		case m := <-r.messages:
			if seq, data, ok, err := r.take(ctx, m); ok || err != nil {
				return seq, data, err
			}
		case <-r.closed:
			return 0, nil, fmt.Errorf("natsstream: reading stream %s: %w", r.log.name, nats.ErrConnectionClosed)
		case <-r.timer.C:
			if seq, data, ok, err := r.look(ctx); ok || err != nil {
				return seq, data, err
			}
		}
	}
}

// waiting gives the next message when it is here already.
func (r *reader) waiting(ctx context.Context) (seq uint64, data []byte, ok bool, err error) {
	for {
		select {
		case m := <-r.messages:
			if seq, data, ok, err = r.take(ctx, m); ok || err != nil {
				return seq, data, ok, err
			}
		default:
			return 0, nil, false, nil
		}
	}
}

// take accepts a message that is the next one; ok is false when it was not and
// the reading goes on from where it should.
func (r *reader) take(ctx context.Context, m jetstream.Msg) (seq uint64, data []byte, ok bool, err error) {
	meta, err := m.Metadata()
	if err != nil {
		return 0, nil, false, fmt.Errorf("natsstream: reading stream %s: %w", r.log.name, err)
	}
	seq = meta.Sequence.Stream
	if seq < r.want {
		return 0, nil, false, nil
	}
	if seq > r.want && !r.sparse {
		if _, err := r.log.get(ctx, r.want); err != nil {
			return 0, nil, false, r.lost(err, fmt.Sprintf("the stream goes on at %d", seq))
		}
		return 0, nil, false, r.reopen(ctx)
	}
	r.want = seq + 1
	return seq, m.Data(), true, nil
}

// look finds out what a silence means: nothing new, a message that cannot be
// read, or a consumer that is slow or stuck. In the last case the message is
// fetched, so that the reading goes on however slow the machine is, and the
// consumer is made anew after it.
func (r *reader) look(ctx context.Context) (seq uint64, data []byte, ok bool, err error) {
	last, err := r.log.last(ctx)
	if err != nil || last < r.want {
		return 0, nil, false, err
	}
	if r.sparse {
		seq, data, err = r.log.from(ctx, r.want)
	} else {
		seq = r.want
		data, err = r.log.get(ctx, seq)
	}
	if err != nil {
		return 0, nil, false, r.lost(err, fmt.Sprintf("the stream says it goes on to %d", last))
	}
	r.want = seq + 1
	return seq, data, true, r.reopen(ctx)
}

// lost tells damage from a server that does not answer.
func (r *reader) lost(err error, what string) error {
	if errors.Is(err, errNotFound) {
		return damaged(r.log.name, r.want, "missing or unreadable, while %s", what)
	}
	return err
}
