package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"huisboek/adapters/regions"
	"huisboek/adapters/web"
)

// serveWords are the flags of serve.
type serveWords struct {
	settings
	Listen   string
	Cert     string
	Key      string
	Insecure bool
	Verbose  bool
	people   signinWords
	regions  string // a file

	keepLooks int // days
}

func serveCommand() *cobra.Command {
	var w serveWords
	c := &cobra.Command{
		Use:   "serve --data DIR --region AM36",
		Short: "Serve a region's book",
		Long: `Serve a region's book until SIGINT or SIGTERM.

The first start makes the book: its genesis, its keys, and the credential of the
region's steward in DIR/steward.token (readable by its owner only). Without
--steward-oin the steward gets an OIN with the test prefix 00000099, which marks a
test book for good. Prints "ready http://…" on one line when the book can be used.

Back up the data folder, and keep the list of erasures (--erasures) outside it:
docs/operating.md says how.`,
		Example: `  huisboek serve --data ./data --region AM36
  huisboek serve --data /var/lib/huisboek --region AM36 --listen 0.0.0.0:8443 --nats-listen 0.0.0.0:4222 --tls-cert cert.pem --tls-key key.pem`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error { return w.serve(cmd) }),
	}
	f := c.Flags()
	f.StringVar(&w.Dir, "data", "", "data folder (required)")
	f.StringVar(&w.Region, "region", "", "labour-market region, AM01 to AM38; required for a new book")
	f.StringVar(&w.OIN, "steward-oin", "", "OIN of the region's steward, for a new book")
	f.StringVar(&w.Listen, "listen", "127.0.0.1:8080", "address for HTTP; port 0 takes a free one")
	f.StringVar(&w.NATS, "nats-listen", "", "address for partners over NATS, for example 127.0.0.1:4222 (default: none)")
	f.StringVar(&w.Cert, "tls-cert", "", "certificate (PEM) for both doors; a renewed file is used from then on")
	f.StringVar(&w.Key, "tls-key", "", "its key (PEM)")
	f.BoolVar(&w.Insecure, "insecure", false, "serve other machines without TLS: only behind a proxy that adds it")
	f.StringVar(&w.Contact.Name, "contact-name", "", "whom the makers of other systems can ask, for the description of the API (needs the two below)")
	f.StringVar(&w.Contact.Email, "contact-email", "", "their mail address")
	f.StringVar(&w.Contact.URL, "contact-url", "", "their page")
	f.StringVar(&w.regions, "regions", "", "a newer file of regions and municipalities (default: the one of this version)")
	f.StringVar(&w.Erasures, "erasures", "", "list of erasures, outside the data folder; remembered (default DIR.erasures.jsonl)")
	f.Float64Var(&w.Rates.PerSecond, "max-events", eventRates.PerSecond, "events a second that one credential may send in the long run, ten times as many at once; 0: no limit")
	f.Int64Var(&w.MaxBytes, "max-bytes", 0, "room for the stream of records, in bytes; fixed when the book is made (default 200 GiB)")
	f.Int64Var(&w.KeyBytes, "max-key-bytes", 0, "room for the stream of keys, in bytes; fixed when the book is made (default 50 GiB)")
	f.IntVar(&w.keepLooks, "keep-looks", 0, "for how many days it is kept who looked at contact persons; remembered (default 1096)")
	mailFlags(f, &w.Mail)
	signinFlags(f, &w.people)
	f.BoolVar(&w.Verbose, "verbose", false, "log more")
	return c
}

func (w *serveWords) check() error {
	if w.Dir == "" {
		return usageError("serve needs --data DIR")
	}
	if w.Region != "" && !regionForm.MatchString(w.Region) {
		return errRegion(w.Region)
	}
	if c := w.Contact; c != (web.Maintainer{}) {
		page, err := url.Parse(c.URL)
		if c.Name == "" || !strings.Contains(c.Email, "@") || err != nil || page.Scheme != "https" || page.Host == "" {
			return usageError("--contact-name, --contact-email and --contact-url (https://…) come together")
		}
	}
	if !(w.Rates.PerSecond >= 0) {
		return usageError("--max-events takes a number of 0 or more")
	}
	if w.keepLooks < 0 || w.keepLooks > maxKeepLooks {
		return usageError(fmt.Sprintf("--keep-looks takes a number of days from 1 to %d", maxKeepLooks))
	}
	w.KeepLooks = time.Duration(w.keepLooks) * 24 * time.Hour
	if w.OIN != "" && !oinForm.MatchString(w.OIN) {
		return errOIN
	}
	if (w.Cert == "") != (w.Key == "") {
		return usageError("--tls-cert and --tls-key come together")
	}
	for flag, addr := range map[string]string{"--listen": w.Listen, "--nats-listen": w.NATS} {
		if addr == "" && flag == "--nats-listen" {
			continue
		}
		host, err := splitHost(flag, addr)
		if err != nil {
			return err
		}
		if w.Cert == "" && !w.Insecure && !loopback(host) {
			return usageError(fmt.Sprintf("%s %s can be reached by other machines: give --tls-cert and --tls-key, or --insecure behind a proxy", flag, addr))
		}
	}
	if err := w.people.check(); err != nil {
		return err
	}
	return checkMail(&w.Mail)
}

func splitHost(flag, addr string) (host string, err error) {
	if host, _, err = net.SplitHostPort(addr); err != nil {
		return "", usageError(fmt.Sprintf("%s %q: want host:port", flag, addr))
	}
	return host, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (w *serveWords) serve(cmd *cobra.Command) error {
	if err := w.check(); err != nil {
		return err
	}
	w.Log = newLog(cmd.ErrOrStderr(), w.Verbose)
	w.Registry = prometheus.NewRegistry()
	w.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	w.Scrub = true
	w.Rates.Burst, w.Rates.InFlight = int(min(10*w.Rates.PerSecond, 1e6)), eventRates.InFlight
	if w.regions != "" {
		data, err := readRegions(w.regions)
		if err != nil {
			return err
		}
		w.Regions = data
	}
	if w.Cert != "" {
		c, err := openCertificate(w.Cert, w.Key, time.Now, w.Log)
		if err != nil {
			return err
		}
		w.TLS = &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12}
	}
	if err := w.signIn(); err != nil {
		return err
	}
	w.Log.Info("starting", "data", w.Dir, "region", w.Region, "listen", w.Listen, "nats", w.NATS, "tls", w.TLS != nil, "version", version)
	ctx := cmd.Context()
	l, err := w.listen(ctx) // before the book: a wrong address should change nothing
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, w.settings)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return h.serve(ctx, l, cmd.OutOrStdout())
}

func (w *serveWords) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", w.Listen)
	if err != nil {
		return nil, err
	}
	if w.TLS != nil {
		c := w.TLS.Clone()
		c.NextProtos = []string{"h2", "http/1.1"}
		return tls.NewListener(l, c), nil
	}
	return l, nil
}

// serve answers until ctx ends, then closes the house. It owns both.
func (h *house) serve(ctx context.Context, l net.Listener, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if err := h.serveSocket(ctx); err != nil {
		return errors.Join(err, l.Close(), h.Close())
	}
	served := make(chan error, 1)
	var once sync.WaitGroup
	once.Go(func() { h.lookForProvider(ctx) })
	once.Go(func() { served <- web.Serve(ctx, l, h.front(), h.Log) })
	fmt.Fprintln(out, "ready "+h.url(l))
	if url := h.server.ClientURL(); url != "" {
		h.Log.Info("partners connect to", "nats", url)
	}
	var err error
	select {
	case <-ctx.Done():
		h.Log.Info("stopping")
		err = <-served
	case err = <-served:
		stop()
	}
	once.Wait()
	err = errors.Join(err, h.Close())
	h.Log.Info("stopped")
	return err
}

func (h *house) url(l net.Listener) string {
	if h.TLS != nil {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

// newLog writes text to a terminal and JSON to everything else.
func newLog(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	o := &slog.HandlerOptions{Level: level}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

// readRegions reads a file of regions and municipalities, whole and without faults.
func readRegions(path string) (*regions.Data, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	data, err := regions.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}
