package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"huisboek/events"
)

// version is the release; the commit comes from the build itself.
const version = "0.1.0"

type versionInfo struct {
	Version string `json:"versie"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	Format  int    `json:"formaat"`
}

func versionOf() versionInfo {
	v := versionInfo{Version: version, Go: runtime.Version(), Format: events.FormatVersion}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	return v
}

func versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Say which version this is", Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			v := versionOf()
			if asJSON {
				return printJSON(cmd.OutOrStdout(), v)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "huisboek %s (stored format %d, %s)\n", v.Version, v.Format, v.Go)
			return nil
		}),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
