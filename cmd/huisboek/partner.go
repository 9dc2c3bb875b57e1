package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
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
		Use: "partner", Short: "Admit, change, list and remove partners", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError("partner needs change, succeed, add, list or remove")
		},
	}
	c.AddCommand(partnerAdd(), partnerChange(), partnerSucceed(), partnerList(), partnerRemove())
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
token, and writes <name>.creds in the current folder. The token is shown this once.
A municipality that does not exist on the first day is refused; one that lies in
another region is taken in with a warning.`,
		Example: `  huisboek partner add --data ./data --oin 00000099000000001000 --name "Gemeente Zwolle" --kind gemeente --gemeente GM0193 --postcode 8011-8043
  huisboek partner add --data ./data --kvk 90004760 --name "SW-bedrijf Proef" --kind sw --region AM36 --region AM06`,
		Args: cobra.NoArgs,
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
	p.territory.flags(f)
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
	warn(cmd, made.Warnings)
	if l.json {
		return printJSON(cmd.OutOrStdout(), made)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s takes part as %s.\nNATS credentials: %s\nToken (shown this once): %s\nIn what came in these are called %s (NATS) and %s (token).\n",
		made.Name, made.Partner, made.Creds, made.Token, made.Access.NATS, made.Access.Token)
	return nil
}

// warn says what was done all the same.
func warn(cmd *cobra.Command, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "huisboek: warning: %s\n", w)
	}
}

func partnerList() *cobra.Command {
	var l local
	var on string
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List everybody who takes or took part", Args: cobra.NoArgs,
		Long: `List everybody who takes or took part, as things stand. With --on as they stood on a
day: with the names and kinds of then, and without who began later.`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			day, err := dayFlag("--on", on)
			if err != nil {
				return err
			}
			all, err := ask[[]ledger.Partner](cmd, &l, "partner-list", partnersAsked{day})
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			switch {
			case len(all) == 0 && day != "":
				fmt.Fprintf(cmd.OutOrStdout(), "Nobody took part on %s.\n", day)
				return nil
			case len(all) == 0:
				fmt.Fprintln(cmd.OutOrStdout(), "No partners yet: huisboek partner add admits the first.")
				return nil
			}
			names := make(map[string]string)
			for _, p := range all {
				names[p.ID] = p.Name
			}
			table(cmd.OutOrStdout(), func(w io.Writer) {
				fmt.Fprintln(w, "NAME\tKIND\tFROM\tUNTIL\tGOES ON AS\tREGIONS\tIDENTITIES\tPARTNER")
				for _, p := range all {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Name, p.Kind, p.From, p.Until,
						names[p.Successor], strings.Join(p.Regions, " "), strings.Join(p.Identities, " "), p.ID)
				}
			})
			return nil
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&on, "on", "", "as they stood on a day, 2026-11-22")
	return c
}

// dayFlag is a flag's day; empty when it was not given.
func dayFlag(flag, word string) (events.Date, error) {
	if word == "" {
		return "", nil
	}
	day, err := events.ParseDate(word)
	if err != nil {
		return "", usageError(fmt.Sprintf("%s %q: %v", flag, word, err))
	}
	return day, nil
}

func partnerChange() *cobra.Command {
	var l local
	var q changedPartner
	var t territory
	var from string
	c := &cobra.Command{
		Use:   "change --data DIR PARTNER",
		Short: "Change a partner's name, kind or territory from a day on",
		Long: `Change what is said of a partner from a day on: records partner-toegelaten again. What
is not named stays as it is on that day; a list that is given replaces the old one,
and an empty one, --postcode "", takes it away. Its credentials stay.`,
		Example: `  huisboek partner change --data ./data "Gemeente Zwolle" --gemeente GM0193,GM0244 --from 2027-01-01`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) (err error) {
			if q.From, err = dayFlag("--from", from); err != nil {
				return err
			}
			q.Partner = args[0]
			f := cmd.Flags()
			given := func(name string) bool { return typed(f, name) }
			if given("gemeente") {
				q.Gemeenten = &t.Gemeenten
			}
			if given("postcode") {
				q.Postcodes = &t.Postcodes
			}
			if given("subregion") {
				q.Subregion = &t.Subregion
			}
			if given("region") {
				q.Regions = &t.Regions
			}
			if q == (changedPartner{Partner: q.Partner, From: q.From}) {
				return usageError("partner change needs what is different: --name, --kind, --gemeente, --postcode, --subregion or --region")
			}
			p, err := ask[*changed](cmd, &l, "partner-change", q)
			if err != nil {
				return err
			}
			warn(cmd, p.Warnings)
			if l.json {
				return printJSON(cmd.OutOrStdout(), p)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is so from %s on. What it recorded stays as it was.\n", p.Name, p.Since)
			return nil
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&q.Name, "name", "", "name, as others see it")
	f.StringVar(&q.Kind, "kind", "", "gemeente, uwv, sw or overig")
	t.flags(f)
	f.StringVar(&from, "from", "", "first day of it, 2026-11-22 (default: today)")
	return c
}

func partnerSucceed() *cobra.Command {
	var l local
	var q succession
	var from string
	c := &cobra.Command{
		Use:   "succeed --data DIR OLD --by NEW",
		Short: "Let a partner go on with another's work",
		Long: `Let a partner go on with another's work, as when municipalities merge: records
partner-opgevolgd. From that day on NEW may correct, move and end what OLD recorded,
and OLD no longer takes part: its credentials end when the day begins, at once when it
has begun, open connections included. What OLD recorded stays, under its name. NEW must
take part already. OLD and NEW are UUIDs, OINs or names. The last word counts.`,
		Example: `  huisboek partner succeed --data ./data "SW-bedrijf Oud" --by "SW-bedrijf Nieuw" --from 2027-01-01`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) (err error) {
			if q.From, err = dayFlag("--from", from); err != nil {
				return err
			}
			if q.Partner = args[0]; q.By == "" {
				return usageError("partner succeed needs --by: who goes on with it")
			}
			s, err := ask[*succeeded](cmd, &l, "partner-succeed", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), s)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s goes on with the work of %s from %s on. What %s recorded stays; its %d credentials end then.\n",
				s.By.Name, s.Partner.Name, s.From, s.Partner.Name, s.Ended)
			return nil
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&q.By, "by", "", "who goes on with it (required)")
	typedOnly(c.Flags(), "by")
	c.Flags().StringVar(&from, "from", "", "the first day of that, 2027-01-01 (default: today)")
	return c
}

func partnerRemove() *cobra.Command {
	var l local
	var from, past string
	pasts := map[string]string{"": "", "stays": events.PastStays, "leaves": events.PastLeaves}
	c := &cobra.Command{
		Use:   "remove --data DIR PARTNER",
		Short: "End a partner's part; its history stays",
		Long: `End a partner's part: records partner-vertrokken and ends its credentials at once,
open connections included. PARTNER is its UUID, OIN or name. To undo, admit it again.

With --past leaves, where the region agreed so, nothing that it did counts in a joint target
any more; it stays in the book (docs/targets.md).`,
		Example: `  huisboek partner remove "Gemeente Zwolle" --from 2027-01-01 --past leaves --data ./data`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if _, ok := pasts[past]; !ok {
				return usageError("--past is stays or leaves")
			}
			p, err := ask[*ledger.Partner](cmd, &l, "partner-remove", oldPartner{args[0], events.Date(from), pasts[past]})
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), p)
			}
			stays := "What it recorded stays."
			if pasts[past] == events.PastLeaves {
				stays = "What it recorded stays in the book, and counts in no joint target from then on."
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s no longer takes part, per %s. %s\n", p.Name, p.Until, stays)
			return nil
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&from, "from", "", "the day from which it no longer takes part (default: today)")
	c.Flags().StringVar(&past, "past", "", "whether what it did stays in joint targets or leaves with it: stays or leaves (default: stays)")
	return c
}
