package projections

import "sync"

// reads keeps what rows say that are few and read at every event, by the bytes of the
// row: two stores that hold the same row, and one that was made anew, are told the same,
// and a row that changed is another. What it gives is everybody's, not to be changed.
type reads[T any] struct {
	mu    sync.RWMutex
	byRow map[string]T
}

// maxReads is how many rows are kept; beyond that it begins anew.
const maxReads = 1_000

func (k *reads[T]) of(row []byte, read func([]byte) (T, error)) (T, error) {
	k.mu.RLock()
	x, ok := k.byRow[string(row)]
	k.mu.RUnlock()
	if ok {
		return x, nil
	}
	x, err := read(row)
	if err != nil {
		return x, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byRow == nil || len(k.byRow) >= maxReads {
		k.byRow = map[string]T{}
	}
	k.byRow[string(row)] = x
	return x, nil
}
