package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/events"
	"huisboek/ledger"
)

// NATSSender emits over NATS. Safe for concurrent use; requests are then worked on
// side by side, and whoever wants one event after another waits for the receipt.
type NATSSender struct{ conn *nats.Conn }

// NATS makes a sender of a connection with a partner's credentials. The
// connection stays the caller's.
func NATS(conn *nats.Conn) *NATSSender { return &NATSSender{conn} }

// DialNATS connects with a partner's .creds file; Close ends it. The connection
// comes back by itself when it breaks. More options go after the sender's own:
// nats.RetryOnFailedConnect(true) for a program that may start while the line is
// down, nats.RootCAs(file) for a certificate of a private authority.
func DialNATS(url, credsFile string, more ...nats.Option) (*NATSSender, error) {
	conn, err := nats.Connect(url, append([]nats.Option{
		nats.UserCredentials(credsFile), nats.Name("huisboek client"), nats.MaxReconnects(-1),
		nats.ReconnectWait(firstWait), nats.ReconnectJitter(firstWait, firstWait),
		// Nothing waits in memory while the line is down: who offers it hears so.
		nats.ReconnectBufSize(-1),
	}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", url, err)
	}
	return NATS(conn), nil
}

// Close closes the connection.
func (s *NATSSender) Close() { s.conn.Close() }

// Send implements Sender. Receipt.Again is never set: this door does not say it.
func (s *NATSSender) Send(ctx context.Context, event []byte) (*ledger.Receipt, error) {
	if err := refuseHere(event); err != nil {
		return nil, err
	}
	m := nats.NewMsg("melden")
	m.Header.Set("content-type", structured)
	m.Data = event
	body, err := s.ask(ctx, m)
	if err != nil {
		return nil, err
	}
	return readReceipt(body, 0, false)
}

// Book asks which book this is, and with that whether the credentials are good.
func (s *NATSSender) Book(ctx context.Context) (*Book, error) {
	m := nats.NewMsg("vragen.berichten")
	m.Data = []byte(`{"aantal":1}`)
	body, err := s.ask(ctx, m)
	if err != nil {
		return nil, err
	}
	return readBook(body, 0)
}

// ask sends a request and gives an answer in JSON; any other is an error.
func (s *NATSSender) ask(ctx context.Context, m *nats.Msg) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	got, err := s.conn.RequestMsgWithContext(ctx, m)
	if errors.Is(err, nats.ErrMaxPayload) { // the book would refuse it, but cannot even be told
		return nil, ledger.TooLarge(events.MaxSize)
	}
	if err != nil {
		return nil, err
	}
	switch got.Header.Get("content-type") {
	case ledger.ProblemMediaType:
		return nil, readProblem(got.Data, 0, got.Header.Get("retry-after"))
	case "application/json":
		return got.Data, nil
	}
	return nil, &strangeAnswer{0, fmt.Sprintf("an answer of type %q", got.Header.Get("content-type"))}
}

// firstWait is the first pause before something is tried again.
const firstWait = 200 * time.Millisecond
