package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"huisboek/adapters/access"
)

func init() {
	adminVerbs["person-add"] = verb((*house).addPerson)
	adminVerbs["person-list"] = verb((*house).listPersons)
	adminVerbs["person-remove"] = verb((*house).removePerson)
}

type newPerson struct {
	Duty     access.Duty `json:"taak"`
	Partner  string      `json:"partner,omitempty"` // its UUID, OIN or name
	Employee string      `json:"medewerker,omitempty"`
	Email    string      `json:"email,omitempty"`
	Issuer   string      `json:"uitgever,omitempty"`
	Subject  string      `json:"onderwerp,omitempty"`
	Name     string      `json:"naam,omitempty"`
	Phone    string      `json:"telefoon,omitempty"`
}

// listedPerson is somebody with the name of the partner.
type listedPerson struct {
	access.Person
	PartnerName string `json:"partnernaam,omitempty"`
}

type onePerson struct {
	ID string `json:"id"`
}

func (h *house) addPerson(_ context.Context, q newPerson, _ reportFunc) (*listedPerson, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	p := access.Person{
		Duty: q.Duty, Employee: q.Employee, Email: q.Email, Issuer: q.Issuer, Subject: q.Subject, Name: q.Name, Phone: q.Phone,
	}
	out := &listedPerson{}
	if q.Partner != "" {
		of, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		if of.Until != "" {
			return nil, fmt.Errorf("%s no longer takes part, per %s: huisboek partner add admits it again", of.Name, of.Until)
		}
		p.Partner, out.PartnerName = of.ID, of.Name
	}
	var err error
	out.Person, err = h.access.AddPerson(p)
	return out, err
}

func (h *house) listPersons(context.Context, struct{}, reportFunc) ([]listedPerson, error) {
	partners, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	names := make(map[string]string)
	for _, p := range partners {
		names[p.ID] = p.Name
	}
	list := []listedPerson{}
	for _, p := range h.access.People() {
		list = append(list, listedPerson{p, names[p.Partner]})
	}
	return list, nil
}

// removePerson ends an entry, and the sessions that rest on it. Its bytes go with it.
func (h *house) removePerson(_ context.Context, q onePerson, _ reportFunc) (*access.Person, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	p, ok := h.access.Person(q.ID)
	if !ok {
		return nil, fmt.Errorf("%w: %s", access.ErrNoPerson, q.ID)
	}
	if err := h.access.RemovePerson(p.ID); err != nil {
		return nil, err
	}
	h.signin.EndAll(p.ID)
	return &p, h.access.Compact()
}

// removePeople does that to everybody of a partner, or to one of its employees.
func (h *house) removePeople(partner, employee string) (n int, err error) {
	gone, err := h.access.RemovePeopleOf(partner, employee)
	if err != nil || len(gone) == 0 {
		return 0, err
	}
	for _, p := range gone {
		h.signin.EndAll(p.ID)
	}
	return len(gone), h.access.Compact()
}

// removeKeys ends what opens something of a partner and belongs to nobody's system: its
// calendars and its people.
func (h *house) removeKeys(partner string) error {
	_, err := h.removePeople(partner, "")
	return errors.Join(err, h.access.RemoveFeedsOf(partner))
}

func accessPerson() *cobra.Command {
	c := &cobra.Command{
		Use: "person", Short: "Say who may sign in, list them, and end that", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usageError("access person needs add, list or remove") },
	}
	c.AddCommand(personAdd(), personList(), personRemove())
	return c
}

func personAdd() *cobra.Command {
	var l local
	var q newPerson
	var duty string
	c := &cobra.Command{
		Use:   "add --data DIR --duty DUTY (--email ADDRESS | --issuer URL --subject ID) [--partner PARTNER --employee ID]",
		Short: "Let somebody sign in",
		Long: `Let somebody sign in with the provider of serve --oidc-issuer, and say what that person
does here: accountmanager or partnerbeheerder (of a partner), bestuur, regisseur or
auditor. The first time the person is recognised by the mail address, which the provider
must have verified, and from then on by what the provider calls this person for good; the
address then opens nothing any more. With --issuer and --subject it is so from the start.

The name and the telephone number are shown to others with a plan or a visit. What is not
given is taken from the provider.`,
		Example: `  huisboek access person add --data ./data --duty accountmanager --partner "Gemeente Zwolle" --employee am-03 --email am03@zwolle.example.nl
  huisboek access person add --data ./data --duty bestuur --email beraad@regio.example.nl`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			q.Duty = access.Duty(duty)
			switch of := q.Duty.OfPartner(); {
			case !slices.Contains(access.Duties(), q.Duty):
				return usageError("access person add needs --duty accountmanager, partnerbeheerder, bestuur, regisseur or auditor")
			case of != (q.Partner != ""):
				return usageError("--partner comes with --duty accountmanager and partnerbeheerder, and with no other")
			case q.Duty == access.DutyAccountManager && q.Employee == "", q.Employee != "" && !of:
				return usageError("--duty accountmanager needs --employee, the partner's own id; only people of a partner have one")
			case (q.Issuer == "") != (q.Subject == ""):
				return usageError("--issuer and --subject come together")
			case q.Email == "" && q.Subject == "":
				return usageError("access person add needs --email, or --issuer and --subject")
			}
			made, err := ask[*listedPerson](cmd, &l, "person-add", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), made)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s may sign in as %s. Entry %s.\n", personWord(made), made.Duty, made.ID)
			return err
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&duty, "duty", "", "accountmanager, partnerbeheerder, bestuur, regisseur or auditor (required)")
	f.StringVar(&q.Partner, "partner", "", "a partner's UUID, OIN or name")
	f.StringVar(&q.Employee, "employee", "", "the partner's own id of the person (medewerker), as its events name it")
	f.StringVar(&q.Email, "email", "", "mail address, as the provider knows it")
	f.StringVar(&q.Issuer, "issuer", "", "address of the provider, as --oidc-issuer")
	f.StringVar(&q.Subject, "subject", "", "what it calls this person (sub)")
	f.StringVar(&q.Name, "name", "", "name (default: what the provider says)")
	f.StringVar(&q.Phone, "phone", "", "telephone number (default: the same)")
	for _, name := range []string{"duty", "partner", "employee", "email", "issuer", "subject", "name", "phone"} {
		typedOnly(f, name) // who gets in is not a setting
	}
	return c
}

// personWord is what to call an entry.
func personWord(p *listedPerson) string {
	for _, word := range []string{p.Name, p.Email, p.Employee} {
		if word != "" {
			return word
		}
	}
	return p.Subject
}

func personList() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List who may sign in by the book", Args: cobra.NoArgs,
		Long: `List who may sign in by the book, oldest first, with since when each is known to the
provider; "not yet" is somebody who never signed in. Who gets in by what the provider
says (serve --oidc-duty-claim) is not listed: the provider knows.`,
		Example: `  huisboek access person list --data ./data`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			all, err := ask[[]listedPerson](cmd, &l, "person-list", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			if len(all) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "Nobody yet: huisboek access person add lets the first sign in.")
				return nil
			}
			table(cmd.OutOrStdout(), func(w io.Writer) {
				fmt.Fprintln(w, "ID\tDUTY\tPARTNER\tEMPLOYEE\tNAME\tEMAIL\tMADE\tFIRST SIGNED IN")
				for _, p := range all {
					bound := "not yet"
					if !p.Bound.IsZero() {
						bound = p.Bound.Format(minute)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, p.Duty, p.PartnerName, p.Employee, p.Name, p.Email, p.Made.Format(minute), bound)
				}
			})
			return nil
		}),
	}
	l.flags(c)
	return c
}

func personRemove() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "remove --data DIR ID", Short: "Let somebody sign in no longer; open sessions end at once",
		Long: `Let somebody sign in no longer. Sessions of that person end at once, and the entry is
gone from the access file. ID is the first column of access person list. What the person
recorded stays; erase forgets who it was. Who also gets in by what the provider says has
to be ended there too.`,
		Example: `  huisboek access person remove --data ./data 3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a01`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			gone, err := ask[*access.Person](cmd, &l, "person-remove", onePerson{args[0]})
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), gone)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s may not sign in any longer.\n", personWord(&listedPerson{Person: *gone}))
			return err
		}),
	}
	l.flags(c)
	return c
}

// forgetPeople takes the entries of an employee away, before the book forgets who it was:
// nobody comes in any more under a name that is being erased.
func (h *house) forgetPeople(partner, employee string) (int, error) {
	if employee == "" {
		return 0, nil
	}
	h.admin.Lock()
	defer h.admin.Unlock()
	return h.removePeople(partner, employee)
}
