package natsstream

import (
	"context"
	"sync"

	"huisboek/ledger"
)

// Gate stands before a region's streams while their server cannot write to them. The
// zero Gate is open. Safe for concurrent use.
type Gate struct {
	asking sync.RWMutex // held by who asks the server, and exclusively while it is away
	gone   bool         // it is, and did not come back

	mu       sync.Mutex
	why      error
	underWay map[*publisher]context.CancelFunc
}

// Shut refuses every append from now on, with that error: nothing of it is stored.
func (g *Gate) Shut(why error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.why = why
}

// Abandon waits no longer for the appends that are under way: no answer will come, and
// they are ledger.ErrUnknown.
func (g *Gate) Abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, cancel := range g.underWay {
		cancel()
	}
}

// Open takes appends again.
func (g *Gate) Open() { g.Shut(nil) }

// Err is why the gate is shut, nil when it is open.
func (g *Gate) Err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.why
}

// Away runs fn while nobody asks the server anything: who does waits. When fn fails the
// server is taken to be away until fn goes well, and who asks gets ledger.ErrAway.
func (g *Gate) Away(fn func() error) error {
	g.asking.Lock()
	defer g.asking.Unlock()
	err := fn()
	g.gone = err != nil
	return err
}

// ask lets somebody ask the server something, until told.
func (g *Gate) ask() error {
	g.asking.RLock()
	if g.gone {
		g.asking.RUnlock()
		return ledger.ErrAway
	}
	return nil
}

func (g *Gate) told() { g.asking.RUnlock() }

// waits notes how to end the wait of an append; nil when it has its answer.
func (g *Gate) waits(p *publisher, cancel context.CancelFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if cancel == nil {
		delete(g.underWay, p)
		return
	}
	if g.underWay == nil {
		g.underWay = map[*publisher]context.CancelFunc{}
	}
	g.underWay[p] = cancel
}
