package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"huisboek/events"
	"huisboek/ledger"
)

// local are the words of every verb on a data folder.
type local struct {
	dir      string
	erasures string
	json     bool
}

func (l *local) flags(c *cobra.Command) {
	c.Flags().StringVar(&l.dir, "data", "", "data folder (required)")
	c.Flags().StringVar(&l.erasures, "erasures", "", "list of erasures, outside the data folder (default: the one it had, or DIR.erasures.jsonl); the serving huisboek uses its own")
	c.Flags().BoolVar(&l.json, "json", false, "print JSON")
}

// ask does a verb on the folder, showing progress on a terminal's stderr.
func ask[R any](cmd *cobra.Command, l *local, verb string, params any) (R, error) {
	var none R
	if l.dir == "" {
		return none, usageError(cmd.CommandPath() + " needs --data DIR")
	}
	p := progress{}
	if isTerminal(cmd.ErrOrStderr()) {
		p.w = cmd.ErrOrStderr()
	}
	defer p.end()
	return administer[R](cmd.Context(), l.dir, verb, params, settings{Erasures: l.erasures}, p.show)
}

func partnerCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "partner", Short: "Admit, list and remove partners", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return usageError("partner needs add, list or remove") },
	}
	c.AddCommand(partnerAdd(), partnerList(), partnerRemove())
	return c
}

func partnerAdd() *cobra.Command {
	var l local
	var p newPartner
	var from, expires string
	c := &cobra.Command{
		Use:   "add --data DIR --oin OIN --name NAME --kind gemeente",
		Short: "Admit a partner and make its credentials",
		Long: `Admit a partner: records partner-toegelaten, makes its NATS account and a bearer
token, and writes <name>.creds in the current folder. The token is shown this once.`,
		Example: `  huisboek partner add --data ./data --oin 00000099000000001000 --name "Gemeente Zwolle" --kind gemeente --gemeente GM0193`,
		Args:    cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) (err error) {
			p.From = events.Date(from)
			if p.Expires, err = parseExpires(expires, time.Now()); err != nil {
				return err
			}
			return addPartnerLocally(cmd, &l, p)
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&p.OIN, "oin", "", "the partner's OIN, 20 positions")
	f.StringVar(&p.KvK, "kvk", "", "instead of an OIN: the KvK number of a private organisation")
	f.StringVar(&p.Name, "name", "", "name, as others see it (required)")
	f.StringVar(&p.Kind, "kind", "", "gemeente, uwv, sw or overig (required)")
	f.StringSliceVar(&p.Gemeenten, "gemeente", nil, "its municipalities, GM0193,…")
	f.StringVar(&p.Subregion, "subregion", "", "its part of the region")
	f.StringVar(&from, "from", "", "first day, 2026-11-22 (default: today)")
	expiresFlag(c, &expires)
	return c
}

func addPartnerLocally(cmd *cobra.Command, l *local, p newPartner) error {
	if p.Name == "" || p.Kind == "" || (p.OIN == "") == (p.KvK == "") {
		return usageError("partner add needs --name, --kind and one of --oin and --kvk")
	}
	path := credsFile(p.Name)
	// Made first: credentials that cannot be written down would be lost.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is here already and is not written over: move it away, or go to another folder; nothing was recorded", path)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	made, err := ask[*admitted](cmd, l, "partner-add", p)
	if err != nil {
		os.Remove(path)
		return err
	}
	if _, err := file.WriteString(made.Creds); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	made.Creds = path
	if l.json {
		return printJSON(cmd.OutOrStdout(), made)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s takes part as %s.\nNATS credentials: %s\nToken (shown this once): %s\nIn what came in these are called %s (NATS) and %s (token).\n",
		made.Name, made.Partner, made.Creds, made.Token, made.Access.NATS, made.Access.Token)
	return nil
}

func partnerList() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List everybody who takes or took part", Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			all, err := ask[[]ledger.Partner](cmd, &l, "partner-list", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			if len(all) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "No partners yet: huisboek partner add admits the first.")
				return nil
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tKIND\tFROM\tUNTIL\tIDENTITIES\tPARTNER")
			for _, p := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, p.Kind, p.From, p.Until, strings.Join(p.Identities, " "), p.ID)
			}
			return w.Flush()
		}),
	}
	l.flags(c)
	return c
}

func partnerRemove() *cobra.Command {
	var l local
	var from string
	c := &cobra.Command{
		Use:   "remove --data DIR PARTNER",
		Short: "End a partner's part; its history stays",
		Long: `End a partner's part: records partner-vertrokken and ends its credentials at once,
open connections included. PARTNER is its UUID, OIN or name. To undo, admit it again.`,
		Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			p, err := ask[*ledger.Partner](cmd, &l, "partner-remove", oldPartner{args[0], events.Date(from)})
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), p)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s no longer takes part, per %s. What it recorded stays.\n", p.Name, p.Until)
			return nil
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&from, "from", "", "the day from which it no longer takes part (default: today)")
	return c
}
