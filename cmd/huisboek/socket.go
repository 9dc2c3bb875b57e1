package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/ledger"
)

// The local socket (0600): one POST per verb, answered by lines of JSON, first
// any number of progress lines, then one with the result or the problem.

// answerLine is one line of an answer.
type answerLine struct {
	Progress *progressLine   `json:"voortgang,omitempty"`
	Result   jsontext.Value  `json:"resultaat,omitzero"`
	Problem  *ledger.Problem `json:"probleem,omitempty"`
}

type progressLine struct {
	What  string `json:"wat"`
	Done  uint64 `json:"gedaan"`
	Total uint64 `json:"totaal"`
}

// verb fits a typed function to adminVerb: strict about its parameters.
func verb[P, R any](do func(*house, context.Context, P, reportFunc) (R, error)) adminVerb {
	return func(h *house, ctx context.Context, params []byte, progress reportFunc) (any, error) {
		var p P
		if len(params) > 0 {
			if err := json.Unmarshal(params, &p, json.RejectUnknownMembers(true)); err != nil {
				return nil, err
			}
		}
		return do(h, ctx, p, progress)
	}
}

// serveSocket answers the command line until ctx ends.
func (h *house) serveSocket(ctx context.Context) error {
	path := h.folder.path(fileSocket)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // of a crash: the lock says that nobody serves
		return err
	}
	l, err := listenPrivate(ctx, path)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(h.answerSocket), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	h.serving = true
	h.under.Go(func() { server.Serve(l) })
	h.onClose(func() error { // ctx has ended: what is under way stops, but an erasure is finished
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if server.Shutdown(patience) != nil {
			return server.Close()
		}
		return nil
	})
	return nil
}

func (h *house) answerSocket(w http.ResponseWriter, r *http.Request) {
	verb, ok := adminVerbs[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	params, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := http.NewResponseController(w)
	write := func(l answerLine) {
		json.MarshalWrite(w, l) // an error means that nobody listens any more
		io.WriteString(w, "\n")
		out.Flush()
	}
	var last time.Time
	result, err := verb(h, r.Context(), params, func(what string, done, total uint64) {
		if now := time.Now(); done == total || now.Sub(last) > 100*time.Millisecond {
			last = now
			write(answerLine{Progress: &progressLine{what, done, total}})
		}
	})
	if err == nil {
		var b []byte
		if b, err = json.Marshal(result); err == nil {
			write(answerLine{Result: b})
			return
		}
	}
	p := asProblem(err)
	write(answerLine{Problem: &p})
}

// administer does a verb on the book in a folder: over the socket when it is
// being served, on the files themselves when it is not.
func administer[R any](ctx context.Context, dir, verb string, params any, s settings, progress reportFunc) (result R, err error) {
	body, err := json.Marshal(params)
	if err != nil {
		return result, err
	}
	f, err := readFolder(dir)
	if err != nil {
		return result, err
	}
	answer, err := overSocket(ctx, f.path(fileSocket), verb, body, progress)
	if errors.Is(err, errNotServed) {
		answer, err = onFiles(ctx, dir, verb, body, s, progress)
	}
	if err != nil {
		return result, err
	}
	return result, json.Unmarshal(answer, &result)
}

var errNotServed = errors.New("nobody serves this book")

func overSocket(ctx context.Context, path, verb string, body []byte, progress reportFunc) (jsontext.Value, error) {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := dialPrivate(ctx, path)
		if err != nil {
			return nil, errors.Join(errNotServed, err)
		}
		return c, nil
	}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://huisboek/"+verb, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the serving huisboek answers %s: is it of another version?", resp.Status)
	}
	lines := jsontext.NewDecoder(resp.Body)
	for {
		var l answerLine
		switch err := json.UnmarshalDecode(lines, &l); {
		case err != nil:
			return nil, fmt.Errorf("the serving huisboek broke off: %w", err)
		case l.Progress != nil:
			progress(l.Progress.What, l.Progress.Done, l.Progress.Total)
		case l.Problem != nil:
			return nil, *l.Problem
		default:
			return l.Result, nil
		}
	}
}

func onFiles(ctx context.Context, dir, verb string, body []byte, s settings, progress reportFunc) (_ jsontext.Value, err error) {
	s.Dir = dir
	h, err := openHouse(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	result, err := adminVerbs[verb](h, ctx, body, progress)
	if err != nil {
		return nil, asProblem(err)
	}
	return json.Marshal(result)
}
