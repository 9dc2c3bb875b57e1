package digest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/access"
	"huisboek/events"
)

const (
	partnerA = "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c01"
	partnerB = "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c02"
)

// desk is an access file with digests, messages by number, and a mailer of them.
type desk struct {
	*Mailer
	file     *access.File
	now      time.Time
	messages []News // the cursor is how many of them were told
	gone     map[string]bool
	logged   bytes.Buffer
}

func newDesk(t *testing.T, server Server) *desk {
	t.Helper()
	d := &desk{now: at("2026-11-23 08:00"), gone: map[string]bool{}} // a Monday
	var err error
	if d.file, err = access.Open(filepath.Join(t.TempDir(), "access.db"), bytes.Repeat([]byte{1}, access.MinKey)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.file.Close() })
	d.file.UseClock(func() time.Time { return d.now })
	server.From = "huisboek@voorbeeld.invalid"
	d.Mailer, err = New(Config{
		Server: server, Region: "AM36", Store: d.file, Now: func() time.Time { return d.now },
		Partner: func(id string) (string, bool) { return "Gemeente Één", !d.gone[id] },
		News: func(_ context.Context, _, cursor, _ string, limit int) ([]News, string, bool, error) {
			n, _ := strconv.Atoi(cursor)
			end := min(len(d.messages), n+limit)
			return d.messages[n:end], strconv.Itoa(end), end < len(d.messages), nil
		},
		Log: slog.New(slog.NewJSONHandler(&d.logged, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func at(text string) time.Time {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return when
}

// ask stores a wish as it was made on a day.
func (d *desk) ask(t *testing.T, made string, wish access.Digest) access.Digest {
	t.Helper()
	now := d.now
	d.now = at(made)
	defer func() { d.now = now }()
	if wish.Partner == "" {
		wish.Partner = partnerA
	}
	if wish.Lang == "" {
		wish.Lang = "nl"
	}
	made2, err := d.file.AddDigest(wish)
	if err != nil {
		t.Fatal(err)
	}
	return made2
}

// A digest comes once on its day, not before the hour, and later when nobody ran then.
func TestDue(t *testing.T) {
	for name, c := range map[string]struct {
		every, made, now string
		looked           events.Date
		want             bool
	}{
		"the morning after it was asked for":        {access.EveryDay, "2026-11-22 09:00", "2026-11-23 07:00", "", true},
		"not on the day itself":                     {access.EveryDay, "2026-11-23 06:00", "2026-11-23 07:00", "", false},
		"once a day":                                {access.EveryDay, "2026-11-01 09:00", "2026-11-23 12:00", "2026-11-23", false},
		"and the next day again":                    {access.EveryDay, "2026-11-01 09:00", "2026-11-24 07:00", "2026-11-23", true},
		"a week: on Monday":                         {access.EveryWeek, "2026-11-01 09:00", "2026-11-23 07:00", "2026-11-16", true},
		"a week: not on Tuesday":                    {access.EveryWeek, "2026-11-01 09:00", "2026-11-24 07:00", "2026-11-23", false},
		"a week: on Tuesday when Monday was missed": {access.EveryWeek, "2026-11-01 09:00", "2026-11-24 07:00", "2026-11-16", true},
		"a week: not on Sunday":                     {access.EveryWeek, "2026-11-01 09:00", "2026-11-22 07:00", "2026-11-16", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := access.Digest{Every: c.every, Made: at(c.made), Looked: c.looked}
			if got := due(&d, at(c.now)); got != c.want {
				t.Errorf("due: %t", got)
			}
		})
	}
}

// The next morning is seven o'clock on the wall, also when the clock is changed.
func TestNext(t *testing.T) {
	d := newDesk(t, Server{Address: "127.0.0.1:1"})
	for now, want := range map[string]time.Duration{
		"2026-11-23 06:59": time.Minute,
		"2026-11-23 07:00": 24 * time.Hour,
		"2026-03-28 07:00": 23 * time.Hour, // to summer time in the night
		"2026-10-24 07:00": 25 * time.Hour, // and back
	} {
		d.now = at(now)
		if got := d.next(); got != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
}

// A mail that the server did not take is tried again with everything; why stands in
// the list, and no address in the log.
func TestNotTaken(t *testing.T) {
	for name, server := range map[string]func(t *testing.T) Server{
		"nobody listens": func(*testing.T) Server { return Server{Address: "127.0.0.1:1", Security: Plain} },
		"hangs up in the middle": func(t *testing.T) Server {
			return rude(t, "220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n", "354 x\r\n", "")
		},
		"offers no STARTTLS": func(t *testing.T) Server { s := rude(t, "220 x\r\n", "250 x\r\n"); s.Security = StartTLS; return s },
		"refuses after the letter": func(t *testing.T) Server {
			return rude(t, "220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n", "354 x\r\n", "554 spam\r\n")
		},
		"says the address": func(t *testing.T) Server {
			return rude(t, "220 x\r\n", "250 x\r\n", "250 x\r\n", "550 5.1.1 <am1@voorbeeld.invalid>: user am1 is unknown\r\n")
		},
		"says it in its own way": func(t *testing.T) Server {
			return rude(t, "220 x\r\n", "250 x\r\n", "250 x\r\n", "am1@voorbeeld.invalid is unknown\r\n")
		},
		"speaks another language": func(t *testing.T) Server { return rude(t, "HTTP/1.1 400 Bad Request\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, server(t))
			d.messages = []News{{"Een bezoek.", d.now}}
			d.ask(t, "2026-11-20 10:00", access.Digest{Email: "am1@voorbeeld.invalid", Every: access.EveryDay, Cursor: "0"})
			if d.Round(t.Context()) {
				t.Error("all were taken")
			}
			got := d.file.Digests("")[0]
			if got.Cursor != "0" || got.Looked != "" || got.Trouble == "" || strings.ContainsAny(got.Trouble, "\r\n") {
				t.Errorf("%+v", got)
			}
			if log := d.logged.String(); !strings.Contains(log, got.ID) || strings.Contains(log, "am1") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// Nothing to tell: nothing is sent, and it is not looked at again that day.
func TestNothing(t *testing.T) {
	d := newDesk(t, Server{Address: "127.0.0.1:1"})
	d.ask(t, "2026-11-20 10:00", access.Digest{Email: "am1@voorbeeld.invalid", Every: access.EveryDay, Cursor: "0"})
	d.ask(t, "2026-11-20 10:00", access.Digest{Email: "am2@voorbeeld.invalid", Every: access.EveryDay, Cursor: "0", Partner: partnerB})
	d.gone[partnerB] = true
	d.now = at("2026-11-23 06:59")
	d.Round(t.Context())
	if d.file.Digests(partnerA)[0].Looked != "" {
		t.Error("before the hour")
	}
	d.now = at("2026-11-23 07:00")
	if !d.Round(t.Context()) || d.file.Digests(partnerA)[0].Looked != "2026-11-23" {
		t.Errorf("%+v", d.file.Digests(partnerA)[0])
	}
	if d.file.Digests(partnerB)[0].Looked != "" {
		t.Error("of a partner that takes no part")
	}
}

// What people typed stays within its line, and a header within the headers.
func TestLetter(t *testing.T) {
	d := newDesk(t, Server{Address: "127.0.0.1:1"})
	l := letter{
		digest: access.Digest{ID: "1", Email: "am1@voorbeeld.invalid", Every: access.EveryWeek, Lang: "nl"}, from: "huisboek@voorbeeld.invalid", region: "AM36",
		partner: "Gemeente\r\nBcc: iedereen@voorbeeld.invalid\r\n\r\nÉén", now: d.now, zone: d.zone, more: true,
		news: []News{{"Café ’t Höfke:\r\n.\r\nQUIT\u2028 " + strings.Repeat("lang ", 60), at("2026-10-25 02:30")}, {"Twee.", d.now}},
	}
	m, err := mail.ReadMessage(bytes.NewReader(l.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Huisboek AM36: 2 berichten voor Gemeente Bcc: iedereen@voorbeeld.invalid Één" {
		t.Errorf("%q %v", subject, err)
	}
	if len(m.Header) != 9 || m.Header.Get("Bcc") != "" {
		t.Errorf("headers %v", m.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- 25-10-2026 02:30  Café ’t Höfke: . QUIT", "- 23-11-2026 08:00  Twee.", "Er is meer", "op maandag", "samenvatting 1"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	for line := range strings.SplitSeq(string(l.bytes()), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %q", line)
		}
	}
}

// Only an address is one.
func TestMailAddress(t *testing.T) {
	for text, want := range map[string]bool{
		"am1@voorbeeld.invalid": true, "a.b+c@voorbeeld.invalid": true,
		"": false, "am1": false, "A <am1@voorbeeld.invalid>": false, "am1@voorbeeld.invalid\r\nBcc: x@y.invalid": false,
		"am1@voorbeeld.invalid, x@y.invalid": false, "é@voorbeeld.invalid": false, strings.Repeat("a", 250) + "@b.invalid": false, "\"a b\"@voorbeeld.invalid": false,
	} {
		if got := access.MailAddress(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	var none error = access.ErrNoDigest
	d := newDesk(t, Server{Address: "127.0.0.1:1"})
	if err := d.file.EndDigest("nothing"); !errors.Is(err, none) {
		t.Error(err)
	}
	if _, err := d.file.AddDigest(access.Digest{Partner: partnerA, Email: "x", Every: access.EveryDay, Lang: "nl"}); err == nil {
		t.Error("no address")
	}
}
