package ledger

import (
	"context"
	"slices"

	"huisboek/events"
)

// EraseAgain erases keys by their ids: what an earlier life of this book erased after
// the point from which it was put back. The keys may be gone already. Everything else
// is as with Erase.
func (l *Ledger) EraseAgain(ctx context.Context, ids []events.KeyID, ground string, by Caller) error {
	for part := range slices.Chunk(ids, keysPerErasure) {
		if _, err := l.erase(context.WithoutCancel(ctx), part, ground, by); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// ErasedAt is every key that was ever erased, with the position that erased it.
func (l *Ledger) ErasedAt() (map[events.KeyID]events.Position, error) {
	out := map[events.KeyID]events.Position{}
	err := l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		for _, id := range erasedKeys(tx) {
			out[id] = positionAt(tx, positionKey(rowErased, events.Position(id)))
		}
		return nil
	})
	return out, err
}
