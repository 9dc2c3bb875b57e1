package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func exportCommand() *cobra.Command {
	var l local
	var q exportWords
	c := &cobra.Command{
		Use:   "export --data DIR [--out FILE] [--partner P] [--sealed]",
		Short: "Write everything that is recorded, in lines of JSON",
		Long: `Write everything that is recorded, up to now, as lines of JSON, also while the book is
served. The first line says of which book and position, the last how many there are, the
hash of the last record, and the SHA-256 of every line before it: a file that was cut off
shows.

Each line is {"positie","hash","vorige","op","partner","oordeel","gebeurtenis"}, with
names and texts in the clear: mind where it goes. What was erased is null, and named in
"gewist". A file gets mode 0600, is never written over, and may not stand in the data folder.

--partner P gives one partner's own events (and those of whom it goes on with), each on a
line as a CloudEvent, which huisboek submit takes again for another book.

--sealed gives what is stored: {"hash":"…","record":<the stored bytes>}. Anybody can check
it: the hash is the SHA-256 of exactly those bytes, in base64url without =, and each record
has the hash of the one before it in "vorige". For one line in a shell:

  record=${line#*'"record":'}; record=${record%'}'}
  printf %s "$record" | openssl dgst -sha256 -binary | basenc --base64url`,
		Example: `  huisboek export --data ./data --out /mnt/export/huisboek.jsonl
  huisboek export --data ./data --partner "Gemeente Zwolle" --out zwolle.jsonl
  huisboek export --data ./data --sealed | gzip > huisboek.jsonl.gz`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) (err error) {
			if q.Partner != "" && q.Sealed {
				return usageError("--sealed gives the whole chain, and --partner a part of it: give one of them")
			}
			if q.Out == "" || q.Out == "-" {
				q.Out = ""
				return exportHere(cmd, &l, q)
			}
			if q.Out, err = filepath.Abs(q.Out); err != nil {
				return err
			}
			if err := notInside(l.dir, q.Out); err != nil {
				return err
			}
			done, err := ask[*exportDone](cmd, &l, "export", q)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d events up to position %d: %s\n", done.Count, done.Position, q.Out)
			return err
		}),
	}
	l.flags(c)
	f := c.Flags()
	f.StringVar(&q.Out, "out", "-", "file, outside the data folder; - is standard output")
	f.StringVar(&q.Partner, "partner", "", "only this partner's own events: its UUID, OIN or name")
	f.BoolVar(&q.Sealed, "sealed", false, "the records as they are stored")
	return c
}

// exportHere has the export written to standard output, by whichever process has the
// book: it comes over a socket in a folder of our own, so that nothing in the clear
// touches a disk.
func exportHere(cmd *cobra.Command, l *local, q exportWords) (err error) {
	dir, err := os.MkdirTemp("", "huisboek-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	q.Socket = filepath.Join(dir, "uit.sock")
	in, err := listenPrivate(cmd.Context(), q.Socket)
	if err != nil {
		return err
	}
	copied := make(chan error, 1)
	go func() { copied <- copyFrom(in, cmd.OutOrStdout()) }()
	_, err = ask[*exportDone](cmd, l, "export", q)
	if err != nil {
		in.Close() // nobody may ever come
	}
	failed := <-copied
	in.Close()
	if errors.Is(failed, net.ErrClosed) {
		failed = nil
	}
	return cmpErr(failed, err)
}

func copyFrom(in net.Listener, out io.Writer) error {
	c, err := in.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = io.Copy(out, c)
	return err
}
