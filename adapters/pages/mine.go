package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// overlap is how long a token is good after it was replaced on the page: time to put the
// new one into the partner's system.
const overlap = 7 * 24 * time.Hour

// ErrNoToken: the partner has no such credential.
var ErrNoToken = errors.New("the partner has no such credential")

func (v *visit) mine() (*page, error) { return v.minePage(&accountPage{}, nil) }

// minePage fills in what does not come of what was just done.
func (v *visit) minePage(data *accountPage, faults []fault) (*page, error) {
	p := v.person
	for i, s := range v.s.cfg.Door.Sessions(v.r) {
		data.Sessions = append(data.Sessions, sessionLine{s, i + 1})
	}
	data.CanPhone = p.Partner != ""
	if data.Phone == nil {
		data.Phone = filled("telefoon", p.Phone)
	}
	if data.Digest == nil {
		data.Digest = filled("email", p.Email, "elke", "dag")
	}
	data.Overlap = int(overlap / (24 * time.Hour))
	var err error
	if v.is(signin.PartnerManager) && v.s.cfg.Tokens != nil {
		data.CanToken = true
		if data.Tokens, err = v.s.cfg.Tokens.List(p.Partner); err != nil {
			return nil, err
		}
	}
	if v.is(readers...) {
		if err := v.mineTold(data); err != nil {
			return nil, err
		}
	}
	return &page{template: "mijn", title: v.t("mijn.titel"), faults: faults, data: data}, nil
}

// mineTold are the ways in which one is told: calendars and mail.
func (v *visit) mineTold(data *accountPage) error {
	feeds, err := v.api.Feeds(v.ctx())
	if err != nil {
		return err
	}
	data.Feeds = feeds.Feeds
	if v.is(signin.AccountManager) && v.person.Employee != "" {
		data.Scopes = append(data.Scopes, "accountmanager")
	}
	if v.is(ofPartner...) {
		data.Scopes = append(data.Scopes, "partner")
	}
	data.Scopes = append(data.Scopes, "regio")
	if !v.is(ofPartner...) {
		return nil
	}
	followed, err := v.api.Followed(v.ctx(), "", 1, v.since())
	if err != nil {
		return err
	}
	data.Followed = followed.Total
	digests, err := v.api.Digests(v.ctx())
	if err != nil {
		return err
	}
	data.Digests = digests.Digests
	return nil
}

// done is where somebody looks after something of his own was changed.
func done(what, where string) goTo { return goTo(fmt.Sprintf("/mijn?gedaan=%s#%s", what, where)) }

func (v *visit) setPhone() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	if err := v.s.cfg.Door.SetPhone(v.r, f.Get("telefoon")); err != nil {
		reason := signin.ReasonOf(err)
		return v.minePage(&accountPage{Phone: f}, []fault{{"telefoon", v.lang.of(reason.Sentence)}})
	}
	return nil, done("telefoon", "telefoon")
}

func (v *visit) endSession() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	if err := v.s.cfg.Door.End(v.r, f.Get("sessie")); err != nil && !errors.Is(err, signin.ErrNoSuchSession) {
		return nil, err
	}
	return nil, done("sessie", "sessies")
}

func (v *visit) newFeed() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	q := web.FeedQuestion{Scope: f.Get("voor"), Name: f.Get("naam")}
	if q.Scope == "accountmanager" {
		q.Employee = v.person.Employee
	}
	made, err := v.api.NewFeed(v.ctx(), q)
	if err != nil {
		if err = v.refused(f, err, map[string]string{"/voor": "voor", "/naam": "feednaam"}); err != nil {
			return nil, err
		}
		return v.minePage(&accountPage{}, f.Faults)
	}
	return v.minePage(&accountPage{NewFeed: v.origin() + made.Address}, nil)
}

// origin is the address of this house as the browser knows it.
func (v *visit) origin() string {
	if o := v.r.Header.Get("Origin"); o != "" && o != "null" {
		return o
	}
	scheme := "http"
	if v.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + v.r.Host
}

func (v *visit) endFeed() (*page, error) {
	return v.ended("agenda", "agenda", v.api.EndFeed)
}

func (v *visit) newDigest() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	q := web.DigestQuestion{Email: f.Get("email"), Every: f.Get("elke"), Lang: string(v.lang)}
	if _, err := v.api.NewDigest(v.ctx(), q); err != nil {
		if err = v.refused(f, err, map[string]string{"/email": "email", "/elke": "elke"}); err != nil {
			return nil, err
		}
		return v.minePage(&accountPage{Digest: f}, f.Faults)
	}
	return nil, done("mail", "mail")
}

func (v *visit) endDigest() (*page, error) {
	return v.ended("mail-weg", "mail", v.api.EndDigest)
}

// ended takes away what a form names. That it was gone already is just as well.
func (v *visit) ended(what, where string, end func(ctx context.Context, id string) error) (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	var gone ledger.Problem
	if err := end(v.ctx(), f.Get("id")); err != nil && !(errors.As(err, &gone) && gone.Status == http.StatusNotFound) {
		return nil, err
	}
	return nil, done(what, where)
}

func (v *visit) newToken() (*page, error) {
	return v.token(func(f *form) (string, error) {
		return v.s.cfg.Tokens.Add(v.person.Partner, f.Get("naam"))
	})
}

func (v *visit) rotateToken() (*page, error) {
	return v.token(func(f *form) (string, error) {
		return v.s.cfg.Tokens.Rotate(v.person.Partner, f.Get("id"), overlap)
	})
}

func (v *visit) removeToken() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	if v.s.cfg.Tokens == nil {
		return nil, errNoPage
	}
	if err := v.s.cfg.Tokens.Remove(v.person.Partner, f.Get("id")); err != nil && !errors.Is(err, ErrNoToken) {
		return nil, err
	}
	return nil, done("token-weg", "tokens")
}

// token shows a secret on the page that answers: it is nowhere else, not even in an
// address.
func (v *visit) token(do func(*form) (string, error)) (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	if v.s.cfg.Tokens == nil {
		return nil, errNoPage
	}
	secret, err := do(f)
	if errors.Is(err, ErrNoToken) {
		return nil, errNoPage
	}
	if err != nil {
		return nil, err
	}
	return v.minePage(&accountPage{Secret: secret}, nil)
}

// looksPage is who looked at contact persons.
type looksPage struct {
	Filter *form
	Looks  []web.LookedAt
	Next   string
}

func (v *visit) looks() (*page, error) {
	q := web.ReadLogQuestion{Employer: v.query("werkgever"), From: events.Date(v.query("van")), To: events.Date(v.query("tot")), After: v.query("na"), Max: 50}
	f := filled("werkgever", q.Employer, "van", string(q.From), "tot", string(q.To))
	data := &looksPage{Filter: f}
	a, err := v.api.ReadLog(v.ctx(), q)
	if err != nil {
		if err = v.refused(f, err, map[string]string{"/query/van": "van", "/query/tot": "tot", "/query/werkgever": "werkgever"}); err != nil {
			return nil, err
		}
		return &page{template: "inzagen", title: v.t("inzagen.titel"), nav: "/inzagen", faults: f.Faults, wide: true, data: data}, nil
	}
	data.Looks = a.Looks
	if a.Next != "" {
		values := v.r.URL.Query()
		values.Set("na", a.Next)
		data.Next = "/inzagen?" + values.Encode()
	}
	return &page{template: "inzagen", title: v.t("inzagen.titel"), nav: "/inzagen", wide: true, data: data}, nil
}
