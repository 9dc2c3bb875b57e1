package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"huisboek/adapters/archive"
)

func backupCommand() *cobra.Command {
	var l local
	var q backupWords
	c := &cobra.Command{
		Use:   "backup FILE --data DIR",
		Short: "Back up the book, also while it is served",
		Long: fmt.Sprintf(`Write the book as it is now to two files: FILE, with everything that was recorded, who
may speak and what came in; and FILE%[1]s (0600), with the book's secret and the keys
that names and texts are sealed with. The two belong together. Recording goes on.

FILE may be kept as long as you like: without keys nobody in it can be read. Keep it
where FILE%[1]s is not. The keys may be kept %[2]d days, for they are those of people
who are erased later, too: the next backup into the same folder destroys the keys files
of this book that are older (--keep-keys: only names them). Copies elsewhere are yours
to destroy. The keys of a later backup open an older FILE as well.

Back up the list of erasures too (--erasures of serve), elsewhere and for good:
huisboek restore does not go without. huisboek verify --backup FILE checks a backup.`, keysSuffix, archive.KeyDays),
		Example: `  huisboek backup /mnt/backup/huisboek-$(date +%F).tar --data /var/lib/huisboek`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) (err error) {
			if q.File, err = filepath.Abs(args[0]); err != nil {
				return err
			}
			if err := notInside(l.dir, q.File); err != nil {
				return err
			}
			done, err := ask[*backupDone](cmd, &l, "backup", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			return printBackup(cmd, done)
		}),
	}
	l.flags(c)
	c.Flags().BoolVar(&q.KeepKeys, "keep-keys", false, "leave the keys files that may not be kept any longer, and only name them")
	return c
}

// notInside refuses a file in the data folder, as words that are wrong.
func notInside(dir, file string) error {
	_, err := outside(dir, file)
	var words usageError
	if dir != "" && errors.As(err, &words) {
		return err
	}
	return nil // what else is the matter is told where it is done
}

func printBackup(cmd *cobra.Command, d *backupDone) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "Backed up to position %d, %s in %s.\n  %s\n  %s (keys: destroy after %s)\n", d.Position, bytesText(d.Bytes), d.Took, d.File, d.KeysFile, d.Destroy)
	for _, x := range d.Expired {
		what := "destroyed"
		if !x.Destroyed {
			what = "SHOULD BE GONE"
		}
		fmt.Fprintf(out, "Keys to be kept until %s: %s %s.\n", x.Day, x.File, what)
	}
	return nil
}

func restoreCommand() *cobra.Command {
	var q restoreWords
	var asJSON bool
	c := &cobra.Command{
		Use:   "restore FILE --erasures LIST --data DIR",
		Short: "Put a backup back into an empty folder",
		Long: `Put a backup back into a folder that is empty or not there, after checking all of it.
The book goes on as the same book, at the position after the backup's; what was recorded
after it is lost, and partners may offer it again.

--erasures is the list that erase keeps outside the data folder: whoever was erased after
the backup is erased again, before anything is served. The list is told of the restore;
from then on no older copy of the book may go on beside it. Without anybody ever erased,
make an empty file. Lines of it that cannot be read are named, and refused until
--unreadable-lines says that somebody looked at them.

Credentials are as they were: end again what was ended since. A restore that broke off
leaves a folder that nothing opens; run it again, and it starts over.`,
		Example: `  huisboek restore /mnt/backup/huisboek-2026-11-22.tar --erasures /mnt/lists/huisboek.jsonl --data /var/lib/huisboek`,
		Args:    cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			switch q.File = args[0]; {
			case q.Dir == "":
				return usageError("restore needs --data DIR")
			case q.Erasures == "":
				return usageError("restore needs --erasures LIST: without it people come back who were to be forgotten")
			case q.Keys == "":
				q.Keys = keysFile(q.File)
			}
			p := progress{}
			if isTerminal(cmd.ErrOrStderr()) {
				p.w = cmd.ErrOrStderr()
			}
			q.Log = newLog(cmd.ErrOrStderr(), false)
			done, found, err := restore(cmd.Context(), q, p.show)
			p.end()
			if done == nil && found != nil {
				if asJSON {
					return cmpErr(printJSON(cmd.OutOrStdout(), found), err)
				}
				return cmpErr(printFindings(cmd, found), err)
			}
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), done)
			}
			return printRestored(cmd, done)
		}),
	}
	f := c.Flags()
	f.StringVar(&q.Dir, "data", "", "data folder, empty or not there yet (required)")
	f.StringVar(&q.Keys, "keys", "", "keys file (default FILE"+keysSuffix+")")
	f.StringVar(&q.Erasures, "erasures", "", "list of erasures, outside the data folder; the book goes on with it (required)")
	f.BoolVar(&q.Unreadable, "unreadable-lines", false, "go on although lines of the list cannot be read: they were looked at")
	typedOnly(f, "unreadable-lines") // said of this list, and not once for all
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// cmpErr is the first of two errors.
func cmpErr(first, then error) error {
	if first != nil {
		return first
	}
	return then
}

func printRestored(cmd *cobra.Command, d *restored) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "Book %s of %s is back in %s, as it was at position %d (%s), in %s.\n", d.Book, d.Region, d.Dir, d.Position, d.From.Format(minute+" MST"), d.Took)
	if d.Again > 0 {
		fmt.Fprintf(out, "Erased again, after the backup: %d keys, recorded up to position %d.\n", d.Again, d.Tip)
	}
	if d.Torn > 0 {
		fmt.Fprintf(out, "Lines of the list that were passed over, because they cannot be read: %d.\n", d.Torn)
	}
	_, err := fmt.Fprintf(out, "No other copy of this book may go on. Credentials are as they were then: end again what was ended since.\n")
	return err
}
