package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"huisboek/adapters/web"
	"huisboek/events"
)

func targetsCommand() *cobra.Command {
	var q asking
	var known, lang string
	var dropped bool
	c := &cobra.Command{
		Use: "targets", Short: "How the region's targets stand: one joint total, and everybody's own share", Args: cobra.NoArgs,
		Long: `Every target of the region, with how it stands today in a sentence: realised, counted
once, beside the agreed path, and where it goes at this pace. What counts stands in
docs/targets.md. A total that says something of people moves at a month's end only.

With --known: as it stood, with what was known then.`,
		Example: `  huisboek targets --token "$HUISBOEK_TOKEN"
  huisboek targets show plaatsingen --by partner,maand --token "$HUISBOEK_TOKEN"
  huisboek targets why plaatsingen --known 2026-06-30 --token "$HUISBOEK_TOKEN"
  huisboek targets export plaatsingen stand.xlsx --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			in, err := tongueOf(lang)
			if err != nil {
				return err
			}
			a, err := answerOf(&q, func(book *web.Client) (*web.TargetsAnswer, error) {
				return book.Targets(cmd.Context(), known, dropped, 0)
			})
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			in.targets(cmd.OutOrStdout(), a)
			return nil
		}),
	}
	q.flags(c)
	knownFlag(c, &known)
	langFlag(c, &lang)
	c.Flags().BoolVar(&dropped, "dropped", false, "those that were dropped too")
	c.AddCommand(targetShow(), targetWhy(), targetExport(), targetDoubles(), targetExample(), targetSet(), targetDrop(), targetSame(), targetDistinct())
	return c
}

func knownFlag(c *cobra.Command, word *string) {
	c.Flags().StringVar(word, "known", "", "with what was known then: a day (up to its end), or a moment as in 2026-11-22T09:30:00+01:00; what has yet to come is now (default: now)")
}

func langFlag(c *cobra.Command, word *string) {
	c.Flags().StringVar(word, "lang", "en", "language: en or nl")
}

// targetOf finds a target by its UUID, or by its name or how that begins.
func targetOf(ctx context.Context, book *web.Client, word, known string) (string, error) {
	if _, err := uuid.Parse(word); err == nil {
		return word, nil
	}
	all, err := book.Targets(ctx, known, true, 0)
	if err != nil {
		return "", err
	}
	found := called(all.Targets, word)
	switch {
	case len(found) == 1:
		return found[0].Target.Target, nil
	case len(found) == 0 && known != "":
		return "", ownError(fmt.Sprintf("no target was called like %q as known on %s: huisboek targets --known %s lists them", word, known, known))
	case len(found) == 0:
		return "", ownError(fmt.Sprintf("no target is called like %q: huisboek targets lists them", word))
	}
	var names []string
	for _, t := range found {
		names = append(names, fmt.Sprintf("%s (%s)", t.Name, t.Target.Target))
	}
	return "", ownError(fmt.Sprintf("%q may be %s: give more of the name, or the UUID", word, strings.Join(names, " or ")))
}

// called are the targets that a word means: that are called so, or else have it in
// their name; those that were dropped only where it can be no other.
func called(list []web.TargetNow, word string) []*web.TargetNow {
	word = strings.ToLower(word)
	var by [4][]*web.TargetNow
	for i := range list {
		t := &list[i]
		n := 0
		if name := strings.ToLower(t.Name); !strings.Contains(name, word) {
			continue
		} else if name != word {
			n = 2
		}
		if t.Dropped != nil {
			n++
		}
		by[n] = append(by[n], t)
	}
	for _, found := range by {
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// targetWords are the words of a question about one target.
type targetWords struct {
	asking
	on, known, by, lang string
}

func (t *targetWords) all(c *cobra.Command) {
	t.flags(c)
	knownFlag(c, &t.known)
	langFlag(c, &t.lang)
	c.Flags().StringVar(&t.on, "on", "", "the standing on that day (default: today, or the day of --known)")
}

func (t *targetWords) byFlag(c *cobra.Command) {
	c.Flags().StringVar(&t.by, "by", "", "taken apart by one or two, with a comma between, of partner, maand, subregio, niveau, sector, soort, doelgroep, doelgroepregister, uren, gemeente")
}

func (t *targetWords) question(ctx context.Context, book *web.Client, word string) (q web.StandingQuestion, err error) {
	q = web.StandingQuestion{On: events.Date(t.on), Known: t.known}
	if t.by != "" {
		q.Across = strings.Split(t.by, ",")
	}
	q.Target, err = targetOf(ctx, book, word, t.known)
	return q, err
}

func targetShow() *cobra.Command {
	var t targetWords
	c := &cobra.Command{
		Use: "show TARGET", Short: "One target: the sentence, shares, months, what is not counted and where to mend it", Args: cobra.ExactArgs(1),
		Long: `How one target stands: by its UUID, or its name or a part of it. Shares are given whole
(each partner's own view) and divided (they add up to the total). What says something of
people is shown in groups of at least five, and moves at a month's end; your own is exact.
--by takes it apart by one or two of partner, maand (month), subregio, niveau (level: who
approaches the employer), sector, soort (kind), doelgroep (target group), doelgroepregister,
uren (hours a week) and gemeente (municipality).`,
		Example: `  huisboek targets show plaatsingen --on 2026-06-30 --known 2026-07-05 --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, args []string) error {
			in, err := tongueOf(t.lang)
			if err != nil {
				return err
			}
			a, err := answerOf(&t.asking, func(book *web.Client) (*web.StandingAnswer, error) {
				q, err := t.question(cmd.Context(), book, args[0])
				if err != nil {
					return nil, err
				}
				return book.Standing(cmd.Context(), q)
			})
			if err != nil {
				return err
			}
			if t.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			in.standing(cmd.OutOrStdout(), a)
			return nil
		}),
	}
	t.all(c)
	t.byFlag(c)
	return c
}

func targetWhy() *cobra.Command {
	var t targetWords
	var with string
	c := &cobra.Command{
		Use: "why TARGET --known MOMENT", Short: "Why a figure that was reported is another one now, change by change", Args: cobra.ExactArgs(1),
		Long: `The difference between a standing as it was known at --known and as it was known at --with
(default: now), change by change. Together they are exactly the difference.`,
		Example: `  huisboek targets why plaatsingen --on 2026-06-30 --known 2026-07-05 --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, args []string) error {
			in, err := tongueOf(t.lang)
			if err != nil {
				return err
			}
			if t.known == "" {
				return usageError("targets why needs --known: the moment of the figure that was reported")
			}
			a, err := answerOf(&t.asking, func(book *web.Client) (*web.DifferenceAnswer, error) {
				q, err := t.question(cmd.Context(), book, args[0])
				if err != nil {
					return nil, err
				}
				return book.Difference(cmd.Context(), q, with)
			})
			if err != nil {
				return err
			}
			if t.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			in.difference(cmd.OutOrStdout(), a)
			return nil
		}),
	}
	t.all(c)
	c.Flags().StringVar(&with, "with", "", "the later moment (default: now)")
	return c
}

func targetExport() *cobra.Command {
	var t targetWords
	c := &cobra.Command{
		Use: "export TARGET FILE", Short: "A standing as a file: .xlsx with real numbers and dates, or .csv", Args: cobra.ExactArgs(2),
		Long: `Write a standing to a new file, as a workbook (.xlsx) or as text (.csv: semicolons, BOM,
Dutch numbers), with its definition, the moment it was known at and the position.`,
		Example: `  huisboek targets export plaatsingen stand.xlsx --by doelgroep,maand --lang nl --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, args []string) (err error) {
			if _, err := tongueOf(t.lang); err != nil {
				return err
			}
			form := strings.TrimPrefix(strings.ToLower(filepath.Ext(args[1])), ".")
			if form != "csv" && form != "xlsx" {
				return usageError(fmt.Sprintf("%q is no file name that ends in .xlsx or .csv", args[1]))
			}
			var b strings.Builder
			if _, err = answerOf(&t.asking, func(book *web.Client) (struct{}, error) {
				q, err := t.question(cmd.Context(), book, args[0])
				if err != nil {
					return struct{}{}, err
				}
				return struct{}{}, book.Sheet(cmd.Context(), q, form, t.lang, &b)
			}); err != nil {
				return err
			}
			if err := writeNew(args[1], b.String()); err != nil {
				return err
			}
			if t.json {
				return printJSON(cmd.OutOrStdout(), sheetDone{args[1], b.Len()})
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s (%d bytes).\n", args[1], b.Len())
			return err
		}),
	}
	t.all(c)
	t.byFlag(c)
	return c
}

// sheetDone is a file that was written.
type sheetDone struct {
	File  string `json:"bestand"`
	Bytes int    `json:"bytes"`
}

// writeNew writes a file that is not there yet, whole or not at all.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already: give the file another name", name)
	}
	if err != nil {
		return err
	}
	if _, err = io.WriteString(f, text); err == nil {
		err = f.Close()
	} else {
		f.Close()
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}

func targetDoubles() *cobra.Command {
	var q asking
	var state, lang, after string
	var count int
	c := &cobra.Command{
		Use: "doubles", Short: "Placements that two partners may both have reported", Args: cobra.NoArgs,
		Long: `Pairs of placements of two partners that look alike, and so may be one. Nothing is ever
merged by itself: the two partners, or the steward, say so (huisboek targets same or
distinct, or plaatsingen-gelijkgesteld and -onderscheiden), and can take it back. The
steward sees all pairs, a partner those in which it has part, the board none.`,
		Example: `  huisboek targets doubles --token "$HUISBOEK_TOKEN"
  huisboek targets doubles --state gelijk --lang nl --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			in, err := tongueOf(lang)
			if err != nil {
				return err
			}
			a, err := answerOf(&q, func(book *web.Client) (*web.PlacementDoublesAnswer, error) {
				return book.PlacementDoubles(cmd.Context(), state, after, count, 0)
			})
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			in.doubles(cmd.OutOrStdout(), a)
			return nil
		}),
	}
	q.flags(c)
	langFlag(c, &lang)
	c.Flags().StringVar(&state, "state", "", "mogelijk, wacht, gelijk or onderscheiden (default: those that are open)")
	c.Flags().StringVar(&after, "after", "", "go on from there")
	c.Flags().IntVar(&count, "count", 0, "how many at most (default 50)")
	return c
}

func reachCommand() *cobra.Command {
	var q asking
	var from, to, known, lang string
	var sizes bool
	c := &cobra.Command{
		Use: "reach", Short: "What share of the employers was visited, by municipality and size", Args: cobra.NoArgs,
		Long: `Employers with at least one visit in a period, as a share of all employers. How many there
are the steward records: huisboek reach set.`,
		Example: `  huisboek reach --from 2026-01-01 --to 2026-06-30 --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			in, err := tongueOf(lang)
			if err != nil {
				return err
			}
			a, err := answerOf(&q, func(book *web.Client) (*web.ReachAnswer, error) {
				return book.Reach(cmd.Context(), events.Date(from), events.Date(to), known, 0)
			})
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			in.reach(cmd.OutOrStdout(), a, sizes)
			return nil
		}),
	}
	q.flags(c)
	knownFlag(c, &known)
	langFlag(c, &lang)
	c.Flags().BoolVar(&sizes, "sizes", false, "by size of the employers too")
	c.Flags().StringVar(&from, "from", "", "first day (default: 1 January of the year of --to)")
	c.Flags().StringVar(&to, "to", "", "last day (default: today)")
	c.AddCommand(reachSet())
	return c
}
