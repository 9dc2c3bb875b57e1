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

// Credential is one way for one party to speak. It says who, never the secret.
type Credential struct {
	ID      string      `json:"id"`             // opaque; what records name. Add fills it in
	Kind    string      `json:"soort"`          // KindToken (also when empty) or KindNATS
	Role    ledger.Role `json:"rol"`            //
	Partner string      `json:"partner"`        // UUID; only for RolePartner
	Name    string      `json:"naam,omitempty"` // for people: whose it is
	Created time.Time   `json:"gemaaktOp"`      // Add fills it in when zero
	Rotated time.Time   `json:"vernieuwdOp,omitzero"`
}

// stored is a credential as the file holds it.
type stored struct {
	Credential
	Token tokenHash `json:"token"` // zero for KindNATS
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
// cannot be found back. The token of a KindNATS credential is empty. Two
// credentials never have the same id; the credential's own ID is ignored.
func (f *File) Add(c Credential) (added Credential, token string, err error) {
	c.Kind = cmp.Or(c.Kind, KindToken)
	if err := check(c); err != nil {
		return Credential{}, "", fmt.Errorf("access: %w", err)
	}
	c.ID = uuid.NewString()
	if c.Created.IsZero() {
		c.Created = f.now().UTC().Truncate(time.Millisecond)
	}
	s := stored{Credential: c}
	if c.Kind == KindToken {
		token, s.Token = newToken()
	}
	err = f.update(func(tx *bolt.Tx) error { return f.put(tx, bucketCredentials, []byte(c.ID), s) })
	if err != nil {
		return Credential{}, "", err
	}
	return c, token, nil
}

// Rotate gives a credential a new token; from the moment it returns the old one
// is unknown. ErrNoCredential when there is none; a KindNATS credential has no
// token to rotate and is an error.
func (f *File) Rotate(id string) (token string, err error) {
	err = f.update(func(tx *bolt.Tx) error {
		s, err := f.credential(tx, id)
		if err != nil {
			return err
		}
		if s.Kind != KindToken {
			return fmt.Errorf("credential %s is a %s credential and has no token", id, s.Kind)
		}
		token, s.Token = newToken()
		s.Rotated = f.now().UTC().Truncate(time.Millisecond)
		return f.put(tx, bucketCredentials, []byte(id), s)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Remove ends a credential at once, with the account that speaks by it.
// ErrNoCredential when there is none.
func (f *File) Remove(id string) error {
	return f.update(func(tx *bolt.Tx) error {
		s, err := f.credential(tx, id)
		if err != nil {
			return err
		}
		if f.state.Load().accounts[s.Partner].Credential == id {
			if err := tx.Bucket(bucketAccounts).Delete([]byte(s.Partner)); err != nil {
				return err
			}
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
