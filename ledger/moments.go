package ledger

import (
	"sync"
	"time"

	"huisboek/events"
)

// moments are when the last records were recorded: every answer says it of the
// position that it is true for, and reading that record from the stream would wait
// behind the append that is under way.
type moments struct {
	mu   sync.RWMutex
	last [momentsKept]struct {
		position events.Position
		at       time.Time
	}
}

const momentsKept = 4096 // far more than are recorded while a question is answered

func (m *moments) keep(records []*events.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		slot := &m.last[r.Position%momentsKept]
		slot.position, slot.at = r.Position, r.At
	}
}

// Moment is when a position was recorded, as far as that is remembered: of the last
// few thousand since the ledger was opened.
func (l *Ledger) Moment(p events.Position) (at time.Time, ok bool) {
	l.moments.mu.RLock()
	defer l.moments.mu.RUnlock()
	slot := &l.moments.last[p%momentsKept]
	return slot.at, p != 0 && slot.position == p
}
