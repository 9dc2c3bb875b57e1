package main

import (
	"context"
	"net/http"
	"slices"

	"huisboek/adapters/pages"
	"huisboek/adapters/web"
	"huisboek/ledger"
)

// openPages makes the pages, on top of the API.
func (h *house) openPages(context.Context) (err error) {
	h.pages, err = pages.New(pages.Config{
		Book: h.folder.shown(), As: h.web.ClientAs, Door: h.signin, Partners: h.ledger.Partners, Source: h.sourceOf,
		Wait: h.runner.WaitFor, Regions: h.regionData(), Metrics: h.Registry, Log: h.Log, Now: h.Now,
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
