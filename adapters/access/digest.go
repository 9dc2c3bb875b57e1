package access

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	bolt "go.etcd.io/bbolt"

	"huisboek/events"
)

// How often a digest comes.
const (
	EveryDay  = "dag"
	EveryWeek = "week" // on Monday
)

// maxDigests is how many a partner may have: one for each of its people, and not a
// way to write to the world.
const maxDigests = 200

var (
	// ErrNoDigest: there is no digest with this id.
	ErrNoDigest = errors.New("no such digest: digest list names them")
	// ErrTooManyDigests: a partner has as many as it may have.
	ErrTooManyDigests = fmt.Errorf("a partner has %d digests at most: end one first", maxDigests)
)

// Digest is somebody's wish to read a partner's messages by mail. It stands here
// because it lets somebody read.
type Digest struct {
	ID      string      `json:"id"`               // AddDigest fills it in
	Partner string      `json:"partner"`          // UUID: whose messages
	Email   string      `json:"email"`            // where they go: an address without a name
	Every   string      `json:"elke"`             // EveryDay or EveryWeek
	Lang    string      `json:"taal"`             // "nl" or "en"
	Made    time.Time   `json:"gemaaktOp"`        // AddDigest fills it in
	By      string      `json:"toegang"`          // id of the credential that asked for it
	Cursor  string      `json:"na"`               // the messages after it were not mailed yet
	Looked  events.Date `json:"bekeken"`          // the last day on which there was nothing left to mail
	Trouble string      `json:"storing,omitzero"` // why the last mail was not taken, in one line
}

// AddDigest stores a wish. The error says in one line what is wrong with it.
func (f *File) AddDigest(d Digest) (Digest, error) {
	if err := d.check(); err != nil {
		return d, fmt.Errorf("access: %w", err)
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return d, fmt.Errorf("access: %w", err)
	}
	d.ID, d.Made = id.String(), f.moment()
	return d, f.update(func(tx *bolt.Tx) error {
		have := 0
		if err := each(f, tx, bucketDigests, func(_ string, other Digest) {
			if other.Partner == d.Partner {
				have++
			}
		}); err != nil {
			return err
		}
		if have >= maxDigests {
			return ErrTooManyDigests
		}
		return f.put(tx, bucketDigests, []byte(d.ID), d)
	})
}

// ChangeDigest changes what a digest came to. ErrNoDigest when it has ended meanwhile.
func (f *File) ChangeDigest(id string, change func(*Digest)) error {
	return f.update(func(tx *bolt.Tx) error {
		d, err := f.digest(tx, id)
		if err != nil {
			return err
		}
		change(&d)
		return f.put(tx, bucketDigests, []byte(id), d)
	})
}

// EndDigest ends a wish. Nothing reads its address any more, and a snapshot does not
// have it; in the file itself its bytes may stand until the room is used again.
// ErrNoDigest.
func (f *File) EndDigest(id string) error {
	return f.update(func(tx *bolt.Tx) error {
		if _, err := f.digest(tx, id); err != nil {
			return err
		}
		return tx.Bucket(bucketDigests).Delete([]byte(id))
	})
}

// Digests lists every wish, the oldest first; of one partner, or of all ("").
func (f *File) Digests(partner string) []Digest {
	list := []Digest{}
	for _, d := range f.state.Load().digests {
		if partner == "" || d.Partner == partner {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Digest) int { return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID)) })
	return list
}

func (f *File) digest(tx *bolt.Tx, id string) (d Digest, err error) {
	b := tx.Bucket(bucketDigests)
	if b == nil || id == "" {
		return d, ErrNoDigest
	}
	value := b.Get([]byte(id))
	if value == nil {
		return d, ErrNoDigest
	}
	text, err := f.open(bucketDigests, []byte(id), value)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(text, &d)
}

func (d *Digest) check() error {
	if _, err := uuid.Parse(d.Partner); err != nil {
		return fmt.Errorf("partner %q: %w", d.Partner, err)
	}
	if !MailAddress(d.Email) {
		return fmt.Errorf("%q is no mail address of the form naam@voorbeeld.nl", d.Email)
	}
	if d.Every != EveryDay && d.Every != EveryWeek {
		return fmt.Errorf("%q: want %s or %s", d.Every, EveryDay, EveryWeek)
	}
	if d.Lang != "nl" && d.Lang != "en" {
		return fmt.Errorf("language %q: want nl or en", d.Lang)
	}
	return nil
}

// MailAddress reports whether a text is one mail address without a name, as it may
// stand in a header: ASCII, no white space, at most 254 characters (RFC 5321).
func MailAddress(text string) bool {
	if len(text) > 254 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	a, err := mail.ParseAddress(text)
	return err == nil && a.Name == "" && a.Address == text
}
