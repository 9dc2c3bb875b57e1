package natsstream_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/natsstream"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	bookID  = "01998a5e-7d1c-7000-8000-000000000001"
	source  = "urn:nld:oin:00000099000000000001:systeem:proef"
	visitor = "/accountmanager"
)

// book makes records that follow each other, as the ledger would.
type book struct {
	id  string
	who string // differs per ledger
	at  events.Checkpoint
	key func(events.Position) events.KeyID // that a record names; nil = its own position
	pad int                                // extra length of a record
}

// next makes the next n records.
func (b *book) next(t testing.TB, n int) []ledger.Message {
	t.Helper()
	all := make([]ledger.Message, n)
	for i := range all {
		all[i] = b.record(t)
	}
	return all
}

func (b *book) record(t testing.TB) ledger.Message {
	t.Helper()
	at := b.at.Position + 1
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	plain, err := events.NewEvent(source, fmt.Sprintf("%s-%d", b.who, at), now, &events.VisitMade{
		Employer: events.Employer{KvK: "90004760"}, Date: "2026-11-20", Purpose: "advies", Form: "telefoon",
		AccountManager: events.Personal[events.AccountManager]{Plain: &events.AccountManager{Employee: "m1", Name: "Proefpersoon"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	key := events.KeyID(at)
	if b.key != nil {
		key = b.key(at)
	}
	sealed, err := plain.WithSeals(map[string]events.Seal{visitor: {Key: key, Text: "bm9uY2UtY2lwaGVydGV4dC10YWctZXQtY2V0ZXJhLTAxMjM0NTY3ODkt" + strings.Repeat("QUJD", b.pad/4)}})
	if err != nil {
		t.Fatal(err)
	}
	r := &events.Record{
		Book: b.id, Position: at, Previous: b.at.Hash, At: now, Partner: bookID, Credential: "c1", Door: "nats",
		Verdict: events.Verdict{Outcome: events.Free, Rules: 1, Today: "2026-11-22"}, Event: *sealed,
	}
	stored, err := events.EncodeRecord(r)
	if err != nil {
		t.Fatal(err)
	}
	b.at = r.Checkpoint()
	return ledger.Message{Name: r.Event.Type.Name(), Data: stored}
}

// write appends n records of the book to a stream, in batches of at most size.
func (b *book) write(t testing.TB, s *natsstream.Stream, n, size int) {
	t.Helper()
	for n > 0 {
		after := b.at.Position
		now := min(n, size)
		if err := s.Append(context.Background(), after, b.next(t, now)); err != nil {
			t.Fatal(err)
		}
		n -= now
	}
}
