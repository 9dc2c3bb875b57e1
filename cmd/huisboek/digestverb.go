package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"huisboek/adapters/access"
	"huisboek/adapters/digest"
)

func init() {
	adminVerbs["digest-add"] = verb((*house).addDigest)
	adminVerbs["digest-list"] = verb((*house).listDigests)
	adminVerbs["digest-remove"] = verb((*house).removeDigest)
}

// mailFlags are how mail leaves.
func mailFlags(f *pflag.FlagSet, s *digest.Server) {
	f.StringVar(&s.Address, "smtp", "", "mail server for digests, host:port (default: none, and no digest is sent)")
	f.StringVar(&s.Security, "smtp-security", digest.StartTLS, "starttls, tls, or plain for a server on this machine")
	f.StringVar(&s.From, "smtp-from", "", "the address that digests come from")
	f.StringVar(&s.User, "smtp-user", "", "user at the mail server (default: it asks for none)")
	f.StringVar(&s.Password, "smtp-password", "", "its password (better in HUISBOEK_SMTP_PASSWORD: a command line is seen by others)")
}

// checkMail refuses settings under which no mail, or no safe mail, could be sent.
func checkMail(s *digest.Server) error {
	if s.Address == "" {
		if s.From != "" || s.User != "" || s.Password != "" {
			return usageError("--smtp-from, --smtp-user and --smtp-password are for --smtp HOST:PORT")
		}
		return nil
	}
	host, err := splitHost("--smtp", s.Address)
	switch {
	case err != nil:
		return err
	case !access.MailAddress(s.From):
		return usageError("--smtp needs --smtp-from, a mail address")
	case s.Security != digest.StartTLS && s.Security != digest.TLS && s.Security != digest.Plain:
		return usageError("--smtp-security is starttls, tls or plain")
	case s.Security == digest.Plain && !loopback(host):
		return usageError("--smtp-security plain is for a mail server on this machine: what is mailed names people")
	case (s.User == "") != (s.Password == ""):
		return usageError("--smtp-user and --smtp-password come together")
	}
	return nil
}

func digestCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "digest", Short: "Who gets a partner's messages by mail", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return usageError("digest needs add, list or remove") },
	}
	c.AddCommand(digestAdd(), digestList(), digestRemove())
	return c
}

func digestAdd() *cobra.Command {
	var l local
	var q newDigest
	c := &cobra.Command{
		Use: "add --data DIR --partner PARTNER --email ADDRESS", Short: "Mail somebody a partner's messages, every day or week",
		Long: `Mail somebody what there is to tell a partner: another plans or goes where it has a
plan, is the fixed contact or follows the employer; a plan expires; a vacancy is the
region's; a clash turned out. At seven in the morning, and only when there is something.

serve must know a mail server (--smtp); a book that is served without one refuses. Who reads the mail reads names of account
managers and employers: mail people of the partner only, over servers you trust.`,
		Example: `  huisboek digest add --data ./data --partner "Gemeente Zwolle" --email werkgevers@gemeente.example --every week`,
		Args:    cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			switch {
			case q.Partner == "" || q.Email == "":
				return usageError("digest add needs --partner and --email")
			case q.Every != access.EveryDay && q.Every != access.EveryWeek:
				return usageError("--every is dag or week")
			case q.Lang != "nl" && q.Lang != "en":
				return usageError("--lang is nl or en")
			case !access.MailAddress(q.Email):
				return usageError("--email takes one address, naam@voorbeeld.nl")
			}
			made, err := ask[*madeDigest](cmd, &l, "digest-add", q)
			if err != nil {
				return err
			}
			if made.Unserved {
				fmt.Fprintln(cmd.ErrOrStderr(), "huisboek: warning: nobody serves this book now, and mail leaves only when serve has --smtp and --smtp-from")
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), made.Digest)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Digest %s: %s, every %s, from tomorrow on.\n", made.ID, made.Email, map[string]string{access.EveryDay: "day", access.EveryWeek: "week"}[made.Every])
			return err
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&q.Partner, "partner", "", "a partner's UUID, OIN or name")
	f.StringVar(&q.Email, "email", "", "where the mail goes")
	f.StringVar(&q.Every, "every", access.EveryDay, "dag or week (on Monday)")
	f.StringVar(&q.Lang, "lang", "nl", "nl or en")
	return c
}

func digestList() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "list --data DIR", Short: "List the digests, and which could not be sent", Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			all, err := ask[[]listedDigest](cmd, &l, "digest-list", nil)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), all)
			}
			if len(all) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "Nobody gets messages by mail.")
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tPARTNER\tEMAIL\tEVERY\tMADE\tUP TO\tTROUBLE")
			for _, d := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Name, d.Email, d.Every, d.Made.Format(minute), d.Looked, d.Trouble)
			}
			return w.Flush()
		}),
	}
	l.flags(c)
	return c
}

func digestRemove() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "remove --data DIR ID", Short: "End a digest; its address is forgotten", Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if _, err := ask[struct{}](cmd, &l, "digest-remove", oneDigest{args[0]}); err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), oneDigest{args[0]})
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "Digest %s has ended.\n", args[0])
			return err
		}),
	}
	l.flags(c)
	return c
}
