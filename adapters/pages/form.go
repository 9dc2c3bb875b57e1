package pages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"huisboek/events"
	"huisboek/ledger"
)

// fault is what is wrong with a field of a form, in the reader's language. Field is
// the name of the input; the list on top of the page links to its id, "f-" and it.
type fault struct{ Field, Message string }

func faultOf(all []fault, field string) string {
	for _, f := range all {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

// choice is a link that chooses what a page shows, and whether it shows that now.
type choice struct {
	Name, Path string
	Here       bool
}

// option is an answer that a form offers.
type option struct {
	Value, Name string
	Chosen      bool
}

// form is what was filled in, for a template to show again.
type form struct {
	values url.Values
	Faults []fault
}

// form reads what was sent.
func (v *visit) form() (*form, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return nil, errTooLarge
	}
	for _, values := range v.r.PostForm {
		for i := range values {
			values[i] = strings.TrimSpace(strings.ToValidUTF8(values[i], "�"))
		}
	}
	return &form{values: v.r.PostForm}, nil
}

// filled is a form that nobody sent, with what it begins with.
func filled(pairs ...string) *form {
	f := &form{values: url.Values{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values.Add(pairs[i], pairs[i+1])
	}
	return f
}

// Get is the value of a field.
func (f *form) Get(field string) string { return f.values.Get(field) }

// All are the values of a field that can have several.
func (f *form) All(field string) []string { return f.values[field] }

// Has reports whether a field has a value among its own: a choice that was made.
func (f *form) Has(field, value string) bool { return slices.Contains(f.values[field], value) }

// Fault is what is wrong with a field, empty when nothing is.
func (f *form) Fault(field string) string { return faultOf(f.Faults, field) }

// wrong adds a fault.
func (f *form) wrong(field, message string) { f.Faults = append(f.Faults, fault{field, message}) }

// refused turns what the book said into faults of the form: fields says which input a
// member of the event ("/data/periode/tot") stands in; a member with no input of its
// own is told under "", without a link. It gives the error back when it is none of
// the form's.
func (v *visit) refused(f *form, err error, fields map[string]string) error {
	var told events.Faults
	if !errors.As(err, &told) {
		var p ledger.Problem
		if !errors.As(err, &p) || p.Status != http.StatusBadRequest && p.Status != http.StatusConflict {
			return err
		}
		if told = p.Faults; len(told) == 0 {
			f.wrong("", p.Detail)
			return nil
		}
	}
	for _, one := range told {
		field, known := fields[one.Field]
		for at := one.Field; !known && at != ""; field, known = fields[at] {
			at = at[:strings.LastIndexByte(at, '/')]
		}
		f.wrong(field, v.lang.of(one.Sentence))
	}
	return nil
}
