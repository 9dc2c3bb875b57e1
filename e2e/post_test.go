package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// post is deliver over HTTP.
func (a *actor) post(ctx context.Context, event object) (*answer, error) {
	_, body, err := a.offer(ctx, "application/cloudevents+json", event)
	if err != nil {
		return nil, err
	}
	got := &answer{raw: string(body)}
	if err := json.Unmarshal(body, got); err != nil {
		return nil, fmt.Errorf("%w: %q", err, body)
	}
	return got, nil
}

// offer asks as much as a credential may: told that it is too much, it waits as long as it is told.
func (a *actor) offer(ctx context.Context, mediaType string, v any) (status int, body []byte, err error) {
	for {
		status, wait, body, err := a.offerOnce(ctx, mediaType, v)
		if status != http.StatusTooManyRequests {
			return status, body, err
		}
		seconds, err := strconv.Atoi(wait)
		if err != nil {
			return status, body, fmt.Errorf("Retry-After: %w", err)
		}
		select {
		case <-ctx.Done():
			return status, body, ctx.Err()
		case <-time.After(time.Duration(seconds) * time.Second):
		}
	}
}

func (a *actor) offerOnce(ctx context.Context, mediaType string, v any) (status int, wait string, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/v1/gebeurtenissen", bytes.NewReader(marshal(v)))
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	req.Header.Set("Content-Type", mediaType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Retry-After"), body, err
}

// postBatches emits batches of so many over HTTP until ctx ends. What got no answer is
// kept for settle.
func (a *actor) postBatches(ctx context.Context, size int) error {
	for ctx.Err() == nil {
		batch := make([]*sent, size)
		all := make([]object, size)
		for i := range batch {
			batch[i] = a.next()
			all[i] = batch[i].event
		}
		_, body, err := a.offer(ctx, "application/cloudevents-batch+json", all)
		var got struct {
			Items []struct {
				Receipt *answer `json:"ontvangstbewijs"`
				Problem *answer `json:"probleem"`
			} `json:"resultaten"`
		}
		if err == nil && (json.Unmarshal(body, &got) != nil || len(got.Items) != size) {
			return fmt.Errorf("batch of %d was answered %s", size, body)
		}
		if err != nil {
			for _, s := range batch {
				a.keep(s)
			}
			return nil
		}
		for i, s := range batch {
			r := got.Items[i].Receipt
			if r == nil {
				r = got.Items[i].Problem
			}
			r.raw = string(marshal(got.Items[i]))
			err := a.answered(s, r)
			var l *later
			if errors.As(err, &l) && a.told != nil {
				a.told(l.answer)
				err = a.insist(ctx, s)
			}
			if errors.As(err, &l) || ctx.Err() != nil {
				a.keep(s)
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}
