package pages

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// tokensOf are the colours of the styles in a theme.
func tokensOf(t *testing.T, dark bool) map[string]string {
	t.Helper()
	b, err := staticFiles.ReadFile("static/css/00-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):(?:light-dark\((#[0-9a-f]{3,6}),(#[0-9a-f]{3,6})\)|(#[0-9a-f]{3,6}))`).FindAllStringSubmatch(string(b), -1) {
		switch {
		case m[4] != "":
			all[m[1]] = m[4]
		case dark:
			all[m[1]] = m[3]
		default:
			all[m[1]] = m[2]
		}
	}
	return all
}

// luminance is the relative one of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	hex = hex[1:]
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

// Text has a contrast of 4.5 at least on every ground that it stands on, and what is
// no text 3 (WCAG 2.2, 1.4.3 and 1.4.11), in both themes.
func TestContrast(t *testing.T) {
	const text, shape = 4.5, 3
	for theme, dark := range map[string]bool{"light": false, "dark": true} {
		all := tokensOf(t, dark)
		for _, c := range []struct {
			front, ground string
			least         float64
		}{
			{"ink", "surface", text}, {"ink", "bg", text}, {"ink", "raise", text}, {"ink", "neu-b", text},
			{"muted", "surface", text}, {"muted", "bg", text}, {"muted", "raise", text}, {"muted", "neu-b", text},
			{"link", "surface", text}, {"link", "bg", text}, {"act", "surface", text}, {"act", "bg", text}, {"on-act", "act", text}, {"on-act", "act-h", text},
			{"on-bar", "bar", text}, {"on-bar", "bar-2", text}, {"on-sun", "sun", text},
			{"ok", "ok-b", text}, {"ok", "surface", text}, {"warn", "warn-b", text}, {"bad", "bad-b", text}, {"bad", "surface", text}, {"ink", "warn-b", text}, {"ink", "ok-b", text}, {"ink", "bad-b", text},
			{"on-seg", "gem", text}, {"on-seg", "uwv", text}, {"on-seg", "sw", text}, {"on-seg", "ov", text},
			{"gem", "surface", shape}, {"uwv", "surface", shape}, {"sw", "surface", shape}, {"ov", "surface", shape}, {"gem", "bg", shape}, {"uwv", "bg", shape}, {"sw", "bg", shape}, {"ov", "bg", shape},
			{"edge", "surface", shape}, {"edge", "bg", shape}, {"warn-e", "surface", shape}, {"bad-e", "surface", shape}, {"sun", "bar", shape}, {"sun", "bar-2", shape},
		} {
			front, ok1 := all[c.front]
			ground, ok2 := all[c.ground]
			if !ok1 || !ok2 {
				t.Errorf("%s on %s: no such colour", c.front, c.ground)
				continue
			}
			a, b := luminance(t, front)+0.05, luminance(t, ground)+0.05
			if ratio := max(a, b) / min(a, b); ratio < c.least {
				t.Errorf("%s: %s %s on %s %s is %.2f, want %g", theme, c.front, front, c.ground, ground, ratio, c.least)
			}
		}
	}
}
