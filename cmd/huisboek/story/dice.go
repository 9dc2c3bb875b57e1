package story

import (
	"math/rand/v2"

	"github.com/google/uuid"
)

// dice makes every choice of a story, from its seed alone.
type dice struct{ *rand.Rand }

// chance is true in so many of a hundred cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// between is from..to, both included.
func (d dice) between(from, to int) int { return from + d.IntN(to-from+1) }

func (d dice) uuid() string {
	var u uuid.UUID
	for i := range u {
		u[i] = byte(d.Uint32())
	}
	u[6] = u[6]&0x0f | 0x40 // version 4
	u[8] = u[8]&0x3f | 0x80 // RFC 9562
	return u.String()
}

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// weighted is a value with how often it comes beside the others.
type weighted[T any] struct {
	value  T
	weight int
}

func draw[T any](d dice, from []weighted[T]) T {
	total := 0
	for _, w := range from {
		total += w.weight
	}
	n := d.IntN(total)
	for _, w := range from {
		if n -= w.weight; n < 0 {
			return w.value
		}
	}
	panic("unreachable: n is below the sum of the weights")
}
