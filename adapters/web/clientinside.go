package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"huisboek/ledger"
)

// insideBase is where a Client within the program asks. Nothing listens there.
const insideBase = "http://boek.invalid"

// insideKey is under what a request from within the program says who asks, instead of
// with a token. What comes in over a connection has a context of net/http's making and
// can never carry it: the key is of this package alone, and only inside.RoundTrip sets it.
type insideKey struct{}

// insider is who asks from within, and whether it is from there.
func insider(ctx context.Context) (ledger.Caller, bool) {
	c, ok := ctx.Value(insideKey{}).(ledger.Caller)
	return c, ok
}

// ClientAs is a Client that asks this server in process, as a caller that was
// recognised in another way than by a token: a person who has signed in. Everything
// else is as over a connection: roles, what a caller may see, limits and counts, and a
// refusal is a ledger.Problem. caller.Credential is what limits count by and what is
// stored with a record, so each has its own; the door is always [ledger.DoorHTTP].
func (s *Server) ClientAs(caller ledger.Caller) *Client {
	caller.Door = ledger.DoorHTTP
	return &Client{base: insideBase, http: &http.Client{
		Transport:     &inside{server: s, caller: caller},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// inside hands requests to a server without a connection. Its answers are whole before
// they are given, so it is not for streams.
type inside struct {
	server *Server
	caller ledger.Caller
}

// RoundTrip implements http.RoundTripper.
func (in *inside) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	asked := r.Clone(context.WithValue(r.Context(), insideKey{}, in.caller))
	asked.RequestURI = r.URL.RequestURI()
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	defer func() {
		if p := recover(); p != nil { // half an answer: over a connection it would be cut off
			answer, err = nil, fmt.Errorf("the request was broken off: %v", p)
		}
	}()
	told := &capture{header: http.Header{}}
	in.server.ServeHTTP(told, asked)
	if told.status == 0 {
		told.status = http.StatusOK
	}
	return &http.Response{
		Status: strconv.Itoa(told.status) + " " + http.StatusText(told.status), StatusCode: told.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: told.header, Request: r,
		Body: io.NopCloser(bytes.NewReader(told.Bytes())), ContentLength: int64(told.Len()),
	}, nil
}
