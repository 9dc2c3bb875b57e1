package signin_test

import (
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/access"
	"huisboek/adapters/signin"
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// Whom the book does not know gets in by what the provider says, and with nothing less.
func TestByClaims(t *testing.T) {
	s := open(t, func(c *signin.Config) {
		c.DutyClaim, c.PartnerClaim, c.EmployeeClaim = "realm.roles", "https://huisboek.example/oin", "medewerker"
	})
	says := func(duties any, more map[string]any) map[string]any {
		all := map[string]any{"name": "P", "email": "p@example.nl", "realm": map[string]any{"roles": duties}}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	const org = "https://huisboek.example/oin"
	whole := map[string]any{org: oin, "medewerker": "am-03"}
	type person = signin.Person
	for name, c := range map[string]struct {
		says map[string]any
		want person // or
		code string
	}{
		"account manager":  {says("accountmanager", whole), person{Duty: signin.AccountManager, Partner: zwolle, Employee: "am-03", Name: "P"}, ""},
		"by urn":           {says([]string{"iets", "accountmanager"}, map[string]any{org: []string{clubOf}, "medewerker": "am-03"}), person{Duty: signin.AccountManager, Partner: zwolle, Employee: "am-03", Name: "P"}, ""},
		"partner's":        {says("partnerbeheerder", map[string]any{org: clubOf}), person{Duty: signin.PartnerManager, Partner: zwolle, Name: "P"}, ""},
		"both":             {says([]string{"accountmanager", "partnerbeheerder"}, whole), person{Duty: signin.PartnerManager, Partner: zwolle, Employee: "am-03", Name: "P"}, ""},
		"board":            {says([]any{"bestuur", 5, nil}, whole), person{Duty: signin.Board, Name: "P"}, ""},
		"steward":          {says("regisseur", nil), person{Duty: signin.Steward, Name: "P"}, ""},
		"auditor":          {says("auditor", nil), person{Duty: signin.Auditor, Name: "P"}, ""},
		"number as name":   {says("accountmanager", map[string]any{org: oin, "medewerker": "am-03", "name": "123456782"}), person{Duty: signin.AccountManager, Partner: zwolle, Employee: "am-03", Name: "am-03"}, ""},
		"no duty":          {says("iets", whole), person{}, "inloggen-email-niet-bevestigd"},
		"nobody":           {says("iets", map[string]any{"email_verified": true}), person{}, "inloggen-geen-taak"},
		"no text":          {says(true, map[string]any{"email_verified": true}), person{}, "inloggen-geen-taak"},
		"no path":          {map[string]any{"name": "P", "email": "p@example.nl", "email_verified": true, "realm": "regisseur"}, person{}, "inloggen-geen-taak"},
		"capitals":         {says("Regisseur", map[string]any{"email_verified": true}), person{}, "inloggen-geen-taak"},
		"two duties":       {says([]string{"regisseur", "auditor"}, nil), person{}, "inloggen-meer-taken"},
		"three duties":     {says([]string{"accountmanager", "partnerbeheerder", "auditor"}, whole), person{}, "inloggen-meer-taken"},
		"no partner":       {says("accountmanager", map[string]any{"medewerker": "am-03"}), person{}, "inloggen-onvolledig"},
		"unknown partner":  {says("partnerbeheerder", map[string]any{org: "00000099000000009000"}), person{}, "inloggen-onvolledig"},
		"two partners":     {says("partnerbeheerder", map[string]any{org: []string{clubOf, uwvOf}}), person{}, "inloggen-onvolledig"},
		"partner by uuid":  {says("partnerbeheerder", map[string]any{org: zwolle}), person{}, "inloggen-onvolledig"},
		"no employee":      {says("accountmanager", map[string]any{org: oin}), person{}, "inloggen-onvolledig"},
		"employee is BSN":  {says("accountmanager", map[string]any{org: oin, "medewerker": "123456782"}), person{}, "inloggen-onvolledig"},
		"employee in bits": {says("partnerbeheerder", map[string]any{org: oin, "medewerker": "a\nb"}), person{}, "inloggen-onvolledig"},
	} {
		t.Run(name, func(t *testing.T) {
			s.knows("wie", c.says)
			b := s.browser(t)
			if c.code != "" {
				b.refused(t, "wie", c.code)
				return
			}
			if answer, text := b.signIn(t, "wie", "/"); answer.StatusCode != http.StatusOK {
				t.Fatalf("%s %s", answer.Status, text)
			}
			got := b.whoami(t)
			c.want.ID, c.want.Email = got.ID, "p@example.nl"
			if d := cmp.Diff(&c.want, got); d != "" {
				t.Error(d)
			}
		})
	}

	// What the book says goes before.
	mustAdd(t, s, access.Person{Duty: signin.Auditor, Issuer: s.provider.Addr(), Subject: "wie", Name: "Q"})
	s.knows("wie", says("regisseur", whole))
	b := s.browser(t)
	if b.signIn(t, "wie", "/"); b.whoami(t) == nil || b.whoami(t).Duty != signin.Auditor || b.whoami(t).Name != "Q" {
		t.Errorf("%+v", b.whoami(t))
	}
}

// What is not in the token is asked of the provider, of that person; what is in it counts.
func TestAsksForMore(t *testing.T) {
	s := open(t, func(c *signin.Config) { c.DutyClaim = "taak" })
	s.provider.SetUserInfoReply(map[string]any{
		"taak": "bestuur", "given_name": "Bep", "family_name": "Z.", "email": "bep@example.nl", "email_verified": true, "phone_number": "niet", "nonce": "x",
	})
	s.knows("bep", nil)
	b := s.browser(t)
	b.signIn(t, "bep", "/")
	if p := b.whoami(t); p == nil || p.Duty != signin.Board || p.Name != "Bep Z." || p.Email != "bep@example.nl" || p.Phone != "" {
		t.Errorf("%+v", p)
	}
	// That an address was verified is said of that address only.
	mustAdd(t, s, access.Person{Duty: signin.Steward, Email: "regisseur@example.nl"})
	s.knows("sluw", map[string]any{"email": "regisseur@example.nl"})
	b = s.browser(t)
	if b.signIn(t, "sluw", "/"); b.whoami(t) == nil || b.whoami(t).Duty != signin.Board {
		t.Errorf("%+v", b.whoami(t))
	}
	s.way.set(func() {
		s.way.replace = func(path string) string {
			if path == "/userinfo" {
				return `{"sub": "een-ander", "taak": "regisseur", "name": "X", "email": "x@example.nl"}`
			}
			return ""
		}
	})
	s.browser(t).refused(t, "bep", "inloggen-onbetrouwbaar")
}
