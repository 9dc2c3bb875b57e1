// Package browser_test looks at the pages as people do: Debian's Chromium opens them
// from the built binary, with a keyboard, a mouse and fingers, and what a page logs
// or fails to fetch fails the test. It knows nothing of ours but what is on the
// screen and what the contract says of HTTP.
package browser_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long anything may take before a test gives up: machines that run
// tests are busy.
const patience = time.Minute

// missing is what a machine without a browser is told.
const missing = "HUISBOEK_TOOLS=1, but there is no Chromium: apt-get install -y --no-install-recommends chromium fonts-open-sans (make deps does)"

// already is the address of a demo that runs, for who writes a page and does not
// want to wait for another one.
var already = flag.String("at", "", "the address of a running demo, instead of one of the tests' own")

// root is the browser, and house the demo that everything here looks at. Both are
// there as long as the tests run.
var (
	root  context.Context
	house *demo
)

// TestMain starts both once: a browser and a year of an invented region take longer
// than most of what is looked at.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("HUISBOEK_TOOLS") != "1" {
		os.Exit(m.Run()) // each of them is skipped
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e/browser:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if _, err := exec.LookPath("chromium"); err != nil {
		return 1, errors.New(missing)
	}
	if house, err = startDemo(); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, house.stop()) }()
	if err := addresses(); err != nil {
		return 1, err
	}
	stop, err := startBrowser()
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// startBrowser opens Chromium as a Dutch reader has it, with nothing that asks the
// world outside.
func startBrowser() (stop func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "nl-NL"),
		chromedp.Env("LANGUAGE=nl", "LANG=nl_NL.UTF-8", "LC_ALL=nl_NL.UTF-8"),
	)
	allocator, closeAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		closeAllocator()
		return nil, fmt.Errorf("Chromium does not start: %w", err)
	}
	root = ctx
	return func() {
		chromedp.Cancel(ctx) // whatever it says, it is over
		closeBrowser()
		closeAllocator()
	}, nil
}

// need is for every test here: they run with HUISBOEK_TOOLS=1, as make test says
// after it has installed the browser.
func need(t *testing.T) {
	t.Helper()
	if os.Getenv("HUISBOEK_TOOLS") != "1" {
		t.Skip("needs Chromium: runs with HUISBOEK_TOOLS=1, as make test does")
	}
}
