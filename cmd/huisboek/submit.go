package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"huisboek/events"
	"huisboek/ledger"
)

func submitCommand() *cobra.Command {
	var s submitter
	c := &cobra.Command{
		Use:   "submit (--creds FILE --nats URL | --token TOKEN --server URL) FILE…",
		Short: "Emit CloudEvents from files, with a partner's credentials",
		Long: `Emit CloudEvents from files, in their order: JSON, JSON lines or a JSON array; - is
standard input. With --creds they go over NATS, each after the receipt of the one before;
with --token over HTTP, up to 500 in a request, which is faster. While the ledger does not
answer an event is offered again; the same event never counts twice, so a file that was
broken off can be submitted again as a whole.

With --proef (HTTP only) nothing is recorded: each event gets the answer that it would get
now, as if those before it in the same thousand had been recorded.

Exits with 1 when any event was refused; what and why is printed.`,
		Example: `  huisboek submit --creds zwolle.creds --nats nats://127.0.0.1:4222 visits.jsonl
  HUISBOEK_TOKEN=… huisboek submit --server https://huisboek.example.nl visits.jsonl
  huisboek submit --proef --token "$TOKEN" --server http://127.0.0.1:8080 visits.jsonl`,
		Args: cobra.MinimumNArgs(1),
		RunE: work(s.run),
	}
	f := c.Flags()
	s.way.flags(f)
	f.BoolVar(&s.way.try, "proef", false, "only try: record nothing (with --token)")
	f.BoolVar(&s.json, "json", false, "print each receipt or problem on a line of JSON")
	return c
}

type submitter struct {
	way  wayIn
	json bool

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
	s.out, s.errOut = cmd.OutOrStdout(), cmd.ErrOrStderr()
	if err := s.way.choose("submit"); err != nil {
		return err
	}
	if s.way.try && s.way.overNATS() {
		return usageError("--proef goes over HTTP only: give --token and --server")
	}
	if err := s.way.open(s.errOut); err != nil {
		return err
	}
	defer s.way.close()
	for _, name := range files {
		if err := s.file(cmd.Context(), name, cmd.InOrStdin()); err != nil {
			return err
		}
	}
	if !s.json {
		done := "recorded or seen before"
		if s.way.try {
			done = "good, and not recorded"
		}
		fmt.Fprintf(s.out, "%d answered: %d %s, %d refused\n", s.recorded+s.failed, s.recorded, done, s.failed)
	}
	if s.failed > 0 {
		return errRefused
	}
	return nil
}

func (s *submitter) file(ctx context.Context, name string, stdin io.Reader) error {
	n := 0
	err := inBatches(name, stdin, s.way.atOnce(), func(all [][]byte) error {
		return s.way.offer(ctx, all, func(_ int, o ledger.Outcome) error {
			n++
			return s.show(name, n, o)
		})
	})
	if err != nil {
		return fmt.Errorf("%s, after event %d: %w", name, n, err)
	}
	return nil
}

func (s *submitter) show(file string, n int, o ledger.Outcome) error {
	line := submitted{File: file, Number: n, Receipt: o.Receipt}
	if o.Err != nil {
		p := ledger.ProblemOf(o.Err)
		line.Problem = &p
		s.failed++
	} else {
		s.recorded++
	}
	if s.json {
		return printLine(s.out, line)
	}
	if o.Err != nil {
		say(s.errOut, fmt.Errorf("%s, event %d: %w", file, n, *line.Problem))
		return nil
	}
	where := fmt.Sprintf("position %d", o.Receipt.Position)
	if s.way.try {
		where = "good"
	}
	text := fmt.Sprintf("%s, event %d: %s, %s", file, n, where, o.Receipt.Outcome)
	if c := o.Receipt.Call; c != nil && o.Receipt.Outcome != events.Free {
		text += fmt.Sprintf("; call %s", callText(c))
	}
	_, err := fmt.Fprintln(s.out, text)
	return err
}

// batchBytes is from how many bytes on a batch is sent, whatever its count.
const batchBytes = 4 << 20

// inBatches reads the events of a file, or of standard input, and hands them on,
// at most so many at once. None is held back while the next is waited for.
func inBatches(name string, stdin io.Reader, most int, fn func([][]byte) error) error {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	var all [][]byte
	size := 0
	hand := func() error {
		if len(all) == 0 {
			return nil
		}
		err := fn(all)
		all, size = nil, 0
		return err
	}
	var failed error // of hand, while reading
	err := eachEvent(&beforeRead{in, func() error { failed = hand(); return failed }}, func(raw []byte) error {
		all = append(all, slices.Clone(raw))
		if size += len(raw); len(all) < most && size < batchBytes {
			return nil
		}
		return hand()
	})
	if failed != nil {
		return failed
	}
	return errors.Join(hand(), err) // also of a file that breaks off
}

// beforeRead does something before each read, which may have to wait.
type beforeRead struct {
	io.Reader
	do func() error
}

func (b *beforeRead) Read(p []byte) (int, error) {
	if err := b.do(); err != nil {
		return 0, err
	}
	return b.Reader.Read(p)
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
