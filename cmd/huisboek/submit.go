package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

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
with --token over HTTP, up to 500 in a request, which is faster. While the book does not
answer, or asks to wait, the same is offered again, for up to --patience. The same event
never counts twice, so a file can always be submitted again.

Of a file of more than 256 kB that was broken off, FILE.voortgang says how far it came:
the same command goes on from there, or from the beginning when that part of the file was
changed, or the book was put back from a backup. Each event has its line until there were 1000 of them; then progress is told on
standard error.

A file whose name ends in .jsonl or .ndjson, or whose first line is an event, is JSON lines:
a line that is no JSON, or too large, is refused and the rest goes on. Of any other file
what follows on an error in the JSON cannot be read, and it ends there.

Refused events are kept in FILE.geweigerd.jsonl with all that is wrong with them, or in a
new file beside it where there is one; a plan that the region's agreement refuses with
the reasons and whom to call. They hold what your events hold, personal data too:
mend them there, submit that file, and delete it.

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
	f.BoolVar(&s.afterwards, "afterwards", false, "old history: add achteraf=true to every event that does not say it")
	f.BoolVar(&s.lines, "lines", false, "JSON lines, whatever the name and the first line")
	f.BoolVar(&s.restart, "restart", false, "begin at the first event, also when an earlier run was broken off")
	f.StringVar(&s.refusedFile, "refused", "", "a new file for what is refused (default FILE.geweigerd.jsonl; of standard input none)")
	f.DurationVar(&s.way.patience, "patience", submitPatience, "how long the same is offered again without an answer")
	f.BoolVar(&s.quiet, "quiet", false, "no line for each event")
	f.BoolVar(&s.json, "json", false, "print each receipt or problem on a line of JSON; with --quiet only the report")
	return c
}

// fewLines is how many events get a line for people, and fewRefusals how many
// refused ones: the file of refused events has them all.
const (
	fewLines    = 1_000
	fewRefusals = 100
)

type submitter struct {
	way                                     wayIn
	afterwards, lines, restart, quiet, json bool
	refusedFile                             string

	out, errOut io.Writer
	bar         *bar
	began       time.Time
	told        int // lines about an event, for people
	complained  int // refusals among them
	files       []*fileReport
}

// submitted is one line of --json.
type submitted struct {
	File    string          `json:"bestand"`
	Number  int             `json:"nummer"`
	Receipt *ledger.Receipt `json:"ontvangstbewijs,omitempty"`
	Problem *ledger.Problem `json:"probleem,omitempty"`
}

func (s *submitter) run(cmd *cobra.Command, files []string) (err error) {
	s.out, s.errOut, s.began = cmd.OutOrStdout(), cmd.ErrOrStderr(), time.Now()
	if err := s.way.choose("submit"); err != nil {
		return err
	}
	switch {
	case s.way.try && s.way.overNATS():
		return usageError("--proef goes over HTTP only: give --token and --server")
	case s.refusedFile != "" && len(files) > 1:
		return usageError("--refused is for one FILE")
	case s.way.patience <= 0:
		return usageError("--patience is more than 0")
	}
	if err := s.way.open(s.errOut); err != nil {
		return err
	}
	defer s.way.close()
	s.bar = newBar(s.errOut)
	s.way.waits = s.waiting
	for _, name := range files {
		err := s.file(cmd.Context(), name, cmd.InOrStdin())
		s.bar.clear()
		if err != nil {
			return err
		}
	}
	if err := s.report(); err != nil {
		return err
	}
	if s.sum().Refused > 0 {
		return errRefused
	}
	return nil
}

// file submits one file. However that ends, the next run can go on from there.
func (s *submitter) file(ctx context.Context, name string, stdin io.Reader) (err error) {
	r := &fileRun{submitter: s, fileReport: &fileReport{File: name, counts: newCounts()}}
	s.files = append(s.files, r.fileReport)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if err := r.open(ctx, name, stdin); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, r.close(err == nil)) }()
	s.bar.begin(name, r.in.size, r.from)
	if err := r.offerAll(ctx); err != nil {
		return fmt.Errorf("%s, after event %d: %w", name, r.number, err)
	}
	return nil
}

// fileRun is the submission of one file.
type fileRun struct {
	*submitter
	*fileReport
	in      *input
	from    mark // where this run begins
	number  int  // of the last event that was answered
	state   *state
	stale   string // where an earlier run wrote down how far it came, when this one does not
	refused *refusedFile
}

// offerAll offers what is left of the file. The next batch is read while one is
// under way, and never sent before that has its answers: events may rest on those
// before them.
func (r *fileRun) offerAll(ctx context.Context) error {
	batches, read := make(chan batch), make(chan error, 1)
	go func() {
		err := r.in.each(func(b batch) error {
			select {
			case batches <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		close(batches)
		read <- err
	}()
	for {
		select {
		case b, more := <-batches:
			if !more {
				return <-read
			}
			if err := r.offer(ctx, b); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *fileRun) offer(ctx context.Context, b batch) error {
	all := make([][]byte, len(b.events))
	for i, e := range b.events {
		all[i] = e.send
	}
	err := r.way.offer(ctx, all, func(i int, o ledger.Outcome) error { return r.answered(b.events[i], o) })
	if err != nil {
		return err
	}
	r.showProgress(b.to)
	return r.keep(b.to)
}

func (r *fileRun) answered(e offered, o ledger.Outcome) error {
	r.number = e.number
	r.count(o)
	if o.Err != nil {
		if err := r.refuse(e, ledger.ProblemOf(o.Err)); err != nil {
			return err
		}
	}
	return r.tell(r.File, e.number, o)
}

// tell prints the line of one event, if it gets one.
func (s *submitter) tell(file string, n int, o ledger.Outcome) error {
	line := submitted{File: file, Number: n, Receipt: o.Receipt}
	if o.Err != nil {
		p := ledger.ProblemOf(o.Err)
		line.Problem = &p
	}
	switch {
	case s.json && s.quiet:
		return nil
	case s.json:
		return printLine(s.out, line)
	case o.Err != nil:
		s.complain(fmt.Errorf("%s, event %d: %w%s", file, n, *line.Problem, refusalText(line.Problem.Receipt)))
		return nil
	case s.quiet || s.told > fewLines:
		return nil
	}
	s.told++
	if s.told > fewLines {
		_, err := fmt.Fprintf(s.out, "… and so on: no more lines after %d\n", fewLines)
		return err
	}
	_, err := fmt.Fprintln(s.out, eventText(file, n, o.Receipt, s.way.try))
	return err
}

// complain says why an event was refused, of the first ones.
func (s *submitter) complain(err error) {
	s.complained++
	switch {
	case s.complained < fewRefusals:
		s.bar.clear()
		say(s.errOut, err)
	case s.complained == fewRefusals:
		s.bar.clear()
		fmt.Fprintf(s.errOut, "huisboek: %d events were refused; of the others only the report tells\n", s.complained)
	}
}

func eventText(file string, n int, r *ledger.Receipt, try bool) string {
	where := fmt.Sprintf("position %d", r.Position)
	if try {
		where = "good"
	}
	text := fmt.Sprintf("%s, event %d: %s, %s", file, n, where, r.Outcome)
	if c := r.Call; c != nil && r.Outcome != events.Free {
		text += fmt.Sprintf("; call %s", callText(c))
	}
	return text
}

// refusalText is why the agreement refuses a plan, and whom to call about that.
func refusalText(r *ledger.Receipt) (text string) {
	if r == nil {
		return ""
	}
	for _, reason := range r.Reasons {
		text += "\n  - " + reason.Sentence.EN
	}
	if r.Call != nil {
		text += "\n  call " + callText(r.Call)
	}
	return text
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

// showProgress tells how far the file is, where that does not go through the
// lines of events.
func (r *fileRun) showProgress(to mark) {
	lines := !r.quiet && (r.json || r.told <= fewLines) && isTerminal(r.out)
	r.bar.show(to, !lines)
}

// waiting tells that the book does not answer, or asks to wait.
func (s *submitter) waiting(err error, pause time.Duration, first bool) {
	limited := ledger.ProblemOf(err).Status == http.StatusTooManyRequests
	switch {
	case s.bar.wait(err, pause):
	case limited && !s.bar.limited:
		s.bar.limited = true
		fmt.Fprintf(s.errOut, "huisboek: the book asks to send slower (%v); waiting whenever it asks\n", err)
	case !limited && first:
		fmt.Fprintf(s.errOut, "huisboek: no receipt yet (%v); offering the same again for up to %s\n", err, s.way.patience)
	}
}

// open opens the file, and goes on where an earlier run of it was broken off.
func (r *fileRun) open(ctx context.Context, name string, stdin io.Reader) (err error) {
	r.in = &input{name: name, size: -1, most: r.way.atOnce(), named: r.lines || namedLines(name), afterwards: r.afterwards}
	r.refused = &refusedFile{path: r.refusedFile}
	if name == "-" {
		r.in.from = stdin
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	r.in.from, r.in.closer = f, f
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if r.refused.path == "" {
		r.refused.path, r.refused.numbered = name+refusedSuffix, true
	}
	if info.IsDir() {
		return errors.New("is a folder")
	}
	if info.Mode().IsRegular() {
		r.in.size = info.Size()
	}
	_, missing := os.Stat(name + stateSuffix)
	if r.way.try || r.in.size < 0 || r.in.size <= wholeAgain && missing != nil {
		return nil
	}
	return r.resume(ctx)
}

// close leaves behind what the next run needs. What was refused is on the disk
// before it is forgotten how far the file was.
func (r *fileRun) close(whole bool) error {
	var errs []error
	if !whole {
		errs = append(errs, r.leave())
	}
	kept := r.refused.close()
	errs = append(errs, kept, r.in.close())
	if whole && kept == nil {
		errs = append(errs, r.finish(), r.refused.once())
	}
	if r.refused.began() {
		r.RefusedFile = r.refused.path
	}
	return errors.Join(errs...)
}
