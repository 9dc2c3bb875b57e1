// Package signin is who looks at a page: OpenID Connect, sessions, and one click in the
// demo.
//
// A provider of identities says who somebody is (code flow with PKCE, state and nonce);
// the book, or else what the provider says beside it, tells what that person does here. A
// session is a random token in a cookie, of which only the hash is kept, in memory: a
// restart signs everybody out. Every request looks at the book again, so that whoever was
// removed, or whose partner left, is out at once.
//
// There is no page in here. What goes wrong is one of the errors of this package, and
// ReasonOf gives its sentence.
package signin

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

// Duty is what somebody does here.
type Duty = access.Duty

// The duties.
const (
	AccountManager = access.DutyAccountManager // goes to employers for a partner
	PartnerManager = access.DutyPartnerManager // looks after a partner's system and deliveries
	Board          = access.DutyBoard          // sets the targets
	Steward        = access.DutySteward        // keeps the book
	Auditor        = access.DutyAuditor        // looks at who looked
)

// Person is somebody who has signed in.
type Person struct {
	ID       string // opaque and stable, a UUID: what records name as toegang
	Duty     Duty
	Partner  string // UUID; of an account manager and a partner's manager
	Employee string // the partner's own id ("medewerker"); an account manager has one
	Name     string // of an account manager never empty
	Phone    string // "" or one that can stand in an event
	Email    string // the same
}

// Caller is as whom this person reads and speaks.
func (p *Person) Caller() ledger.Caller {
	return ledger.Caller{Role: p.Duty.Role(), Partner: p.Partner, Credential: p.ID, Door: ledger.DoorHTTP}
}

// People is who may sign in by the book: *access.File.
type People interface {
	Person(id string) (access.Person, bool)
	PersonOf(issuer, subject string) (access.Person, bool)
	// PersonCalled is who has this mail address and never signed in yet.
	PersonCalled(email string) (access.Person, bool)
	// BindPerson says for good whom an entry is of.
	BindPerson(id, issuer, subject string) error
	SetPersonPhone(id, phone string) error
}

// Config joins a door to its book.
type Config struct {
	// Key is the book's, for the ids of people: MinKey bytes or more.
	Key []byte
	// Secure is that browsers come over https. Without it cookies go over plain http:
	// only on a machine's own address.
	Secure bool
	People People
	// Active reports whether a partner (UUID) takes part now. It is asked with each
	// request of its people.
	Active func(partner string) bool
	// Partner finds a partner by its identity (urn:nld:oin:…); nil: none is known.
	Partner func(urn string) (uuid string, ok bool)

	// OneClick are people that anybody may be: a demo's. Not together with an Issuer. An
	// ID that is empty is filled in.
	OneClick []Person

	// Issuer is the provider's address, exactly as it calls itself; empty: no provider.
	// https, or plain http on this machine.
	Issuer       string
	ClientID     string
	ClientSecret string
	ProviderName string // for people, behind "Inloggen met"; empty: the issuer's host
	PublicURL    string // where browsers find us, without a path: the provider sends them to CallbackPath below it
	// DutyClaim names the claim that says the duty of whom the book does not know: a text
	// or a list, of the words of Duty. A name with dots may also be a path. Empty: only
	// whom the book knows gets in.
	DutyClaim     string
	PartnerClaim  string // the claim with the partner's OIN or identity
	EmployeeClaim string // the claim with the partner's own id of the person

	Transport http.RoundTripper // to the provider; nil: one of our own
	Log       *slog.Logger      // nil: nothing is logged
	Now       func() time.Time  // nil: the machine's clock
}

// MinKey is the least length of Config.Key, in bytes.
const MinKey = 32

// CallbackPath is where the provider sends people back to, below Config.PublicURL: what
// is registered with it. A GET there belongs to Door.Callback.
const CallbackPath = "/inloggen/terug"

// Door lets people in. It is safe for concurrent use.
type Door struct {
	cfg      Config
	provider *provider // nil: none
	begun    begun
	sessions sessions
}

// New makes a door. It asks nothing of the provider yet, so that one that is down keeps
// nothing from starting. The error says in one line what is wrong with the Config.
func New(cfg Config) (*Door, error) {
	if len(cfg.Key) < MinKey || cfg.People == nil || cfg.Active == nil {
		return nil, errors.New("signin: Config is not complete")
	}
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	d := &Door{cfg: cfg}
	if cfg.Issuer == "" {
		all := make([]Person, len(cfg.OneClick))
		for i, p := range cfg.OneClick {
			if p.Duty.Role() == "" || p.Duty.OfPartner() != (p.Partner != "") {
				return nil, fmt.Errorf("signin: somebody to be by one click has duty %q and partner %q", p.Duty, p.Partner)
			}
			p.ID = cmp.Or(p.ID, d.personID("", p.Partner, string(p.Duty), p.Employee))
			all[i] = p
		}
		d.cfg.OneClick = all
		return d, nil
	}
	if len(cfg.OneClick) > 0 {
		return nil, errors.New("signin: with a provider nobody is let in by one click")
	}
	if err := checkProvider(&d.cfg); err != nil {
		return nil, fmt.Errorf("signin: %w", err)
	}
	d.provider = newProvider(&d.cfg)
	return d, nil
}

func checkProvider(cfg *Config) error {
	issuer, err := url.Parse(cfg.Issuer)
	switch {
	case err != nil || !safe(issuer) || issuer.RawQuery != "" || issuer.Fragment != "" || issuer.User != nil:
		return fmt.Errorf("issuer %q: want https://…, as the provider calls itself", cfg.Issuer)
	case cfg.ClientID == "":
		return errors.New("a provider needs to know who we are: a client id")
	case cfg.DutyClaim == "" && (cfg.PartnerClaim != "" || cfg.EmployeeClaim != ""):
		return errors.New("claims of partner and employee come with one of the duty")
	}
	public, err := url.Parse(cfg.PublicURL)
	if err != nil || !safe(public) || strings.Trim(public.Path, "/") != "" || public.RawQuery != "" || public.Fragment != "" || public.User != nil {
		return fmt.Errorf("public address %q: want https://…, without a path", cfg.PublicURL)
	}
	cfg.PublicURL = public.Scheme + "://" + public.Host
	cfg.ProviderName = cmp.Or(cfg.ProviderName, issuer.Hostname())
	return nil
}

// Close lets go of connections to the provider.
func (d *Door) Close() error {
	if d.provider != nil {
		d.provider.client.CloseIdleConnections()
	}
	return nil
}

// Ways is how somebody can sign in.
type Ways struct {
	Provider     bool     // Begin leads to a provider
	ProviderName string   // behind "Inloggen met"
	OneClick     []Person // whom OneClick takes, by ID; only in a demo
}

// Ways says what a page to sign in on offers. All of it may be absent.
func (d *Door) Ways() Ways {
	w := Ways{Provider: d.provider != nil, OneClick: append([]Person(nil), d.cfg.OneClick...)}
	if w.Provider {
		w.ProviderName = d.cfg.ProviderName
	}
	return w
}

// Look asks the provider who it is, so that what is wrong with the settings is known
// before the first person comes. ErrProvider says why; asking again may help.
func (d *Door) Look(ctx context.Context) error {
	if d.provider == nil {
		return nil
	}
	_, err := d.provider.look(ctx)
	return err
}

// personID is the id of who an issuer calls so: the same for ever, and nobody can tell of
// whom without the key. It looks like the id of any credential: version 8 of a UUID.
func (d *Door) personID(parts ...string) string {
	h := hmac.New(sha256.New, d.cfg.Key)
	var length [8]byte
	for _, p := range parts { // each after its length, so that no two lists give the same bytes
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id.String()
}
