package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"huisboek/adapters/access"
	"huisboek/adapters/digest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// newDigest is a wish to get a partner's messages by mail.
type newDigest struct {
	Partner string `json:"partner"` // its UUID, OIN or name
	Email   string `json:"email"`
	Every   string `json:"elke"`
	Lang    string `json:"taal"`
}

type oneDigest struct {
	ID string `json:"id"`
}

// openDigests lets mail go out, when there is a server for it.
func (h *house) openDigests(ctx context.Context) error {
	if h.Mail.Address == "" {
		return nil
	}
	m, err := digest.New(digest.Config{
		Server: h.Mail, Region: h.folder.Region, Store: h.access, Partner: h.mailed, News: h.news, Log: h.Log, Now: h.Now,
	})
	if err != nil {
		return err
	}
	h.mailer = m
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { defer close(ended); m.Run(run) }()
	h.onClose(func() error { stop(); <-ended; return nil })
	return nil
}

// mailed is the name of a partner that takes part today.
func (h *house) mailed(id string) (string, bool) {
	p, err := h.partnerBy(id)
	if err != nil || p == nil || !p.Active(events.DateOf(h.Now())) {
		return "", false
	}
	return p.Name, true
}

// news is a partner's messages in words, each with the name of its employer.
func (h *house) news(ctx context.Context, partner, cursor, lang string, limit int) ([]digest.News, string, bool, error) {
	if !h.caughtUp.Load() {
		return nil, cursor, false, errors.New("the views are being made")
	}
	answer, err := h.web.Messages(ctx, ledger.Caller{Role: ledger.RolePartner, Partner: partner}, cursor, limit)
	if err != nil {
		return nil, cursor, false, err
	}
	list := make([]digest.News, len(answer.Messages))
	for i, m := range answer.Messages {
		list[i] = digest.News{At: m.At, Line: m.Sentence.NL}
		if lang == "en" {
			list[i].Line = m.Sentence.EN
		}
		if m.Employer == nil {
			continue
		}
		name, err := h.employerName(ctx, m.Employer.Key)
		if err != nil {
			return nil, cursor, false, err
		}
		list[i].Line = name + ": " + list[i].Line
	}
	return list, answer.Next, answer.More, nil
}

// employerName is what people call an employer: its name, or its key when nobody
// described it or that was erased.
func (h *house) employerName(ctx context.Context, key string) (string, error) {
	var card *projections.Card
	err := h.views.View(func(tx projections.Tx, _ events.Checkpoint) (err error) {
		keys, err := projections.Employers{}.Same(tx, key)
		if err == nil {
			card, err = projections.Employers{}.Card(tx, keys)
		}
		return err
	})
	if err != nil || card == nil || card.Name.Seal == nil {
		return key, err
	}
	plain, err := h.ledger.Unseal(ctx, card.Source, card.ID, "/naam", *card.Name.Seal)
	if errors.Is(err, ledger.ErrErased) {
		return key, nil
	}
	var name string
	if err == nil {
		err = json.Unmarshal(plain, &name)
	}
	return name, err
}

// madeDigest is one that was just made.
type madeDigest struct {
	access.Digest
	Unserved bool `json:"nietBediend,omitzero"` // nobody serves the book: what it will be served with is not known
}

var errNoMail = errors.New("this book is served without a mail server, and no mail would leave: serve it with --smtp HOST:PORT and --smtp-from ADDRESS first; nothing was kept")

// addDigest begins after what there is to tell by now: nobody wants last year by mail.
func (h *house) addDigest(ctx context.Context, q newDigest, _ reportFunc) (*madeDigest, error) {
	if h.serving && h.Mail.Address == "" {
		return nil, errNoMail
	}
	p, err := h.mustPartner(q.Partner)
	if err != nil {
		return nil, err
	}
	if !p.Active(events.DateOf(h.Now())) {
		return nil, fmt.Errorf("%s takes no part today", p.Name)
	}
	made, err := h.wish(ctx, access.Digest{Partner: p.ID, Email: q.Email, Every: q.Every, Lang: q.Lang, By: ledger.DoorLocal})
	if err != nil {
		return nil, err
	}
	return &madeDigest{*made, !h.serving}, nil
}

// wishes are for who asks over HTTP; nil when no mail leaves here.
func (h *house) wishes() func(context.Context, access.Digest) (*access.Digest, error) {
	if h.Mail.Address == "" {
		return nil
	}
	return h.wish
}

// wish keeps one that begins after what there is to tell by now.
func (h *house) wish(ctx context.Context, d access.Digest) (*access.Digest, error) {
	for more := true; more; {
		var err error
		if _, d.Cursor, more, err = h.news(ctx, d.Partner, d.Cursor, d.Lang, projections.MaxMessages); err != nil {
			return nil, err
		}
	}
	made, err := h.access.AddDigest(d)
	if err != nil {
		return nil, err
	}
	return &made, nil
}

// listedDigest is a digest with the name of its partner.
type listedDigest struct {
	access.Digest
	Name string `json:"naam"`
}

func (h *house) listDigests(context.Context, struct{}, reportFunc) ([]listedDigest, error) {
	list := []listedDigest{}
	for _, d := range h.access.Digests("") {
		p, err := h.partnerBy(d.Partner)
		if err != nil {
			return nil, err
		}
		one := listedDigest{Digest: d}
		if p != nil {
			one.Name = p.Name
		}
		list = append(list, one)
	}
	return list, nil
}

func (h *house) removeDigest(_ context.Context, q oneDigest, _ reportFunc) (struct{}, error) {
	return struct{}{}, h.access.EndDigest(q.ID)
}
