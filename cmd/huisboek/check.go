package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"huisboek/adapters/client"
	"huisboek/events"
	"huisboek/ledger"
)

// checkPatience is how long a check waits for an answer.
const checkPatience = 30 * time.Second

func checkCommand() *cobra.Command {
	c := &checker{now: time.Now}
	cmd := &cobra.Command{
		Use:   "check (--creds FILE --nats URL | --token TOKEN --server URL) [FILE…]",
		Short: "Say in plain words what is right and wrong with a partner's events",
		Long: `Try a partner's connection and events on a test book, and say in plain words what is good,
what to mind and what is wrong, with what to do about it. In Dutch; --lang en for English.

Without FILE it emits a sample of its own under --source: a visit planned at an employer
with a test number. It repeats it, sends other content under the same id, sends an event
with three faults to show how those look, and takes the sample back.

With FILE… (JSON, JSON lines or a JSON array; - is standard input) it offers every event
and looks at them as a whole.

On a test book everything is recorded, as it would be later. On any other book nothing is
ever recorded: over HTTP the events are only tried, over NATS the check stops.

Exits with 1 when anything is wrong.`,
		Example: `  huisboek check --token "$TOKEN" --source urn:nld:oin:00000099000000001000:systeem:crm
  huisboek check --creds zwolle.creds --nats nats://127.0.0.1:4222 visits.jsonl
  huisboek check --lang en --json --token "$TOKEN" --server https://proef.example.nl - < visits.jsonl`,
		RunE: work(c.run),
	}
	f := cmd.Flags()
	c.way.flags(f)
	f.StringVar(&c.source, "source", "", "under which source the sample is emitted (without FILE)")
	f.StringVar(&c.lang, "lang", "nl", "language: nl or en")
	f.BoolVar(&c.json, "json", false, "print one JSON object with everything that was found")
	return cmd
}

// verdict is how something was found.
type verdict string

const (
	good  verdict = "goed"
	mind  verdict = "let-op"
	wrong verdict = "fout"
)

// checkLine is one thing that a check says.
type checkLine struct {
	Step     string          `json:"stap"`
	Verdict  verdict         `json:"oordeel"`
	Sentence events.Sentence `json:"zin"`
	Field    string          `json:"veld,omitempty"` // of a fault in an event
	Code     string          `json:"code,omitempty"` // of that fault
	File     string          `json:"bestand,omitempty"`
	Number   int             `json:"nummer,omitempty"` // of the event in the file
}

// checked is what --json prints.
type checked struct {
	Book     *client.Book `json:"boek"`
	Tried    bool         `json:"alleenGeprobeerd"`
	Findings []checkLine  `json:"bevindingen"`
	Good     int          `json:"goed"`
	Remarked int          `json:"metOpmerking"`
	Refused  int          `json:"geweigerd"`
}

type checker struct {
	way          wayIn
	source, lang string
	json         bool
	now          func() time.Time

	out   io.Writer
	found checked
	fails bool // something is wrong
	whole whole
}

func (c *checker) run(cmd *cobra.Command, files []string) error {
	c.out = cmd.OutOrStdout()
	c.found.Findings = []checkLine{}
	if c.lang != "nl" && c.lang != "en" {
		return usageError("--lang is nl or en")
	}
	if err := c.way.choose("check"); err != nil {
		return err
	}
	c.way.patience = checkPatience
	var sample *sample
	if len(files) == 0 {
		var err error
		if sample, err = newSample(c.source, c.now()); err != nil {
			return err
		}
	}
	ctx := cmd.Context()
	if err := c.connect(ctx, cmd.ErrOrStderr()); err != nil {
		return err
	}
	defer c.way.close()
	if !c.fails {
		var err error
		if sample != nil {
			err = c.sample(ctx, sample)
		} else {
			err = c.files(ctx, files, cmd.InOrStdin())
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.tell("verbinding", wrong, "brak-af", err)
		}
	}
	return c.finish()
}

// connect sees whether the credential works, and on which book.
func (c *checker) connect(ctx context.Context, errOut io.Writer) error {
	if err := c.way.open(errOut); err != nil {
		var words usageError
		if errors.As(err, &words) {
			return err
		}
		c.tell("verbinding", wrong, "geen-verbinding", err)
		return nil
	}
	book, err := c.way.book(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case rebuilding(err):
		c.unknownBook()
		return nil
	default:
		c.noBook(err)
		return nil
	}
	c.found.Book = book
	c.tell("verbinding", good, "verbonden", book.Region, book.ID)
	switch {
	case book.Test:
		c.tell("boek", good, "proefboek")
	case c.way.overNATS():
		c.tell("boek", wrong, "echt-boek-nats")
	default:
		c.way.try, c.found.Tried = true, true
		c.tell("boek", mind, "echt-boek")
	}
	if !book.Clock.IsZero() {
		c.clock(c.now().Sub(book.Clock))
	}
	return nil
}

// unknownBook goes on at a book that cannot say now whether it is one for tests: as
// at one that is none.
func (c *checker) unknownBook() {
	if c.way.overNATS() {
		c.tell("boek", wrong, "onbekend-boek-nats")
		return
	}
	c.way.try, c.found.Tried = true, true
	c.tell("boek", mind, "onbekend-boek")
}

// noBook says why there was no answer to the first question.
func (c *checker) noBook(err error) {
	var p ledger.Problem
	switch _, again := client.Retry(err); {
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		c.tell("verbinding", wrong, "onbekend-token")
	case errors.As(err, &p) && p.Status == http.StatusForbidden:
		c.tell("verbinding", wrong, "geen-partner")
	case again:
		c.tell("verbinding", wrong, "geen-antwoord", err)
	default:
		c.tell("verbinding", wrong, "geen-huisboek", err)
	}
}

// clock judges how far this machine is ahead of the book, which says its time to
// the second.
func (c *checker) clock(ahead time.Duration) {
	away := ahead.Abs().Round(time.Second)
	switch {
	case ahead > 5*time.Minute:
		c.tell("klok", wrong, "klok-ver-voor", away)
	case away > time.Minute:
		c.tell("klok", mind, "klok-scheef", away)
	default:
		c.tell("klok", good, "klok")
	}
}

// ask offers events and gives the outcome of each.
func (c *checker) ask(ctx context.Context, all ...[]byte) (out []ledger.Outcome, err error) {
	err = c.way.offer(ctx, all, func(_ int, o ledger.Outcome) error {
		out = append(out, o)
		return nil
	})
	return out, err
}

func (c *checker) finish() error {
	code := "samenvatting-goed"
	v := good
	if c.fails {
		code, v = "samenvatting-fout", wrong
	}
	c.tell("samenvatting", v, code, c.found.Good, c.found.Remarked, c.found.Refused)
	if c.json {
		if err := printJSON(c.out, c.found); err != nil {
			return err
		}
	}
	if c.fails {
		return errRefused
	}
	return nil
}

// tell says something about the whole check.
func (c *checker) tell(step string, v verdict, code string, args ...any) {
	c.add(checkLine{Step: step, Verdict: v, Sentence: checkWords[code].fill(args...)})
}

// faults says what is wrong with an event: what the book says of each fault, and
// where we know more than that, what to do. Of a plan that the agreement refuses it says
// the reasons.
func (c *checker) faults(at checkLine, err error) {
	for _, f := range ledger.ProblemOf(err).Faults {
		at.Field, at.Code, at.Sentence = f.Field, f.Code, f.Sentence
		if more, ok := faultAdvice[f.Code]; ok {
			at.Sentence.NL += " " + more.NL
			at.Sentence.EN += " " + more.EN
		}
		c.add(at)
	}
	for _, r := range reasonsOf(ledger.ProblemOf(err)) {
		at.Field, at.Code, at.Sentence = "", r.Code, r.Sentence
		c.add(at)
	}
}

func (c *checker) add(f checkLine) {
	c.fails = c.fails || f.Verdict == wrong
	c.found.Findings = append(c.found.Findings, f)
	if c.json {
		return
	}
	mark, step, text := verdictWords[f.Verdict], stepWords[f.Step], f.Sentence.NL
	said, named := mark.NL, step.NL
	if c.lang == "en" {
		said, named, text = mark.EN, step.EN, f.Sentence.EN
	}
	if f.Number > 0 {
		named = fmt.Sprintf("%s %d", named, f.Number)
		if f.File != "-" && len(c.whole.files) > 1 {
			named = f.File + ", " + named
		}
	}
	if f.Code != "" {
		where := f.Field
		if where == "" {
			where = "/"
		}
		fmt.Fprintf(c.out, "          %s (%s): %s\n", where, f.Code, text)
		return
	}
	fmt.Fprintf(c.out, "%-7s %s: %s\n", said, named, text)
}
