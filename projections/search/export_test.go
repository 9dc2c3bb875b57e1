package search

import "time"

// UseClock gives an index another clock.
func UseClock(x *Index, now func() time.Time) { x.now = now }
