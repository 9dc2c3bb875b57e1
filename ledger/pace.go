package ledger

import "time"

// pace is how long appends take on this disk, smoothed: of one record, and of a batch
// without what its records themselves take. A batch is staged by the server before it is
// stored, which costs several syncs; a record in it costs next to nothing. So from where
// singles would take longer a batch is faster, and how many that is differs tenfold
// between disks (docs/decisions/0003).
type pace struct{ one, batch time.Duration }

const (
	oneAtFirst   = 50 * time.Microsecond
	batchAtFirst = 5 * time.Millisecond
	ofEach       = 10 * time.Microsecond // of a batch
	smoothing    = 8
	// From so few on a batch is never tried, and from so many on always: what was
	// measured in a bad moment is measured anew.
	batchFromLeast = 8
	batchFromMost  = 100
)

func newPace() pace { return pace{oneAtFirst, batchAtFirst} }

// took takes in how long an append of n records took.
func (p *pace) took(n int, d time.Duration) {
	if n == 1 {
		p.one += (d - p.one) / smoothing
	} else {
		p.batch += (max(d-time.Duration(n)*ofEach, 0) - p.batch) / smoothing
	}
}

// batchFrom is from how many waiting submissions on a batch is faster than singles.
func (p *pace) batchFrom() int {
	return int(min(max(p.batch/max(p.one, 1), batchFromLeast), batchFromMost))
}
