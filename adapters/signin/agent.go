package signin

import (
	"strings"
	"unicode"
)

// maxAgent is how long the words of a user agent are at most, in characters.
const maxAgent = 200

// Browsers and systems, each before those whose words it has too.
var (
	browsers = [][2]string{
		{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = [][2]string{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Macintosh", "macOS"}, {"Linux", "Linux"},
	}
)

// agentWords is in a few words what somebody uses ("Firefox, Windows"), or what it says of
// itself when that is not known.
func agentWords(header string) string {
	in := func(table [][2]string) string {
		for _, row := range table {
			if strings.Contains(header, row[0]) {
				return row[1]
			}
		}
		return ""
	}
	browser, system := in(browsers), in(systems)
	if browser != "" && system != "" {
		return browser + ", " + system
	}
	return clean(header, maxAgent)
}

// clean is a text on one line of at most so many characters, without what cannot be seen
// or turns the direction of what is read.
func clean(text string, most int) string {
	var b strings.Builder
	n, gap := 0, false
	for _, r := range strings.ToValidUTF8(text, "") {
		switch {
		case unicode.IsSpace(r):
			gap = n > 0
			continue
		case !unicode.IsGraphic(r):
			continue
		}
		if gap && n+1 < most { // a gap at the very end is none
			b.WriteByte(' ')
			n++
		} else if gap {
			break
		}
		if gap = false; n >= most {
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
