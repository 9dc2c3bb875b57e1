package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

func accessCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "access", Short: "Make, list, rotate and remove credentials", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError("access needs add, list, rotate or remove")
		},
	}
	c.AddCommand(accessAdd(), accessList(), accessRotate(), accessRemove())
	return c
}

func accessAdd() *cobra.Command {
	var l local
	var q newAccess
	var role string
	c := &cobra.Command{
		Use:     "add --data DIR (--role steward|board|auditor | --partner PARTNER)",
		Short:   "Make a bearer token for a role or a partner; it is shown this once",
		Example: `  huisboek access add --data ./data --role board --name "Regionaal Beraad"`,
		Args:    cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			q.Role = ledger.Role(role)
			switch {
			case (role == "") == (q.Partner == ""):
				return usageError("access add needs one of --role and --partner")
			case role != "" && q.Role != ledger.RoleSteward && q.Role != ledger.RoleBoard && q.Role != ledger.RoleAuditor:
				return usageError("--role is steward, board or auditor; for a partner give --partner")
			}
			made, err := ask[*givenAccess](cmd, &l, "access-add", q)
			if err != nil {
				return err
			}
			return showToken(cmd, &l, made)
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&role, "role", "", "steward, board or auditor")
	c.Flags().StringVar(&q.Partner, "partner", "", "a partner's UUID, OIN or name")
	c.Flags().StringVar(&q.Name, "name", "", "whose it is, for people")
	return c
}

func showToken(cmd *cobra.Command, l *local, made *givenAccess) error {
	if l.json {
		return printJSON(cmd.OutOrStdout(), made)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Credential %s, role %s.\nToken (shown this once): %s\n", made.ID, made.Role, made.Token)
	return err
}

func accessList() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List the credentials; tokens cannot be shown again", Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			all, err := ask[[]access.Credential](cmd, &l, "access-list", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tKIND\tROLE\tNAME\tMADE\tPARTNER")
			for _, c := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, c.Kind, c.Role, c.Name, c.Created.Format("2006-01-02 15:04"), c.Partner)
			}
			return w.Flush()
		}),
	}
	l.flags(c)
	return c
}

func accessRotate() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "rotate --data DIR ID", Short: "Give a credential a new token; the old one ends at once", Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			made, err := ask[*givenAccess](cmd, &l, "access-rotate", oneAccess{args[0]})
			if err != nil {
				return err
			}
			return showToken(cmd, &l, made)
		}),
	}
	l.flags(c)
	return c
}

func accessRemove() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "remove --data DIR ID", Short: "End a credential at once", Args: cobra.ExactArgs(1),
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
