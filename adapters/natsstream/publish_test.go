package natsstream

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsserver"
	"huisboek/ledger"
)

// pretend gives a stream whose server answers what answer says; nil is silence.
func pretend(t *testing.T, answer func(m *nats.Msg)) *Stream {
	t.Helper()
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := natsserver.Start(natsserver.Config{Dir: t.TempDir(), Ledger: seed, MaxStore: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Shutdown)
	nc, err := srv.Connect(natsserver.User{Name: "proef", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		t.Fatal(err)
	}
	if answer != nil {
		if _, err := nc.Subscribe("huisboek.AM36.>", answer); err != nil {
			t.Fatal(err)
		}
	}
	p, err := newPublisher(nc, new(Gate), "HUISBOEK_AM36")
	if err != nil {
		t.Fatal(err)
	}
	return &Stream{log: &log{name: "HUISBOEK_AM36"}, pub: p, prefix: "huisboek.AM36."}
}

var one = []ledger.Message{{Name: "proef", Data: []byte("x")}}

func TestWhatAnswersMean(t *testing.T) {
	tests := []struct {
		name, answer string
		want         error // nil: no error; errOther: none of the known ones
	}{
		{"stored", `{"stream":"S","seq":8}`, nil},
		{"fence", `{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 9"}}`, ledger.ErrFence},
		{"fence, told elsewhere", `{"error":{"code":400,"err_code":10164,"description":"wrong last sequence"}}`, ledger.ErrFence},
		{"server's limit", `{"error":{"code":503,"err_code":10023,"description":"insufficient resources"}}`, ledger.ErrFull},
		{"stream's limit", `{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}`, ledger.ErrFull},
		{"disk", `{"error":{"code":503,"err_code":10077,"description":"input/output error"}}`, ledger.ErrDamaged},
		{"another position", `{"stream":"S","seq":9}`, ledger.ErrDamaged},
		{"not understood", `+OK`, ledger.ErrUnknown},
		{"something else", `{"error":{"code":400,"err_code":10052,"description":"x"}}`, errOther},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := pretend(t, func(m *nats.Msg) {
				if err := m.Respond([]byte(tt.answer)); err != nil {
					t.Error(err)
				}
			})
			err := s.Append(t.Context(), 7, one)
			if tt.want != errOther && !errors.Is(err, tt.want) {
				t.Errorf("Append: %v, want %v", err, tt.want)
			}
			for _, known := range []error{ledger.ErrFence, ledger.ErrFull, ledger.ErrDamaged, ledger.ErrUnknown} {
				if known != tt.want && errors.Is(err, known) {
					t.Errorf("Append: %v is also %v", err, known)
				}
			}
			if halts := tt.want == ledger.ErrDamaged; halts != (s.halted.Load() != nil) {
				t.Errorf("halted: %v, want %v", !halts, halts)
			}
		})
	}
}

var errOther = errors.New("another error")

func TestHaltStays(t *testing.T) {
	answer := `{"seq":9}`
	s := pretend(t, func(m *nats.Msg) { m.Respond([]byte(answer)) })
	first := s.Append(t.Context(), 7, one)
	answer = `{"seq":8}`
	if second := s.Append(t.Context(), 7, one); second == nil || second.Error() != first.Error() {
		t.Errorf("after %v came %v", first, second)
	}
}

// Once sent, no answer is an unknown outcome, and an answer that comes late is
// not taken for the answer to the next append.
func TestNoAnswerIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var held *nats.Msg
	s := pretend(t, func(m *nats.Msg) {
		if held == nil {
			held = m
			cancel()
			return
		}
		held.Respond([]byte(`{"error":{"code":503,"err_code":10023,"description":"late"}}`))
		m.Respond([]byte(`{"seq":8}`))
	})
	if err := s.Append(ctx, 7, one); !errors.Is(err, ledger.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("no answer: %v", err)
	}
	if err := s.Append(t.Context(), 7, one); err != nil {
		t.Errorf("the next append: %v", err)
	}
}

func TestSecondAppendIsRefused(t *testing.T) {
	var s *Stream
	var second error
	s = pretend(t, func(m *nats.Msg) {
		second = s.Append(context.Background(), 8, one)
		m.Respond([]byte(`{"seq":8}`))
	})
	if err := s.Append(t.Context(), 7, one); err != nil {
		t.Error(err)
	}
	if !errors.Is(second, errTwoUnderWay) {
		t.Errorf("a second append while one was under way: %v", second)
	}
}

// The server sees the headers of the fence and the batch, and no others.
func TestOnlyOurHeaders(t *testing.T) {
	var seen []nats.Header
	s := pretend(t, func(m *nats.Msg) {
		seen = append(seen, m.Header)
		if m.Reply != "" {
			m.Respond([]byte(`{"seq":10}`))
		}
	})
	if err := s.Append(t.Context(), 7, append(one, one[0], one[0])); err != nil {
		t.Fatal(err)
	}
	name := s.pub.name + "b"
	want := []nats.Header{
		{"Nats-Batch-Id": {name}, "Nats-Batch-Sequence": {"1"}, "Nats-Expected-Last-Sequence": {"7"}},
		{"Nats-Batch-Id": {name}, "Nats-Batch-Sequence": {"2"}},
		{"Nats-Batch-Id": {name}, "Nats-Batch-Sequence": {"3"}, "Nats-Batch-Commit": {"1"}},
	}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
}
