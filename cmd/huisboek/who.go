package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"huisboek/adapters/intake"
	"huisboek/adapters/readlog"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// whoWords are the words of who.
type whoWords struct {
	asking
	establishment string
	concern       bool
	plan          inMind
	file          string
}

// inMind is what somebody has in mind.
type inMind struct{ purpose, from, to string }

func (p inMind) some() bool { return p != inMind{} }

func whoCommand() *cobra.Command {
	var q whoWords
	c := &cobra.Command{
		Use:   "who EMPLOYER… [--purpose DOEL] [--date DAY [--until DAY]]",
		Short: "Who has visited this employer, who is about to, whom do I call first?",
		Long: `Ask a running book about an employer: a KvK number, voorlopig-<uuid> for one without a
number yet, or <land>-<register>-<nummer> for one abroad. huisboek employer find gives
the number of who is known by name.

With --purpose or --date it says what verdict a plan would get, why, whom to call and
whom next; nothing is recorded. Of several employers, or of those in a file (one on a
line, - is standard input), it gives a line each: a tour of a business park. An
establishment is <kvkNummer>/<vestigingsnummer> there.`,
		Example: `  huisboek who 69599084 --token "$HUISBOEK_TOKEN"
  huisboek who 69599084 --purpose acquisitie --date 2026-12-01
  huisboek who --file bedrijventerrein.txt --purpose kennismaking`,
		Args: func(c *cobra.Command, args []string) error {
			if q.file != "" {
				return nil
			}
			return cobra.MinimumNArgs(1)(c, args)
		},
		RunE: work(q.run),
	}
	q.flags(c)
	f := c.Flags()
	f.StringVar(&q.establishment, "establishment", "", "one establishment (vestigingsnummer) instead of the whole entity")
	f.BoolVar(&q.concern, "concern", false, "everything of its concern, all numbers together")
	f.StringVar(&q.plan.purpose, "purpose", "", "what the plan is for: "+strings.Join(events.Values("doel"), ", "))
	f.StringVar(&q.plan.from, "date", "", "the day of the plan, or with --until its first (2026-12-01); without it today")
	f.StringVar(&q.plan.to, "until", "", "its last day")
	f.StringVar(&q.file, "file", "", "a file with an employer on each line; - is standard input")
	return c
}

func (q *whoWords) run(cmd *cobra.Command, args []string) error {
	if q.file != "" {
		lines, err := employerLines(q.file, cmd.InOrStdin())
		if err != nil {
			return err
		}
		args = append(args, lines...)
	}
	all := make([]events.Employer, len(args))
	var wrong []string
	for i, text := range args {
		var ok bool
		if all[i], ok = intake.ParseEmployer(text); !ok {
			wrong = append(wrong, strconv.Quote(text))
		}
	}
	if len(wrong) > 0 {
		return noEmployers(wrong, len(args))
	}
	several := len(all) > 1 || q.file != ""
	switch {
	case len(all) == 0:
		return usageError("--file: there is no employer in it")
	case several && (q.establishment != "" || q.concern):
		return usageError("--establishment and --concern are for one EMPLOYER")
	case several:
		return q.tour(cmd, all)
	}
	if q.establishment != "" {
		all[0].Establishment = q.establishment
	}
	return q.one(cmd, all[0])
}

// wrongShown is how many wrong words are named at once.
const wrongShown = 10

// noEmployers says which words of so many are no employers.
func noEmployers(wrong []string, of int) error {
	text, verb := strings.Join(wrong[:min(len(wrong), wrongShown)], ", "), "is no employer"
	if more := len(wrong) - wrongShown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if len(wrong) > 1 {
		verb = "are no employers"
	}
	text += " " + verb + ": give a KvK number of 8 digits, voorlopig-<uuid> or <land>-<register>-<nummer>"
	if of > 1 {
		text += fmt.Sprintf("; of the %d that were given none was asked", of)
	}
	return usageError(text)
}

// employerLines are the first words of the lines of a file, but for those that are
// empty or begin with #.
func employerLines(name string, stdin io.Reader) (list []string, err error) {
	from := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		words := strings.FieldsFunc(strings.TrimPrefix(lines.Text(), byteOrderMark), func(r rune) bool { return strings.ContainsRune(" \t\r,;", r) })
		if len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			list = append(list, words[0])
		}
	}
	return list, lines.Err()
}

// one asks about one employer, and what a plan would get when one is in mind.
func (q *whoWords) one(cmd *cobra.Command, e events.Employer) error {
	ctx := cmd.Context()
	if q.plan.some() && q.json {
		a, err := answerOf(&q.asking, func(book *web.Client) (*web.AdviceAnswer, error) {
			return book.AdviceOn(ctx, e, q.plan.purpose, q.plan.from, q.plan.to, 0)
		})
		if err != nil {
			return err
		}
		return printJSON(cmd.OutOrStdout(), a)
	}
	a, err := answerOf(&q.asking, func(book *web.Client) (*web.EmployerAnswer, error) {
		if q.concern {
			return book.ConcernFor(ctx, e, readlog.PurposePrepare, 0)
		}
		return book.EmployerFor(ctx, e, readlog.PurposePrepare, 0)
	})
	if err != nil {
		return err
	}
	if q.json {
		return printJSON(cmd.OutOrStdout(), a)
	}
	if !q.plan.some() {
		return printEmployer(cmd.OutOrStdout(), a, nil)
	}
	advice, err := answerOf(&q.asking, func(book *web.Client) (*web.AdviceAnswer, error) {
		return book.AdviceOn(ctx, e, q.plan.purpose, q.plan.from, q.plan.to, a.Position)
	})
	if err != nil {
		return err
	}
	return printEmployer(cmd.OutOrStdout(), a, &advice.Advice)
}

// tour asks about several, as many at a time as the book takes.
func (q *whoWords) tour(cmd *cobra.Command, all []events.Employer) error {
	whole := &web.TourAnswer{}
	for len(all) > 0 {
		some := all[:min(len(all), intake.MaxTour)]
		all = all[len(some):]
		a, err := answerOf(&q.asking, func(book *web.Client) (*web.TourAnswer, error) {
			return book.Tour(cmd.Context(), some, q.plan.purpose, q.plan.from, q.plan.to, 0)
		})
		if err != nil {
			return err
		}
		a.Advices = append(whole.Advices, a.Advices...)
		whole = a
	}
	if q.json {
		return printJSON(cmd.OutOrStdout(), whole)
	}
	return printTour(cmd.OutOrStdout(), whole)
}

func printTour(w io.Writer, a *web.TourAnswer) error {
	counts := map[events.Outcome]int{}
	table(w, func(w io.Writer) {
		fmt.Fprintf(w, "EMPLOYER\tVERDICT\tWHY\tCALL FIRST\n")
		for _, one := range a.Advices {
			name := one.Employer.Key
			if one.Employer.Establishment != "" {
				name += "/" + one.Employer.Establishment
			}
			counts[one.Outcome]++
			why := make([]string, len(one.Reasons))
			for i, r := range one.Reasons {
				why[i] = r.Code
			}
			call := "-"
			if one.Call != nil {
				call = callText(one.Call)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, one.Outcome, cmp.Or(strings.Join(why, ", "), "-"), call)
		}
	})
	_, err := fmt.Fprintf(w, "\n%d employers: %d free, %d attention, %d taken, %d refused. True up to position %d, %s.\n",
		len(a.Advices), counts[events.Free], counts[events.Attention], counts[events.Taken], counts[events.Refused],
		a.Position, a.UpTo.Format("2006-01-02 15:04:05 MST"))
	return err
}

// printEmployer says first what is needed a minute before a visit: for the plan that
// is in mind, when there is one.
func printEmployer(w io.Writer, a *web.EmployerAnswer, plan *ledger.Advice) error {
	var errs []error
	p := func(format string, args ...any) {
		_, err := fmt.Fprintf(w, format, args...)
		errs = append(errs, err)
	}
	p("%s\n", employerTitle(a))
	if others := otherKeys(a); len(others) > 0 {
		p("Also known as %s\n", strings.Join(others, ", "))
	}
	if a.Level != nil {
		p("%s\n", levels[*a.Level])
	}
	if s := a.Spared; s != nil {
		p("%s\n", sparedText(s))
	}
	p("\n")
	outcome, reasons, call, next := a.Outcome, a.Reasons, a.Call, a.CallNext
	if plan != nil {
		outcome, reasons, call, next = plan.Outcome, plan.Reasons, plan.Call, plan.CallNext
	}
	p("%s\n", verdicts[outcome])
	switch {
	case call != nil:
		p("Call first: %s\n            %s\n", callText(call), callReasons[call.Reason])
		for _, c := range next {
			p("Then:       %s\n            %s\n", callText(&c), callReasons[c.Reason])
		}
	case len(a.Contacts) == 0:
		p("Nobody has been here, as far as this book knows, and nobody plans to.\n")
	default:
		p("Nobody to call first.\n")
	}
	for _, r := range reasons {
		p("- %s\n", r.Sentence.EN)
	}
	if len(a.Planned) > 0 {
		p("\nAbout to go\n")
		table(w, func(w io.Writer) {
			for _, v := range a.Planned {
				holds := "holds nothing"
				if v.HoldsUntil != "" {
					holds = "holds until " + string(v.HoldsUntil)
				}
				fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", days(v.From, v.To), v.Partner.Name, personText(v.AccountManager), v.Purpose, holds)
			}
		})
	}
	if v := a.LastVisit; v != nil {
		p("\nWent last\n  %s  %s  %s  %s\n", v.Date, v.Partner.Name, personText(v.AccountManager), v.Purpose)
	}
	if len(a.Contacts) > 0 {
		p("\nLatest contacts\n")
		table(w, func(w io.Writer) {
			for _, c := range a.Contacts {
				when := string(c.Date)
				if c.Period != nil {
					when = days(c.Period.From, c.Period.To)
				}
				fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", when, c.Type.Name(), c.Partner.Name, personText(c.AccountManager), c.Status)
			}
		})
	}
	if a.Next != "" {
		p("  … and older ones: GET /v1/werkgevers/%s/contacten\n", a.Employer.Key)
	}
	if len(a.Vacancies) > 0 {
		p("\nLooking for\n")
		table(w, func(w io.Writer) {
			for _, v := range a.Vacancies {
				fmt.Fprintf(w, "  %s\t%d of %d\t%s\t%s\n", v.Date, v.Left, v.Count, v.Occupation, v.Partner.Name)
			}
		})
	}
	if len(a.Placements) > 0 {
		total := 0
		for _, m := range a.Placements {
			total += m.Count
		}
		p("\nPlacements here: %d (by month and partner with --json)\n", total)
	}
	if a.Coverage != nil && !a.Coverage.Complete {
		p("\nThis may not be all:\n")
		for _, g := range a.Coverage.By {
			p("- %s\n", g.Say.EN)
		}
	}
	p("\nTrue up to position %d, %s.\n", a.Position, a.UpTo.Format("2006-01-02 15:04:05 MST"))
	return errors.Join(errs...)
}

// verdicts says what the verdict means for somebody about to go.
var verdicts = map[events.Outcome]string{
	events.Free:      "Free (vrij): nothing is in the way.",
	events.Attention: "Attention (let-op): you can go, and there is something to know first.",
	events.Taken:     "Taken (bezet): another partner is about to go. Call first; a plan holds nothing unless you say why you go all the same (ondanks).",
	events.Refused:   "Refused (geweigerd): the region's agreement does not let a plan through now.",
}

// callReasons says why somebody is the one to call.
var callReasons = map[string]string{
	"vaste-contactpersoon": "the fixed contact for this employer",
	"ander-plan":           "has an open plan to come here",
	"recent-bezoek":        "was here within the quiet days",
	"bedient-gemeente":     "serves the municipality of this employer",
}

// levels says who approaches an employer.
var levels = map[string]string{
	"lokaal":    "Local (lokaal): its own municipality approaches it.",
	"regionaal": "Regional (regionaal): the partners approach it together.",
	"landelijk": "National (landelijk): the partners approach it together.",
}

func sparedText(s *web.Spared) string {
	whose := map[string]string{"werkgever": "at its own wish", "regio": "by the region"}[s.Ground]
	text := fmt.Sprintf("To be left in peace, %s, from %s", whose, s.From)
	if s.To != nil {
		text += " to " + string(*s.To)
	}
	if len(s.Purposes) > 0 {
		text += ", for " + strings.Join(s.Purposes, ", ")
	}
	return text + "."
}

// otherKeys are the keys that it is known under besides the one that was asked for.
func otherKeys(a *web.EmployerAnswer) []string {
	return slices.DeleteFunc(slices.Clone(a.Keys), func(k string) bool { return k == a.Employer.Key })
}

func employerTitle(a *web.EmployerAnswer) string {
	k := a.Card
	if k == nil {
		return a.Employer.Key + " (nobody has described this employer)"
	}
	parts := []string{}
	for _, s := range []*string{k.Name, k.Place} {
		if s != nil {
			parts = append(parts, *s)
		}
	}
	return strings.Join(append(parts, a.Employer.Key), ", ")
}

// personText is an account manager of either kind of answer.
func personText[P ledger.Person | web.Person](p *P) string {
	var name, phone string
	switch p := any(p).(type) {
	case *ledger.Person:
		if p != nil {
			name, phone = p.Name, p.Phone
		}
	case *web.Person:
		if p != nil {
			name, phone = p.Name, p.Phone
		}
	}
	return cmp.Or(strings.TrimSpace(name+" "+phone), "-")
}

func days(from, to events.Date) string {
	if from == to {
		return string(from)
	}
	return string(from) + " to " + string(to)
}
