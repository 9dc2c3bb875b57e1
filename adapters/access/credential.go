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

// Add stores a new credential and gives its token, which is shown this once and
// cannot be found back. A KindNATS credential has no token but an account of its
// own (AccountOf). Two credentials never have the same id; the credential's own
// ID is ignored.
func (f *File) Add(c Credential) (added Credential, token string, err error) {
	c.Kind = cmp.Or(c.Kind, KindToken)
	if err := check(c); err != nil {
		return Credential{}, "", fmt.Errorf("access: %w", err)
	}
	now := f.moment()
	if c.Created.IsZero() {
		c.Created = now
	}
	s := stored{Credential: c}
	if !c.Expires.IsZero() {
		s.Expires = c.Expires.UTC().Truncate(time.Second)
		s.Life = s.Expires.Sub(now).Round(time.Second)
	}
	if s.Ended(now) {
		return Credential{}, "", fmt.Errorf("access: %s is not in the future", s.Expires.Format(time.RFC3339))
	}
	s.Replaces = ""
	err = f.update(func(tx *bolt.Tx) (err error) {
		token, err = f.admit(tx, &s)
		return err
	})
	if err != nil {
		return Credential{}, "", err
	}
	return s.Credential, token, nil
}

// admit stores a credential under a new id with a new secret.
func (f *File) admit(tx *bolt.Tx, s *stored) (token string, err error) {
	s.ID = uuid.NewString()
	if s.Kind == KindToken {
		token, s.Token = newToken()
	} else if err := f.giveAccount(tx, &s.Credential); err != nil {
		return "", err
	}
	return token, f.put(tx, bucketCredentials, []byte(s.ID), s)
}

// Rotate gives a credential a successor, with an id and a secret of its own and
// for as long as the old one was made for, and lets the old one end after an
// overlap in which both are good; with none it ends at once. The successor of a
// KindToken credential gives its token, that of KindNATS has an account
// (AccountOf). ErrNoCredential when there is none, ErrEnded and ErrReplaced when
// it had its turn.
func (f *File) Rotate(id string, overlap time.Duration) (successor Credential, token string, err error) {
	if overlap < 0 {
		return Credential{}, "", fmt.Errorf("access: an overlap of %s", overlap)
	}
	now := f.moment()
	var next stored
	err = f.update(func(tx *bolt.Tx) error {
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
		next = old
		next.Created, next.Expires, next.Replaces = now, time.Time{}, id
		if old.Life > 0 {
			next.Expires = now.Add(old.Life).Truncate(time.Second)
		}
		if token, err = f.admit(tx, &next); err != nil {
			return err
		}
		return f.endAt(tx, &old, now.Add(overlap))
	})
	if err != nil {
		return Credential{}, "", err
	}
	return next.Credential, token, nil
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

// Ended is every credential that has expired, oldest first. They stay in the file
// until they are removed.
func (f *File) Ended() []Credential {
	now := f.now()
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
	}
	return nil
}
