package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
)

func init() {
	adminVerbs["agreement-what-if"] = verb((*house).whatIf)
	agreementVerbs = append(agreementVerbs, agreementWhatIf)
}

// whatIfDays is the window when none is given: a quarter, thirteen weeks.
const whatIfDays = 91

// whatIfWords are an agreement as it was written, and the days to try it on.
type whatIfWords struct {
	Text string      `json:"afspraken"`
	From events.Date `json:"van,omitempty"`
	To   events.Date `json:"tot,omitempty"`
	Most int         `json:"aantal"`
}

// whatIf tries an agreement on the past, in a file of its own.
func (h *house) whatIf(ctx context.Context, p whatIfWords, progress reportFunc) (_ *ledger.WhatIfAnswer, err error) {
	source := "urn:nld:oin:" + h.ledger.StewardOIN() + ":systeem:huisboek"
	e, err := events.NewEventFrom(source, uuid.NewString(), h.Now(), events.TypeAgreementSet, []byte(p.Text))
	if err != nil {
		return nil, err
	}
	q := ledger.WhatIf{Agreement: *e.Data.(*events.AgreementSet), From: p.From, To: p.To, Most: p.Most}
	if q.To == "" {
		q.To = events.DateOf(h.Now())
	}
	if q.From == "" {
		q.From = q.To.AddDays(1 - whatIfDays)
	}
	dir, err := os.MkdirTemp(h.Dir, ".what-if-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file, err := boltstore.OpenFile(filepath.Join(dir, "rows.db"), boltstore.Options{NoSync: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	fold := h.ledger.Fold()
	store, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		return nil, err
	}
	return h.ledger.WhatIf(ctx, q, store, func(done, total uint64) { progress("records", done, total) })
}

func agreementWhatIf() *cobra.Command {
	var l local
	var from, to string
	q := whatIfWords{}
	c := &cobra.Command{
		Use:   "what-if FILE --data DIR",
		Short: "Tell what an agreement would have changed over the last quarter",
		Long: `Try an agreement on the past: the plans, moves and visits of some days are decided again
as if it had been in force, one after the other, with what it would have let stand. FILE
(- is standard input) holds it whole, as huisboek agreement set takes it. Nothing is
recorded, and a served book goes on as it was.

What people would have done otherwise nobody knows: who was refused goes on as recorded.
A move that was refused in truth was not recorded, so it is not tried again.`,
		Example: `  huisboek agreement what-if afspraken.json --data ./data --from 2026-07-01 --to 2026-09-30`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) (err error) {
			for _, day := range []struct {
				word string
				into *events.Date
				flag string
			}{{from, &q.From, "--from"}, {to, &q.To, "--to"}} {
				if day.word == "" {
					continue
				}
				if *day.into, err = events.ParseDate(day.word); err != nil {
					return usageError(fmt.Sprintf("%s: %q is no day like 2026-11-22", day.flag, day.word))
				}
			}
			if q.From != "" && q.To != "" && q.To < q.From {
				return usageError("--to comes before --from")
			}
			if q.Text, err = agreementFile(cmd, args[0]); err != nil {
				return err
			}
			a, err := ask[*ledger.WhatIfAnswer](cmd, &l, "agreement-what-if", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			printWhatIf(cmd.OutOrStdout(), a)
			return nil
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&from, "from", "", "first day (default 91 days up to and including --to)")
	f.StringVar(&to, "to", "", "last day (default today)")
	f.IntVar(&q.Most, "show", 20, "how many of the changes are listed")
	for _, name := range []string{"from", "to", "show"} {
		typedOnly(f, name)
	}
	return c
}

func printWhatIf(w io.Writer, a *ledger.WhatIfAnswer) {
	fmt.Fprintf(w, "%s, tried on %s to %s: %d plans, moves and visits, of which %d would have had another verdict.\n", a.Agreement, a.From, a.To, a.Judged, a.Changed)
	if a.OldRules > 0 {
		fmt.Fprintf(w, "%d of them were decided by an earlier version of the rules: what differs there may be the rules and not the agreement.\n", a.OldRules)
	}
	if a.Impossible > 0 {
		fmt.Fprintf(w, "%d more could not have been said: what they go on from is not there in this world.\n", a.Impossible)
	}
	if a.Judged == 0 {
		return
	}
	fmt.Fprintln(w)
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "WAS\tWOULD BE\tHOW MANY")
		for _, o := range a.Outcomes {
			fmt.Fprintf(w, "%s\t%s\t%d\n", o.Before, o.After, o.Count)
		}
	})
	if len(a.Reasons) > 0 {
		fmt.Fprintln(w)
		table(w, func(w io.Writer) {
			fmt.Fprintln(w, "REASON\tWAS\tWOULD BE")
			for _, r := range a.Reasons {
				fmt.Fprintf(w, "%s\t%d\t%d\n", r.Code, r.Before, r.After)
			}
		})
	}
	fmt.Fprintln(w)
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "PARTNER\tJUDGED\tCHANGED\tWARNED\tTAKEN\tREFUSED")
		for _, p := range a.Partners {
			fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\n", p.Partner.Name, p.Judged, p.Changed,
				wasAndIs(p.Before.Warned, p.After.Warned), wasAndIs(p.Before.Taken, p.After.Taken), wasAndIs(p.Before.Refused, p.After.Refused))
		}
	})
	if len(a.Changes) == 0 {
		return
	}
	fmt.Fprintln(w)
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "POSITION\tEVENT\tEMPLOYER\tPARTNER\tWAS\tWOULD BE")
		for _, c := range a.Changes {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", c.Position, c.Kind, c.Employer, c.Partner.Name,
				verdictText(c.Before, c.ReasonsBefore), verdictText(c.After, c.ReasonsAfter))
		}
	})
	if a.More > 0 {
		fmt.Fprintf(w, "… and %d more (--show, or --json)\n", a.More)
	}
}

func wasAndIs(was, is int) string {
	if was == is {
		return fmt.Sprint(is)
	}
	return fmt.Sprintf("%d -> %d", was, is)
}

func verdictText(o events.Outcome, reasons []string) string {
	if len(reasons) == 0 {
		return string(o)
	}
	return fmt.Sprintf("%s (%s)", o, strings.Join(reasons, ", "))
}
