package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// asked is a kind of question, asked at a steady pace.
type asked struct {
	what    string
	rate    float64 // a second, all askers together
	request func(s *speaker, rng *rand.Rand) string
}

// breath is a question that touches nothing of the book: what it takes longer is
// the machine's.
const breath = "livez"

// soakQuestions are asked of a book with that target.
func soakQuestions(target string) []asked {
	employer := func(s *speaker, rng *rand.Rand) string {
		if rng.IntN(4) == 0 {
			return fmt.Sprint("/v1/werkgevers/", 90_900_000+rng.IntN(soakShared))
		}
		return fmt.Sprint("/v1/werkgevers/", 90_000_000+rng.IntN(soakPartners*soakOwn))
	}
	return []asked{
		{breath, 10, func(*speaker, *rand.Rand) string { return "/livez" }},
		{"contacts", 20, func(s *speaker, rng *rand.Rand) string { return employer(s, rng) + "/contacten?aantal=50" }},
		{"employer", 10, employer},
		{"search", 10, func(s *speaker, rng *rand.Rand) string {
			return "/v1/werkgevers?zoek=" + url.QueryEscape(fmt.Sprint("bakkerij ", 90_000_000+rng.IntN(soakPartners*soakOwn)))
		}},
		{"advice", 10, func(s *speaker, rng *rand.Rand) string {
			return employer(s, rng) + "/advies?doel=kennismaking&datum=" + day(10)
		}},
		{"standing", 2, func(*speaker, *rand.Rand) string { return "/v1/doelstellingen/" + target + "/stand" }},
		{"plans", 2, func(*speaker, *rand.Rand) string { return "/v1/plannen" }},
		{"messages", 5, nil}, // each reader goes on where it was
	}
}

// inquire asks one kind of question until ctx ends.
func inquire(ctx context.Context, m *meter, line *http.Client, all []*speaker, q asked, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 1))
	tick := time.NewTicker(time.Duration(float64(time.Second) / q.rate))
	defer tick.Stop()
	cursors := map[*speaker]string{}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		s := all[rng.IntN(len(all))]
		path := "/v1/berichten?na=" + url.QueryEscape(cursors[s])
		if q.request != nil {
			path = q.request(s, rng)
		}
		began := time.Now()
		status, body, err := s.get(ctx, line, path)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", path, err)
		case status >= 300 && status != http.StatusUnauthorized && status != http.StatusServiceUnavailable && status != http.StatusNotFound:
			return fmt.Errorf("%s: %d %s", path, status, body)
		}
		m.answered(q.what, began, status)
		if q.request == nil && status == http.StatusOK {
			cursors[s], _ = decodeObject(body)["volgende"].(string)
		}
	}
}

// get asks with the token of now.
func (s *speaker) get(ctx context.Context, line *http.Client, path string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+*s.token.Load())
	resp, err := line.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// inquireOverNATS asks for advice over the partners' door until ctx ends.
func inquireOverNATS(ctx context.Context, m *meter, all []*speaker) {
	rng := rand.New(rand.NewPCG(1, 2))
	tick := time.NewTicker(time.Second / 10)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		s := all[rng.IntN(len(all))]
		began := time.Now()
		ask, cancel := context.WithTimeout(ctx, patience)
		answer, err := s.nc.Load().RequestWithContext(ask, fmt.Sprint("vragen.werkgever.", 90_000_000+rng.IntN(soakPartners*soakOwn)), nil)
		cancel()
		switch {
		case err == nil && answer.Header.Get("content-type") != "application/problem+json":
			m.answered("advice, NATS", began, http.StatusOK)
		case ctx.Err() == nil:
			m.note(func(w *window) { w.refused["advice, NATS"]++ })
		}
	}
}

// listen keeps a stream of messages open until ctx ends, and comes back when it is
// ended: with the credential of then.
func (s *speaker) listen(ctx context.Context, line *http.Client) error {
	last := ""
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/berichten", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+*s.token.Load())
		req.Header.Set("Accept", "text/event-stream")
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		resp, err := line.Do(req)
		if err != nil {
			continue // the end, or its connection was
		}
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "id:"); ok {
				last = strings.TrimSpace(id)
				s.m.note(func(w *window) { w.messages++ })
			}
		}
		resp.Body.Close()
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	return nil
}

// readers are all who ask and listen, until ctx ends.
func readers(ctx context.Context, m *meter, all []*speaker, target string, hands *sync.WaitGroup, failed func(error)) {
	line := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: soakPartners}} // no limit of time: what is asked in a queue is answered late
	for i, q := range soakQuestions(target) {
		hands.Go(func() {
			if err := inquire(ctx, m, line, all, q, uint64(i)); err != nil {
				failed(err)
			}
		})
	}
	for _, s := range all {
		if s.number%3 == 0 {
			hands.Go(func() {
				if err := s.listen(ctx, line); err != nil {
					failed(err)
				}
			})
		}
	}
	hands.Go(func() { inquireOverNATS(ctx, m, all) })
	context.AfterFunc(ctx, line.CloseIdleConnections)
}
