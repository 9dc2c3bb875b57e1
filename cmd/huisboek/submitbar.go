package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	barEvery  = 200 * time.Millisecond // on a terminal
	lineEvery = 30 * time.Second       // elsewhere
	barWindow = 10 * time.Second       // that the rate is of
)

// bar tells how far a file is: on a terminal on one line that is written over,
// elsewhere with a line now and then.
type bar struct {
	w        io.Writer
	terminal bool
	now      func() time.Time

	name    string
	size    int64 // -1: not known
	at      mark
	last    time.Time // when it was told
	sampled time.Time
	sample  mark
	events  float64 // a second
	bytes   float64
	width   int  // of what stands on the line; 0: nothing
	shown   bool // this file, on a terminal
	limited bool // it was told that the book asks to send slower
}

func newBar(w io.Writer) *bar { return &bar{w: w, terminal: isTerminal(w), now: time.Now} }

// begin is called before the first event of a file; from is where it goes on.
func (b *bar) begin(name string, size int64, from mark) {
	*b = bar{w: b.w, terminal: b.terminal, now: b.now, limited: b.limited, name: name, size: size, at: from, last: b.now(), sampled: b.now(), sample: from}
}

// show tells how far it is, when it is time for that; free is whether the line of
// a terminal is its own.
func (b *bar) show(at mark, free bool) {
	now := b.now()
	b.at, b.shown = at, b.terminal && free
	if past := now.Sub(b.sampled).Seconds(); past >= 0.5 {
		weight := 1 - math.Exp(-past/barWindow.Seconds())
		if b.events == 0 {
			weight = 1
		}
		b.events += weight * (float64(at.Events-b.sample.Events)/past - b.events)
		b.bytes += weight * (float64(at.Bytes-b.sample.Bytes)/past - b.bytes)
		b.sampled, b.sample = now, at
	}
	switch past := now.Sub(b.last); {
	case b.shown && past >= barEvery:
		b.draw(b.text())
	case !b.terminal && past >= lineEvery:
		fmt.Fprintln(b.w, "huisboek: "+b.text())
	default:
		return
	}
	b.last = now
}

// wait tells on the line of a terminal why nothing goes on, and reports whether it
// did.
func (b *bar) wait(err error, pause time.Duration) bool {
	if b.shown {
		b.draw(fmt.Sprintf("%s; waits %s: %v", b.text(), pause.Round(100*time.Millisecond), err))
	}
	return b.shown
}

func (b *bar) text() string {
	at := fmt.Sprintf("%d events, %s", b.at.Events, megabytes(b.at.Bytes))
	if b.size > 0 {
		at = fmt.Sprintf("%d %%, %d events, %s of %s", min(100*b.at.Bytes/b.size, 100), b.at.Events, megabytes(b.at.Bytes), megabytes(b.size))
	}
	if b.events > 0 {
		at += fmt.Sprintf(", %.0f/s", b.events)
	}
	if left := float64(b.size - b.at.Bytes); b.bytes > 0 && left >= 0 {
		at += fmt.Sprintf(", %s left", time.Duration(left/b.bytes*float64(time.Second)).Round(time.Second))
	}
	return b.name + ": " + at
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// longestBar is how much of a line is written: more would go on to the next one of
// most terminals, and stay there.
const longestBar = 118

func (b *bar) draw(text string) {
	if runes := []rune(text); len(runes) > longestBar {
		text = string(runes[:longestBar-1]) + "…"
	}
	width := utf8.RuneCountInString(text)
	fmt.Fprint(b.w, "\r"+text+strings.Repeat(" ", max(b.width-width, 0)))
	b.width = width
}

// clear makes the line of a terminal free again.
func (b *bar) clear() {
	if b.width > 0 {
		fmt.Fprint(b.w, "\r"+strings.Repeat(" ", b.width)+"\r")
		b.width = 0
	}
}
