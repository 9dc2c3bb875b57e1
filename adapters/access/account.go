package access

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nkeys"
	bolt "go.etcd.io/bbolt"

	"huisboek/ledger"
)

// Account is a partner's NATS account. A partner has one at most.
type Account struct {
	Partner    string `json:"partner"`    // UUID
	Name       string `json:"naam"`       // for people
	Seed       string `json:"zaad"`       // nkeys account seed, "SA…": a secret
	PublicKey  string `json:"sleutel"`    // "A…", of the seed; SetAccount fills it in
	Credential string `json:"credential"` // id of the partner's KindNATS credential
}

// SetAccount stores a partner's account, in place of the one it had. The
// credential must be there already, of KindNATS and of the same partner.
func (f *File) SetAccount(a Account) error {
	public, err := accountKey(a.Seed)
	if err != nil {
		return fmt.Errorf("access: account of partner %s: %w", a.Partner, err)
	}
	if a.PublicKey != "" && a.PublicKey != public {
		return fmt.Errorf("access: account of partner %s: public key is not the seed's", a.Partner)
	}
	a.PublicKey = public
	return f.update(func(tx *bolt.Tx) error {
		c, err := f.credential(tx, a.Credential)
		if err != nil {
			return err
		}
		if c.Kind != KindNATS || c.Partner != a.Partner {
			return fmt.Errorf("credential %s is not a NATS credential of partner %s", c.ID, a.Partner)
		}
		return f.put(tx, bucketAccounts, []byte(a.Partner), a)
	})
}

// Accounts is every partner's account, by partner.
func (f *File) Accounts() []Account {
	s := f.state.Load()
	list := make([]Account, 0, len(s.accounts))
	for _, a := range s.accounts {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Account) int { return cmp.Compare(a.Partner, b.Partner) })
	return list
}

// PartnerOfAccount is who speaks through the account with this public key, with
// Door set to ledger.DoorNATS; ok is false for a key that is not a partner's.
func (f *File) PartnerOfAccount(publicKey string) (c ledger.Caller, ok bool) {
	s := f.state.Load()
	partner, ok := s.publicKeys[publicKey]
	if !ok {
		return ledger.Caller{}, false
	}
	known, ok := s.credentials[s.accounts[partner].Credential]
	if !ok {
		return ledger.Caller{}, false
	}
	c = known.caller()
	c.Door = ledger.DoorNATS
	return c, true
}

// SetLedgerAccount stores the seed of the ledger's own account.
func (f *File) SetLedgerAccount(seed string) error {
	if _, err := accountKey(seed); err != nil {
		return fmt.Errorf("access: the ledger's account: %w", err)
	}
	return f.update(func(tx *bolt.Tx) error { return f.put(tx, bucketSeeds, keyLedger, seed) })
}

// LedgerAccount is the seed of the ledger's own account; ok is false before it was set.
func (f *File) LedgerAccount() (seed string, ok bool) {
	s := f.state.Load()
	return s.ledgerSeed, s.ledgerSeed != ""
}

func accountKey(seed string) (public string, err error) {
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		return "", err
	}
	defer pair.Wipe()
	public, err = pair.PublicKey()
	if err != nil {
		return "", err
	}
	if !nkeys.IsValidPublicAccountKey(public) {
		return "", errors.New("not the seed of an account")
	}
	return public, nil
}
