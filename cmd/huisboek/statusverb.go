package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"huisboek/adapters/web"
	"huisboek/events"
)

func statusCommand() *cobra.Command {
	var l local
	var a asked
	c := &cobra.Command{
		Use:   "status (--data DIR | --server URL --token T)",
		Short: "How is the book: views, partners, room, backup",
		Long: `One screen about a book: where it is, how far the views are behind, which partners are
silent for longer than usual, how much room is left and until when, the last backup and
the last time that everything was read. With --data on this machine; else over HTTP
with a steward's token. Exit code 1 when the book records nothing or a view stands still.`,
		Example: `  huisboek status --data ./data
  huisboek status --server https://huisboek.example.nl --token "$HUISBOEK_TOKEN"`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			s, err := a.status(cmd, &l)
			if err != nil {
				return err
			}
			if l.json {
				err = printJSON(cmd.OutOrStdout(), s)
			} else {
				err = printStatus(cmd.OutOrStdout(), s, time.Now())
			}
			if err == nil && !well(s) {
				err = errRefused
			}
			return err
		}),
	}
	l.flags(c)
	a.flags(c)
	return c
}

// asked is where a verb asks that a running book answers over HTTP.
type asked struct {
	server, token string
	insecure      bool
}

func (a *asked) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.server, "server", "http://127.0.0.1:8080", "where the book is served")
	f.StringVar(&a.token, "token", "", "bearer token (better in HUISBOEK_TOKEN: a command line is seen by others)")
	f.BoolVar(&a.insecure, insecureFlag, false, insecureText)
}

// client is a client for a running book, which keeps the token from other people.
func (a *asked) client() (*web.Client, error) {
	if err := safely(a.server, a.token, a.insecure); err != nil {
		return nil, err
	}
	return web.NewClient(a.server, a.token)
}

func (a *asked) status(cmd *cobra.Command, l *local) (*web.Status, error) {
	switch {
	case typed(cmd.Flags(), "data") || l.dir != "" && a.token == "":
		return ask[*web.Status](cmd, l, "status", nil)
	case a.token == "":
		return nil, usageError("status needs --data DIR, or --token TOKEN with --server URL")
	}
	book, err := a.client()
	if err != nil {
		return nil, err
	}
	s, err := book.Status(cmd.Context())
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", a.server, err)
	}
	return s, nil
}

// well reports whether the book does its work.
func well(s *web.Status) bool {
	for _, v := range s.Views {
		if v.Trouble != "" {
			return false
		}
	}
	return s.Records
}

func printStatus(w io.Writer, s *web.Status, now time.Time) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	last := "nothing recorded yet"
	if s.LastAt != nil {
		last = "last recorded " + since(now, *s.LastAt)
	}
	line("Book", "position %d, %s; huisboek %s, running since %s", s.Position, last, s.Version, s.Since.Local().Format("2006-01-02 15:04"))
	if s.Records {
		line("Records", "yes")
	} else {
		line("Records", "NO: %s", s.Trouble)
	}
	for _, v := range s.Views {
		switch {
		case v.Trouble != "":
			line(viewNames[v.Name], "STANDS STILL at position %d: %s", v.Position, v.Trouble)
		case v.Making:
			line(viewNames[v.Name], "being made: at position %d, %s to go", v.Position, count(int(v.Lag), "record"))
		case v.Lag > 0:
			line(viewNames[v.Name], "at position %d, %s behind", v.Position, count(int(v.Lag), "record"))
		default:
			line(viewNames[v.Name], "up to date")
		}
	}
	if slices.ContainsFunc(s.Views, func(v web.ViewStatus) bool { return v.Name == "beelden" && v.Making }) {
		line("Partners", "not known while the views are being made")
	} else {
		printPartners(line, s.Partners, now)
	}
	d := &s.Disk
	line("Room", "%s used, %s free on the disk; records %s of %s, keys %s of %s",
		bytesText(d.Used), bytesText(d.Free), bytesText(d.Stream), bytesText(d.StreamMax), bytesText(d.Keys), bytesText(d.KeysMax))
	full := "not full within a century"
	if d.Full != "" {
		full = fmt.Sprintf("full on %s (in %s)", d.Full, count(events.DateOf(now).DaysUntil(d.Full), "day"))
	}
	if d.PerDay == 0 {
		line("", "not growing of late, or too young to say")
	} else {
		line("", "growing %s a day of late: %s", bytesText(d.PerDay), full)
	}
	printDone(line, "Backup", s.Backup, now, "none known: huisboek backup FILE makes one")
	printDone(line, "Verified", s.Verified, now, "not yet: huisboek verify reads everything")
	_, err := io.WriteString(w, b.String())
	return err
}

// viewNames are the parts that follow the stream, in the command line's words.
var viewNames = map[string]string{"boek": "Rules", "beelden": "Views", "zoeken": "Search"}

func printPartners(line func(string, string, ...any), partners []web.PartnerStatus, now time.Time) {
	silent := 0
	for _, p := range partners {
		if p.Silent {
			silent++
		}
	}
	switch {
	case len(partners) == 0:
		line("Partners", "none yet: huisboek partner add admits the first")
		return
	case silent == 0:
		line("Partners", "%d, none silent for longer than usual", len(partners))
	default:
		line("Partners", "%d, of which %d silent for longer than usual:", len(partners), silent)
	}
	for _, p := range partners {
		switch {
		case !p.Silent:
		case p.Last == nil:
			line("", "%s: has never told anything", p.Partner.Name)
		case p.Usual == 0:
			line("", "%s: last %s", p.Partner.Name, since(now, *p.Last))
		default:
			line("", "%s: last %s, usually within %s", p.Partner.Name, since(now, *p.Last), count(p.Usual, "day"))
		}
	}
}

func printDone(line func(string, string, ...any), name string, d *web.Done, now time.Time, none string) {
	switch {
	case d == nil:
		line(name, "%s", none)
	case d.Well:
		line(name, "%s, at position %d: %s", since(now, d.At), d.Position, d.What)
	default:
		line(name, "FAILED %s, at position %d: %s", since(now, d.At), d.Position, d.What)
	}
}

// count is a number of things: "1 day", "3 days".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// bytesText is a size for people, in units of a thousand.
func bytesText(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") + " " + units[i]
}
