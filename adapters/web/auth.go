package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"huisboek/ledger"
)

type callerKey struct{}

// callerOf is who asks, as only put it there.
func callerOf(ctx context.Context) ledger.Caller {
	c, _ := ctx.Value(callerKey{}).(ledger.Caller)
	return c
}

// only lets these roles through; a role that is not named sees nothing.
func (s *Server) only(roles []ledger.Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		caller, ok := s.admit(w, r, roles)
		if !ok {
			return
		}
		leave, err := s.asks(caller.Credential)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		defer leave()
		if !acceptsJSON(r.Header) {
			s.refuse(w, r, problemUnacceptable)
			return
		}
		r.Header.Del("Accept") // huma has nothing to choose from, and reads it less well
		next(huma.WithValue(ctx, callerKey{}, caller))
	}
}

// asks counts a question of a credential.
func (s *Server) asks(credential string) (leave func(), err error) {
	if err := s.cfg.Questions.Take(credential, 1); err != nil {
		return nil, err
	}
	return s.cfg.Questions.Enter(credential)
}

// everyRole is for what a role may do by what it is about.
var everyRole = []ledger.Role{ledger.RolePartner, ledger.RoleSteward, ledger.RoleBoard, ledger.RoleAuditor}

// admit is who asks, when the role is one of these; otherwise it has answered.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, roles []ledger.Role) (ledger.Caller, bool) {
	caller, err := s.authenticate(r)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="huisboek"`)
		s.refuse(w, r, problemUnauthenticated)
		return caller, false
	}
	if !slices.Contains(roles, caller.Role) {
		s.refuse(w, r, ledger.ErrForbidden)
		return caller, false
	}
	return caller, true
}

// authenticate takes a bearer token from the header and from nowhere else; a request
// from within the program (ClientAs) says who asks instead.
func (s *Server) authenticate(r *http.Request) (ledger.Caller, error) {
	if caller, ok := insider(r.Context()); ok {
		return caller, nil
	}
	header := r.Header.Values("Authorization")
	if len(header) != 1 {
		return ledger.Caller{}, problemUnauthenticated
	}
	scheme, token, _ := strings.Cut(header[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ledger.Caller{}, problemUnauthenticated
	}
	caller, err := s.cfg.Access.Authenticate(strings.TrimSpace(token))
	caller.Door = ledger.DoorHTTP
	return caller, err
}
