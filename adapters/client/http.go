package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
	"huisboek/ledger"
)

// The limits of a batch (docs/contract.md, "HTTP").
const (
	MaxBatch      = 1_000    // events
	MaxBatchBytes = 16 << 20 // of all of them, with the commas between
)

const (
	eventPath   = "/v1/gebeurtenissen"
	messagePath = "/v1/berichten"

	structured = "application/cloudevents+json"
	batch      = "application/cloudevents-batch+json"

	dialTimeout  = 10 * time.Second
	sendTimeout  = 40 * time.Second // the book works on one request for 30 at most
	batchTimeout = 2 * time.Minute
	maxAnswer    = 32 << 20 // a receipt has 20 plans of others at most; a batch a thousand receipts
)

// HTTPOptions are choices of an HTTPSender. The zero value is right for a book
// with a certificate that the system trusts.
type HTTPOptions struct {
	// RootCAs are trusted instead of the system's, for a certificate of a private
	// authority.
	RootCAs *x509.CertPool
	// Plain allows http:// to an address that is not this machine. Anybody on the
	// way then reads the token and the events.
	Plain bool
}

// ErrPlain: a token must not go over http to another machine; see
// HTTPOptions.Plain.
var ErrPlain = errors.New("anybody on the way reads what goes over http: use https")

// HTTPSender emits over HTTP. Safe for concurrent use.
type HTTPSender struct {
	base, token string
	http        *http.Client
}

// HTTP makes a sender to the book at server ("https://huisboek.example.nl") with a
// partner's bearer token. It makes no connection yet.
func HTTP(server, token string, o HTTPOptions) (*HTTPSender, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return nil, errors.New("the server is no http(s) address") // not the address: it may hold a password
	}
	if u.Scheme == "http" && !o.Plain && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("a token must not go to %s like this: %w", u.Hostname(), ErrPlain)
	}
	return &HTTPSender{
		base: strings.TrimRight(server, "/"), token: token,
		http: &http.Client{
			// A redirect would take the token elsewhere; this API has none.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				Proxy:                 http.ProxyFromEnvironment,
				DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
				TLSHandshakeTimeout:   dialTimeout,
				TLSClientConfig:       &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
				ForceAttemptHTTP2:     true,
				MaxIdleConnsPerHost:   16,
				IdleConnTimeout:       30 * time.Second, // shorter than the book's own
				ExpectContinueTimeout: time.Second,
			},
		},
	}, nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Close lets go of idle connections. The sender can still be used.
func (s *HTTPSender) Close() { s.http.CloseIdleConnections() }

// Send implements Sender. Receipt.Again says whether the event was recorded
// before.
func (s *HTTPSender) Send(ctx context.Context, event []byte) (*ledger.Receipt, error) {
	return s.one(ctx, event, false)
}

// Try asks what Send would be answered now, and records nothing. The receipt has
// no position, and does not say whether the event was recorded before. A plan that the
// agreement would refuse gets a receipt too, with that verdict.
func (s *HTTPSender) Try(ctx context.Context, event []byte) (*ledger.Receipt, error) {
	return s.one(ctx, event, true)
}

func (s *HTTPSender) one(ctx context.Context, event []byte, try bool) (*ledger.Receipt, error) {
	if err := refuseHere(event); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	a, err := s.post(ctx, structured, event, try)
	if err != nil {
		return nil, err
	}
	r, err := readReceipt(a.body, a.status, try)
	if try && r != nil {
		r.Again = false // 200 is all that a trial of one event says
	}
	return r, err
}

// SendAll offers at most MaxBatch events of together at most MaxBatchBytes in one
// request, and gives an outcome for each, in their order. They are recorded in
// that order and each on its own: one that is refused does not hold back the
// next, and one may rest on another before it. Of an outcome's Err, Retry says
// whether to offer that event, and all behind it, again. An error is about the
// request as a whole.
func (s *HTTPSender) SendAll(ctx context.Context, all [][]byte) ([]ledger.Outcome, error) {
	return s.several(ctx, all, false)
}

// TryAll asks what SendAll would be answered now, and records nothing: each event
// is decided on as if those before it had been recorded.
func (s *HTTPSender) TryAll(ctx context.Context, all [][]byte) ([]ledger.Outcome, error) {
	return s.several(ctx, all, true)
}

func (s *HTTPSender) several(ctx context.Context, all [][]byte, try bool) ([]ledger.Outcome, error) {
	out := make([]ledger.Outcome, len(all))
	body, sent, err := array(all, out)
	if err != nil || len(sent) == 0 {
		return out, err
	}
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	a, err := s.post(ctx, batch, body, try)
	if err != nil {
		return nil, err
	}
	var results struct {
		Items []struct {
			Status  int             `json:"status"`
			Receipt jsontext.Value  `json:"ontvangstbewijs"`
			Problem *ledger.Problem `json:"probleem"`
		} `json:"resultaten"`
	}
	if err := json.Unmarshal(a.body, &results); err != nil || len(results.Items) != len(sent) {
		return nil, &strangeAnswer{a.status, "with results that cannot be read"}
	}
	for i, r := range results.Items {
		o := &out[sent[i]]
		if r.Problem != nil {
			o.Err = *r.Problem
			continue
		}
		if o.Receipt, o.Err = readReceipt(r.Receipt, r.Status, try); o.Err != nil {
			return nil, o.Err
		}
	}
	return out, nil
}

// array makes a batch of all events that can stand in one, and says which those
// are. The others get the book's own answer here: put in with the rest they would
// make the whole unreadable.
func array(all [][]byte, out []ledger.Outcome) (body []byte, sent []int, err error) {
	if len(all) > MaxBatch {
		return nil, nil, fmt.Errorf("%d events are more than the %d of a batch", len(all), MaxBatch)
	}
	for i, e := range all {
		if err := refuseHere(e); err != nil {
			out[i].Err = err
			continue
		}
		if !jsontext.Value(e).IsValid(jsontext.AllowDuplicateNames(true)) {
			_, err := events.Decode(e, time.Now())
			out[i].Err = ledger.ProblemOf(err)
			continue
		}
		body = append(append(body, ','), e...)
		sent = append(sent, i)
	}
	if len(body)+1 > MaxBatchBytes {
		return nil, nil, fmt.Errorf("%d bytes are more than the %d of a batch", len(body)+1, MaxBatchBytes)
	}
	if len(sent) > 0 {
		body[0] = '['
		body = append(body, ']')
	}
	return body, sent, nil
}

// Book asks which book this is, and with that whether the token is good.
func (s *HTTPSender) Book(ctx context.Context) (*Book, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+messagePath+"?aantal=1", nil)
	if err != nil {
		return nil, err
	}
	a, err := s.do(r)
	if err != nil {
		return nil, err
	}
	b, err := readBook(a.body, a.status)
	if err != nil {
		return nil, err
	}
	b.Clock, _ = http.ParseTime(a.header.Get("Date")) // a proxy may leave it out
	return b, nil
}

func readBook(body []byte, status int) (*Book, error) {
	var a struct {
		Book *Book `json:"boek"`
	}
	if err := json.Unmarshal(body, &a); err != nil || a.Book == nil {
		return nil, &strangeAnswer{status, "that does not say which book it is"}
	}
	return a.Book, nil
}

func (s *HTTPSender) post(ctx context.Context, contentType string, body []byte, try bool) (*answer, error) {
	target := s.base + eventPath
	if try {
		target += "?proef=true"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", contentType)
	// Empty, it is not sent, and says that this may be repeated on a new
	// connection when an idle one turns out to be gone (net/http, Transport).
	r.Header["Idempotency-Key"] = []string{}
	return s.do(r)
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// do gives an answer in JSON with status 200 or 201; any other is an error.
func (s *HTTPSender) do(r *http.Request) (*answer, error) {
	r.Header.Set("Accept", "application/json, "+ledger.ProblemMediaType)
	r.Header.Set("Authorization", "Bearer "+s.token)
	got, err := s.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(got.Header.Get("Content-Type"))
	switch {
	case len(body) > maxAnswer:
		return nil, &strangeAnswer{got.StatusCode, "with an answer without end"}
	case kind == ledger.ProblemMediaType:
		return nil, readProblem(body, got.StatusCode, got.Header.Get("Retry-After"))
	case kind != "application/json" || got.StatusCode != http.StatusOK && got.StatusCode != http.StatusCreated:
		err := &strangeAnswer{got.StatusCode, fmt.Sprintf("with %q", kind)}
		if wait := retryAfter(got.Header.Get("Retry-After"), time.Now()); wait > 0 {
			return nil, &Deferred{err, wait}
		}
		return nil, err
	}
	return &answer{got.StatusCode, got.Header, body}, nil
}
