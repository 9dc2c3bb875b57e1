package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

func accessCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "access", Short: "Make, list, rotate, rate and remove credentials; and say who may sign in", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError("access needs add, list, rotate, rate, remove or person")
		},
	}
	c.AddCommand(accessAdd(), accessList(), accessRotate(), accessRate(), accessRemove(), accessPerson())
	return c
}

func accessAdd() *cobra.Command {
	var l local
	var q newAccess
	var role, expires string
	var nats bool
	c := &cobra.Command{
		Use:   "add --data DIR (--role steward|board|auditor | --partner PARTNER [--nats])",
		Short: "Make a credential for a role or a partner",
		Long: `Make a credential: a bearer token, which is shown this once; or with --nats an
account over NATS, of which <name>.creds is written in the current folder (with a
part of the id behind the name when there is such a file already).

Give every system one of its own: it can be ended without the others noticing, and
every record says by which it came.`,
		Example: `  huisboek access add --data ./data --role board --name "Regionaal Beraad"
  huisboek access add --data ./data --partner "Gemeente Zwolle" --nats --name "Zwolle planner" --expires 365d`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) (err error) {
			q.Role = ledger.Role(role)
			switch {
			case (role == "") == (q.Partner == ""):
				return usageError("access add needs one of --role and --partner")
			case role != "" && q.Role != ledger.RoleSteward && q.Role != ledger.RoleBoard && q.Role != ledger.RoleAuditor:
				return usageError("--role is steward, board or auditor; for a partner give --partner")
			case nats && q.Partner == "":
				return usageError("--nats is for a partner: give --partner")
			case q.Rate != 0 && q.Partner == "":
				return usageError("--rate is for a partner: nobody else sends events")
			case nats:
				q.Kind = access.KindNATS
			}
			if err := goodRate(q.Rate); err != nil {
				return err
			}
			if q.Expires, err = parseExpires(expires, time.Now()); err != nil {
				return err
			}
			return giveLocally(cmd, &l, "access-add", q, false)
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&role, "role", "", "steward, board or auditor")
	c.Flags().StringVar(&q.Partner, "partner", "", "a partner's UUID, OIN or name")
	c.Flags().BoolVar(&nats, "nats", false, "credentials for NATS instead of a token")
	c.Flags().StringVar(&q.Name, "name", "", "whose or which system's it is, for people (default: the partner's name)")
	expiresFlag(c, &expires)
	rateFlag(c, &q.Rate)
	return c
}

// rateFlag is how many events a second a credential may send.
func rateFlag(c *cobra.Command, rate *int) {
	c.Flags().IntVar(rate, "rate", 0, "events a second that it may send in the long run, ten times as many at once; 0: as every other (serve --max-events)")
}

func goodRate(rate int) error {
	if rate < 0 || rate > access.MaxRate {
		return usageError(fmt.Sprintf("--rate %d: want 0 to %d events a second", rate, access.MaxRate))
	}
	return nil
}

func accessRate() *cobra.Command {
	var l local
	var q rateAccess
	c := &cobra.Command{
		Use: "rate --data DIR ID --rate N", Short: "Let a credential send faster or slower than others, or as they do again",
		Long: `Give a credential a rate of its own, in events a second, for example for the
afternoon in which a partner brings the history of years; --rate 0 takes it back.
It holds from the next event on, and until it is taken back: a successor made by
rotate has it too. All others keep what they have, but the ledger is one: who sends
20,000 a second takes what it can do.`,
		Example: `  huisboek access rate --data ./data 3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a01 --rate 20000
  huisboek access rate --data ./data 3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a01 --rate 0`,
		Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("rate") {
				return usageError("access rate needs --rate N")
			}
			if err := goodRate(q.Rate); err != nil {
				return err
			}
			q.ID = args[0]
			now, err := ask[*access.Credential](cmd, &l, "access-rate", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), now)
			}
			text := fmt.Sprintf("up to %d events a second", now.Rate)
			if now.Rate == 0 {
				text = "as many events a second as every other"
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Credential %s (%s) may send %s.\n", now.ID, now.Name, text)
			return err
		}),
	}
	l.flags(c)
	rateFlag(c, &q.Rate)
	return c
}

func accessList() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List the credentials; tokens cannot be shown again",
		Long: `List the credentials, oldest first, with when each expires (UTC), which one it
replaces, and the rate of its own if it has one (events a second). One that has expired stays listed for 30 days. Tokens and .creds files
cannot be shown again.`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			all, err := ask[[]access.Credential](cmd, &l, "access-list", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			now := time.Now()
			fmt.Fprintln(w, "ID\tKIND\tROLE\tNAME\tMADE\tEXPIRES\tREPLACES\tPARTNER\tRATE")
			for _, c := range all {
				rate := ""
				if c.Rate > 0 {
					rate = strconv.Itoa(c.Rate)
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Kind, c.Role, c.Name, c.Created.Format(minute), expiresText(&c, now), c.Replaces, c.Partner, rate)
			}
			return w.Flush()
		}),
	}
	l.flags(c)
	return c
}

func accessRotate() *cobra.Command {
	var l local
	var overlap time.Duration
	c := &cobra.Command{
		Use: "rotate --data DIR ID", Short: "Give a credential a successor; the old one ends after an overlap",
		Long: `Give a credential a successor with an id of its own: a new token, shown this once,
or <name>-<8 of the id>.creds in the current folder. The old one goes on to work for
--overlap, so that a system can change over without a gap, and then ends, its open
connections included. The successor is for as long as the old one was made for.

When the successor was lost: remove it, and rotate the old one again. When the old
one leaked: --overlap 0 ends it at once.`,
		Example: `  huisboek access rotate --data ./data 3f0c1c3e-5d0f-4f6e-9d54-3f0a4f0c9a01 --overlap 72h`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if overlap < 0 {
				return usageError("--overlap is 0 or more")
			}
			return giveLocally(cmd, &l, "access-rotate", turnAccess{args[0], int64(overlap / time.Second)}, true)
		}),
	}
	l.flags(c)
	c.Flags().DurationVar(&overlap, "overlap", 24*time.Hour, "how long the old one goes on to work; 0 ends it at once")
	return c
}

func accessRemove() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "remove --data DIR ID", Short: "End a credential at once, open connections included", Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			gone, err := ask[*access.Credential](cmd, &l, "access-remove", oneAccess{args[0]})
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), gone)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Credential %s (%s) has ended.\n", gone.ID, gone.Role)
			return nil
		}),
	}
	l.flags(c)
	return c
}
