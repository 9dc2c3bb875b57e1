package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

func employerCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "employer", Short: "Find employers, and say which belong together and how each is approached", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usageError("employer needs find, doubles, link, unlink, level or spare")
		},
	}
	c.AddCommand(employerFind(), employerDoubles(), employerLink(), employerUnlink(), employerLevel(), employerSpare())
	return c
}

func employerFind() *cobra.Command {
	var q asking
	var in web.FindQuestion
	var notSince string
	c := &cobra.Command{
		Use:   "find [TEXT]",
		Short: "Find employers by name, place, postcode or number, or list those in a gemeente or sector",
		Long: `Find employers by what is known of them: words of a name or place, a postcode, a KvK
number or an establishment's. Accents, capitals and legal forms do not matter, a word may
be cut short, and one of five letters or more may have one letter wrong. The best comes
first, and of those that match as well who was in contact last.
With a filter only those that it lets through; with filters and no text all of them, by name.`,
		Example: `  huisboek employer find "bakkerij zwol" --token "$HUISBOEK_TOKEN"
  huisboek employer find --gemeente GM0193 --not-since 2026-08-01 --sort laatste --token "$HUISBOEK_TOKEN"`,
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if in.Max < 1 || in.Max > 200 {
				return usageError("--max takes 1 to 200")
			}
			in.Text, in.NotSince = strings.Join(args, " "), events.Date(notSince)
			if in.Text == "" && len(in.Gemeenten) == 0 && in.Sector == "" && in.Size == "" && in.NotSince == "" {
				return usageError("employer find needs a text, or one of --gemeente, --sector, --size and --not-since")
			}
			a, err := answerOf(&q, func(book *web.Client) (*web.FindAnswer, error) { return book.FindWith(cmd.Context(), in) })
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			printFound(cmd.OutOrStdout(), in.Text, a)
			return nil
		}),
	}
	q.flags(c)
	f := c.Flags()
	f.IntVar(&in.Max, "max", 20, "at most so many")
	f.StringSliceVar(&in.Gemeenten, "gemeente", nil, "only in this gemeente (GM0193), or one of several")
	f.StringVar(&in.Sector, "sector", "", "only of this sector: markt or overheid")
	f.StringVar(&in.Size, "size", "", "only of this grootteklasse, such as 10-19")
	f.StringVar(&notSince, "not-since", "", "only without contact from this day on")
	f.StringVar(&in.Sort, "sort", "", "naam or laatste (who was in contact last first)")
	return c
}

func printFound(w io.Writer, text string, a *web.FindAnswer) {
	if len(a.Employers) == 0 {
		if text == "" {
			fmt.Fprintln(w, "No employer is like that.")
			return
		}
		fmt.Fprintf(w, "No employer found for %q.\n", text)
		return
	}
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "NAME\tPLACE\tPOSTCODE\tLAST CONTACT\tEMPLOYER")
		for _, e := range a.Employers {
			last := "-"
			if e.Last != nil {
				last = string(*e.Last)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", nameText(&e.Found), orDash(e.Place), orDash(e.Postcode), last, e.Employer.Key)
		}
	})
	if more := a.Total - len(a.Employers); more > 0 {
		fmt.Fprintf(w, "… and %d more: give more of the name, a filter, or --max\n", more)
	}
}

// nameText is an employer's name, with the other ones that it is known by.
func nameText(e *web.Found) string {
	if len(e.Others) == 0 {
		return orDash(e.Name)
	}
	return orDash(e.Name) + " (also " + strings.Join(e.Others, ", ") + ")"
}

func orDash(s *string) string {
	if s == nil || *s == "" {
		return "-"
	}
	return *s
}

func employerDoubles() *cobra.Command {
	var q asking
	var max int
	c := &cobra.Command{
		Use:   "doubles",
		Short: "List, for the steward, employers that may be the same one",
		Long: `List pairs of employers that may be the same one, the likeliest first, and why. For the
region's steward. Nothing is linked by itself: say what is so with employer link, or with
employer unlink that they are not the same, and they leave the list.`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			if max < 1 || max > 200 {
				return usageError("--max takes 1 to 200")
			}
			a, err := answerOf(&q, func(book *web.Client) (*web.DoublesAnswer, error) { return book.Doubles(cmd.Context(), "", max, 0) })
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			printDoubles(cmd.OutOrStdout(), a)
			return nil
		}),
	}
	q.flags(c)
	c.Flags().IntVar(&max, "max", 20, "at most so many pairs")
	return c
}

func printDoubles(w io.Writer, a *web.DoublesAnswer) {
	if len(a.Pairs) == 0 {
		fmt.Fprintln(w, "No two employers look like the same one.")
		return
	}
	for _, pair := range a.Pairs {
		fmt.Fprintf(w, "%3d  ", pair.Score)
		for i, e := range pair.Employers {
			if i > 0 {
				fmt.Fprint(w, "     ")
			}
			fmt.Fprintf(w, "%s, %s, %s\n", nameText(&e), orDash(e.Place), e.Employer.Key)
		}
		for _, r := range pair.Reasons {
			fmt.Fprintf(w, "     - %s\n", r.Sentence.EN)
		}
	}
	fmt.Fprintf(w, "%d of %d. The same: huisboek employer link A B --kind dezelfde. Not the same: huisboek employer unlink A B.\n", len(a.Pairs), a.Total)
}

// pairOfEmployers is what links are about, with why.
type pairOfEmployers struct {
	Employer string `json:"werkgever"` // key
	With     string `json:"met"`       // key
	Kind     string `json:"soort,omitempty"`
	Reason   string `json:"reden,omitempty"`
}

// linked is what became of a pair.
type linked struct {
	pairOfEmployers
	Position events.Position `json:"positie"`
}

func wholeEmployer(key string) (w events.WholeEmployer, err error) {
	e, err := events.ParseEmployerKey(key)
	if err != nil {
		return w, fmt.Errorf("%q is no employer: give a KvK number of 8 digits, voorlopig-<uuid> or <land>-<register>-<nummer>", key)
	}
	return events.WholeEmployer{KvK: e.KvK, Foreign: e.Foreign, Provisional: e.Provisional}, nil
}

// pair are the two employers.
func (p *pairOfEmployers) pair() (employer, with events.WholeEmployer, err error) {
	if employer, err = wholeEmployer(p.Employer); err == nil {
		with, err = wholeEmployer(p.With)
	}
	return employer, with, err
}

func (p *pairOfEmployers) reason() events.Personal[string] {
	if p.Reason == "" {
		return events.Personal[string]{}
	}
	return events.Plainly(p.Reason)
}

// linkEmployers records as the steward that two employers belong together.
func (h *house) linkEmployers(ctx context.Context, p pairOfEmployers, _ reportFunc) (*linked, error) {
	employer, with, err := p.pair()
	if err != nil {
		return nil, err
	}
	return p.said(h.receiptOf(ctx, &events.EmployersLinked{Employer: employer, With: with, Kind: p.Kind, Reason: p.reason()}))
}

// unlinkEmployers takes back as the steward whatever was said of two employers.
func (h *house) unlinkEmployers(ctx context.Context, p pairOfEmployers, _ reportFunc) (*linked, error) {
	employer, with, err := p.pair()
	if err != nil {
		return nil, err
	}
	return p.said(h.receiptOf(ctx, &events.EmployersUnlinked{Employer: employer, With: with, Reason: p.reason()}))
}

func (p pairOfEmployers) said(r *ledger.Receipt, err error) (*linked, error) {
	if err != nil {
		return nil, err
	}
	return &linked{p, r.Position}, nil
}

func init() {
	adminVerbs["employer-link"] = verb((*house).linkEmployers)
	adminVerbs["employer-unlink"] = verb((*house).unlinkEmployers)
}

func employerLink() *cobra.Command {
	var l local
	var p pairOfEmployers
	c := &cobra.Command{
		Use:   "link --data DIR A B --kind dezelfde",
		Short: "Say, as the steward, that two employers belong together",
		Long: `Say, as the region's steward, that two employers belong together: records
werkgever-gekoppeld, and it holds at once. A and B are KvK numbers, voorlopig-<uuid> or
<land>-<register>-<nummer>. The kinds:
  dezelfde   A and B are one employer: everything about either counts for both
  opvolger   B goes on with A: everything about A counts for B
  concern    A and B are of one concern: together for who asks for it, no more
Of a pair the last word counts, and nothing is moved: unlink puts everything back.`,
		Example: `  huisboek employer link --data ./data voorlopig-1f0e1c52-3a4b-4c5d-8e6f-7a8b9c0d1e2f 69599084 --kind dezelfde --reason "zelfde adres en eigenaar"`,
		Args:    cobra.ExactArgs(2),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if p.Kind == "" {
				return usageError("employer link needs --kind: dezelfde, opvolger or concern")
			}
			p.Employer, p.With = args[0], args[1]
			if _, _, err := p.pair(); err != nil {
				return usageError(err.Error())
			}
			done, err := ask[*linked](cmd, &l, "employer-link", p)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			fmt.Fprintf(cmd.OutOrStdout(), linkTexts[p.Kind]+" To undo: huisboek employer unlink.\n", p.Employer, p.With)
			return nil
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&p.Kind, "kind", "", "dezelfde, opvolger or concern (required)")
	f.StringVar(&p.Reason, "reason", "", "why, for who looks it up later")
	typedOnly(f, "kind")
	typedOnly(f, "reason")
	return c
}

// linkTexts say what a link does. A kind that is not here was refused.
var linkTexts = map[string]string{
	"dezelfde": "%s and %s are one employer from now on.",
	"opvolger": "What %[1]s was, %[2]s is from now on.",
	"concern":  "%s and %s are of one concern from now on.",
}

func employerUnlink() *cobra.Command {
	var l local
	var p pairOfEmployers
	c := &cobra.Command{
		Use:   "unlink --data DIR A B",
		Short: "Say, as the steward, that two employers do not belong together",
		Long: `Take back, as the region's steward, whatever was said of two employers: records
werkgever-ontkoppeld. Everything about either is where it was before. Of two that were
never linked it says that they are not the same: they leave the list of doubles.`,
		Args: cobra.ExactArgs(2),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			p.Employer, p.With = args[0], args[1]
			if _, _, err := p.pair(); err != nil {
				return usageError(err.Error())
			}
			done, err := ask[*linked](cmd, &l, "employer-unlink", p)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s and %s stand as two employers that do not belong together.\n", p.Employer, p.With)
			return nil
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&p.Reason, "reason", "", "why, for who looks it up later")
	typedOnly(c.Flags(), "reason")
	return c
}
