package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"huisboek/adapters/access"
	"huisboek/adapters/web"
)

func init() {
	adminVerbs["feed-add"] = verb((*house).addFeed)
	adminVerbs["feed-list"] = verb((*house).listFeeds)
	adminVerbs["feed-remove"] = verb((*house).removeFeed)
}

type newFeed struct {
	Scope    string `json:"voor"`
	Partner  string `json:"partner,omitempty"` // none: the steward's
	Employee string `json:"medewerker,omitempty"`
	Name     string `json:"naam,omitempty"`
}

// givenFeed is a new feed with its address, which is shown this once.
type givenFeed struct {
	access.Feed
	Address string `json:"adres"` // path
}

type oneFeed struct {
	ID string `json:"id"`
}

func (h *house) addFeed(_ context.Context, q newFeed, _ reportFunc) (*givenFeed, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	f := access.Feed{Scope: q.Scope, Name: q.Name}
	if q.Partner != "" {
		p, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		if p.Until != "" {
			return nil, fmt.Errorf("%s no longer takes part, per %s: huisboek partner add admits it again", p.Name, p.Until)
		}
		f.Partner = p.ID
	}
	made, token, err := h.access.AddFeed(f, q.Employee)
	if err != nil {
		return nil, err
	}
	return &givenFeed{made, web.CalendarPath(token)}, nil
}

func (h *house) listFeeds(context.Context, struct{}, reportFunc) ([]access.Feed, error) {
	return h.access.Feeds(), nil
}

func (h *house) removeFeed(_ context.Context, q oneFeed, _ reportFunc) (*access.Feed, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	for _, f := range h.access.Feeds() {
		if f.ID == q.ID {
			return &f, h.access.RemoveFeed(f.ID)
		}
	}
	return nil, fmt.Errorf("%w: %s; huisboek feed list shows them", access.ErrNoFeed, q.ID)
}

func feedCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "feed", Short: "Make, list and remove the addresses of calendars", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usageError("feed needs add, list or remove") },
	}
	c.AddCommand(feedAdd(), feedList(), feedRemove())
	return c
}

func feedAdd() *cobra.Command {
	var l local
	var q newFeed
	c := &cobra.Command{
		Use:   "add --data DIR --for accountmanager|partner|regio [--partner PARTNER]",
		Short: "Make an address at which a calendar program reads plans",
		Long: `Make an address at which a calendar program reads plans (iCalendar), with no other
credential: of one account manager of a partner (--employee), of a partner, or of the
whole region. The address is shown this once; whoever has it reads the calendar, and
nothing else. It ends when it is removed, or when its partner no longer takes part.`,
		Example: `  huisboek feed add --data ./data --for accountmanager --partner "Gemeente Zwolle" --employee am-03 --name "telefoon"
  huisboek feed add --data ./data --for regio`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			manager := q.Scope == access.FeedManager
			switch {
			case !manager && q.Scope != access.FeedPartner && q.Scope != access.FeedRegion:
				return usageError("feed add needs --for accountmanager, partner or regio")
			case q.Scope != access.FeedRegion && q.Partner == "":
				return usageError("--for " + q.Scope + " needs --partner")
			case manager != (q.Employee != ""):
				return usageError("--employee comes with --for accountmanager, and that with --employee")
			}
			made, err := ask[*givenFeed](cmd, &l, "feed-add", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), made)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Feed %s, for %s.\nAddress, behind that of the book (shown this once): %s\n", made.ID, made.Scope, made.Address)
			return err
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&q.Scope, "for", "", "whose plans: accountmanager, partner or regio")
	c.Flags().StringVar(&q.Partner, "partner", "", "a partner's UUID, OIN or name; with --for regio: whose address it is (default: the steward's)")
	c.Flags().StringVar(&q.Employee, "employee", "", "the partner's own id of an account manager (medewerker)")
	c.Flags().StringVar(&q.Name, "name", "", "what it is for, for people")
	return c
}

func feedList() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List the addresses of calendars; they cannot be shown again",
		Long: `List the addresses of calendars, oldest first, with the day on which each was made
and last read. The addresses themselves cannot be shown again, nor which account
manager one is of: give it a name.`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			all, err := ask[[]access.Feed](cmd, &l, "feed-list", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tFOR\tNAME\tMADE\tLAST USED\tPARTNER")
			for _, f := range all {
				used := string(f.Used)
				if used == "" {
					used = "never"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", f.ID, f.Scope, f.Name, f.Made.Format("2006-01-02"), used, f.Partner)
			}
			return w.Flush()
		}),
	}
	l.flags(c)
	return c
}

func feedRemove() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "remove --data DIR ID", Short: "End the address of a calendar at once", Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			gone, err := ask[*access.Feed](cmd, &l, "feed-remove", oneFeed{args[0]})
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), gone)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Feed %s (%s) has ended.\n", gone.ID, gone.Scope)
			return err
		}),
	}
	l.flags(c)
	return c
}
