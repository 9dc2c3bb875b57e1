package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"huisboek/adapters/client"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// asking are the words of every verb that asks a served book.
type asking struct {
	server   string
	token    string
	insecure bool
	json     bool
}

func (a *asking) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.server, "server", "http://127.0.0.1:8080", "where the book is served")
	f.StringVar(&a.token, "token", "", "bearer token (better in HUISBOEK_TOKEN: a command line is seen by others)")
	f.BoolVar(&a.insecure, insecureFlag, false, insecureText)
	f.BoolVar(&a.json, "json", false, "print JSON")
}

// answerOf is what a served book answers.
func answerOf[T any](a *asking, question func(*web.Client) (T, error)) (T, error) {
	var none T
	if err := safely(a.server, a.token, a.insecure); err != nil {
		return none, err
	}
	book, err := web.NewClient(a.server, a.token)
	if err != nil {
		return none, err
	}
	answer, err := question(book)
	if err != nil {
		var p ledger.Problem
		if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
			return none, fmt.Errorf("ask %s: it wants a token that it knows: give --token, or set HUISBOEK_TOKEN", a.server)
		}
		return none, fmt.Errorf("ask %s: %w", a.server, err)
	}
	return answer, nil
}

func whoCommand() *cobra.Command {
	var q asking
	var establishment string
	var concern bool
	c := &cobra.Command{
		Use:   "who EMPLOYER",
		Short: "Who has visited this employer, who is about to, whom do I call first?",
		Long: `Ask a running book about an employer: a KvK number, voorlopig-<uuid> for one without a
number yet, or <land>-<register>-<nummer> for one abroad. huisboek employer find gives
the number of who is known by name.`,
		Example: `  huisboek who 69599084 --token "$HUISBOEK_TOKEN"`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			e, err := events.ParseEmployerKey(args[0])
			if err != nil {
				return usageError(fmt.Sprintf("%q is no employer: give a KvK number of 8 digits, voorlopig-<uuid> or <land>-<register>-<nummer>", args[0]))
			}
			e.Establishment = establishment
			a, err := answerOf(&q, func(book *web.Client) (*web.EmployerAnswer, error) {
				if concern {
					return book.Concern(cmd.Context(), e, 0)
				}
				return book.Employer(cmd.Context(), e, 0)
			})
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			return printEmployer(cmd.OutOrStdout(), a)
		}),
	}
	q.flags(c)
	f := c.Flags()
	f.StringVar(&establishment, "establishment", "", "one establishment (vestigingsnummer) instead of the whole entity")
	f.BoolVar(&concern, "concern", false, "everything of its concern, all numbers together")
	return c
}

// safely refuses to send a token over http to another machine.
func safely(server, token string, insecure bool) error {
	u, err := url.Parse(server)
	if err != nil || token == "" || insecure || u.Scheme != "http" || loopback(u.Hostname()) {
		return nil // what is no address is refused where it is used
	}
	return usageError(fmt.Sprintf("--server: a token must not go to %s like this: %v%s", u.Hostname(), client.ErrPlain, orInsecure))
}

// printEmployer says first what is needed a minute before a visit.
func printEmployer(w io.Writer, a *web.EmployerAnswer) error {
	var errs []error
	p := func(format string, args ...any) {
		_, err := fmt.Fprintf(w, format, args...)
		errs = append(errs, err)
	}
	p("%s\n", employerTitle(a))
	if others := otherKeys(a); len(others) > 0 {
		p("Also known as %s\n", strings.Join(others, ", "))
	}
	p("\n")
	p("%s\n", verdicts[a.Outcome])
	switch {
	case a.Call != nil:
		p("Call first: %s\n            %s\n", callText(a.Call), callReasons[a.Call.Reason])
	case len(a.Contacts) == 0:
		p("Nobody has been here, as far as this book knows, and nobody plans to.\n")
	default:
		p("Nobody to call first.\n")
	}
	for _, r := range a.Reasons {
		p("- %s\n", r.Sentence.EN)
	}
	if len(a.Planned) > 0 {
		p("\nAbout to go\n")
		table(w, func(w io.Writer) {
			for _, v := range a.Planned {
				fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", days(v.From, v.To), v.Partner.Name, personText(v.AccountManager), v.Purpose)
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
	events.Free:      "Free: nobody else is about to go or was here lately.",
	events.Attention: "Attention (let-op): somebody else is about to go, or was here lately.",
}

// callReasons says why somebody is the one to call.
var callReasons = map[string]string{
	"vaste-contactpersoon": "the fixed contact for this employer",
	"ander-plan":           "has an open plan to come here",
	"recent-bezoek":        "was here within the last 90 days",
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

func table(w io.Writer, rows func(io.Writer)) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	rows(t)
	t.Flush()
}
