package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"huisboek/adapters/client"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	submitPatience = 2 * time.Minute // how long one event is offered again while nobody answers
	retryFirst     = 200 * time.Millisecond
	retryMost      = 5 * time.Second
)

// wayIn is how a partner reaches a book from the command line: with a .creds file
// over NATS, or with a token over HTTP.
type wayIn struct {
	creds, nats   string
	token, server string
	insecure      bool // http to another machine
	try           bool // nothing is recorded; over HTTP only

	words    *pflag.FlagSet     // that these stand among
	web      *client.HTTPSender // one of these two, when open
	door     *client.NATSSender
	errOut   io.Writer
	patience time.Duration // 0: submitPatience
	// waits is told of each wait before the same is offered again, and whether it is
	// the first of a series; nil: of those errOut tells.
	waits func(err error, pause time.Duration, first bool)
}

func (w *wayIn) flags(f *pflag.FlagSet) {
	w.words = f
	f.StringVar(&w.creds, "creds", "", "the partner's .creds file, for NATS")
	f.StringVar(&w.nats, "nats", "nats://127.0.0.1:4222", "where the ledger listens for NATS")
	f.StringVar(&w.token, "token", "", "the partner's token, for HTTP (better in HUISBOEK_TOKEN: a command line is seen by others)")
	f.StringVar(&w.server, "server", "http://127.0.0.1:8080", "where the book is served over HTTP")
	f.BoolVar(&w.insecure, insecureFlag, false, insecureText)
}

// choose settles which of the two it is: what was typed goes before what stands
// in the environment, a credential before an address.
func (w *wayIn) choose(verb string) error {
	creds, token := typed(w.words, "creds"), typed(w.words, "token")
	if creds == token {
		creds, token = creds || typed(w.words, "nats"), token || typed(w.words, "server")
	}
	switch {
	case creds && !token:
		w.token = ""
	case token && !creds:
		w.creds = ""
	}
	if (w.creds == "") == (w.token == "") {
		return usageError(verb + " needs one of --creds FILE (with --nats URL) and --token TOKEN (with --server URL)")
	}
	return nil
}

// How a token goes over http to another machine all the same.
const (
	insecureFlag = "insecure"
	insecureText = "send a token over http to another machine: only where nobody can listen in between"
	orInsecure   = ", or give --insecure where nobody can listen in between"
)

func (w *wayIn) overNATS() bool { return w.creds != "" }

// open connects, over NATS; over HTTP the first question does.
func (w *wayIn) open(errOut io.Writer) (err error) {
	w.errOut = errOut
	if w.overNATS() {
		w.door, err = client.DialNATS(w.nats, w.creds)
		return err
	}
	w.web, err = client.HTTP(w.server, w.token, client.HTTPOptions{Plain: w.insecure})
	switch {
	case errors.Is(err, client.ErrPlain):
		return usageError("--server: " + err.Error() + orInsecure)
	case err != nil:
		return usageError("--server: " + err.Error())
	}
	return nil
}

func (w *wayIn) close() {
	if w.door != nil {
		w.door.Close()
	}
	if w.web != nil {
		w.web.Close()
	}
}

// atOnce is how many events offer is best given.
func (w *wayIn) atOnce() int {
	switch {
	case w.overNATS():
		return 1
	case w.try:
		return client.MaxBatch // the more, the more can rest on one before it
	}
	return 500
}

// book says which book this is.
func (w *wayIn) book(ctx context.Context) (*client.Book, error) {
	if w.overNATS() {
		return w.door.Book(ctx)
	}
	return w.web.Book(ctx)
}

// rebuilding reports whether the book makes its views anew: it records and advises
// meanwhile, but what is answered from them comes later, and that may take long.
func rebuilding(err error) bool {
	var p ledger.Problem
	return errors.As(err, &p) && problemWord(p) == "beelden-worden-opgebouwd"
}

// whichBook is book, asked again while there is no answer. While the views are made
// anew that is no use.
func (w *wayIn) whichBook(ctx context.Context) (b *client.Book, err error) {
	limit, wait := time.Now().Add(w.patience), retryFirst
	for {
		if b, err = w.book(ctx); err == nil || ctx.Err() != nil || rebuilding(err) {
			return b, err
		}
		after, retry := client.Retry(err)
		if !retry {
			return nil, w.refused(err)
		}
		pause := max(wait, after)
		if time.Now().Add(pause).After(limit) {
			return nil, fmt.Errorf("no answer, and no more patience after %s: %w", w.patience, err)
		}
		if w.waits != nil {
			w.waits(err, pause, wait == retryFirst)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		wait = min(2*wait, retryMost)
	}
}

// offer sends events, and again while there is no answer, until each has one that
// will stay the same: that goes to each, in order. It fails when patience has run
// out, and when it is not the events but the sender that is refused.
func (w *wayIn) offer(ctx context.Context, all [][]byte, each func(i int, o ledger.Outcome) error) error {
	patience := w.patience
	if patience == 0 {
		patience = submitPatience
	}
	limit, wait := time.Now().Add(patience), retryFirst
	tell := w.waits
	if tell == nil {
		tell = func(err error, _ time.Duration, first bool) {
			if first {
				fmt.Fprintf(w.errOut, "huisboek: no receipt yet (%v); offering the same again for up to %s\n", err, patience)
			}
		}
	}
	for done := 0; done < len(all); {
		some, err := w.send(ctx, limit, all[done:])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		before := done
		for _, o := range some {
			if err = again(o.Err); err != nil {
				break
			}
			if err := each(done, o); err != nil {
				return err
			}
			done++
		}
		if done > before { // it goes on
			limit, wait = time.Now().Add(patience), retryFirst
		}
		if err == nil {
			continue
		}
		after, retry := client.Retry(err)
		if !retry {
			return w.refused(err)
		}
		pause := max(wait, after)
		if time.Now().Add(pause).After(limit) {
			return fmt.Errorf("no receipt, and no more patience after %s: %w", patience, err)
		}
		tell(err, pause, wait == retryFirst)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		wait = min(2*wait, retryMost)
	}
	return nil
}

// again is the error of an event that is to be offered again. A failure of the
// book's own is told, and the next event has its turn.
func again(err error) error {
	if _, retry := client.Retry(err); retry && ledger.ProblemOf(err).Status != http.StatusInternalServerError {
		return err
	}
	return nil
}

// send offers events once: over HTTP all, over NATS the first. The error is not
// about an event.
func (w *wayIn) send(ctx context.Context, limit time.Time, all [][]byte) ([]ledger.Outcome, error) {
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	switch {
	case w.overNATS():
		r, err := w.door.Send(ctx, all[0])
		var p ledger.Problem
		if err != nil && !errors.As(err, &p) {
			return nil, err
		}
		return []ledger.Outcome{{Receipt: r, Err: err}}, nil
	case w.try:
		out, err := w.web.TryAll(ctx, all)
		for i, o := range out { // what would be refused is told as what is
			if o.Err == nil && o.Receipt.Outcome == events.Refused {
				out[i] = ledger.Outcome{Err: intake.RefusedPlan(o.Receipt)}
			}
		}
		return out, err
	}
	return w.web.SendAll(ctx, all)
}

// refused says of a refusal of the sender what to do about it.
func (w *wayIn) refused(err error) error {
	var p ledger.Problem
	if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
		return fmt.Errorf("%s wants a token that it knows: give --token, or set HUISBOEK_TOKEN", strings.TrimRight(w.server, "/"))
	}
	return err
}

// sleep waits; the error is ctx's, when that ended before.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
