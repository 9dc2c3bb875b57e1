package main

import (
	"context"
	"fmt"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

func (h *house) endCredential(c access.Credential) error {
	if c.Kind == access.KindNATS {
		for _, a := range h.access.Accounts() {
			if a.Credential == c.ID {
				if err := h.server.RemovePartner(a.PublicKey); err != nil {
					return err
				}
			}
		}
	}
	return h.access.Remove(c.ID)
}

type newAccess struct {
	Role    ledger.Role `json:"rol"`
	Partner string      `json:"partner,omitempty"`
	Name    string      `json:"naam,omitempty"`
}

type givenAccess struct {
	access.Credential
	Token string `json:"token"`
}

func (h *house) addAccess(_ context.Context, q newAccess, _ reportFunc) (*givenAccess, error) {
	c := access.Credential{Role: q.Role, Name: q.Name, Kind: access.KindToken}
	if q.Partner != "" {
		p, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		c.Role, c.Partner = ledger.RolePartner, p.ID
	}
	made, token, err := h.access.Add(c)
	return &givenAccess{made, token}, err
}

func (h *house) listAccess(context.Context, struct{}, reportFunc) ([]access.Credential, error) {
	return h.access.List(), nil
}

type oneAccess struct {
	ID string `json:"id"`
}

func (h *house) rotateAccess(_ context.Context, q oneAccess, _ reportFunc) (*givenAccess, error) {
	token, err := h.access.Rotate(q.ID)
	if err != nil {
		return nil, err
	}
	c, err := h.credential(q.ID)
	return &givenAccess{c, token}, err
}

func (h *house) removeAccess(_ context.Context, q oneAccess, _ reportFunc) (*access.Credential, error) {
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
// owner of the folder reads.
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
