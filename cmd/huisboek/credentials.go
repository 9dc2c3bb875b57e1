package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"huisboek/adapters/access"
	"huisboek/adapters/natsserver"
	"huisboek/ledger"
)

// endCredential ends a credential at once, its open connections included, and
// forgets it. It is refused from the first line on; if the program stops before
// the last one, the house goes on with it when it opens.
func (h *house) endCredential(c access.Credential) error {
	if err := h.access.Expire(c.ID, h.Now()); err != nil {
		return err
	}
	if err := h.shutOut(c); err != nil {
		return err
	}
	return h.access.Remove(c.ID)
}

// accounts are the partners' accounts at the server; *natsserver.Server has them.
type accounts interface {
	AddPartner(natsserver.Account) error
	RemovePartner(publicKey string) error
}

// shutOut closes the connections of a credential that has ended, and forgets its
// account.
func (h *house) shutOut(c access.Credential) error {
	a, ok := h.access.AccountOf(c.ID)
	if !ok {
		return nil
	}
	// One that had ended before the server began was never let in.
	if err := h.accounts.RemovePartner(a.PublicKey); err != nil && !errors.Is(err, natsserver.ErrUnknownAccount) {
		return err
	}
	return h.access.DropAccount(c.ID)
}

type newAccess struct {
	Role    ledger.Role `json:"rol"`
	Partner string      `json:"partner,omitempty"`
	Name    string      `json:"naam,omitempty"`
	Kind    string      `json:"soort,omitempty"`
	Expires time.Time   `json:"verlooptOp,omitzero"`
	Rate    int         `json:"tempo,omitzero"` // events a second
}

// givenAccess is a new credential with its secret, which is shown this once.
type givenAccess struct {
	access.Credential
	Token string `json:"token,omitempty"`
	Creds string `json:"creds,omitempty"` // the text of the .creds file; what is printed has the file's name
}

func (h *house) addAccess(_ context.Context, q newAccess, _ reportFunc) (*givenAccess, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	c := access.Credential{Role: q.Role, Name: q.Name, Kind: q.Kind, Expires: q.Expires, Rate: q.Rate}
	if q.Partner != "" {
		p, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		if p.Until != "" {
			return nil, fmt.Errorf("%s no longer takes part, per %s: huisboek partner add admits it again", p.Name, p.Until)
		}
		c.Role, c.Partner = ledger.RolePartner, p.ID
		if c.Name == "" {
			c.Name = p.Name
		}
	}
	given, err := h.give(c)
	if err != nil {
		return nil, err
	}
	return given[0], nil
}

// give makes credentials and lets them in: all, or none of them is there.
func (h *house) give(all ...access.Credential) (given []*givenAccess, err error) {
	var made []access.New
	err = h.access.AddAll(all, func(fresh []access.New) (err error) {
		made = fresh
		given, err = h.letIn(fresh)
		return err
	})
	if err != nil {
		h.forget(made)
		return nil, err
	}
	h.expiry.changed()
	return given, nil
}

// letIn makes credentials that are about to be stored known to the server.
func (h *house) letIn(made []access.New) ([]*givenAccess, error) {
	given := make([]*givenAccess, len(made))
	for i, c := range made {
		given[i] = &givenAccess{Credential: c.Credential, Token: c.Token}
		if c.Kind != access.KindNATS {
			continue
		}
		if err := h.accounts.AddPartner(natsserver.Account{Key: c.Account.Seed, Name: c.Account.Name}); err != nil {
			return nil, err
		}
		_, text, err := natsserver.Creds(c.Account.Seed, c.Account.Name, c.Expires)
		if err != nil {
			return nil, err
		}
		given[i].Creds = string(text)
	}
	return given, nil
}

// forget undoes letIn for credentials that were not stored. Nobody has them, and
// the door knows them as nobody's: that it fails is only worth a word in the log.
func (h *house) forget(made []access.New) {
	for _, c := range made {
		if c.Kind != access.KindNATS {
			continue
		}
		if err := h.accounts.RemovePartner(c.Account.PublicKey); err != nil && !errors.Is(err, natsserver.ErrUnknownAccount) {
			h.Log.Warn("account that nobody has stays known until the next start", "account", c.Account.PublicKey, "err", err)
		}
	}
}

func (h *house) listAccess(context.Context, struct{}, reportFunc) ([]access.Credential, error) {
	return h.access.List(), nil
}

type oneAccess struct {
	ID string `json:"id"`
}

type turnAccess struct {
	ID      string `json:"id"`
	Overlap int64  `json:"overlap"` // seconds
}

func (h *house) rotateAccess(_ context.Context, q turnAccess, _ reportFunc) (*givenAccess, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	if _, err := h.credential(q.ID); err != nil {
		return nil, err
	}
	var made []access.New
	var given []*givenAccess
	err := h.access.Rotate(q.ID, time.Duration(q.Overlap)*time.Second, func(next access.New) (err error) {
		made = []access.New{next}
		given, err = h.letIn(made)
		return err
	})
	if err != nil {
		h.forget(made)
	}
	switch {
	case errors.Is(err, access.ErrEnded):
		return nil, fmt.Errorf("%w; huisboek access add makes a new one", err)
	case errors.Is(err, access.ErrReplaced):
		return nil, fmt.Errorf("%w; rotate that one, or remove it when it was lost and rotate this one again", err)
	case err != nil:
		return nil, err
	}
	defer h.expiry.changed()
	if q.Overlap > 0 {
		return given[0], nil
	}
	old, err := h.credential(q.ID)
	if err == nil {
		err = h.shutOut(old)
	}
	if err != nil {
		// It is refused from here on, and the house goes on trying: no reason to
		// lose the secret of the new one.
		h.Log.Error("credential that was replaced is not shut out yet", "credential", q.ID, "err", err)
	}
	return given[0], nil
}

type rateAccess struct {
	ID   string `json:"id"`
	Rate int    `json:"tempo"` // events a second; 0: as every other
}

// rateAccess lets a credential send at a rate of its own, from the next event on.
func (h *house) rateAccess(_ context.Context, q rateAccess, _ reportFunc) (*access.Credential, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	if _, err := h.credential(q.ID); err != nil {
		return nil, err
	}
	if err := h.access.SetRate(q.ID, q.Rate); err != nil {
		return nil, err
	}
	c, err := h.credential(q.ID)
	return &c, err
}

func (h *house) removeAccess(_ context.Context, q oneAccess, _ reportFunc) (*access.Credential, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	c, err := h.credential(q.ID)
	if err != nil {
		return nil, err
	}
	return &c, h.endCredential(c)
}

func (h *house) credential(id string) (access.Credential, error) {
	for _, c := range h.access.List() {
		if c.ID == id {
			return c, nil
		}
	}
	return access.Credential{}, fmt.Errorf("%w: %s; huisboek access list shows them", access.ErrNoCredential, id)
}

// firstSteward makes the first steward's credential, in a file that only the
// owner of the folder reads. It does not expire: a book that nobody looked after
// for a year must still open for its owner.
func (h *house) firstSteward(context.Context) error {
	for _, c := range h.access.List() {
		if c.Role == ledger.RoleSteward {
			return nil
		}
	}
	_, token, err := h.access.Add(access.Credential{Role: ledger.RoleSteward, Name: "eerste steward", Kind: access.KindToken})
	if err != nil {
		return err
	}
	return writeFile(h.folder.path(fileSteward), []byte(token+"\n"))
}
