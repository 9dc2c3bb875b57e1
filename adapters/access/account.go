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

// Account is the NATS account of one KindNATS credential. A partner has as many
// as it has such credentials, so that one can end while the others go on.
type Account struct {
	Partner    string `json:"partner"`    // UUID
	Name       string `json:"naam"`       // for people
	Seed       string `json:"zaad"`       // nkeys account seed, "SA…": a secret
	PublicKey  string `json:"sleutel"`    // "A…", of the seed
	Credential string `json:"credential"` // id of the credential
}

// giveAccount draws the account of a credential.
func (f *File) giveAccount(tx *bolt.Tx, c *Credential) (Account, error) {
	pair, err := nkeys.CreateAccount()
	if err != nil {
		return Account{}, err
	}
	defer pair.Wipe()
	seed, err := pair.Seed()
	if err != nil {
		return Account{}, err
	}
	public, err := pair.PublicKey()
	if err != nil {
		return Account{}, err
	}
	a := Account{Partner: c.Partner, Name: c.Name, Seed: string(seed), PublicKey: public, Credential: c.ID}
	return a, f.put(tx, bucketAccounts, []byte(c.ID), a)
}

// Accounts is every account whose credential has not expired, by partner.
func (f *File) Accounts() []Account {
	s, now := f.state.Load(), f.now()
	list := make([]Account, 0, len(s.accounts))
	for id, a := range s.accounts {
		if c, ok := s.credentials[id]; ok && !c.Ended(now) {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Credential, b.Credential))
	})
	return list
}

// AccountOf is the account of a credential, expired or not; ok is false when it
// has none (any more).
func (f *File) AccountOf(credential string) (a Account, ok bool) {
	a, ok = f.state.Load().accounts[credential]
	return a, ok
}

// DropAccount forgets the account of a credential, of which the credential then
// is all that is left. It is no error when it has none.
func (f *File) DropAccount(credential string) error {
	return f.update(func(tx *bolt.Tx) error { return f.dropAccount(tx, credential) })
}

// dropAccount looks at every entry: before there were more accounts than one for
// a partner, they stood under the partner's UUID.
func (f *File) dropAccount(tx *bolt.Tx, credential string) error {
	var keys []string
	err := each(f, tx, bucketAccounts, func(key string, a Account) {
		if a.Credential == credential {
			keys = append(keys, key)
		}
	})
	for _, key := range keys {
		err = errors.Join(err, tx.Bucket(bucketAccounts).Delete([]byte(key)))
	}
	return err
}

// PartnerOfAccount is who speaks through the account with this public key, with
// its own credential and with Door set to ledger.DoorNATS; ok is false for a key
// that is not a partner's, or whose credential has expired.
func (f *File) PartnerOfAccount(publicKey string) (c ledger.Caller, ok bool) {
	s := f.state.Load()
	known, ok := s.credentials[s.publicKeys[publicKey]]
	if !ok || known.Ended(f.now()) {
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
