package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Feeds are the addresses of calendars that the caller may end, without the addresses.
func (c *Client) Feeds(ctx context.Context) (*FeedsAnswer, error) {
	return ask[FeedsAnswer](ctx, c, feedsPath, nil)
}

// NewFeed makes the address of a calendar; it is told this once.
func (c *Client) NewFeed(ctx context.Context, q FeedQuestion) (*NewFeed, error) {
	return made[NewFeed](ctx, c, feedsPath, q)
}

// EndFeed ends the address of a calendar.
func (c *Client) EndFeed(ctx context.Context, id string) error { return c.end(ctx, feedsPath, id) }

// Digests are the wishes for messages by mail that the caller may end.
func (c *Client) Digests(ctx context.Context) (*DigestsAnswer, error) {
	return ask[DigestsAnswer](ctx, c, digestsPath, nil)
}

// NewDigest asks for the partner's messages by mail.
func (c *Client) NewDigest(ctx context.Context, q DigestQuestion) (*Digest, error) {
	return made[Digest](ctx, c, digestsPath, q)
}

// EndDigest ends a wish for messages by mail.
func (c *Client) EndDigest(ctx context.Context, id string) error { return c.end(ctx, digestsPath, id) }

// made asks for something to be made, and is what came of it.
func made[T any](ctx context.Context, c *Client, path string, question any) (*T, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", mediaJSON)
	answer, said, err := c.answered(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusCreated {
		answer.StatusCode = http.StatusOK // for understood: an answer like any other
	}
	return understood[T](answer, said)
}

// end takes away what has an id; that it was gone already is a ledger.Problem.
func (c *Client) end(ctx context.Context, path, id string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.base+path+"/"+url.PathEscape(id), nil)
	if err != nil {
		return err
	}
	answer, said, err := c.answered(r)
	if err != nil || answer.StatusCode == http.StatusNoContent {
		return err
	}
	_, err = understood[struct{}](answer, said)
	return err
}
