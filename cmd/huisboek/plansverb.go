package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"huisboek/adapters/web"
	"huisboek/events"
)

// plansWords are the words of plans.
type plansWords struct {
	asking
	q        web.PlansQuestion
	from, to string
}

func plansCommand() *cobra.Command {
	var w plansWords
	c := &cobra.Command{
		Use:   "plans",
		Short: "List who is about to go where, your own partner's first",
		Long: `List approaches by their first day: those of your own partner, of one account manager of
it, of another partner, or of the whole region; the steward lists the region's. What was
called off, made, retracted or has expired is left out, unless --all is given: then from
90 days ago, or --from.
With --waiting: plans of others that name you, and that you did not confirm yet.
On a screen a table; piped, lines with tabs and the columns in the first one.`,
		Example: `  huisboek plans --employee am-03 --token "$HUISBOEK_TOKEN"
  huisboek plans --region --from 2026-12-01 --to 2026-12-31 --token "$HUISBOEK_TOKEN" > plans.tsv`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			a, err := w.ask(cmd)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case w.json:
				return printJSON(out, a)
			case !isTerminal(out):
				printPlansTSV(out, a)
			case len(a.Plans) == 0:
				fmt.Fprintln(out, "No plans.")
			default:
				printPlans(out, a)
			}
			if a.Next != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "There are more: --after %s\n", a.Next)
			}
			return nil
		}),
	}
	w.flags(c)
	f := c.Flags()
	f.BoolVar(&w.q.Region, "region", false, "everybody's")
	f.StringVar(&w.q.Partner, "partner", "", "one partner's: its id")
	f.StringVar(&w.q.Employee, "employee", "", "one account manager's of your own partner: your own id of that person")
	f.BoolVar(&w.q.Waiting, "waiting", false, "of others, that wait for your word on going together")
	f.BoolVar(&w.q.All, "all", false, "what is over or came to nothing too")
	f.StringVar(&w.from, "from", "", "with a day from this one on")
	f.StringVar(&w.to, "to", "", "with a day up to this one")
	f.IntVar(&w.q.Max, "max", 50, "at most so many, up to 200")
	f.StringVar(&w.q.After, "after", "", "go on where a list ended")
	return c
}

func (w *plansWords) ask(cmd *cobra.Command) (*web.PlansAnswer, error) {
	if w.q.Max < 1 || w.q.Max > 200 {
		return nil, usageError("--max takes 1 to 200")
	}
	for flag, day := range map[string]string{"from": w.from, "to": w.to} {
		if _, err := events.ParseDate(day); day != "" && err != nil {
			return nil, usageError("--" + flag + " takes a day such as 2026-11-22")
		}
	}
	w.q.From, w.q.To = events.Date(w.from), events.Date(w.to)
	return answerOf(&w.asking, func(book *web.Client) (*web.PlansAnswer, error) { return book.Plans(cmd.Context(), w.q) })
}

// plansColumns are the columns of both forms; the last ones are for programs only.
var plansColumns = []string{"from", "to", "time", "employer", "key", "purpose", "status", "partner", "manager", "phone", "clashes", "position", "approach", "source", "id"}

// planRow is a plan in those columns.
func planRow(p *web.PlannedApproach) []string {
	row := []string{string(p.From), string(p.To), p.Time, orEmpty(p.Name), p.Employer.Key, p.Purpose, p.Status, p.Partner.Name, "", "", "", fmt.Sprint(p.Position), p.Approach, "", ""}
	if p.AccountManager != nil {
		row[8], row[9] = p.AccountManager.Name, p.AccountManager.Phone
	}
	if p.Clashes {
		row[10] = "clashes"
	}
	if p.Event != nil {
		row[13], row[14] = p.Event.Source, p.Event.ID
	}
	for i := range row { // what people typed does not make a column or a line
		row[i] = strings.Join(strings.Fields(row[i]), " ")
	}
	return row
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func printPlansTSV(w io.Writer, a *web.PlansAnswer) {
	fmt.Fprintln(w, strings.Join(plansColumns, "\t"))
	for i := range a.Plans {
		fmt.Fprintln(w, strings.Join(planRow(&a.Plans[i]), "\t"))
	}
}

func printPlans(w io.Writer, a *web.PlansAnswer) {
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "WHEN\tEMPLOYER\tPURPOSE\tSTATUS\tPARTNER\tWHO")
		for i := range a.Plans {
			row := planRow(&a.Plans[i])
			when := row[0]
			if row[1] != row[0] {
				when += " – " + row[1]
			}
			status := row[6]
			if row[10] != "" {
				status += ", " + row[10]
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", strings.TrimSpace(when+" "+row[2]), cmp.Or(row[3], row[4]), row[5], status, row[7],
				cmp.Or(strings.TrimSpace(row[8]+" "+row[9]), "-"))
		}
	})
}
