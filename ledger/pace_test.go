package ledger

import (
	"testing"
	"time"
)

// TestPace: where a sync costs much a batch is made for few, where it costs nothing for
// many; one that stood still for long does not end batches for good.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name       string
		one, batch time.Duration
		want       int
	}{
		{"fast disk", 50 * time.Microsecond, 6 * time.Millisecond, 100},
		{"a quarter of a millisecond", 250 * time.Microsecond, 6 * time.Millisecond, 20},
		{"a millisecond", 1200 * time.Microsecond, 13 * time.Millisecond, 10},
		{"stood still", 250 * time.Microsecond, 10 * time.Second, 100},
	} {
		p := newPace()
		if got := p.batchFrom(); got != 100 {
			t.Errorf("at first from %d", got)
		}
		for range 100 {
			p.took(1, c.one)
			p.took(100, c.batch)
		}
		if got := p.batchFrom(); got < c.want-1 || got > c.want+1 {
			t.Errorf("%s: from %d, want about %d", c.name, got, c.want)
		}
	}
}
