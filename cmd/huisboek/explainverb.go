package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"huisboek/adapters/web"
	"huisboek/events"
)

func explainCommand() *cobra.Command {
	var q asking
	var lang string
	c := &cobra.Command{
		Use:   "explain POSITION",
		Short: "Why was this plan, move or visit free, warned about, taken or refused?",
		Long: `Explain the verdict at a position (the one in its receipt): from the facts that were
stored with it, each with its own position, by the agreement of then. The same facts are
judged again by the agreement of then, which must give the same, and by today's.`,
		Example: `  huisboek explain 1204 --token "$HUISBOEK_TOKEN"`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			at, err := strconv.ParseUint(args[0], 10, 63)
			if err != nil || at == 0 {
				return usageError(fmt.Sprintf("%q is no position: give a whole number from 1, as in a receipt", args[0]))
			}
			in, ok := languages[lang]
			if !ok {
				return usageError("--lang is en or nl")
			}
			a, err := answerOf(&q, func(book *web.Client) (*web.ExplainAnswer, error) {
				return book.Explain(cmd.Context(), events.Position(at), 0)
			})
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			return printExplanation(cmd.OutOrStdout(), a, &in)
		}),
	}
	q.flags(c)
	c.Flags().StringVar(&lang, "lang", "en", "language of the explanation: en or nl")
	return c
}

// language is how an explanation is printed in one language.
type language struct {
	of                                                           func(events.Sentence) string
	position, recorded, days, day, byAgreement, byDefault, rules string
	reasons, despite, facts, looked, again, unsure, upTo         string
}

var languages = map[string]language{
	"en": {
		of:       func(s events.Sentence) string { return s.EN },
		position: "Position %d: %s of %s\n", recorded: "Recorded %s, when it was %s.\n", day: "On %s", days: "From %s to %s",
		byAgreement: "\nBy agreement %q, from %s (position %d, rules version %d)\n", byDefault: "\nBy agreement %q (the default one, rules version %d)\n",
		rules: "\nBy version %d of the rules, which is told and not judged again.\n", reasons: "\nWhy\n",
		facts: "\nWhat decided\n", looked: "\nWhat else was looked at\n", again: "\nJudged again\n", unsure: "  Note: %s\n",
		despite: "  Its reason: %s\n", upTo: "\nTrue up to position %d, %s.\n",
	},
	"nl": {
		of:       func(s events.Sentence) string { return s.NL },
		position: "Positie %d: %s van %s\n", recorded: "Vastgelegd op %s, toen het %s was.\n", day: "Op %s", days: "Van %s tot en met %s",
		byAgreement: "\nNaar de afspraken %q, per %s (positie %d, regels versie %d)\n", byDefault: "\nNaar de afspraken %q (de standaard, regels versie %d)\n",
		rules: "\nNaar versie %d van de regels: die wordt verteld en niet opnieuw beoordeeld.\n", reasons: "\nWaarom\n",
		facts: "\nWat besliste\n", looked: "\nWat verder bekeken is\n", again: "\nOpnieuw beoordeeld\n", unsure: "  Bedenk: %s\n",
		despite: "  De reden: %s\n", upTo: "\nWaar tot en met positie %d, %s.\n",
	},
}

// printExplanation says first what the verdict was, then why, then on what.
func printExplanation(w io.Writer, a *web.ExplainAnswer, in *language) error {
	x := &a.Explanation
	var errs []error
	p := func(format string, args ...any) {
		_, err := fmt.Fprintf(w, format, args...)
		errs = append(errs, err)
	}
	p(in.position, x.Position, x.Type.Name(), x.Partner.Name)
	if x.From != "" {
		where := strings.Join(nonEmpty(x.Employer, x.Establishment, x.Purpose), ", ")
		when := fmt.Sprintf(in.days, x.From, x.To)
		if x.From == x.To {
			when = fmt.Sprintf(in.day, x.From)
		}
		p("%s: %s\n", when, where)
	}
	p(in.recorded, x.At.Format("2006-01-02 15:04:05 MST"), x.Today)
	p("\n%s\n", in.of(x.Sentence))
	for _, s := range x.Since {
		p("%s\n", in.of(s))
	}
	if !x.Judged {
		p(in.upTo, a.Position, a.UpTo.Format("2006-01-02 15:04:05 MST"))
		return errors.Join(errs...)
	}
	if len(x.Reasons) > 0 {
		p("%s", in.reasons)
		for _, r := range x.Reasons {
			p("  %s (%s)\n", in.of(r.Sentence), r.Code)
		}
		if x.Despite != nil {
			p(in.despite, *x.Despite)
		}
	}
	facts := func(title string, decided bool) {
		shown := false
		for i := range x.Facts {
			f := &x.Facts[i]
			if f.Decided != decided {
				continue
			}
			if !shown {
				p("%s", title)
				shown = true
			}
			p("  %s\n", in.of(f.Sentence))
			for _, s := range f.Since {
				p("    %s\n", in.of(s))
			}
		}
	}
	facts(in.facts, true)
	facts(in.looked, false)
	switch g := x.Agreement; {
	case g == nil:
		p(in.rules, x.Rules)
	case g.Position == nil:
		p(in.byDefault, g.Name, x.Rules)
	default:
		p(in.byAgreement, g.Name, g.From, *g.Position, x.Rules)
	}
	if g := x.Agreement; g != nil {
		for _, c := range g.Clauses {
			p("  %s (%s)\n", in.of(c.Sentence), c.Member)
		}
	}
	if again := x.Again; again != nil {
		p("%s", in.again)
		p("  %s\n", in.of(again.Then.Sentence))
		p("  %s\n", in.of(again.Now.Sentence))
		for _, s := range again.Unjudged {
			p(in.unsure, in.of(s))
		}
	}
	p(in.upTo, a.Position, a.UpTo.Format("2006-01-02 15:04:05 MST"))
	return errors.Join(errs...)
}

// nonEmpty leaves out what is empty.
func nonEmpty(list ...string) (out []string) {
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
