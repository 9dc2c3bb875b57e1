package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAdministration: partner and access do the same, with the same shapes, while
// the book is served and while it is not.
func TestAdministration(t *testing.T) {
	for _, served := range []bool{true, false} {
		t.Run(map[bool]string{true: "Served", false: "NotServed"}[served], func(t *testing.T) {
			b := newBook(t)
			if !served {
				b.stop(t)
			}
			administer(t, b)
			if !served {
				b.server = start(t, b.data)
			}
			cli(t, "verify", "--data", b.data).well(t, nil)
		})
	}
}

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	tokenForm = regexp.MustCompile(`^hb_[A-Za-z0-9_-]{43}$`)
)

func administer(t *testing.T, b *book) {
	var none []object
	if cli(t, "partner", "list", "--data", b.data, "--json").well(t, &none); none == nil || len(none) != 0 {
		t.Errorf("no partners yet: %v, want []", none)
	}
	p := b.admit(t, oinZwolle, "Gemeente Zwolle/Noord", "gemeente")
	if !uuidForm.MatchString(p.ID) || !tokenForm.MatchString(p.Token) || filepath.Base(p.Creds) != "Gemeente Zwolle-Noord.creds" {
		t.Errorf("%+v", p)
	}
	if info, err := os.Stat(p.Creds); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v %v", p.Creds, info, err)
	}
	var partners []struct {
		ID         string   `json:"id"`
		Name       string   `json:"naam"`
		Kind       string   `json:"soort"`
		Identities []string `json:"identiteiten"`
		From       string   `json:"per"`
		Gemeenten  []string `json:"gemeentecodes"`
	}
	cli(t, "partner", "add", "--data", b.data, "--kvk", kvks[3], "--name", "Stichting Werk", "--kind", "sw", "--gemeente", "GM0193,GM0166", "--from", day(-30)).well(t, nil)
	r := cli(t, "partner", "list", "--data", b.data, "--json").well(t, &partners)
	if len(partners) != 2 {
		t.Fatal(r)
	}
	for _, got := range partners {
		if got.ID == p.ID && (got.Name != "Gemeente Zwolle/Noord" || got.Kind != "gemeente" || got.From != day(0) || !slices.Equal(got.Identities, []string{"urn:nld:oin:" + oinZwolle})) ||
			got.ID != p.ID && (got.Kind != "sw" || got.From != day(-30) || !slices.Equal(got.Gemeenten, []string{"GM0193", "GM0166"}) || !slices.Equal(got.Identities, []string{"urn:nld:kvknr:" + kvks[3]})) {
			t.Errorf("%+v", got)
		}
	}
	type credential struct {
		ID, Token string
		Role      string `json:"rol"`
		Name      string `json:"naam"`
		Kind      string `json:"soort"`
		Partner   string `json:"partner"`
		Replaces  string `json:"vervangt"`
	}
	var board, rotated credential
	cli(t, "access", "add", "--data", b.data, "--role", "board", "--name", "Regionaal Beraad", "--json").well(t, &board)
	cli(t, "access", "rotate", "--data", b.data, board.ID, "--json").well(t, &rotated)
	if rotated.ID == board.ID || rotated.Replaces != board.ID || rotated.Token == board.Token || !tokenForm.MatchString(rotated.Token) || rotated.Role != "board" || rotated.Name != "Regionaal Beraad" {
		t.Errorf("%+v, rotated %+v", board, rotated)
	}
	var extra credential
	cli(t, "access", "add", "--data", b.data, "--partner", oinZwolle, "--json").well(t, &extra)
	if extra.Role != "partner" || extra.Partner != p.ID {
		t.Errorf("%+v", extra)
	}
	var all []credential
	r = cli(t, "access", "list", "--data", b.data, "--json").well(t, &all)
	if len(all) != 8 || strings.Contains(r.stdout, "hb_") { // steward, two partners with nats and token, board and its successor, extra
		t.Errorf("%d credentials: %v", len(all), r)
	}
	cli(t, "access", "remove", "--data", b.data, extra.ID, "--json").well(t, nil)
	cli(t, "access", "list", "--data", b.data, "--json").well(t, &all)
	if slices.ContainsFunc(all, func(c credential) bool { return c.ID == extra.ID }) {
		t.Error("a removed credential is listed")
	}
	var gone struct {
		Until string `json:"tot"`
	}
	r = cli(t, "partner", "remove", "--data", b.data, "Stichting Werk", "--json").well(t, &gone)
	if gone.Until != day(0) {
		t.Errorf("%v", r)
	}
}
