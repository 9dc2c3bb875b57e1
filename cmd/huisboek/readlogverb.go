package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
)

// readLogWords are the words of readlog.
type readLogWords struct {
	asking
	employer, from, to, by, after string
	max                           int
}

func readLogCommand() *cobra.Command {
	var q readLogWords
	c := &cobra.Command{
		Use:   "readlog",
		Short: "Who looked at contact persons of employers, when and for what?",
		Long: `List who looked at contact persons of employers: each answer that held any, written
before it was given, the newest first. An auditor sees all of it; a partner what its own
people looked at, and who looked at what it said itself. The log names no contact person.

On a terminal it is a table, otherwise values with tabs between them; --json has
everything, with the fields of the Logboek Dataverwerkingen for each contact person.`,
		Example: `  huisboek readlog --employer 69599084 --from 2026-11-01 --token "$HUISBOEK_TOKEN"
  huisboek readlog --max 200 > inzagen.tsv`,
		Args: cobra.NoArgs,
		RunE: work(q.run),
	}
	q.flags(c)
	f := c.Flags()
	f.StringVar(&q.employer, "employer", "", "only at this employer, as in who")
	f.StringVar(&q.from, "from", "", "the first day (2026-11-01)")
	f.StringVar(&q.to, "to", "", "the last day")
	f.StringVar(&q.by, "by", "", "only by this partner or credential (its id)")
	f.StringVar(&q.after, "after", "", "where an earlier list went on")
	f.IntVar(&q.max, "max", 50, "at most so many, 1 to 200")
	return c
}

func (q *readLogWords) run(cmd *cobra.Command, _ []string) error {
	in, err := q.question()
	if err != nil {
		return err
	}
	a, err := answerOf(&q.asking, func(book *web.Client) (*web.ReadLogAnswer, error) { return book.ReadLog(cmd.Context(), *in) })
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if q.json {
		return printJSON(out, a)
	}
	if isTerminal(out) {
		table(out, func(w io.Writer) { printLooks(w, a) })
	} else {
		printLooks(out, a)
	}
	if a.Next != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "More: --after %s\n", a.Next)
	}
	return nil
}

// question is what the words ask for.
func (q *readLogWords) question() (*web.ReadLogQuestion, error) {
	if q.max < 1 || q.max > 200 {
		return nil, usageError("--max takes 1 to 200")
	}
	in := &web.ReadLogQuestion{By: q.by, After: q.after, Max: q.max}
	for _, day := range []struct {
		flag, text string
		to         *events.Date
	}{{"--from", q.from, &in.From}, {"--to", q.to, &in.To}} {
		if day.text == "" {
			continue
		}
		d, err := events.ParseDate(day.text)
		if err != nil {
			return nil, usageError(fmt.Sprintf("%s %q is no day, such as 2026-11-22", day.flag, day.text))
		}
		*day.to = d
	}
	if in.From != "" && in.To != "" && in.To.Before(in.From) {
		return nil, usageError("--to is before --from")
	}
	if q.employer != "" {
		e, ok := intake.ParseEmployer(q.employer)
		if !ok || e.Establishment != "" {
			return nil, usageError(fmt.Sprintf("%q is no employer: a KvK number, voorlopig-<uuid> or <land>-<register>-<nummer>", q.employer))
		}
		in.Employer = e.Key()
	}
	return in, nil
}

// printLooks prints a line for each look, its values with tabs between them.
func printLooks(w io.Writer, a *web.ReadLogAnswer) {
	line := func(values ...string) {
		for i, v := range values {
			values[i] = strings.ReplaceAll(v, "\t", " ")
		}
		fmt.Fprintln(w, strings.Join(values, "\t"))
	}
	line("WHEN", "PARTNER", "CREDENTIAL", "FOR", "EMPLOYER", "PEOPLE", "DESCRIBED BY", "TRACE")
	for i := range a.Looks {
		l := &a.Looks[i]
		partner, trace := "-", "-"
		if l.Partner != nil {
			partner = l.Partner.Name
		}
		if len(l.Lines) > 0 {
			trace = l.Lines[0].TraceID
		}
		employer := l.Employer.Key
		if l.Employer.Establishment != "" {
			employer += "/" + l.Employer.Establishment
		}
		line(l.At.UTC().Format("2006-01-02T15:04:05.000Z"), partner, orDash(l.Credential), l.Purpose, employer, strconv.Itoa(l.People), l.Described.Name, trace)
	}
}
