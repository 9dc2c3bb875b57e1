package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"huisboek/ledger"
)

// The exit codes of docs/contract.md, "CLI".
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

const envPrefix = "HUISBOEK_"

// failure is an error of the work itself; any other that comes out of a command
// is about its words.
type failure struct {
	error
	silent bool // all was said already
}

func (f failure) Unwrap() error { return f.error }

var errRefused = errors.New("refused")

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "huisboek",
		Short: "Eén boek voor de werkgeversdienstverlening van een arbeidsmarktregio",
		Long: `Huisboek is a shared ledger for the employer services of a labour-market region.
Partners publish their visits, services and placements; Huisboek records them and
answers: who has visited this employer, who is about to, whom do I call first?

Every flag can be given as an environment variable: --data is HUISBOEK_DATA,
--nats-listen is HUISBOEK_NATS_LISTEN. Exit codes: 0 done, 1 refused or failed,
2 wrong words.`,
		Example: `  huisboek demo
  huisboek serve --data ./data --region AM36 --listen 127.0.0.1:8080
  huisboek who 69599084 --token "$(cat ./data/steward.token)"`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd.Flags()) },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		demoCommand(), serveCommand(), partnerCommand(), accessCommand(), submitCommand(), checkCommand(), whoCommand(), plansCommand(), explainCommand(), employerCommand(), agreementCommand(), targetsCommand(), reachCommand(), readLogCommand(),
		eraseCommand(), verifyCommand(), rebuildCommand(), backupCommand(), restoreCommand(), exportCommand(), digestCommand(), feedCommand(), statusCommand(), versionCommand(), healthCommand(),
	)
	return root
}

// fromEnvironment sets every flag that was not given from its variable.
func fromEnvironment(flags *pflag.FlagSet) error {
	var wrong error
	flags.VisitAll(func(f *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := os.LookupEnv(name)
		if _, typed := f.Annotations[onlyTyped]; typed || f.Changed || !ok || wrong != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			wrong = fmt.Errorf("%s: %w", name, err)
		}
		wrong = errors.Join(wrong, flags.SetAnnotation(f.Name, fromEnv, nil))
	})
	return wrong
}

// typedOnly keeps a flag from being set by its variable.
func typedOnly(flags *pflag.FlagSet, name string) {
	if err := flags.SetAnnotation(name, onlyTyped, nil); err != nil {
		panic(err) // no such flag
	}
}

const onlyTyped = "huisboek-getypt"

// fromEnv marks a flag that its variable set.
const fromEnv = "huisboek-omgeving"

// typed reports whether a flag stood on the command line.
func typed(flags *pflag.FlagSet, name string) bool {
	f := flags.Lookup(name)
	_, env := f.Annotations[fromEnv]
	return f.Changed && !env
}

// work marks what a command's body returns, so that report can tell it from
// words that cobra did not understand.
func work(body func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := body(cmd, args)
		var words usageError
		if err == nil || errors.As(err, &words) {
			return err
		}
		return failure{error: err, silent: errors.Is(err, errRefused)}
	}
}

// usageError is a wrong combination of words that only the body could see.
type usageError string

func (u usageError) Error() string { return string(u) }

// ownError is what the program itself finds wrong with what was asked: the book answered.
type ownError string

func (e ownError) Error() string { return string(e) }

func report(stderr io.Writer, err error) int {
	var f failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &f):
		if !f.silent {
			say(stderr, f.error)
		}
		return exitFailed
	default:
		fmt.Fprintf(stderr, "huisboek: %v\nSee huisboek --help.\n", err)
		return exitUsage
	}
}

// say prints an error; of a problem every fault in both languages.
func say(w io.Writer, err error) {
	var p ledger.Problem
	if !errors.As(err, &p) {
		fmt.Fprintf(w, "huisboek: %v\n", err)
		return
	}
	if p.Type == localFailure {
		fmt.Fprintf(w, "huisboek: %s\n", p.Detail)
		return
	}
	fmt.Fprintf(w, "huisboek: %v\n", err)
	for _, f := range p.Faults {
		fmt.Fprintf(w, "  %s (%s)\n    nl: %s\n    en: %s\n", f.Field, f.Code, f.Sentence.NL, f.Sentence.EN)
	}
}
