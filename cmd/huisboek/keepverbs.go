package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"huisboek/events"
)

func eraseCommand() *cobra.Command {
	var l local
	var q eraseWords
	var source, id string
	c := &cobra.Command{
		Use:   "erase --data DIR (--partner P --employee ID | --employer NUMBER | --source S --id ID) --ground verzoek",
		Short: "Forget a person, for good",
		Long: `Forget a person, for good: records gegevens-gewist, destroys the keys that the
person's data is sealed with, and looks that their bytes are gone. What remains says
that something happened, not who it was. It cannot be undone.

  --partner P --employee ID   an account manager, everywhere; with the entry by which that
                              person may sign in
  --employer NUMBER           an employer's name, address and contact persons, from
                              everybody (or from --partner); with --texts every free
                              text about it as well
  --source S --id ID          the free texts of one event

These are not read from the environment. Every erasure is added to a list outside the data folder (--erasures). Keep it: when
an older copy of the folder is put back, it says what must be erased again.`,
		Example: `  huisboek erase --data ./data --partner 00000099000000001000 --employee am-03 --ground verzoek`,
		Args:    cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			if source != "" || id != "" {
				q.Event = &events.Ref{Source: source, ID: id}
			}
			if err := q.check(); err != nil {
				return err
			}
			done, err := ask[*erased](cmd, &l, "erase", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			if done.Position > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "Erased, recorded at position %d. Keys destroyed: %d.\n", done.Position, len(done.Keys))
			}
			if done.People > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "The person may not sign in any longer. Entries removed: %d.\n", done.People)
			}
			for _, k := range done.Others {
				fmt.Fprintf(cmd.OutOrStdout(), "The same employer is described as %s too: erase --employer %s as well, when that is meant.\n", k, k)
			}
			return nil
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&q.Partner, "partner", "", "a partner's UUID, OIN or name")
	f.StringVar(&q.Employee, "employee", "", "the partner's own id of an account manager (medewerker)")
	f.StringVar(&q.Employer, "employer", "", "an employer: KvK number, voorlopig-<uuid> or <land>-<register>-<nummer>")
	f.BoolVar(&q.Texts, "texts", false, "with --employer: every free text about it as well (reads the whole book)")
	f.StringVar(&source, "source", "", "source of one event")
	f.StringVar(&id, "id", "", "its id")
	f.StringVar(&q.Ground, "ground", "", "verzoek, bewaartermijn, onjuist or overig (required)")
	for _, name := range []string{"partner", "employee", "employer", "texts", "source", "id", "ground"} {
		typedOnly(f, name) // whom to forget is not a setting: HUISBOEK_SOURCE may be there for another verb
	}
	return c
}

func (q *eraseWords) check() error {
	n := 0
	for _, given := range []bool{q.Employee != "", q.Employer != "", q.Event != nil} {
		if given {
			n++
		}
	}
	switch {
	case n != 1:
		return usageError("erase needs one of --employee, --employer, and --source with --id")
	case q.Employee != "" && q.Partner == "":
		return usageError("--employee needs --partner: an employee's id is the partner's own")
	case q.Event != nil && (q.Event.Source == "" || q.Event.ID == ""):
		return usageError("--source and --id come together")
	case q.Texts && q.Employer == "":
		return usageError("--texts goes with --employer")
	case q.Ground == "":
		return usageError("erase needs --ground: verzoek, bewaartermijn, onjuist or overig")
	}
	return nil
}

func verifyCommand() *cobra.Command {
	var l local
	var file, keys string
	c := &cobra.Command{
		Use:   "verify (--data DIR | --backup FILE [--keys FILE])",
		Short: "Read everything and compare every view with its rebuild; or check a backup",
		Long: `Read every record and every key once, check the chain, make the book's rows and the
views again from zero in a file beside, and compare. Works while the book is served.
Damage is named with what and where, and stops the book.

With --backup check a backup without putting it back: the sums of its parts, the chain
from the first record to the last, whether every key is there or was erased, and whether
the access file opens under the book's secret. Without its keys file only the first two.`,
		Example: `  huisboek verify --data ./data
  huisboek verify --backup /mnt/backup/huisboek-2026-11-22.tar`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) (err error) {
			var found []finding
			switch {
			case keys != "" && file == "":
				return usageError("--keys goes with --backup")
			case file != "" && typed(cmd.Flags(), "data"):
				return usageError("give one of --data and --backup")
			case file != "":
				found, err = verifyBackup(cmd, file, keys)
			default:
				found, err = ask[[]finding](cmd, &l, "verify", nil)
			}
			if err != nil {
				return err
			}
			well := true
			for _, f := range found {
				well = well && f.Fault == ""
			}
			if l.json {
				err = printJSON(cmd.OutOrStdout(), found)
			} else {
				err = printFindings(cmd, found)
			}
			if err == nil && !well {
				err = errRefused
			}
			return err
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&file, "backup", "", "a backup to check, instead of a data folder")
	c.Flags().StringVar(&keys, "keys", "", "its keys file (default FILE"+keysSuffix+", when that is there)")
	return c
}

func verifyBackup(cmd *cobra.Command, file, keys string) ([]finding, error) {
	if keys == "" {
		if _, err := os.Stat(keysFile(file)); err == nil {
			keys = keysFile(file)
		}
	}
	p := progress{}
	if isTerminal(cmd.ErrOrStderr()) {
		p.w = cmd.ErrOrStderr()
	}
	defer p.end()
	_, found, err := checkBackup(cmd.Context(), file, keys, p.show)
	return found, err
}

func printFindings(cmd *cobra.Command, found []finding) error {
	var errs []error
	for _, f := range found {
		mark, text := "ok   ", f.Fine
		if f.Fault != "" {
			mark, text = "FAULT", f.Fault
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s  %s: %s\n", mark, f.What, text)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func rebuildCommand() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use:   "rebuild --data DIR",
		Short: "Make the views again from the stream, also while serving",
		Long: `Make the views again from zero in a second file, compare the two, and put the new
one in place. Readers never wait.`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			done, err := ask[*rebuilt](cmd, &l, "rebuild", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			same := "the same as before"
			if done.Difference != "" {
				same = "not the same as before: " + done.Difference
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Rebuilt up to position %d in %s: %s.\n", done.Position, done.Took, same)
			return nil
		}),
	}
	l.flags(c)
	return c
}
