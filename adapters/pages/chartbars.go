package pages

import "math"

// bar is a row of a chart of bars: what there is in segments beside each other, how
// long it is to become, and how long it would be by now.
type bar struct {
	Label    string // what it says to who does not see it
	Segments []segment
	Track    string // percent; empty: there is no goal
	Goal     string
	Pace     string
}

// segment is a part of a bar, in percents of the room.
type segment struct {
	X, W  string
	Kind  string // class of colour; its pattern is that of the same name
	Text  string // empty: no room for it
	Tight bool   // no room for it on a phone
}

// part is what a segment is drawn from.
type part struct {
	amount float64
	kind   string
	text   string
}

// barRoom is how much of the width the longest bar takes, in percent: what marks its
// end has to stay within.
const barRoom = 98

// drawnBar is a row on a scale, of which most is the longest. Goal and pace are -1
// when there is none.
func drawnBar(label string, parts []part, goal, pace, most float64) bar {
	width := func(amount float64) float64 { return barRoom * max(amount, 0) / max(most, 1e-9) }
	b := bar{Label: label}
	x := 0.0
	for _, p := range parts {
		w := width(p.amount)
		if w <= 0 {
			continue
		}
		s := segment{X: coordinate(x), W: coordinate(max(w, 0.3)), Kind: p.kind, Text: p.text}
		// a character is about one percent and a half of the room on a screen, and three on a phone
		room := math.Max(w, 0)
		s.Tight = room < 4+3.6*float64(len(p.text))
		if room < 2+1.8*float64(len(p.text)) {
			s.Text = ""
		}
		b.Segments = append(b.Segments, s)
		x += w
	}
	if goal >= 0 {
		b.Goal, b.Track = coordinate(width(goal)), coordinate(width(goal))
	}
	if pace >= 0 {
		b.Pace = coordinate(width(pace))
	}
	return b
}

// sparkline is a small line of amounts, in a box of 100 by 100.
func sparkline(amounts []float64) string {
	if len(amounts) < 2 {
		return ""
	}
	most := 1.0
	for _, a := range amounts {
		most = max(most, a)
	}
	d := ""
	for i, a := range amounts {
		step := "L"
		if i == 0 {
			step = "M"
		}
		d += step + coordinate(100*float64(i)/float64(len(amounts)-1)) + " " + coordinate(94-88*a/most)
	}
	return d
}
