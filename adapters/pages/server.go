package pages

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/regions"
	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// Door is who looks, and how they sign in; *signin.Door is one.
type Door interface {
	// Person is who asks, and counts as using the session; Still does not.
	Person(r *http.Request) (*signin.Person, bool)
	Still(r *http.Request) bool
	Ways() signin.Ways
	Begin(w http.ResponseWriter, r *http.Request, next string) error
	Callback(w http.ResponseWriter, r *http.Request) (next string, err error)
	OneClick(w http.ResponseWriter, r *http.Request, id string) error
	SignOut(w http.ResponseWriter, r *http.Request)
	Sessions(r *http.Request) []signin.Session
	End(r *http.Request, session string) error
	SetPhone(r *http.Request, phone string) error
}

// Config is what the pages stand on. All of it must be set, but for Regions (those
// of this version), Tokens, Metrics, Log (slog.Default) and Now (time.Now).
type Config struct {
	Book web.Book
	// As is the API for one caller: (*web.Server).ClientAs.
	As   func(ledger.Caller) *web.Client
	Door Door
	// Partners is everybody who takes or took part.
	Partners func() ([]ledger.Partner, error)
	// Source is in whose name a caller writes, a CloudEvents source:
	// "urn:nld:oin:00000099000000001000:systeem:huisboek".
	Source func(ledger.Caller) (string, error)
	// Wait returns nil once the views have reached a position, and an error when ctx
	// ends first.
	Wait    func(context.Context, events.Position) error
	Tokens  Tokens
	Regions *regions.Data
	Metrics prometheus.Registerer
	Log     *slog.Logger
	Now     func() time.Time
}

func (c *Config) complete() error {
	if c.Book.ID == "" || c.As == nil || c.Door == nil || c.Partners == nil || c.Source == nil || c.Wait == nil {
		return errors.New("pages: Config is not complete")
	}
	if c.Regions == nil {
		c.Regions = regions.Default()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// Server answers with pages for one book. It is an http.Handler and safe for
// concurrent use.
type Server struct {
	cfg       Config
	mux       *http.ServeMux
	templates map[lang]map[string]*template.Template
	assets    *assets
	lives     lives
	known     atomic.Pointer[knownPartners]
	took      *prometheus.HistogramVec
	handler   http.Handler
}

// New makes the pages. An error says what is missing in the Config, or which
// template does not fit.
func New(c Config) (*Server, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Server{cfg: c, mux: http.NewServeMux()}
	var err error
	if s.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if s.templates, err = s.parse(); err != nil {
		return nil, err
	}
	if s.took, err = newMetrics(c.Metrics); err != nil {
		return nil, err
	}
	for _, group := range [][]route{
		frameRoutes, helpRoutes, employerRoutes, doingRoutes, planRoutes, targetRoutes, accountRoutes, stewardRoutes,
	} {
		s.add(group)
	}
	zipped, err := gzhttp.NewWrapper(gzhttp.MinSize(1024))
	if err != nil {
		return nil, err
	}
	s.mux.Handle("GET "+assetsPath, s.assets)
	plain, small := http.Handler(s.mux), zipped(s.mux)
	s.handler = s.outside(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == livePath { // a stream goes out as it comes
			plain.ServeHTTP(w, r)
			return
		}
		small.ServeHTTP(w, r)
	}))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// route is one page, or one thing to do.
type route struct {
	pattern string        // of http.ServeMux
	who     []signin.Duty // who may; nil: everybody, signed in or not
	do      func(*visit) (*page, error)
}

// The duties that a route is for.
var (
	ofPartner = []signin.Duty{signin.AccountManager, signin.PartnerManager}
	readers   = []signin.Duty{signin.AccountManager, signin.PartnerManager, signin.Steward}
	totals    = []signin.Duty{signin.AccountManager, signin.PartnerManager, signin.Steward, signin.Board}
	managers  = []signin.Duty{signin.PartnerManager}
	stewards  = []signin.Duty{signin.Steward}
	signedIn  = []signin.Duty{signin.AccountManager, signin.PartnerManager, signin.Steward, signin.Board, signin.Auditor}
)

func (s *Server) add(routes []route) {
	for _, one := range routes {
		s.mux.HandleFunc(one.pattern, func(w http.ResponseWriter, r *http.Request) {
			v := s.visit(w, r)
			v.answer(one)
		})
	}
}
