package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"huisboek/adapters/access"
	"huisboek/events"
)

// minute is how lists show a moment.
const minute = "2006-01-02 15:04"

func expiresFlag(c *cobra.Command, word *string) {
	c.Flags().StringVar(word, "expires", "", "the last day that it works (Dutch time), 2027-01-31, or for how long, 90d; a year is wise (default: never)")
}

// parseExpires reads --expires: a day that is the last, or a number of days.
func parseExpires(word string, now time.Time) (time.Time, error) {
	if word == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(word, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 36_500 {
			return time.Time{}, usageError(fmt.Sprintf("--expires %q: want a number of days from 1 on, as in 90d", word))
		}
		return now.Add(time.Duration(n) * 24 * time.Hour), nil
	}
	last, err := events.ParseDate(word)
	if err != nil {
		return time.Time{}, usageError(fmt.Sprintf("--expires %q: want a day as in 2027-01-31, or a number of days as in 90d", word))
	}
	if last.Before(events.DateOf(now)) {
		return time.Time{}, usageError(fmt.Sprintf("--expires %s is past", last))
	}
	return endOf(last)
}

// endOf is the midnight that ends a day in the Netherlands.
func endOf(d events.Date) (time.Time, error) {
	here, err := time.LoadLocation("Europe/Amsterdam") // embedded by package events
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation(time.DateOnly, string(d.AddDays(1)), here)
}

func expiresText(c *access.Credential, now time.Time) string {
	switch {
	case c.Expires.IsZero():
		return "never"
	case c.Ended(now):
		return "ended " + c.Expires.Format(minute)
	}
	return c.Expires.Format(minute)
}

// giveLocally asks for a new credential and shows its secret: a token, or the
// file that its credentials were written to.
func giveLocally(cmd *cobra.Command, l *local, verb string, q any, numbered bool) (err error) {
	// Made first: credentials that cannot be written down would be lost.
	draft, err := os.CreateTemp(".", ".huisboek-*.creds")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	defer draft.Close()
	made, err := ask[*givenAccess](cmd, l, verb, q)
	if err != nil {
		return err
	}
	if made.Kind == access.KindNATS {
		if made.Creds, err = keepCreds(draft, made, numbered); err != nil {
			return fmt.Errorf("credential %s was made, but could not be written down: remove it and make another (%w)", made.ID, err)
		}
	}
	return showGiven(cmd, l, made)
}

func showGiven(cmd *cobra.Command, l *local, made *givenAccess) error {
	if l.json {
		return printJSON(cmd.OutOrStdout(), made)
	}
	text := fmt.Sprintf("Credential %s, role %s", made.ID, made.Role)
	if made.Name != "" {
		text += ", for " + made.Name
	}
	if !made.Expires.IsZero() {
		text += ", until " + made.Expires.Format(minute) + " UTC"
	}
	text += ".\n"
	if made.Replaces != "" {
		text += "It replaces " + made.Replaces + ".\n"
	}
	if made.Creds != "" {
		text += "NATS credentials: " + made.Creds + "\n"
	} else {
		text += "Token (shown this once): " + made.Token + "\n"
	}
	_, err := io.WriteString(cmd.OutOrStdout(), text)
	return err
}

// keepCreds writes credentials to a file that was not there: <name>.creds, or
// with a part of the id behind the name.
func keepCreds(draft *os.File, made *givenAccess, numbered bool) (path string, err error) {
	if _, err := draft.WriteString(made.Creds); err != nil {
		return "", err
	}
	if err := errors.Join(draft.Sync(), draft.Close()); err != nil {
		return "", err
	}
	own := credsFile(made.Name + "-" + made.ID[:8])
	paths := []string{credsFile(made.Name), own}
	if numbered {
		paths = paths[1:]
	}
	for _, path = range paths {
		// A name is taken by making a file, so that none is written over.
		claim, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return path, errors.Join(claim.Close(), os.Rename(draft.Name(), path))
	}
	return "", fmt.Errorf("%s is here already and is not written over", own)
}

// credsFile is <name>.creds, with what a file name cannot have taken out of it.
func credsFile(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, strings.TrimLeft(name, ".-")) + ".creds"
}
