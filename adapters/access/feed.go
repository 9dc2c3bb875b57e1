package access

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	bolt "go.etcd.io/bbolt"

	"huisboek/events"
	"huisboek/ledger"
)

// Whose plans a feed shows.
const (
	FeedManager = "accountmanager" // one account manager's of the partner
	FeedPartner = "partner"        // the partner's
	FeedRegion  = "regio"          // everybody's
)

// Why there is no feed, or no more of them.
var (
	ErrNoFeed       = errors.New("no such feed")
	ErrTooManyFeeds = fmt.Errorf("a partner, and the steward, has %d feeds at most: end one first", maxFeeds)
)

// maxFeeds is how many a partner may have: one for each of its people.
const maxFeeds = 1_000

// Feed is a calendar that can be read with a token of its own, and with nothing
// else. It says whose plans, never the token. The account manager of a FeedManager
// is not among what the file tells: that is sealed with the token, so that the file
// names nobody and only a request with the token can.
type Feed struct {
	ID      string      `json:"id"`                // AddFeed fills it in
	Scope   string      `json:"voor"`              // FeedManager, FeedPartner or FeedRegion
	Partner string      `json:"partner"`           // UUID: whose feed it is; empty for the steward's
	Name    string      `json:"naam,omitempty"`    // for people
	Made    time.Time   `json:"gemaaktOp"`         // AddFeed fills it in
	Used    events.Date `json:"gebruikt,omitzero"` // the last day on which it was read; empty: never
}

// Caller is as whom a feed is read.
func (f *Feed) Caller() ledger.Caller {
	c := ledger.Caller{Role: ledger.RoleSteward, Credential: f.ID, Door: ledger.DoorHTTP}
	if f.Partner != "" {
		c.Role, c.Partner = ledger.RolePartner, f.Partner
	}
	return c
}

// storedFeed is a feed as the file holds it.
type storedFeed struct {
	Feed
	Token   tokenHash `json:"token"`
	Manager []byte    `json:"wie,omitempty"` // of a FeedManager: the medewerker, under the token
}

// AddFeed stores a new feed and gives its token, which is shown this once and cannot
// be found back. employee is the partner's own id of the account manager, for a
// FeedManager.
func (f *File) AddFeed(feed Feed, employee string) (added Feed, token string, err error) {
	if err := feed.check(employee); err != nil {
		return Feed{}, "", fmt.Errorf("access: %w", err)
	}
	s := storedFeed{Feed: feed}
	s.ID, s.Made, s.Used = uuid.NewString(), f.moment(), ""
	token, s.Token = newFeedToken()
	if s.Manager, err = sealEmployee(token, s.ID, employee); err != nil {
		return Feed{}, "", fmt.Errorf("access: %w", err)
	}
	err = f.update(func(tx *bolt.Tx) error {
		have := 0
		err := each(f, tx, bucketFeeds, func(_ string, other storedFeed) {
			if other.Partner == s.Partner {
				have++
			}
		})
		if err != nil {
			return err
		}
		if have >= maxFeeds {
			return ErrTooManyFeeds
		}
		return f.put(tx, bucketFeeds, []byte(s.ID), s)
	})
	if err != nil {
		return Feed{}, "", err
	}
	return s.Feed, token, nil
}

// Feeds is every feed, oldest first.
func (f *File) Feeds() []Feed {
	s := f.state.Load()
	list := make([]Feed, 0, len(s.feeds))
	for _, feed := range s.feeds {
		list = append(list, feed.Feed)
	}
	slices.SortFunc(list, func(a, b Feed) int { return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID)) })
	return list
}

// FeedOf is the feed with this token, and of a FeedManager the account manager's own
// id; or ErrUnknownToken. It takes the same time for every wrong token: what is
// looked up and compared is the token's hash.
func (f *File) FeedOf(token string) (feed Feed, employee string, err error) {
	hash := tokenHash(sha256.Sum256([]byte(token)))
	s := f.state.Load()
	stored := s.feeds[s.feedTokens[hash]]
	if subtle.ConstantTimeCompare(stored.Token[:], hash[:]) != 1 {
		return Feed{}, "", ErrUnknownToken
	}
	employee, err = openEmployee(token, stored.ID, stored.Manager)
	return stored.Feed, employee, err
}

// FeedUsed remembers the day on which a feed was read. Of a day only the first time
// is written.
func (f *File) FeedUsed(id string, day events.Date) error {
	if f.state.Load().feeds[id].Used == day {
		return nil
	}
	return f.update(func(tx *bolt.Tx) error {
		s, err := f.feed(tx, id)
		if err != nil || s.Used == day {
			return err
		}
		s.Used = day
		return f.put(tx, bucketFeeds, []byte(id), s)
	})
}

// RemoveFeed ends a feed at once. ErrNoFeed when there is none.
func (f *File) RemoveFeed(id string) error {
	return f.update(func(tx *bolt.Tx) error {
		if _, err := f.feed(tx, id); err != nil {
			return err
		}
		return tx.Bucket(bucketFeeds).Delete([]byte(id))
	})
}

// RemoveFeedsOf ends every feed of a partner. It is no error when it has none.
func (f *File) RemoveFeedsOf(partner string) error {
	var gone []string
	for _, feed := range f.Feeds() {
		if feed.Partner == partner && partner != "" {
			gone = append(gone, feed.ID)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return f.update(func(tx *bolt.Tx) (err error) {
		for _, id := range gone {
			if b := tx.Bucket(bucketFeeds); b != nil {
				err = errors.Join(err, b.Delete([]byte(id)))
			}
		}
		return err
	})
}

func (f *File) feed(tx *bolt.Tx, id string) (s storedFeed, err error) {
	b := tx.Bucket(bucketFeeds)
	if b == nil || id == "" {
		return s, ErrNoFeed
	}
	value := b.Get([]byte(id))
	if value == nil {
		return s, ErrNoFeed
	}
	text, err := f.open(bucketFeeds, []byte(id), value)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

func (f *Feed) check(employee string) error {
	if _, err := uuid.Parse(f.Partner); err != nil && f.Partner != "" {
		return fmt.Errorf("partner %q: %w", f.Partner, err)
	}
	switch {
	case f.Scope != FeedManager && f.Scope != FeedPartner && f.Scope != FeedRegion:
		return fmt.Errorf("unknown scope %q", f.Scope)
	case f.Partner == "" && f.Scope != FeedRegion:
		return fmt.Errorf("a feed for %s is a partner's", f.Scope)
	case (f.Scope == FeedManager) != (employee != ""):
		return errors.New("an account manager's feed has an account manager, and no other has")
	case utf8.RuneCountInString(f.Name) > 200 || strings.ContainsFunc(f.Name, unicode.IsControl):
		return errors.New("name is longer than 200 characters or not one line")
	}
	return nil
}

// newFeedToken has no prefix: it stands in an address, and is no bearer token.
func newFeedToken() (token string, hash tokenHash) {
	var b [tokenSize]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, sha256.Sum256([]byte(token))
}

// sealEmployee seals under a key that only the token gives; the file has its hash.
// The key seals this once, so that the nonce may be zero.
func sealEmployee(token, id, employee string) ([]byte, error) {
	if employee == "" {
		return nil, nil
	}
	aead, err := feedCipher(token)
	if err != nil {
		return nil, err
	}
	padded := employee + strings.Repeat("\x00", padding-len(employee)%padding) // so that it does not tell how long it is
	return aead.Seal(nil, make([]byte, aead.NonceSize()), []byte(padded), []byte(id)), nil
}

func openEmployee(token, id string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	aead, err := feedCipher(token)
	if err != nil {
		return "", err
	}
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, []byte(id))
	if err != nil {
		return "", fmt.Errorf("access: feed %s: %w", id, err)
	}
	return strings.TrimRight(string(plain), "\x00"), nil
}

// padding is to what multiple a sealed id is filled up, in bytes.
const padding = 32

func feedCipher(token string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "huisboek agenda medewerker", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
