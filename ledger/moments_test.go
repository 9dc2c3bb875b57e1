package ledger

import (
	"testing"
	"time"

	"huisboek/events"
)

// The last records are remembered, and one that is not is never taken for another.
func TestMoments(t *testing.T) {
	var l Ledger
	began := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	at := func(p events.Position) time.Time { return began.Add(time.Duration(p) * time.Second) }
	for p := events.Position(1); p <= 2*momentsKept+7; p += 3 {
		batch := []*events.Record{{Position: p, At: at(p)}, {Position: p + 1, At: at(p + 1)}, {Position: p + 2, At: at(p + 2)}}
		l.moments.keep(batch)
	}
	const tip = 2*momentsKept + 7
	for p := events.Position(0); p <= tip+momentsKept; p++ {
		got, ok := l.Moment(p)
		if want := p > tip-momentsKept && p <= tip; ok != want || ok && !got.Equal(at(p)) {
			t.Fatalf("position %d: %v %t", p, got, ok)
		}
	}
}
