package search

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold gives the words of a text as they are compared: without accents, case and
// punctuation, letters with dots as one word ("B.V." is "bv", and so is "b v"), "&"
// and "+" and the words for it as "en", "St." as "sint". Folding what was folded
// changes nothing.
func Fold(text string) []string {
	words := canonical(glueLetters(tokens(plain(text))))
	return words[:min(len(words), nameWords)]
}

// letters that no decomposition takes apart.
var letters = strings.NewReplacer("ø", "o", "æ", "ae", "œ", "oe", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ħ", "h", "ı", "i", "ŧ", "t")

// plain takes accents and case off.
func plain(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = norm.NFKD.String(cases.Fold().String(norm.NFKD.String(s)))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return letters.Replace(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// token is a word with whether only a dot stood before it.
type token struct {
	text string
	dot  bool
}

// tokens cuts a plain text into runs of letters and digits. An apostrophe within
// a word is no end of it.
func tokens(s string) (list []token) {
	begin, between := -1, ""
	end := func(i int) {
		if begin >= 0 {
			list = append(list, token{cut(s[begin:i], wordRunes), between == "."})
			begin, between = -1, ""
		}
	}
	for i, r := range s {
		switch {
		case r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsNumber(r)):
			if begin < 0 {
				begin = i
			}
			continue
		case (r == '\'' || r == '’') && begin >= 0 && i+len(string(r)) < len(s) && isLower(s[i+len(string(r))]):
			list = append(list, token{cut(s[begin:i], wordRunes) + "'", between == "."}) // joined below
			begin, between = -1, ""
			continue
		}
		end(i)
		if r == '&' || r == '+' {
			list, between = append(list, token{text: "en"}), ""
			continue
		}
		between += string(r)
	}
	end(len(s))
	return joinApostrophes(list)
}

func isLower(b byte) bool { return 'a' <= b && b <= 'z' }

func joinApostrophes(list []token) []token {
	out := list[:0]
	join := false
	for _, t := range list {
		text, more := strings.CutSuffix(t.text, "'")
		if join {
			last := &out[len(out)-1]
			last.text = cut(last.text+text, wordRunes)
		} else {
			out = append(out, token{text, t.dot})
		}
		join = more
	}
	return out
}

// cut is the first n characters of a text.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// glueLetters joins letters that stand alone: first those with only a dot between
// them, then the others.
func glueLetters(list []token) (words []string) {
	for i := 0; i < len(list); {
		n := 1
		for alone(list[i].text) && i+n < len(list) && list[i+n].dot && alone(list[i+n].text) {
			n++
		}
		dotted := n > 1
		for !dotted && alone(list[i].text) && i+n < len(list) && alone(list[i+n].text) &&
			(i+n+1 == len(list) || !list[i+n+1].dot || !alone(list[i+n+1].text)) {
			n++
		}
		var b strings.Builder
		for _, t := range list[i : i+n] {
			b.WriteString(t.text)
		}
		words = append(words, cut(b.String(), wordRunes))
		i += n
	}
	return words
}

func alone(w string) bool { return len(w) == 1 && isLower(w[0]) }

// sames are words that are one.
var sames = map[string]string{
	"and": "en", "und": "en", "st": "sint", "sinte": "sint", "gebr": "gebroeders", "geb": "gebroeders",
}

func canonical(words []string) []string {
	for i, w := range words {
		if same, ok := sames[w]; ok {
			words[i] = same
		}
	}
	return words
}

// weakWords are legal forms, articles and the like: found when they are typed, and
// needed only when nothing else was. A bit for each, so at most 64.
var weakWords = func() map[string]uint64 {
	weak := map[string]uint64{}
	for i, group := range strings.Fields(`
		en de het een t van vd der den ter ten te
		bv nv vof cv,commv stichting ua ba wa holding cooperatie,cooperatief,cooperatieve vereniging maatschap
		eenmanszaak firma,fa io gmbh ag kg ug,ohg bvba sprl srl sa,sarl ltd,limited inc,llc,corp plc`) {
		for _, w := range strings.Split(group, ",") {
			weak[w] = 1 << i
		}
	}
	return weak
}()

// foldedName is a name as it is looked for.
type foldedName struct {
	words  []string // all, different, in order of the alphabet
	glued  string
	weak   uint64
	strong int  // how many of words are not weak; all when all are
	idle   bool // all are
}

func foldNames(names []string) []foldedName {
	names = names[:min(len(names), MaxNames)]
	out := make([]foldedName, 0, len(names))
	for _, name := range names {
		words := Fold(name)
		if len(words) == 0 {
			continue
		}
		f := foldedName{glued: gluedName(words)}
		for _, w := range words {
			f.weak |= weakWords[w]
		}
		f.words = distinct(words)
		for _, w := range f.words {
			if weakWords[w] == 0 {
				f.strong++
			}
		}
		if f.strong == 0 {
			f.strong, f.idle = len(f.words), true
		}
		out = append(out, f)
	}
	return out
}

// gluedName is a name as one word, for names that are equal but for spaces, weak
// words and ij or y.
func gluedName(words []string) string {
	strong := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return weakWords[w] != 0 })
	if len(strong) == 0 {
		strong = words
	}
	return strings.ReplaceAll(strings.Join(strong, ""), "ij", "y")
}

// foldKey gives the words by which a key that is no KvK number is found: the parts
// of "DE-HRB-123456" and all of it; of a provisional key only that it is one.
func foldKey(key string) []string {
	if strings.HasPrefix(key, provisional) {
		return []string{strings.TrimSuffix(provisional, "-")}
	}
	words := Fold(key)
	return append(words, strings.Join(words, ""))
}

const provisional = "voorlopig-"
