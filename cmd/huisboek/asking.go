package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"huisboek/adapters/client"
	"huisboek/adapters/web"
	"huisboek/ledger"
)

// asking are the words of every verb that asks a served book.
type asking struct {
	server   string
	token    string
	insecure bool
	json     bool
}

func (a *asking) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.server, "server", "http://127.0.0.1:8080", "where the book is served")
	f.StringVar(&a.token, "token", "", "bearer token (better in HUISBOEK_TOKEN: a command line is seen by others)")
	f.BoolVar(&a.insecure, insecureFlag, false, insecureText)
	f.BoolVar(&a.json, "json", false, "print JSON")
}

// answerOf is what a served book answers.
func answerOf[T any](a *asking, question func(*web.Client) (T, error)) (T, error) {
	var none T
	if err := safely(a.server, a.token, a.insecure); err != nil {
		return none, err
	}
	book, err := web.NewClient(a.server, a.token)
	if err != nil {
		return none, err
	}
	answer, err := question(book)
	if err != nil {
		var own ownError
		if errors.As(err, &own) {
			return none, own
		}
		var p ledger.Problem
		if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
			return none, fmt.Errorf("ask %s: it wants a token that it knows: give --token, or set HUISBOEK_TOKEN", a.server)
		}
		return none, fmt.Errorf("ask %s: %w", a.server, err)
	}
	return answer, nil
}

// safely refuses to send a token over http to another machine.
func safely(server, token string, insecure bool) error {
	u, err := url.Parse(server)
	if err != nil || token == "" || insecure || u.Scheme != "http" || loopback(u.Hostname()) {
		return nil // what is no address is refused where it is used
	}
	return usageError(fmt.Sprintf("--server: a token must not go to %s like this: %v%s", u.Hostname(), client.ErrPlain, orInsecure))
}
