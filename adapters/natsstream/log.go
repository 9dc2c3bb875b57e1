package natsstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"huisboek/ledger"
)

// log is what the two streams have in common: reading.
type log struct {
	stream jetstream.Stream
	gate   *Gate
	name   string
}

var errNotFound = errors.New("not found")

// get reads one message. errNotFound when the server has none at that sequence,
// which is also what it says of one that it cannot read.
func (l *log) get(ctx context.Context, seq uint64) ([]byte, error) {
	if seq == 0 {
		return nil, errNotFound
	}
	if err := l.gate.ask(); err != nil {
		return nil, err
	}
	m, err := l.stream.GetMsg(ctx, seq)
	l.gate.told()
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("%w: natsstream: reading %d of stream %s: %w", ledger.ErrAway, seq, l.name, err)
	}
	return m.Data, nil
}

// from reads the first message at or after a sequence.
func (l *log) from(ctx context.Context, seq uint64) (at uint64, data []byte, err error) {
	if err := l.gate.ask(); err != nil {
		return 0, nil, err
	}
	defer l.gate.told()
	m, err := l.stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(">"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil, errNotFound
	}
	if err != nil {
		return 0, nil, fmt.Errorf("%w: natsstream: reading from %d of stream %s: %w", ledger.ErrAway, seq, l.name, err)
	}
	return m.Sequence, m.Data, nil
}

func (l *log) state(ctx context.Context) (*jetstream.StreamState, error) {
	if err := l.gate.ask(); err != nil {
		return nil, err
	}
	defer l.gate.told()
	info, err := l.stream.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: natsstream: state of stream %s: %w", ledger.ErrAway, l.name, err)
	}
	return &info.State, nil
}

func (l *log) last(ctx context.Context) (uint64, error) {
	st, err := l.state(ctx)
	if err != nil {
		return 0, err
	}
	return st.LastSeq, nil
}
