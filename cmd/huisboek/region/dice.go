package region

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/google/uuid"
)

// dice makes every choice, from the seed alone.
type dice struct{ *rand.Rand }

// chance is true in so many of a hundred cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// between is from..to, both included.
func (d dice) between(from, to int) int { return from + d.IntN(to-from+1) }

// uuid is one of version 4.
func (d dice) uuid() string {
	u := d.bits()
	u[6] = u[6]&0x0f | 0x40
	return u.String()
}

// timed is a UUID of version 7 of a moment, in milliseconds of Unix time.
func (d dice) timed(ms int64) string {
	u := d.bits()
	low := u[6]&0x0f | 0x70
	rest := u[7]
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16)
	u[6], u[7] = low, rest
	return u.String()
}

func (d dice) bits() (u uuid.UUID) {
	binary.LittleEndian.PutUint64(u[:8], d.Uint64())
	binary.LittleEndian.PutUint64(u[8:], d.Uint64())
	u[8] = u[8]&0x3f | 0x80 // RFC 9562
	return u
}

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// share is a value with how many of a hundred cases it is for.
type share[T any] struct {
	value   T
	percent int
}

// draw is one of the values; the percentages add up to a hundred.
func draw[T any](d dice, from []share[T]) T {
	n := d.IntN(100)
	for _, s := range from {
		if n -= s.percent; n < 0 {
			return s.value
		}
	}
	return from[len(from)-1].value
}
