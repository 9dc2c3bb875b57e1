package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"huisboek/events"
	"huisboek/ledger"
)

const (
	submitPatience = 2 * time.Minute // how long one event is offered again while nobody answers
	submitTimeout  = 35 * time.Second
	retryFirst     = 200 * time.Millisecond
	retryMost      = 5 * time.Second
)

func submitCommand() *cobra.Command {
	var s submitter
	c := &cobra.Command{
		Use:   "submit --creds FILE --nats URL FILE…",
		Short: "Emit CloudEvents from files, with a partner's credentials",
		Long: `Emit CloudEvents from files, one after the other: JSON, JSON lines or a JSON array;
- is standard input. Each gets its receipt before the next is sent. While the ledger
does not answer an event is offered again; the same event never counts twice, so a
file that was broken off can be submitted again as a whole.

Exits with 1 when any event was refused; what and why is printed.`,
		Example: `  huisboek submit --creds zwolle.creds --nats nats://127.0.0.1:4222 visits.jsonl`,
		Args:    cobra.MinimumNArgs(1),
		RunE:    work(s.run),
	}
	f := c.Flags()
	f.StringVar(&s.creds, "creds", "", "the partner's .creds file (required)")
	f.StringVar(&s.url, "nats", "nats://127.0.0.1:4222", "where the ledger listens")
	f.BoolVar(&s.json, "json", false, "print each receipt or problem on a line of JSON")
	return c
}

type submitter struct {
	creds, url string
	json       bool

	nc               *nats.Conn
	out, errOut      io.Writer
	recorded, failed int
}

// submitted is one line of --json.
type submitted struct {
	File    string          `json:"bestand"`
	Number  int             `json:"nummer"`
	Receipt *ledger.Receipt `json:"ontvangstbewijs,omitempty"`
	Problem *ledger.Problem `json:"probleem,omitempty"`
}

func (s *submitter) run(cmd *cobra.Command, files []string) (err error) {
	if s.creds == "" {
		return usageError("submit needs --creds FILE")
	}
	s.out, s.errOut = cmd.OutOrStdout(), cmd.ErrOrStderr()
	s.nc, err = nats.Connect(s.url, nats.UserCredentials(s.creds), nats.Name("huisboek submit"),
		nats.MaxReconnects(-1), nats.ReconnectWait(retryFirst))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", s.url, err)
	}
	defer s.nc.Close()
	for _, name := range files {
		if err := s.file(cmd.Context(), name, cmd.InOrStdin()); err != nil {
			return err
		}
	}
	if !s.json {
		fmt.Fprintf(s.out, "%d answered: %d recorded or seen before, %d refused\n", s.recorded+s.failed, s.recorded, s.failed)
	}
	if s.failed > 0 {
		return errRefused
	}
	return nil
}

func (s *submitter) file(ctx context.Context, name string, stdin io.Reader) error {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	n := 0
	err := eachEvent(in, func(raw []byte) error {
		n++
		return s.one(ctx, name, n, raw)
	})
	if err != nil {
		return fmt.Errorf("%s, after event %d: %w", name, n, err)
	}
	return nil
}

// eachEvent reads JSON values one after the other, and the entries of arrays.
// The values go on as they were written: whether one is a proper event is for
// the ledger to say.
func eachEvent(in io.Reader, fn func(raw []byte) error) error {
	d := jsontext.NewDecoder(bufio.NewReaderSize(in, 1<<20), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		switch d.PeekKind() {
		case '[', ']':
			if _, err := d.ReadToken(); err != nil {
				return fmt.Errorf("not JSON: %w", err)
			}
			continue
		}
		raw, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if err := fn(raw); err != nil {
			return err
		}
	}
}

func (s *submitter) one(ctx context.Context, file string, n int, raw []byte) error {
	receipt, problem, err := s.offer(ctx, raw)
	if err != nil {
		return err
	}
	if problem != nil {
		s.failed++
	} else {
		s.recorded++
	}
	if s.json {
		return printLine(s.out, submitted{file, n, receipt, problem})
	}
	if problem != nil {
		say(s.errOut, fmt.Errorf("%s, event %d: %w", file, n, *problem))
		return nil
	}
	line := fmt.Sprintf("%s, event %d: position %d, %s", file, n, receipt.Position, receipt.Outcome)
	if c := receipt.Call; c != nil && receipt.Outcome != events.Free {
		line += fmt.Sprintf("; call %s", callText(c))
	}
	_, err = fmt.Fprintln(s.out, line)
	return err
}

// offer sends one event until there is an answer that will stay the same.
func (s *submitter) offer(parent context.Context, raw []byte) (*ledger.Receipt, *ledger.Problem, error) {
	ctx, cancel := context.WithTimeout(parent, submitPatience)
	defer cancel()
	wait := retryFirst
	for {
		receipt, problem, err := s.ask(ctx, raw)
		if parent.Err() != nil {
			return nil, nil, parent.Err()
		}
		again := problem != nil && problem.Status == http.StatusServiceUnavailable
		for _, e := range []error{nats.ErrNoResponders, nats.ErrTimeout, nats.ErrDisconnected, context.DeadlineExceeded} {
			again = again || errors.Is(err, e)
		}
		if !again {
			return receipt, problem, err
		}
		if wait == retryFirst {
			why := err
			if problem != nil {
				why = *problem
			}
			fmt.Fprintf(s.errOut, "huisboek: no receipt yet (%v); offering the same again for up to %s\n", why, submitPatience)
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			if parent.Err() != nil {
				return nil, nil, parent.Err()
			}
			if err == nil {
				err = *problem
			}
			return nil, nil, fmt.Errorf("no receipt after %s: %w", submitPatience, err)
		}
		wait = min(2*wait, retryMost)
	}
}

func (s *submitter) ask(ctx context.Context, raw []byte) (*ledger.Receipt, *ledger.Problem, error) {
	ctx, cancel := context.WithTimeout(ctx, submitTimeout)
	defer cancel()
	m := nats.NewMsg("melden")
	m.Header.Set("content-type", "application/cloudevents+json")
	m.Data = raw
	answer, err := s.nc.RequestMsgWithContext(ctx, m)
	if errors.Is(err, nats.ErrMaxPayload) { // the ledger would refuse it, but cannot even be told
		p := ledger.NewProblem(http.StatusRequestEntityTooLarge, "te-groot", "Te groot", fmt.Sprintf("Een melding is ten hoogste %d bytes.", events.MaxSize))
		return nil, &p, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if answer.Header.Get("content-type") == ledger.ProblemMediaType {
		p := new(ledger.Problem)
		return nil, p, json.Unmarshal(answer.Data, p)
	}
	r := new(ledger.Receipt)
	return r, nil, json.Unmarshal(answer.Data, r)
}

func callText(c *ledger.Call) string {
	text := c.Partner.Name
	if c.Name != "" {
		text = c.Name + " (" + c.Partner.Name + ")"
	}
	if c.Phone != "" {
		text += ", " + c.Phone
	}
	return text
}
