package digest

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"

	"huisboek/adapters/access"
)

// News is one message in words, in the language of the digest.
type News struct {
	Line string // one sentence
	At   time.Time
}

// letter is the mail of one digest: plain text in UTF-8, one line per message,
// and how to be rid of it.
type letter struct {
	digest  access.Digest
	from    string
	region  string
	partner string // its name
	news    []News
	more    bool // there is more than fits
	now     time.Time
	zone    *time.Location
}

// wordsOf are the sentences of a letter in one language.
type wordsOf struct{ subject, one, dear, more, why, day, week, end string }

var words = map[string]wordsOf{
	"nl": {
		subject: "Huisboek %s: %d berichten voor %s", one: "Huisboek %s: één bericht voor %s",
		dear: "Dit is er bij werkgevers gebeurd dat voor %s van belang is:",
		more: "Er is meer: de rest staat bij uw berichten (/v1/berichten).",
		why:  "U krijgt deze mail %s omdat iemand van %s daarom vroeg.", day: "elke dag dat er nieuws is", week: "op maandag als er nieuws is",
		end: "Niet meer? Uw beheerder kan hem beëindigen: samenvatting %s.",
	},
	"en": {
		subject: "Huisboek %s: %d messages for %s", one: "Huisboek %s: one message for %s",
		dear: "This happened at employers and matters to %s:",
		more: "There is more: the rest is among your messages (/v1/berichten).",
		why:  "You get this mail %s because somebody of %s asked for it.", day: "every day that there is news", week: "on Mondays when there is news",
		end: "No longer? Your administrator can end it: digest %s.",
	},
}

// bytes is the letter as a mail server takes it.
func (l *letter) bytes() []byte {
	w := words[l.digest.Lang]
	subject := fmt.Sprintf(w.subject, l.region, len(l.news), l.partner)
	if len(l.news) == 1 {
		subject = fmt.Sprintf(w.one, l.region, l.partner)
	}
	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("From", l.from)
	head("To", l.digest.Email)
	head("Subject", mime.QEncoding.Encode("utf-8", oneLine(subject)))
	head("Date", l.now.In(l.zone).Format(time.RFC1123Z))
	_, domain, _ := strings.Cut(l.from, "@")
	head("Message-ID", fmt.Sprintf("<%s.%d@%s>", l.digest.ID, l.now.UnixMilli(), domain))
	head("Auto-Submitted", "auto-generated") // RFC 3834: nobody's out-of-office answers it
	head("MIME-Version", "1.0")
	head("Content-Type", "text/plain; charset=utf-8")
	head("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	line := func(text string) { fmt.Fprintf(body, "%s\r\n", text) }
	line(fmt.Sprintf(w.dear, l.partner))
	line("")
	for _, n := range l.news {
		line("- " + n.At.In(l.zone).Format("02-01-2006 15:04") + "  " + oneLine(n.Line))
	}
	line("")
	if l.more {
		line(w.more)
		line("")
	}
	how := w.day
	if l.digest.Every == access.EveryWeek {
		how = w.week
	}
	line(fmt.Sprintf(w.why, how, l.partner))
	line(fmt.Sprintf(w.end, l.digest.ID))
	body.Close() // into a buffer: it cannot fail
	return b.Bytes()
}

// oneLine keeps what people typed from beginning a line, or a header, of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 }), " ")
}
