package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// status is how the book is, for its steward.
func (h *house) status(ctx context.Context, _ struct{}, _ reportFunc) (*web.Status, error) {
	s := &web.Status{Version: version, Since: h.began.UTC(), Position: h.ledger.Position(), Records: true}
	if err := h.ledger.Err(); err != nil {
		s.Records, s.Trouble = false, err.Error()
	}
	if s.Position > 0 {
		at, err := h.moment(ctx, s.Position)
		if err != nil {
			return nil, err
		}
		s.LastAt = &at
	}
	made := h.caughtUp.Load()
	s.Views, s.Partners = h.viewStatus(s.Position, made), []web.PartnerStatus{}
	var err error
	if made {
		if s.Partners, err = h.partnerStatus(); err != nil {
			return nil, err
		}
	}
	if s.Disk, err = h.disk(ctx); err != nil {
		return nil, err
	}
	s.Backup, s.Verified, err = h.lastDone()
	return s, err
}

func (h *house) viewStatus(tip events.Position, made bool) []web.ViewStatus {
	of := func(name string, at events.Position, err error) web.ViewStatus {
		v := web.ViewStatus{Name: name, Position: at, Lag: tip - min(tip, at)}
		if err != nil && !errors.Is(err, context.Canceled) {
			v.Trouble = err.Error()
		}
		return v
	}
	views, search := of("beelden", h.runner.Position(), h.runner.Err()), of("zoeken", h.search.position(), nil)
	views.Making, search.Making = !made, h.search.index() == nil
	return []web.ViewStatus{views, search}
}

// partnerStatus is how each partner is that takes part today, by name. Of views that
// are being made it would say that everybody is silent.
func (h *house) partnerStatus() ([]web.PartnerStatus, error) {
	partners, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	today := events.DateOf(h.Now())
	list := []web.PartnerStatus{}
	err = h.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		for _, p := range partners {
			if !p.Active(today) {
				continue
			}
			r, err := projections.Coverage{}.Rhythm(tx, p.ID)
			if err != nil {
				return err
			}
			s := web.PartnerStatus{Partner: ledger.PartnerName{ID: p.ID, Name: p.Name, URN: p.Identities[0]}, Usual: r.Usual}
			if !r.Last.IsZero() {
				last := r.Last.UTC()
				s.Last = &last
			}
			s.Days, s.Silent = r.Silent(today)
			list = append(list, s)
		}
		return nil
	})
	return list, err
}

// lastDone is the last backup and the last time that everything was read.
func (h *house) lastDone() (backup, verified *web.Done, err error) {
	h.keeping.Lock()
	defer h.keeping.Unlock()
	k, err := readState(h.Dir)
	if err != nil {
		return nil, nil, err
	}
	if b := k.Backup; b != nil {
		backup = &web.Done{At: b.At, Position: b.Position, Well: true, What: b.File}
	}
	if v := k.Verify; v != nil {
		verified = &web.Done{At: v.At, Position: v.Position, Well: v.Fault == "", What: cmp.Or(v.Fault, "everything was read and is whole")}
	}
	return backup, verified, nil
}

// since is how long ago a moment was, in words of the command line.
func since(now, at time.Time) string {
	d := now.Sub(at)
	switch {
	case d < 2*time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return count(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return count(int(d.Hours()), "hour") + " ago"
	}
	return count(int(d.Hours()/24), "day") + " ago"
}
