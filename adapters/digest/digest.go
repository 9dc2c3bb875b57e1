// Package digest mails partners what there is to tell them, once a day or a week,
// to those who asked for it.
//
// It reads the same messages as everybody, by the same cursor. A digest goes on
// after what the mail server has taken: a mail that was not taken is tried again,
// with what has come since, and one that was taken just before a crash may come
// twice. Nothing is sent when there is nothing to tell.
package digest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"time"

	"huisboek/adapters/access"
	"huisboek/events"
)

// Store keeps who asked for what: adapters/access.
type Store interface {
	Digests(partner string) []access.Digest
	ChangeDigest(id string, change func(*access.Digest)) error
}

// Config joins a mailer to its book.
type Config struct {
	Server Server
	Region string // for the subject
	Store  Store
	// Partner is a partner's name; ok is false when it takes no part today: its
	// digests rest.
	Partner func(id string) (name string, ok bool)
	// News is at most so many messages for a partner after a cursor, in a language,
	// with the cursor after the last of them, and whether there are more.
	News func(ctx context.Context, partner, cursor, lang string, limit int) (news []News, next string, more bool, err error)
	Log  *slog.Logger     // nil: nothing is logged
	Now  func() time.Time // nil: the machine's clock
}

const (
	hour    = 7                // in Europe/Amsterdam: before people start
	perMail = 100              // messages in one mail
	again   = 15 * time.Minute // after a mail that was not taken
)

// Mailer sends digests until it is told to stop.
type Mailer struct {
	cfg  Config
	zone *time.Location
}

// New makes a mailer. It sends nothing before Run.
func New(cfg Config) (*Mailer, error) {
	if cfg.Server.Address == "" || !access.MailAddress(cfg.Server.From) || cfg.Store == nil || cfg.News == nil || cfg.Partner == nil {
		return nil, errors.New("digest: Config is not complete")
	}
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	return &Mailer{cfg, zone}, nil
}

// Run sends what is due, until ctx ends.
func (m *Mailer) Run(ctx context.Context) {
	for {
		wait := m.next()
		if !m.Round(ctx) {
			wait = min(wait, again)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// next is how long it is until the next morning's hour.
func (m *Mailer) next() time.Duration {
	now := m.cfg.Now().In(m.zone)
	y, mo, d := now.Date()
	at := time.Date(y, mo, d, hour, 0, 0, 0, m.zone)
	if !at.After(now) {
		at = time.Date(y, mo, d+1, hour, 0, 0, 0, m.zone)
	}
	return at.Sub(now)
}

// Round sends every digest that is due now, and reports whether all that were due
// were taken.
func (m *Mailer) Round(ctx context.Context) (all bool) {
	all = true
	now := m.cfg.Now().In(m.zone)
	if now.Hour() < hour {
		return true
	}
	for _, d := range m.cfg.Store.Digests("") {
		if ctx.Err() != nil {
			return false
		}
		if !due(&d, now) {
			continue
		}
		name, takesPart := m.cfg.Partner(d.Partner)
		if !takesPart {
			continue
		}
		trouble := ""
		cursor, err := m.mail(ctx, d, name, now)
		if err != nil {
			all = false
			trouble = oneLine(err.Error())
			m.cfg.Log.Warn("a digest was not sent; digest list says why", "digest", d.ID, "err", spare(err)) // the address is personal
		}
		if err := m.cfg.Store.ChangeDigest(d.ID, func(d *access.Digest) {
			d.Cursor, d.Trouble = cursor, trouble
			if trouble == "" {
				d.Looked = events.DateOf(now)
			}
		}); err != nil && !errors.Is(err, access.ErrNoDigest) {
			all = false
			m.cfg.Log.Error("what was mailed could not be noted; it may be mailed again", "digest", d.ID, "err", err)
		}
	}
	return all
}

// spare is an error without what the mail server said, which may be the address
// that it does not know.
func spare(err error) string {
	if said := (*textproto.Error)(nil); errors.As(err, &said) {
		return fmt.Sprintf("the mail server said %d", said.Code)
	}
	if said := textproto.ProtocolError(""); errors.As(err, &said) {
		return "the mail server does not speak SMTP"
	}
	return oneLine(err.Error())
}

// due: once on its day, in the morning; or later when nobody ran then. A weekly one
// that missed its Monday comes on the first day after it.
func due(d *access.Digest, now time.Time) bool {
	last := events.DateOf(now)
	if d.Every == access.EveryWeek {
		last = last.AddDays(-(int(now.Weekday()) + 6) % 7)
	}
	return d.Looked < last && events.DateOf(d.Made) < events.DateOf(now)
}

// mail sends one digest, and gives the cursor after what was taken.
func (m *Mailer) mail(ctx context.Context, d access.Digest, partner string, now time.Time) (cursor string, err error) {
	news, next, more, err := m.cfg.News(ctx, d.Partner, d.Cursor, d.Lang, perMail)
	if err != nil {
		return d.Cursor, err
	}
	if len(news) == 0 {
		return next, nil
	}
	l := letter{digest: d, from: m.cfg.Server.From, region: m.cfg.Region, partner: partner, news: news, more: more, now: now, zone: m.zone}
	if err := m.cfg.Server.send(ctx, d.Email, l.bytes()); err != nil {
		return d.Cursor, err
	}
	m.cfg.Log.Info("a digest was sent", "digest", d.ID, "messages", len(news))
	for more { // what did not fit is for the reader to look up: it does not come tomorrow
		if _, next, more, err = m.cfg.News(ctx, d.Partner, next, d.Lang, perMail); err != nil {
			return next, nil
		}
	}
	return next, nil
}
