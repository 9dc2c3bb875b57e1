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

// shutOut closes the connections of a credential that has ended, and forgets its
// account.
func (h *house) shutOut(c access.Credential) error {
	a, ok := h.access.AccountOf(c.ID)
	if !ok {
		return nil
	}
	// One that had ended before the server began was never let in.
	if err := h.server.RemovePartner(a.PublicKey); err != nil && !errors.Is(err, natsserver.ErrUnknownAccount) {
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
	c := access.Credential{Role: q.Role, Name: q.Name, Kind: q.Kind, Expires: q.Expires}
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
	return h.give(c)
}

// give makes a credential and lets it in.
func (h *house) give(c access.Credential) (*givenAccess, error) {
	made, token, err := h.access.Add(c)
	if err != nil {
		return nil, err
	}
	return h.letIn(made, token)
}

// letIn is a credential that was just made, with its secret, and known to the
// server.
func (h *house) letIn(c access.Credential, token string) (*givenAccess, error) {
	defer h.expiry.changed()
	g := &givenAccess{Credential: c, Token: token}
	a, ok := h.access.AccountOf(c.ID)
	if !ok {
		return g, nil
	}
	if err := h.server.AddPartner(natsserver.Account{Key: a.Seed, Name: a.Name}); err != nil {
		return nil, err
	}
	_, text, err := natsserver.Creds(a.Seed, a.Name, c.Expires)
	g.Creds = string(text)
	return g, err
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
	made, token, err := h.access.Rotate(q.ID, time.Duration(q.Overlap)*time.Second)
	switch {
	case errors.Is(err, access.ErrEnded):
		return nil, fmt.Errorf("%w; huisboek access add makes a new one", err)
	case errors.Is(err, access.ErrReplaced):
		return nil, fmt.Errorf("%w; rotate that one, or remove it when it was lost and rotate this one again", err)
	case err != nil:
		return nil, err
	}
	given, err := h.letIn(made, token)
	if err != nil || q.Overlap > 0 {
		return given, err
	}
	old, err := h.credential(q.ID)
	if err != nil {
		return nil, err
	}
	return given, h.shutOut(old)
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
