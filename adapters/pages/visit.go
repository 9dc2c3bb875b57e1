package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// visit is one request of one person.
type visit struct {
	s      *Server
	w      http.ResponseWriter
	r      *http.Request
	lang   lang
	person *signin.Person // nil: not signed in
	api    *web.Client    // as that person
}

// page is what a handler answers.
type page struct {
	template string // of html/
	status   int    // 0: 200
	title    string // in the reader's language: the h1, and the window's
	nav      string // the path of the menu's item that it belongs to
	crumbs   []crumb
	upTo     web.Freshness // what it is true for; zero: it does not depend on the book
	faults   []fault       // of what was sent; they are listed on top
	// marks are what is on the page, for live: another mark is something new.
	marks []string
	wide  bool // a page of tables
	data  any
}

// crumb is a step of the way to a page; the page itself is not among them.
type crumb struct{ Name, Path string }

// goTo is the answer to a post: look there.
type goTo string

func (g goTo) Error() string { return "go to " + string(g) }

// Why there is no page; answer makes one of them.
var (
	errNoPage   = errors.New("there is no such page")
	errNotYours = errors.New("this page is for others")
)

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{s: s, w: w, r: r, lang: langOf(r)}
	if again, ok := r.Context().Value(remadeKey{}).(*remade); ok {
		v.person, v.api = again.person, s.cfg.As(again.person.Caller())
	} else if p, ok := s.cfg.Door.Person(r); ok {
		v.person, v.api = p, s.cfg.As(p.Caller())
	}
	return v
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// answer does what a route is for and shows what comes of it.
func (v *visit) answer(one route) {
	p, err := v.admitted(one)
	if err == nil {
		p, err = one.do(v)
	}
	if to := goTo(""); errors.As(err, &to) {
		http.Redirect(v.w, v.r, string(to), http.StatusSeeOther)
		return
	}
	if err != nil {
		p = v.failed(err)
	}
	if again, ok := v.ctx().Value(remadeKey{}).(*remade); ok {
		if err == nil {
			again.page = p
		}
		return
	}
	if p != nil { // nil: the handler has answered
		v.show(p)
	}
}

// admitted lets through whom a route is for. Who is not signed in is asked to, and
// comes back.
func (v *visit) admitted(one route) (*page, error) {
	switch {
	case one.who == nil:
		return nil, nil
	case v.person == nil && v.r.Method == http.MethodGet:
		return nil, goTo(signInPath + "?" + url.Values{"naar": {v.r.URL.RequestURI()}}.Encode())
	case v.person == nil:
		return nil, goTo(signInPath)
	case !slices.Contains(one.who, v.person.Duty):
		return nil, errNotYours
	}
	return nil, nil
}

// is reports whether the person has one of these duties.
func (v *visit) is(duties ...signin.Duty) bool {
	return v.person != nil && slices.Contains(duties, v.person.Duty)
}

// query is a parameter of the address, trimmed; one that came in a post is not it.
func (v *visit) query(name string) string { return strings.TrimSpace(v.r.URL.Query().Get(name)) }

// since is what the answer must include: one's own write, after a redirect.
func (v *visit) since() events.Position {
	n, _ := strconv.ParseUint(v.query("op"), 10, 64)
	return events.Position(n)
}

// employer is the one in the path.
func (v *visit) employer() (events.Employer, error) {
	e, err := events.ParseEmployerKey(v.r.PathValue("werkgever"))
	if err != nil {
		return e, errNoPage
	}
	if place := v.query("vestiging"); place != "" && e.KvK != "" {
		e.Establishment = place
	}
	return e, nil
}

// emit tells the book something in the person's name. id makes it the same event
// when a form is sent twice. trial records nothing. A refusal is a ledger.Problem.
func (v *visit) emit(id string, data events.Data, trial bool) (*web.Receipt, error) {
	source, err := v.s.cfg.Source(v.person.Caller())
	if err != nil {
		return nil, err
	}
	e, err := events.NewEvent(source, id, time.Time{}, data) // the same form gives the same event, so no moment
	if err != nil {
		return nil, err
	}
	return v.api.Report(v.ctx(), e.Canonical(), trial)
}

// newID is for a form: what it sends is the same event however often it is sent.
func newID() string { return uuid.NewString() }

var idForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// saved is where to look after something was recorded: the page says so (notices in
// frame.go), includes it, and offers to undo it where it can be.
func saved(path, what string, r *web.Receipt, id string) goTo {
	u, err := url.Parse(path)
	if err != nil {
		return goTo("/")
	}
	q := u.Query()
	q.Set("gedaan", what)
	if r.Position != nil {
		q.Set("op", strconv.FormatUint(uint64(*r.Position), 10))
	}
	q.Set("melding", id)
	u.RawQuery = q.Encode()
	return goTo(u.String())
}

// partnerName is a partner by its internal id.
func (v *visit) partnerName(id string) string {
	if p := v.s.partner(id); p != nil {
		return p.Name
	}
	return ""
}

// knownPartners are the partners as they were a moment ago: a page asks for the same few
// for each of its dots.
type knownPartners struct {
	byID map[string]*ledger.Partner
	at   time.Time
}

// partnersKept is how long a new name or kind of a partner may take to show.
const partnersKept = time.Second

func (s *Server) partner(id string) *ledger.Partner {
	known := s.known.Load()
	if known != nil && time.Since(known.at) < partnersKept && known.byID[id] != nil {
		return known.byID[id]
	}
	if id == "" {
		return nil
	}
	all, err := s.cfg.Partners()
	if err != nil {
		return nil
	}
	fresh := &knownPartners{make(map[string]*ledger.Partner, len(all)), time.Now()}
	for i := range all {
		fresh.byID[all[i].ID] = &all[i]
	}
	s.known.Store(fresh)
	return fresh.byID[id]
}
