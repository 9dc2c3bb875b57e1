package events

import (
	"reflect"
	"strconv"
	"strings"
)

// maxInteger is the largest integer that every JSON reader keeps exactly
// (RFC 8785, RFC 7493): 2^53-1.
const maxInteger = 1<<53 - 1

// checkString checks a string by its rule, one fault at most.
func (r *reader) checkString(rule *valueRule, s string) bool {
	c, limit := stringFault(rule.format, rule.max, s)
	switch {
	case c == codeTooLong:
		return r.add(c, limit)
	case c != "":
		return r.add(c)
	case rule.enum == nil:
		return true
	}
	switch c := rule.enum.fault(s); c {
	case "":
		return true
	case codeUnknownValue, codeEntrepreneur:
		return r.add(c, strings.Join(rule.enum.values, ", "))
	default:
		return r.add(c)
	}
}

// stringFault is what is wrong with a string under a format, and the limit for
// one that is too long.
func stringFault(f *format, limit *int, s string) (code, int) {
	if s == "" {
		return codeEmpty, 0
	}
	if limit != nil && longerThan(s, *limit) {
		return codeTooLong, *limit
	}
	if f == nil {
		return "", 0
	}
	if f.text {
		if c := textFault(s, f.lines); c != "" {
			return c, 0
		}
	}
	if f.check != nil && !f.check(s) {
		return f.code, 0
	}
	if f.guard && guarded(f, s) {
		return codeBSN, 0
	}
	return "", 0
}

// guarded reports whether a BSN may stand in s. Of a source only the system's
// name is free text; its number is checked by its form.
func guarded(f *format, s string) bool {
	switch f.code {
	case codeSource:
		_, rest, _ := splitSource(s)
		s = systemOf(rest)
	case codePhone:
		if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") {
			return false // what follows a country code has nine digits in the Netherlands
		}
	}
	_, found := HasBSN(s)
	return found
}

// number reads a number. Numbers that canonical JSON cannot tell apart are
// refused (docs/contract.md, "Same content").
func (r *reader) number(rule *valueRule, n int32, v reflect.Value) bool {
	raw := r.raw(n)
	if c := numberFault(raw, rule.decimals); c != "" {
		if c == codeDecimals {
			return r.add(c, 2)
		}
		return r.add(c)
	}
	unit := int64(1)
	var value int64
	if rule.decimals {
		h, _ := parseHundredths(raw) // a sum of the checks above
		value, unit = int64(h), 100
	} else {
		value, _ = strconv.ParseInt(raw, 10, 64)
	}
	lowest := rule.min
	if v.Kind() == reflect.Uint64 { // a key's id: sequences begin at 1
		lowest = &one
	}
	switch {
	case r.stored:
	case lowest != nil && value < int64(*lowest)*unit:
		return r.add(codeTooLow, *lowest)
	case rule.max != nil && value > int64(*rule.max)*unit:
		return r.add(codeTooHigh, *rule.max)
	}
	switch {
	case v.Kind() != reflect.Uint64:
		v.SetInt(value)
	case value < 1:
		return r.add(codeTooLow, one)
	default:
		v.SetUint(uint64(value))
	}
	return true
}

var one = 1

// numberFault is what is wrong with the way a JSON number is written.
func numberFault(raw string, decimals bool) code {
	if strings.ContainsAny(raw, "eE") {
		return codeExponent
	}
	whole, fraction, hasFraction := strings.Cut(raw, ".")
	unsigned := strings.TrimPrefix(whole, "-")
	if len(whole) > len(unsigned) && strings.Trim(unsigned+fraction, "0") == "" {
		return codeMinusZero
	}
	if len(unsigned) > 16 {
		return codeNumberRange
	}
	if n, _ := strconv.ParseUint(unsigned, 10, 64); n > maxInteger || n == maxInteger && strings.Trim(fraction, "0") != "" {
		return codeNumberRange
	}
	switch {
	case hasFraction && !decimals:
		return codeNotWhole
	case len(fraction) > 2:
		return codeDecimals
	case decimals && len(unsigned) > 13: // beyond what hundredths hold
		return codeNumberRange
	}
	return ""
}
