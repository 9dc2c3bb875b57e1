package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"huisboek/adapters/access"
	"huisboek/adapters/pages"
	"huisboek/adapters/web"
	"huisboek/ledger"
)

// openPages makes the pages, on top of the API.
func (h *house) openPages(context.Context) (err error) {
	h.pages, err = pages.New(pages.Config{
		Book: h.folder.shown(), As: h.web.ClientAs, Door: h.signin, Partners: h.ledger.Partners, Source: h.sourceOf,
		Wait: h.runner.WaitFor, Tokens: partnerTokens{h}, Regions: h.regionData(), Metrics: h.Registry, Log: h.Log, Now: h.Now,
	})
	return err
}

// sourceOf is in whose name somebody writes on a page: the partner's own identity, or
// the region's.
func (h *house) sourceOf(c ledger.Caller) (string, error) {
	urn := "urn:nld:oin:" + h.ledger.StewardOIN()
	if c.Role == ledger.RolePartner {
		all, err := h.ledger.Partners()
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(all, func(p ledger.Partner) bool { return p.ID == c.Partner })
		if i < 0 || len(all[i].Identities) == 0 {
			return "", ledger.ErrForbidden
		}
		urn = all[i].Identities[0]
	}
	return urn + ":systeem:huisboek", nil
}

// front is both doors of HTTP: what is the API's goes to the API, everything else is a
// page.
func (h *house) front() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if web.Owns(r.URL.Path) {
			h.web.ServeHTTP(w, r)
			return
		}
		h.pages.ServeHTTP(w, r)
	})
}

// partnerTokens are the credentials of partners, as their people may see and change them.
type partnerTokens struct{ h *house }

func (p partnerTokens) List(partner string) ([]pages.Token, error) {
	var out []pages.Token
	all := p.h.access.List()
	for _, c := range all {
		if c.Partner != partner || c.Role != ledger.RolePartner {
			continue
		}
		out = append(out, pages.Token{
			ID: c.ID, Name: c.Name, NATS: c.Kind == access.KindNATS, Created: c.Created, Expires: c.Expires, Ended: c.Ended(p.h.Now()),
			Next: slices.ContainsFunc(all, func(x access.Credential) bool { return x.Replaces == c.ID }),
		})
	}
	slices.SortStableFunc(out, func(a, b pages.Token) int { return a.Created.Compare(b.Created) })
	return out, nil
}

func (p partnerTokens) Add(partner, name string) (string, error) {
	given, err := p.h.addAccess(context.Background(), newAccess{Partner: partner, Name: name, Kind: access.KindToken}, nil)
	if err != nil {
		return "", err
	}
	return given.Token, nil
}

func (p partnerTokens) Rotate(partner, id string, overlap time.Duration) (string, error) {
	if err := p.of(partner, id); err != nil {
		return "", err
	}
	given, err := p.h.rotateAccess(context.Background(), turnAccess{ID: id, Overlap: int64(overlap / time.Second)}, nil)
	if err != nil {
		return "", err
	}
	return given.Token, nil
}

func (p partnerTokens) Remove(partner, id string) error {
	if err := p.of(partner, id); err != nil {
		return err
	}
	_, err := p.h.removeAccess(context.Background(), oneAccess{id}, nil)
	return err
}

// of refuses a credential that is not the partner's.
func (p partnerTokens) of(partner, id string) error {
	all, err := p.List(partner)
	if err == nil && !slices.ContainsFunc(all, func(t pages.Token) bool { return t.ID == id }) {
		err = pages.ErrNoToken
	}
	return err
}
