package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"huisboek/adapters/signin"
	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/ledger"
)

// forSignin is the purpose of the key under which people get their ids: another key would
// make everybody somebody else.
const forSignin = "huisboek aanmelden v1"

// maxSecret is how long a client's secret is at most, in bytes.
const maxSecret = 4096

// signinWords are the flags of serve about signing in.
type signinWords struct {
	Issuer, ClientID, SecretFile, Public, Name string
	DutyClaim, PartnerClaim, EmployeeClaim     string
}

// signinSettings are what people sign in with; the zero value lets nobody in.
type signinSettings struct {
	signinWords
	Secret   string          // the client's, at the provider
	Secure   bool            // browsers come over https
	OneClick []signin.Person // in the demo only
}

func signinFlags(f *pflag.FlagSet, w *signinWords) {
	f.StringVar(&w.Issuer, "oidc-issuer", "", "address of the OpenID Connect provider with which people sign in, as it calls itself (default: nobody signs in)")
	f.StringVar(&w.ClientID, "oidc-client-id", "", "as whom this book is registered there")
	f.StringVar(&w.SecretFile, "oidc-client-secret-file", "", "file with the secret of that, readable by its owner only")
	f.StringVar(&w.Public, "public-url", "", "where browsers find this book, https://…; "+signin.CallbackPath+" below it is registered with the provider")
	f.StringVar(&w.Name, "oidc-name", "", `what people know the provider as, behind "Inloggen met" (default: its host)`)
	f.StringVar(&w.DutyClaim, "oidc-duty-claim", "", "claim that says what somebody does here whom the book does not know (default: only whom access person add named)")
	f.StringVar(&w.PartnerClaim, "oidc-partner-claim", "", "claim with the OIN or urn of that person's partner")
	f.StringVar(&w.EmployeeClaim, "oidc-employee-claim", "", "claim with the partner's own id of that person (medewerker)")
}

// check refuses settings under which nobody, or the wrong one, could sign in.
func (w *signinWords) check() error {
	if w.Issuer == "" {
		if *w != (signinWords{Public: w.Public}) {
			return usageError("--oidc-client-id and the other flags of --oidc-… are for --oidc-issuer URL")
		}
		return w.checkPublic()
	}
	switch {
	case !private(w.Issuer):
		return usageError(fmt.Sprintf("--oidc-issuer %q: want https://…, as the provider calls itself", w.Issuer))
	case w.ClientID == "" || w.SecretFile == "" || w.Public == "":
		return usageError("--oidc-issuer needs --oidc-client-id, --oidc-client-secret-file and --public-url")
	case w.DutyClaim == "" && (w.PartnerClaim != "" || w.EmployeeClaim != ""):
		return usageError("--oidc-partner-claim and --oidc-employee-claim are for --oidc-duty-claim")
	case w.DutyClaim != "" && (w.PartnerClaim == "") != (w.EmployeeClaim == ""):
		return usageError("--oidc-partner-claim and --oidc-employee-claim come together: without both no partner's people get in by --oidc-duty-claim")
	}
	return w.checkPublic()
}

func (w *signinWords) checkPublic() error {
	if w.Public == "" {
		return nil
	}
	u, err := url.Parse(w.Public)
	if !private(w.Public) || err != nil || strings.Trim(u.Path, "/") != "" {
		return usageError(fmt.Sprintf("--public-url %q: want https://…, without a path", w.Public))
	}
	return nil
}

// private reports whether an address is one over https, or on this machine.
func private(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && signin.Loopback(u.Hostname()))
}

// settings reads the secret. secure is that browsers come over https, as far as the other
// flags tell.
func (w *signinWords) settings(secure bool) (s signinSettings, err error) {
	s = signinSettings{signinWords: *w, Secure: secure}
	if w.Public != "" {
		s.Secure = strings.HasPrefix(w.Public, "https:")
	}
	if w.SecretFile != "" {
		s.Secret, err = readSecret(w.SecretFile)
	}
	return s, err
}

// readSecret reads a secret on one line, from a file that nobody else can read.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others (%o): chmod 600 it, and think of another secret", path, info.Mode().Perm())
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecret {
		return "", fmt.Errorf("%s is no file with a secret of at most %d bytes", path, maxSecret)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(b))
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return "", fmt.Errorf("%s has to hold the secret, on one line", path)
	}
	return text, nil
}

// openSignin makes the door for people. Without settings nobody gets in by it.
func (h *house) openSignin(context.Context) (err error) {
	s := &h.Signin
	h.signin, err = signin.New(signin.Config{
		Key:    ledger.DeriveKey(h.folder.secret, forSignin),
		Secure: s.Secure, People: h.access, Active: h.takesPart, Partner: h.partnerWith, OneClick: s.OneClick,
		Issuer: s.Issuer, ClientID: s.ClientID, ClientSecret: s.Secret, ProviderName: s.Name, PublicURL: s.Public,
		DutyClaim: s.DutyClaim, PartnerClaim: s.PartnerClaim, EmployeeClaim: s.EmployeeClaim,
		Log: h.Log, Now: h.Now,
	})
	if err != nil {
		return err
	}
	h.onClose(h.signin.Close)
	return nil
}

// takesPart reports whether a partner does today. When that cannot be read nobody does.
func (h *house) takesPart(partner string) bool {
	p, err := h.partnerBy(partner)
	return err == nil && p != nil && p.Active(events.DateOf(h.Now()))
}

// partnerWith is the partner with an identity.
func (h *house) partnerWith(urn string) (id string, ok bool) {
	p, err := h.partnerBy(urn)
	if err != nil || p == nil || !slices.Contains(p.Identities, urn) {
		return "", false
	}
	return p.ID, true
}

// lookForProvider tells in the log, once, when the provider cannot be found: the settings
// may be wrong, and the first person should not be who finds out.
func (h *house) lookForProvider(ctx context.Context) {
	if err := h.signin.Look(ctx); err != nil && ctx.Err() == nil {
		h.Log.Warn("nobody can sign in as long as the provider does not answer", "issuer", h.Signin.Issuer, "err", err)
	}
}

// demoPeople are whom anybody may be in the demo: account managers of a municipality, of
// UWV and of an SW company, who looks after a municipality's system, and one for each
// other duty.
func demoPeople(told *story.Story) []signin.Person {
	var people []signin.Person
	manager := func(i int) {
		who := told.Partners[i].Managers()[0]
		people = append(people, signin.Person{
			Duty: signin.AccountManager, Partner: told.Partners[i].ID,
			Employee: who.Employee, Name: who.Name, Phone: who.Phone, Email: who.Email,
		})
	}
	hi := told.Highlights
	asker := &told.Partners[hi.Asker]
	manager(hi.Asker)
	manager(hi.Visitor) // UWV
	manager(hi.Planner) // an SW company
	return append(people,
		signin.Person{Duty: signin.PartnerManager, Partner: asker.ID, Name: "Beheerder " + asker.Name, Phone: "038-0000001", Email: "beheer@" + strings.SplitAfter(people[0].Email, "@")[1]},
		signin.Person{Duty: signin.Board, Name: "Regionaal Beraad"},
		signin.Person{Duty: signin.Steward, Name: "Regisseur regio Zwolle"},
		signin.Person{Duty: signin.Auditor, Name: "Auditor regio Zwolle"},
	)
}

// signIn puts what serve was told about signing in where the house is opened with it.
func (w *serveWords) signIn() (err error) {
	host, err := splitHost("--listen", w.Listen)
	if err != nil {
		return err
	}
	// Who can be reached by others has TLS, here or in front: check saw to it.
	w.Signin, err = w.people.settings(w.Cert != "" || !loopback(host))
	return err
}
