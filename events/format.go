package events

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// format is the form that a string must have. Check and pattern say the same
// where a pattern can; a test holds them together.
type format struct {
	code    code
	check   func(string) bool
	pattern string // ECMA-262, for the JSON Schema
	schema  string // the "format" of the JSON Schema
	max     int    // characters, when no max tag says less
	text    bool   // any text: must not be empty or hold control characters
	lines   bool   // text that may have more than one line
	guard   bool   // looked through for a BSN (bsn.go)
}

// formats are the words that a check tag may use. Where a pattern comes from is
// said at its check.
var formats = map[string]*format{
	"text":      {text: true, lines: true, guard: true, max: 2000, pattern: `\S`},
	"label":     {text: true, guard: true, max: 255, pattern: `^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$`},
	"id":        {text: true, guard: true, max: 255, pattern: `^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$`},
	"extension": {text: true, guard: true},
	"uuid":      {code: codeUUID, check: isUUID, schema: "uuid", pattern: `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`},
	"date":      {code: codeDate, check: isDate, schema: "date", pattern: `^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`},
	"time":      {code: codeTime, check: isTime, pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]$`},
	"duration":  {code: codeDuration, check: isDuration, schema: "duration", pattern: `^PT([0-9]{1,2}H([0-9]{1,2}M)?|[0-9]{1,4}M)$`},
	"moment":    {code: codeMoment, check: isMoment, schema: "date-time", pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$`},
	"phone":     {code: codePhone, check: isPhone, guard: true, pattern: `^\+?[0-9 ()./-]{5,19}[0-9]$`},
	"email":     {code: codeEmail, check: isEmail, guard: true, schema: "email", max: 254, pattern: `^[^\s@\x00-\x1F\x7F-\x9F]{1,64}@[^\s@\x00-\x1F\x7F-\x9F]+\.[^\s@.\x00-\x1F\x7F-\x9F]+$`},
	"postcode":  {code: codePostcode, check: isPostcode, pattern: `^[1-9][0-9]{3}[A-Z]{2}$`},
	"postcodes": {code: codePostcodes, check: isPostcodes, pattern: `^[1-9][0-9]{3}(-[1-9][0-9]{3})?$`},
	"gemeente":  {code: codeGemeente, check: isGemeente, pattern: `^GM[0-9]{4}$`},
	"region":    {code: codeRegion, check: isRegion, pattern: `^AM[0-9]{2}$`},
	"kvk":       {code: codeKvK, check: isKvK, pattern: `^[0-9]{8}$`},
	"vestiging": {code: codeBranch, check: isBranch, pattern: `^[0-9]{12}$`},
	"land":      {code: codeCountry, check: isCountry, pattern: `^[A-Z]{2}$`},
	"register":  {code: codeRegister, check: isRegister, pattern: `^[0-9A-Za-z]{1,32}$`},
	"nummer":    {code: codeNumber, check: isRegisterNumber, pattern: `^[0-9A-Za-z][0-9A-Za-z.-]{0,39}$`},
	"oin":       {code: codeOIN, check: isOIN, pattern: `^[0-9]{20}$`},
	"identity":  {code: codeIdentity, check: isIdentity, pattern: `^urn:nld:(oin:[0-9]{20}|kvknr:[0-9]{8})$`},
	"source":    {code: codeSource, check: isSource, guard: true, max: 255, pattern: `^urn:nld:(oin:[0-9]{20}:systeem:[0-9A-Za-z][0-9A-Za-z._-]{0,99}|kvknr:[0-9]{8}((\.|:systeem:)[0-9A-Za-z][0-9A-Za-z._-]{0,99})?)$`},
	"uri":       {code: codeURI, check: isURI, guard: true, schema: "uri", max: 1024, pattern: `^[A-Za-z][0-9A-Za-z+.-]*:[^\s]+$`},
	"sbi":       {code: codeSBI, check: isSBI, pattern: `^[0-9]{2,6}$`},
}

// Numbers of the Handelsregister have no check digit that is published (KvK
// OpenAPI documents zoeken 2.1.0 and basisprofiel 1.5.0).
func isKvK(s string) bool    { return len(s) == 8 && digits(s) }
func isBranch(s string) bool { return len(s) == 12 && digits(s) }

// OIN-stelsel 2.2.2: prefix, main number and suffix, together 20 positions.
func isOIN(s string) bool { return len(s) == 20 && digits(s) }

// CBS: GM and four digits, AM and two. Which codes are in force changes by the
// year, so the list is not for a format that is frozen.
func isGemeente(s string) bool { return len(s) == 6 && s[:2] == "GM" && digits(s[2:]) }
func isRegion(s string) bool   { return len(s) == 4 && s[:2] == "AM" && digits(s[2:]) }

// SBI 2008 has codes of 2 to 5 digits and SBI 2025 of 5; the Handelsregister
// showed 6 in places. Only the form is checked, never the list (docs/contract.md).
func isSBI(s string) bool { return len(s) >= 2 && len(s) <= 6 && digits(s) }

// The form that VUM and the KvK use, 8011AB, without the three pairs of letters
// that are never given out.
func isPostcode(s string) bool {
	if len(s) != 6 || s[0] == '0' || !digits(s[:4]) || !capitals(s[4:]) {
		return false
	}
	return s[4:] != "SA" && s[4:] != "SD" && s[4:] != "SS"
}

func isPostcodes(s string) bool {
	from, to, isRange := strings.Cut(s, "-")
	ok := func(s string) bool { return len(s) == 4 && s[0] != '0' && digits(s) }
	return ok(from) && (!isRange || ok(to) && from <= to)
}

func isCountry(s string) bool  { return len(s) == 2 && capitals(s) }
func isRegister(s string) bool { return len(s) <= 32 && isWord(s, "") }

// A register number stands in paths (Employer.Key), so nothing that needs
// escaping there may be in it.
func isRegisterNumber(s string) bool { return len(s) <= 40 && isWord(s, ".-") }

// isUUID takes the form of RFC 9562 in lower case only: ids are compared as
// text, and two spellings of one id would be two ids.
func isUUID(s string) bool { return uuidShape(s) && strings.ToLower(s) == s }

// uuidShape takes upper case too.
func uuidShape(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
	}
	return true
}

func isTime(s string) bool {
	return len(s) == 5 && s[2] == ':' && digits(s[:2]) && digits(s[3:]) && s[:2] < "24" && s[3:] < "60"
}

// isDuration takes ISO 8601 in hours and minutes, from a minute to a day.
func isDuration(s string) bool {
	rest, ok := strings.CutPrefix(s, "PT")
	if !ok || rest == "" {
		return false
	}
	total := 0
	if h, after, found := strings.Cut(rest, "H"); found {
		n, ok := count(h, 2)
		if !ok {
			return false
		}
		total, rest = n*60, after
		if m, found := strings.CutSuffix(rest, "M"); rest != "" {
			n, ok := count(m, 2)
			total += n
			return found && ok && total >= 1 && total <= 24*60
		}
		return total >= 1 && total <= 24*60
	}
	m, found := strings.CutSuffix(rest, "M")
	total, ok = count(m, 4)
	return found && ok && total >= 1 && total <= 24*60
}

// count reads 1 to most digits.
func count(s string, most int) (int, bool) {
	if s == "" || len(s) > most || !digits(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// isMoment takes RFC 3339 with an offset and at most nine decimals. time.Parse
// alone takes more than RFC 3339 does: a comma, and one digit of an hour.
func isMoment(s string) bool {
	if len(s) < 20 || len(s) > 35 || strings.Contains(s, ",") {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil && s[10] == 'T' && s[13] == ':' && s[19] != ','
}

// isPhone takes what people write: digits, with spaces, brackets, dashes, dots
// and slashes between them, and a plus in front.
func isPhone(s string) bool {
	s = strings.TrimPrefix(s, "+")
	if len(s) < 6 || len(s) > 20 {
		return false
	}
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			n++
		case strings.IndexByte(" ()./-", c) < 0:
			return false
		}
	}
	last := s[len(s)-1]
	return n >= 6 && last >= '0' && last <= '9'
}

// isEmail takes one @ with something before it and a dotted name behind it;
// whether it works only sending can tell.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len([]rune(local)) > 64 || strings.Contains(domain, "@") || hasSpaceOrControl(s) {
		return false
	}
	dot := strings.LastIndexByte(domain, '.')
	return dot > 0 && dot < len(domain)-1
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && len(s) > len(u.Scheme)+1 && !hasSpaceOrControl(s)
}

func capitals(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}
