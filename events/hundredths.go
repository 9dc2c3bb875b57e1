package events

import (
	"errors"
	"strconv"
	"strings"
)

// Hundredths is a number with at most two decimals, kept exactly: 36.5 hours is
// 3650. In JSON it is a number (docs/contract.md, "Same content").
type Hundredths int64

var errNoHundredths = errors.New("not a number with at most two decimals")

// String is the number with no more decimals than it needs: "36.5".
func (h Hundredths) String() string {
	sign, n := "", int64(h)
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.FormatInt(n/100, 10)
	if r := n % 100; r != 0 {
		s += strings.TrimRight("."+strconv.FormatInt(100+r, 10)[1:], "0")
	}
	return s
}

// MarshalJSON writes a JSON number, as RFC 8785 would.
func (h Hundredths) MarshalJSON() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalJSON reads a JSON number with at most two decimals and no exponent.
func (h *Hundredths) UnmarshalJSON(b []byte) error {
	n, ok := parseHundredths(string(b))
	if !ok {
		return errNoHundredths
	}
	*h = n
	return nil
}

// parseHundredths reads a JSON number of at most 13 digits before the point and
// at most two behind it.
func parseHundredths(s string) (Hundredths, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if whole == "" || len(whole) > 13 || len(fraction) > 2 || !digits(whole) || !digits(fraction) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if negative {
		n = -n
	}
	return Hundredths(n), err == nil
}
