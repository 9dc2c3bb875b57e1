package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthCommand is for containers, which have nothing else in them to ask with.
func healthCommand() *cobra.Command {
	var server string
	c := &cobra.Command{
		Use: "health", Short: "Ask a running book whether it is ready (for containers)", Args: cobra.NoArgs, Hidden: true,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, server+"/readyz", nil)
			if err != nil {
				return err
			}
			client := http.Client{Timeout: 5 * time.Second}
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("not ready: %s", resp.Status)
			}
			return nil
		}),
	}
	c.Flags().StringVar(&server, "server", "http://127.0.0.1:8080", "where the book is served")
	return c
}
