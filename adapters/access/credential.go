package access

import (
	"cmp"
	"encoding/hex"
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

	"huisboek/ledger"
)

// The kinds of credential.
const (
	KindToken = "token" // a bearer token, for HTTP and the command line
	KindNATS  = "nats"  // a NATS account: see Account
)

// ErrNoCredential: there is no credential with this id.
var ErrNoCredential = errors.New("no such credential")

// Why a credential cannot be rotated.
var (
	// ErrEnded: it has expired, and what has ended does not come back. Add another.
	ErrEnded = errors.New("the credential has expired")
	// ErrReplaced: it has a successor. Rotate that one; or remove it when it was
	// lost, and rotate this one again.
	ErrReplaced = errors.New("the credential was replaced already")
)

// Credential is one way for one party to speak. It says who, never the secret.
type Credential struct {
	ID       string      `json:"id"`                  // opaque; what records name. Add fills it in
	Kind     string      `json:"soort"`               // KindToken (also when empty) or KindNATS
	Role     ledger.Role `json:"rol"`                 //
	Partner  string      `json:"partner"`             // UUID; only for RolePartner
	Name     string      `json:"naam,omitempty"`      // for people: whose it is
	Created  time.Time   `json:"gemaaktOp"`           // Add fills it in when zero
	Expires  time.Time   `json:"verlooptOp,omitzero"` // from then on it is refused; zero is never. Whole seconds, as in a user JWT
	Replaces string      `json:"vervangt,omitempty"`  // id of the credential that it is the successor of
	Rate     int         `json:"tempo,omitzero"`      // events a second that it may send in the long run; zero is what every credential may
}

// Ended reports whether a credential has expired at a moment.
func (c *Credential) Ended(now time.Time) bool { return !c.Expires.IsZero() && !now.Before(c.Expires) }

// stored is a credential as the file holds it.
type stored struct {
	Credential
	Token tokenHash `json:"token"` // zero for KindNATS
	// Life is how long it was made for, which its successor gets as well; zero is
	// for ever. Expires alone would not say: an overlap brings that forward.
	Life time.Duration `json:"duur,omitzero"`
}

func (c stored) caller() ledger.Caller {
	return ledger.Caller{Role: c.Role, Partner: c.Partner, Credential: c.ID}
}

// MarshalText writes a hash as hex, so that the stored JSON stays readable.
func (h tokenHash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *tokenHash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return fmt.Errorf("token hash of %d characters", len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// New is a credential that is being made, with its secret.
type New struct {
	Credential
	Token   string  // of KindToken: shown this once, it cannot be found back
	Account Account // of KindNATS
}

// Add stores a new credential and gives its token, which is shown this once and
// cannot be found back. A KindNATS credential has no token but an account of its
// own (AccountOf). Two credentials never have the same id; the credential's own
// ID is ignored.
func (f *File) Add(c Credential) (added Credential, token string, err error) {
	var made New
	err = f.AddAll([]Credential{c}, func(all []New) error { made = all[0]; return nil })
	if err != nil {
		return Credential{}, "", err
	}
	return made.Credential, made.Token, nil
}

// AddAll is Add of several, all or none. Before they are stored use gets them, in
// the same order: an error of it stores nothing, so that no credential is left
// that nobody has. use must change nothing in the file. When AddAll fails after
// use did not, nothing is stored either, and what use did is to be undone.
func (f *File) AddAll(all []Credential, use func([]New) error) error {
	now := f.moment()
	fresh := make([]stored, len(all))
	for i, c := range all {
		c.Kind = cmp.Or(c.Kind, KindToken)
		if err := check(c); err != nil {
			return fmt.Errorf("access: %w", err)
		}
		if c.Created.IsZero() {
			c.Created = now
		}
		s := stored{Credential: c}
		if !c.Expires.IsZero() {
			s.Expires = c.Expires.UTC().Truncate(time.Second)
			s.Life = s.Expires.Sub(now).Round(time.Second)
		}
		if s.Ended(now) {
			return fmt.Errorf("access: %s is not in the future", s.Expires.Format(time.RFC3339))
		}
		s.Replaces = ""
		fresh[i] = s
	}
	return f.update(func(tx *bolt.Tx) (err error) {
		made := make([]New, len(fresh))
		for i := range fresh {
			if made[i], err = f.admit(tx, &fresh[i]); err != nil {
				return err
			}
		}
		return use(made)
	})
}

// admit stores a credential under a new id with a new secret.
func (f *File) admit(tx *bolt.Tx, s *stored) (made New, err error) {
	s.ID = uuid.NewString()
	if s.Kind == KindToken {
		made.Token, s.Token = newToken()
	} else if made.Account, err = f.giveAccount(tx, &s.Credential); err != nil {
		return New{}, err
	}
	made.Credential = s.Credential
	return made, f.put(tx, bucketCredentials, []byte(s.ID), s)
}

// Rotate gives a credential a successor, with an id and a secret of its own and
// for as long as the old one was made for, and lets the old one end after an
// overlap in which both are good; with none it ends at once. use gets the
// successor as in AddAll: an error of it leaves the old one as it was.
// ErrNoCredential when there is none, ErrEnded and ErrReplaced when it had its
// turn.
func (f *File) Rotate(id string, overlap time.Duration, use func(New) error) error {
	if overlap < 0 {
		return fmt.Errorf("access: an overlap of %s", overlap)
	}
	now := f.moment()
	return f.update(func(tx *bolt.Tx) error {
		old, err := f.credential(tx, id)
		if err != nil {
			return err
		}
		if old.Ended(now) {
			return fmt.Errorf("%s: %w", id, ErrEnded)
		}
		for _, c := range f.state.Load().credentials {
			if c.Replaces == id {
				return fmt.Errorf("%s: %w, by %s", id, ErrReplaced, c.ID)
			}
		}
		next := old
		next.Created, next.Expires, next.Replaces = now, time.Time{}, id
		if old.Life > 0 {
			next.Expires = now.Add(old.Life).Truncate(time.Second)
		}
		made, err := f.admit(tx, &next)
		if err != nil {
			return err
		}
		if err := f.endAt(tx, &old, now.Add(overlap)); err != nil {
			return err
		}
		return use(made)
	})
}

// Expire lets a credential end at a moment, or at the end it has when that comes
// first. A moment that is not in the future ends it at once.
func (f *File) Expire(id string, at time.Time) error {
	return f.update(func(tx *bolt.Tx) error {
		s, err := f.credential(tx, id)
		if err != nil {
			return err
		}
		return f.endAt(tx, &s, at)
	})
}

func (f *File) endAt(tx *bolt.Tx, s *stored, at time.Time) error {
	at = at.UTC().Truncate(time.Second) // back, so that now is now and not in a moment
	if !s.Expires.IsZero() && s.Expires.Before(at) {
		return nil
	}
	s.Expires = at
	return f.put(tx, bucketCredentials, []byte(s.ID), s)
}

// MaxRate is the highest rate of a credential's own.
const MaxRate = 1_000_000

// SetRate gives a credential a rate of its own, in events a second; with 0 it has
// none any more. Its successors get the same. ErrNoCredential when there is none.
func (f *File) SetRate(id string, perSecond int) error {
	return f.update(func(tx *bolt.Tx) error {
		s, err := f.credential(tx, id)
		if err != nil {
			return err
		}
		s.Rate = perSecond
		if err := check(s.Credential); err != nil {
			return err
		}
		return f.put(tx, bucketCredentials, []byte(s.ID), s)
	})
}

// RateOf is the rate of its own that a credential has, in events a second, or 0.
func (f *File) RateOf(id string) float64 { return float64(f.state.Load().credentials[id].Rate) }

// Ended is every credential that has expired at a moment, oldest first. They stay
// in the file until they are removed.
func (f *File) Ended(now time.Time) []Credential {
	return slices.DeleteFunc(f.List(), func(c Credential) bool { return !c.Ended(now) })
}

// Remove ends a credential at once and forgets it, with its account.
// ErrNoCredential when there is none.
func (f *File) Remove(id string) error {
	return f.update(func(tx *bolt.Tx) error {
		if _, err := f.credential(tx, id); err != nil {
			return err
		}
		if err := f.dropAccount(tx, id); err != nil {
			return err
		}
		return tx.Bucket(bucketCredentials).Delete([]byte(id))
	})
}

// List is every credential, oldest first.
func (f *File) List() []Credential {
	s := f.state.Load()
	list := make([]Credential, 0, len(s.credentials))
	for _, c := range s.credentials {
		list = append(list, c.Credential)
	}
	slices.SortFunc(list, func(a, b Credential) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func (f *File) credential(tx *bolt.Tx, id string) (s stored, err error) {
	b := tx.Bucket(bucketCredentials)
	if b == nil || id == "" {
		return s, ErrNoCredential
	}
	value := b.Get([]byte(id))
	if value == nil {
		return s, ErrNoCredential
	}
	text, err := f.open(bucketCredentials, []byte(id), value)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

func check(c Credential) error {
	switch c.Role {
	case ledger.RolePartner:
		if _, err := uuid.Parse(c.Partner); err != nil {
			return fmt.Errorf("partner %q: %w", c.Partner, err)
		}
	case ledger.RoleSteward, ledger.RoleBoard, ledger.RoleAuditor:
		if c.Partner != "" {
			return fmt.Errorf("role %s belongs to no partner", c.Role)
		}
	default:
		return fmt.Errorf("unknown role %q", c.Role)
	}
	switch {
	case c.Kind != KindToken && c.Kind != KindNATS:
		return fmt.Errorf("unknown kind %q", c.Kind)
	case c.Kind == KindNATS && c.Role != ledger.RolePartner:
		return errors.New("only a partner has a NATS account")
	case utf8.RuneCountInString(c.Name) > 200 || strings.ContainsFunc(c.Name, unicode.IsControl):
		return errors.New("name is longer than 200 characters or not one line")
	case c.Rate < 0 || c.Rate > MaxRate:
		return fmt.Errorf("a rate of %d events a second: want 0 to %d", c.Rate, MaxRate)
	case c.Rate > 0 && c.Role != ledger.RolePartner:
		return errors.New("only a partner sends events: no rate for another")
	}
	return nil
}
