package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections/targets"
)

// Server answers HTTP for one book. It is an http.Handler and safe for
// concurrent use.
type Server struct {
	cfg      Config
	mux      *http.ServeMux
	api      huma.API
	document []byte // openapi.json
	page     []byte // pagePath, made of it
	metrics  *metrics
	working  places         // for requests that are worked on
	bodies   places         // for batches that are in memory
	batches  *intake.Limits // of one credential, see batchesAtOnce
	streams  *intake.Limits // of one credential, see streamsAtOnce
	// streaming are the streams that are open.
	streaming places
	moments   moments
	standings *targets.Standings
	feed      Feeds
	handler   http.Handler
}

// maxWorking is how many requests are worked on at a time; more get a 503 at once.
// What only gives bytes that are there (the document, its page, health) and what is
// refused at the door need no place.
const maxWorking = 256

// New makes the server. An error says what is missing in the Config, or that
// the registry already has a door's metrics.
func New(c Config) (*Server, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Server{
		cfg:       c,
		mux:       http.NewServeMux(),
		working:   make(places, maxWorking),
		bodies:    make(places, maxBodies),
		feed:      feedsOf(&c),
		standings: targets.NewStandings(),
		batches:   intake.NewLimits(intake.Rates{InFlight: batchesAtOnce}, c.Now),
		streams:   intake.NewLimits(intake.Rates{InFlight: streamsAtOnce}, c.Now), streaming: make(places, maxStreams),
	}
	s.api = humago.New(s.mux, apiConfig(c.Maintainer))
	s.operations()
	var err error
	if s.document, err = s.openAPI(); err != nil {
		return nil, fmt.Errorf("web: openapi document: %w", err)
	}
	if s.page, err = renderPage(s.document); err != nil {
		return nil, fmt.Errorf("web: page of the document: %w", err)
	}
	if s.metrics, err = newMetrics(c.Metrics); err != nil {
		return nil, fmt.Errorf("web: metrics: %w", err)
	}
	s.plainRoutes()
	s.handler = s.outside(http.HandlerFunc(s.route))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// operations are those under /v1: who may ask is said here, per operation. What
// may be reported by whom the ledger decides.
func (s *Server) operations() {
	own := []ledger.Role{ledger.RolePartner}
	stewards := []ledger.Role{ledger.RoleSteward}
	readers := []ledger.Role{ledger.RolePartner, ledger.RoleSteward}
	accounted := []ledger.Role{ledger.RolePartner, ledger.RoleAuditor}
	totals := []ledger.Role{ledger.RolePartner, ledger.RoleSteward, ledger.RoleBoard}
	get(s, "/v1/werkgevers", readers, describeFind, s.find)
	get(s, "/v1/werkgevers/{werkgever}", readers, describeEmployer, s.employer)
	get(s, "/v1/werkgevers/{werkgever}/contacten", readers, describeContacts, s.contacts)
	get(s, "/v1/werkgevers/{werkgever}/advies", readers, describeAdvice, s.advice)
	get(s, "/v1/afspraken", totals, describeAgreements, s.agreements)
	get(s, "/v1/oordelen/{positie}", readers, describeExplain, s.explain)
	get(s, "/v1/botsingen", readers, describeClashes, s.clashes)
	get(s, plansPath, readers, describePlans, s.plans)
	get(s, "/v1/werking", readers, describeWorking, s.works)
	get(s, "/v1/koppelingen", readers, describeLinks, s.links)
	get(s, "/v1/mogelijk-dezelfde", stewards, describeDoubles, s.doubles)
	get(s, "/v1/partners", readers, describePartners, s.partners)
	get(s, "/v1/dekking", readers, describeCoverage, s.coverage)
	get(s, "/v1/arbeidsmarktregios", readers, describeRegions, s.regions)
	get(s, "/v1/arbeidsmarktregios/{code}", readers, describeRegion, s.region)
	get(s, "/v1/status", stewards, describeStatus, s.status)
	get(s, "/v1/tellingen", totals, describeTallies, s.totals)
	get(s, targetsPath, totals, describeTargets, s.targets)
	get(s, targetsPath+"/{doelstelling}", totals, describeTarget, s.target)
	get(s, targetsPath+"/{doelstelling}/stand", totals, describeStanding, s.standing)
	get(s, targetsPath+"/{doelstelling}/verschil", totals, describeDifference, s.difference)
	s.mux.HandleFunc(http.MethodGet+" "+sheetPath, s.sheet)
	s.api.OpenAPI().AddOperation(s.describeSheet())
	get(s, "/v1/bereik", totals, describeReach, s.reach)
	get(s, "/v1/dubbelen", readers, describePlacementDoubles, s.placementDoubles)
	get(s, "/v1/aanleveringen", own, describeDeliveries, s.deliveries)
	get(s, readLogPath, accounted, describeReadLog, s.readLog)
	get(s, followedPath, own, describeFollowed, s.followed)
	get(s, messagesPath, own, describeMessages, s.messages)
	s.describeStream()
	get(s, feedsPath, readers, describeFeeds, s.feeds)
	s.feedRoutes()
	get(s, digestsPath, readers, describeDigests, s.digests)
	s.digestRoutes()
	s.mux.HandleFunc(http.MethodPost+" "+reportPath, s.report) // not huma's: it must not decode an event
	s.api.OpenAPI().AddOperation(s.describeReport())
	s.mux.HandleFunc(http.MethodPost+" "+tourPath, s.tour)
	s.mux.HandleFunc(http.MethodGet+" "+tourPath, s.noTour)
	s.api.OpenAPI().AddOperation(s.describeTour())
}

// plainRoutes are the ones that are not part of the described API.
func (s *Server) plainRoutes() {
	s.mux.HandleFunc("GET /livez", s.livez)
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.HandleFunc("GET /v1/openapi.json", s.openAPIDocument)
	s.mux.HandleFunc("GET /metrics", s.metricsPage)
	s.mux.HandleFunc("GET "+pagePath, s.servePage)
	s.mux.HandleFunc("GET "+stylePath, s.serveStyle)
}

// description is what the OpenAPI document says of an operation, in Dutch.
type description struct {
	id, summary, text, tag string
	missing                bool // what is asked for may not be there: 404
}

// get registers a read: authenticated, for some roles, with what the caller may
// see; its errors become problems.
func get[I, O any](s *Server, path string, roles []ledger.Role, d description, answer func(context.Context, *sight, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: d.id,
		Method:      http.MethodGet,
		Path:        path,
		Summary:     d.summary,
		Description: d.text,
		Tags:        []string{d.tag},
		Security:    []map[string][]string{{securityScheme: {}}},
		Errors:      []int{400, 401, 403, 406, 429, 503},
		Middlewares: huma.Middlewares{s.only(roles)},
	}
	if d.missing {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*reply[O], error) {
		var body *O
		var err error
		if !s.working.hold(func() {
			var v *sight
			if v, err = s.sight(ctx, callerOf(ctx)); err == nil {
				body, err = answer(ctx, v, in)
			}
		}) {
			err = problemBusy
		}
		if q, ok := any(in).(interface{ strays() events.Faults }); ok { // now it is known what else is wrong
			err = besides(err, q.strays())
		}
		if err != nil {
			return nil, s.told(ctx, err)
		}
		return &reply[O]{Body: body}, nil
	})
}

// reply is an answer as huma wants it.
type reply[O any] struct{ Body *O }

func (s *Server) today() events.Date { return events.DateOf(s.cfg.Now()) }

// Owns reports whether a path is of this door: the API, its page, calendars, health and
// metrics. Every other path is free for pages.
func Owns(path string) bool {
	for _, own := range []string{"/v1", pagePath, strings.TrimSuffix(calendarPrefix, "/"), "/livez", "/readyz", "/metrics"} {
		if rest, ok := strings.CutPrefix(path, own); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
