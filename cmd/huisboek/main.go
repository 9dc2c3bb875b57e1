// Command huisboek is a shared, event-sourced ledger for the employer services
// of a Dutch labour-market region: the server, its administration, and the tools
// of the people who use it, in one binary. It is the only place where all rooms
// of the house meet; docs/design.md has the map.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but the process: 0 done, 1 refused or failed, 2 wrong
// words (docs/contract.md, "CLI").
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return report(stderr, root.ExecuteContext(ctx))
}
