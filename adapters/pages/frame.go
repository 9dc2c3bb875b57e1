package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"huisboek/adapters/signin"
	"huisboek/events"
	"huisboek/ledger"
)

const signInPath = "/inloggen"

// frameRoutes are what is around the pages: signing in and out, live, and what there
// is no page for.
var frameRoutes = []route{
	{"GET " + signInPath, nil, (*visit).signIn},
	{"GET " + signInPath + "/aanbieder", nil, (*visit).toProvider},
	{"GET " + signInPath + "/terug", nil, (*visit).fromProvider},
	{"POST " + signInPath + "/als", nil, (*visit).oneClick},
	{"POST /uitloggen", nil, (*visit).signOut},
	{"GET " + livePath, signedIn, (*visit).live},
	{"POST /ongedaan", signedIn, (*visit).undo},
	{"GET /", nil, (*visit).nothing},
	{"POST /", nil, (*visit).nothing},
}

var (
	errForeign  = errors.New("the request came from another site")
	errTooLarge = errors.New("the form is too large")
	errBusy     = errors.New("too much is open")
)

// menuItem is an item of the menu. The first five stand at the bottom of a phone, the
// others under the last of them.
type menuItem struct {
	Path, Key, Icon string
	Here            bool
}

// menus are what somebody sees on top, by what he does here.
var menus = map[signin.Duty][]menuItem{
	signin.AccountManager: {{Path: "/vandaag"}, {Path: "/werkgevers"}, {Path: "/plannen"}, {Path: "/vastleggen"}, {Path: "/doelen"}, {Path: "/botsingen"}},
	signin.PartnerManager: {{Path: "/vandaag"}, {Path: "/werkgevers"}, {Path: "/plannen"}, {Path: "/doelen"}, {Path: "/aanlevering"}, {Path: "/botsingen"}, {Path: "/partners"}},
	signin.Board:          {{Path: "/doelen"}, {Path: "/bereik"}, {Path: "/signalen"}},
	signin.Steward:        {{Path: "/stand"}, {Path: "/werkgevers"}, {Path: "/botsingen"}, {Path: "/doelen"}, {Path: "/partners"}, {Path: "/afspraken"}, {Path: "/dubbel"}},
	signin.Auditor:        {{Path: "/inzagen"}},
}

// start is the page that somebody begins with.
func start(d signin.Duty) string {
	if items := menus[d]; len(items) > 0 {
		return items[0].Path
	}
	return "/hulp"
}

func (v *visit) menu(here string) []menuItem {
	if v.person == nil {
		return nil
	}
	items := append([]menuItem(nil), menus[v.person.Duty]...)
	for i := range items {
		items[i].Key = "menu" + strings.ReplaceAll(items[i].Path, "/", ".")
		items[i].Icon = strings.TrimPrefix(items[i].Path, "/")
		items[i].Here = items[i].Path == here
	}
	return items
}

// notice says that something was done, after the redirect of a post.
type notice struct {
	Text string
	Undo string // the id of the event, when it can be undone
	Back string // where to go on after that
}

// undoable are the things that can be undone: their event is retracted.
var undoable = map[string]bool{
	"plan": true, "plan-toch": true, "plan-samen": true, "plan-los": true, "bezoek": true, "bezoek-plan": true, "bezoek-vervolg": true,
	"verzet": true, "bevestigd": true, "afgezegd": true, "verlengd": true, "meegaan": true, "meegegaan": true, "volgen": true, "loslaten": true, "vast": true,
}

func (v *visit) notice() *notice {
	what := v.query("gedaan")
	key := "gedaan." + what
	if _, ok := allTexts[key]; !ok {
		return nil
	}
	n := &notice{Text: v.t(key)}
	if id := v.query("melding"); undoable[what] && idForm.MatchString(id) {
		n.Undo, n.Back = id, v.r.URL.Path
	}
	return n
}

// undo retracts an event of this person's own partner, told through these pages.
func (v *visit) undo() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	id := f.Get("melding")
	if !idForm.MatchString(id) {
		return nil, errNoPage
	}
	source, err := v.s.cfg.Source(v.person.Caller())
	if err != nil {
		return nil, err
	}
	again := newID()
	r, err := v.emit(again, &events.EventRetracted{Event: events.Ref{Source: source, ID: id}, Reason: events.Plainly(v.lang.t("ongedaan.reden"))}, false)
	if err != nil {
		return nil, err
	}
	return nil, saved(ownPath(f.Get("terug")), "ongedaan", r, again)
}

// ownPath is a path of these pages, the start when it is none.
func ownPath(p string) string {
	if !signin.Ours(p) {
		return "/"
	}
	return p
}

// inOtherLanguage is the address of this page in the other language.
func (v *visit) inOtherLanguage() string {
	u := *v.r.URL
	if v.r.Method != http.MethodGet { // what was filled in would be lost all the same
		u.RawQuery = ""
	}
	q := u.Query()
	q.Set(langParameter, string(v.lang.other()))
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// changeLanguage remembers a language and shows the same page in it.
func (s *Server) changeLanguage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	l := dutch
	if q.Get(langParameter) == string(english) {
		l = english
	}
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
	q.Del(langParameter)
	u := url.URL{Path: ownPath(r.URL.Path), RawQuery: q.Encode()}
	http.Redirect(w, r, u.RequestURI(), http.StatusSeeOther)
}

// regionName is the name of the region of this book.
func (s *Server) regionName() string {
	if r, ok := s.cfg.Regions.Region(s.cfg.Book.Region); ok {
		return r.Name
	}
	return s.cfg.Book.Region
}

// signInPage is what the sign-in page shows.
type signInPage struct {
	signin.Ways
	Next string
	Why  string // why it did not work
	// Partners are the names of those of OneClick.
	Partners map[string]string
}

func (v *visit) signIn() (*page, error) {
	if v.person != nil {
		return nil, goTo(start(v.person.Duty))
	}
	return v.signInWith("", 0)
}

func (v *visit) signInWith(why string, status int) (*page, error) {
	data := &signInPage{Ways: v.s.cfg.Door.Ways(), Next: ownPath(v.query("naar")), Why: why, Partners: map[string]string{}}
	for _, p := range data.OneClick {
		data.Partners[p.ID] = v.partnerName(p.Partner)
	}
	return &page{template: "inloggen", title: v.t("inloggen.titel"), status: status, data: data}, nil
}

// toProvider is a link and no form: form-action holds for where a form is redirected to
// as well.
func (v *visit) toProvider() (*page, error) {
	return v.signingIn(v.s.cfg.Door.Begin(v.w, v.r, ownPath(v.query("naar"))), "")
}

func (v *visit) fromProvider() (*page, error) {
	next, err := v.s.cfg.Door.Callback(v.w, v.r)
	return v.signingIn(err, next)
}

func (v *visit) oneClick() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	return v.signingIn(v.s.cfg.Door.OneClick(v.w, v.r, f.Get("wie")), ownPath(f.Get("naar")))
}

// signingIn goes on where somebody wanted to be, or says why not.
func (v *visit) signingIn(err error, next string) (*page, error) {
	switch {
	case errors.Is(err, signin.ErrState) && v.person != nil: // another tab was first
		return nil, goTo("/")
	case err != nil:
		v.s.cfg.Log.InfoContext(v.ctx(), "somebody could not sign in", "error", err)
		return v.signInWith(v.lang.of(signin.ReasonOf(err).Sentence), http.StatusForbidden)
	case next == "":
		return nil, nil // on the way to the provider
	}
	return nil, goTo(next)
}

func (v *visit) signOut() (*page, error) {
	v.s.cfg.Door.SignOut(v.w, v.r)
	return nil, goTo(signInPath + "?gedaan=uitgelogd")
}

// nothing is what there is no page for; the address of the house itself is the start.
func (v *visit) nothing() (*page, error) {
	if v.r.URL.Path != "/" {
		return nil, errNoPage
	}
	if v.person == nil {
		return nil, goTo(signInPath)
	}
	return nil, goTo(start(v.person.Duty))
}

// trouble is what an error page shows.
type trouble struct {
	Text  string
	Again bool // trying the same again may help
}

// failed is the page for an error. What is not known to be somebody's to read is
// logged, and not told.
func (v *visit) failed(err error) *page {
	var p ledger.Problem
	key, status := "fout.onverwacht", http.StatusInternalServerError
	switch {
	case errors.Is(err, errNoPage):
		key, status = "fout.geen-pagina", http.StatusNotFound
	case errors.Is(err, errNotYours):
		key, status = "fout.niet-voor-u", http.StatusForbidden
	case errors.Is(err, errForeign):
		key, status = "fout.andere-site", http.StatusForbidden
	case errors.Is(err, errTooLarge):
		key, status = "fout.te-groot", http.StatusRequestEntityTooLarge
	case errors.Is(err, errBusy):
		key, status = "fout.te-druk", http.StatusTooManyRequests
	case errors.As(err, &p):
		switch p.Status {
		case http.StatusNotFound:
			key, status = "fout.geen-pagina", p.Status
		case http.StatusBadRequest:
			key, status = "fout.geen-pagina", http.StatusNotFound // an address that we do not make
		case http.StatusForbidden, http.StatusUnauthorized:
			key, status = "fout.niet-voor-u", http.StatusForbidden
		case http.StatusTooManyRequests:
			key, status = "fout.te-druk", p.Status
		case http.StatusServiceUnavailable:
			key, status = "fout.even-weg", p.Status
		}
	}
	if status == http.StatusInternalServerError {
		v.s.cfg.Log.ErrorContext(v.ctx(), "a page failed", "route", routeOf(v.r), "error", err)
	}
	return &page{
		template: "fout", status: status, title: v.t(key + ".titel"),
		data: &trouble{Text: v.t(key), Again: status >= 500 || status == http.StatusTooManyRequests},
	}
}
