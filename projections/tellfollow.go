package projections

import (
	"cmp"
	"fmt"
	"slices"

	"huisboek/events"
)

// Who follows an employer stands with it, as it was said: of a partner, the last word
// on an establishment counts, and the word that lets go of the whole entity is one on
// all its establishments. A word that is retracted is gone, and the one before counts.
//
//	'F' employer   the last words of each partner on following it
const rowFollowed = 'F'

// maxFollowWords is how many words of one partner on one employer are kept: what lies
// behind them can no longer come back by retractions.
const maxFollowWords = 8

// follower is a word of a partner on following.
type follower struct {
	position               events.Position
	partner, establishment string
	follows                bool
}

func readFollowers(tx Tx, employer string) ([]follower, error) {
	row := tx.Get(employerPrefix(rowFollowed, employer))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	list := make([]follower, d.count())
	for i := range list {
		list[i] = follower{d.position(), d.text(), d.text(), d.bool()}
	}
	if err := d.err(); err != nil {
		return nil, fmt.Errorf("followers of %s: %w", employer, err)
	}
	return list, nil
}

func writeFollowers(tx Tx, employer string, list []follower) {
	key := employerPrefix(rowFollowed, employer)
	if len(list) == 0 {
		tx.Delete(key)
		return
	}
	e := make(encoder, 0, 8+48*len(list))
	e.uint(uint64(len(list)))
	for _, f := range list {
		e.position(f.position)
		e.text(f.partner)
		e.text(f.establishment)
		e.bool(f.follows)
	}
	tx.Put(key, e)
}

// keepFollowed keeps a word on following an employer.
func keepFollowed(tx Tx, r *events.Record, at events.Employer, follows bool) error {
	list, err := readFollowers(tx, at.Key())
	if err != nil {
		return err
	}
	said := 0
	for _, f := range list {
		if f.partner == r.Partner {
			said++
		}
	}
	if said == maxFollowWords {
		i := slices.IndexFunc(list, func(f follower) bool { return f.partner == r.Partner })
		list = slices.Delete(list, i, i+1)
	}
	writeFollowers(tx, at.Key(), append(list, follower{r.Position, r.Partner, at.Establishment, follows}))
	keepFollows(tx, r.Position, at.Key())
	return nil
}

// unfollow takes back the word on following at a position.
func unfollow(tx Tx, employer string, p events.Position) error {
	list, err := readFollowers(tx, employer)
	if err != nil {
		return err
	}
	writeFollowers(tx, employer, slices.DeleteFunc(list, func(f follower) bool { return f.position == p }))
	return nil
}

// Follows reports whether any of some partners follows an employer under any of its keys
// (Employers.Same), and of an establishment it alone.
func (Messages) Follows(tx Tx, keys, partners []string, establishment string) (bool, error) {
	follow, err := followersOf(tx, keys)
	return slices.ContainsFunc(follow, func(f follower) bool {
		return slices.Contains(partners, f.partner) && f.establishment == establishment
	}), err
}

// Followed is an employer, or an establishment of it, that is followed.
type Followed struct {
	Employer, Establishment string          // the employer by the key to use first
	Position                events.Position // of the event that said so last
}

// Followed is what any of some partners follows, what was said last first: an employer
// once, under however many keys it was said. It reads who follows every employer, for
// it is asked seldom and messages look the other way.
func (Messages) Followed(tx Tx, partners []string) ([]Followed, error) {
	keys, err := spokenOf(tx, partners)
	if err != nil {
		return nil, err
	}
	var list []Followed
	for _, key := range keys {
		same, err := NewEmployers().Same(tx, key)
		if err != nil {
			return nil, err
		}
		first, err := NewEmployers().Preferred(tx, same)
		if err != nil {
			return nil, err
		}
		follow, err := followersOf(tx, same)
		if err != nil {
			return nil, err
		}
		for _, f := range follow {
			if slices.Contains(partners, f.partner) {
				list = append(list, Followed{first, f.establishment, f.position})
			}
		}
	}
	slices.SortFunc(list, func(a, b Followed) int { return cmp.Compare(b.Position, a.Position) })
	type what struct{ employer, establishment string }
	seen := map[what]bool{}
	return slices.DeleteFunc(list, func(f Followed) bool {
		of := what{f.Employer, f.Establishment}
		again := seen[of]
		seen[of] = true
		return again
	}), nil
}

// spokenOf are the employers about which any of some partners said that it follows or
// lets go, by their keys.
func spokenOf(tx Tx, partners []string) (keys []string, err error) {
	tx.Scan([]byte{rowFollowed}, func(key, _ []byte) bool {
		if name, rest, ok := cutSized(key[1:]); ok && len(rest) == 0 {
			keys = append(keys, string(name))
		}
		return true
	})
	var said []string
	for _, key := range keys {
		list, err := readFollowers(tx, key)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(f follower) bool { return slices.Contains(partners, f.partner) }) {
			said = append(said, key)
		}
	}
	return said, nil
}

// followersOf is who follows an employer under any of these keys, whole or an
// establishment of it.
func followersOf(tx Tx, keys []string) (follow []follower, err error) {
	var words []follower
	for _, key := range keys {
		list, err := readFollowers(tx, key)
		if err != nil {
			return nil, err
		}
		words = append(words, list...)
	}
	if len(keys) > 1 {
		slices.SortFunc(words, func(a, b follower) int { return cmp.Compare(a.position, b.position) })
	}
	for _, w := range words {
		follow = slices.DeleteFunc(follow, func(f follower) bool {
			return f.partner == w.partner && (f.establishment == w.establishment || !w.follows && w.establishment == "")
		})
		if w.follows {
			follow = append(follow, w)
		}
	}
	return follow, nil
}
