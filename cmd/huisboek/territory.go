package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"huisboek/adapters/regions"
	"huisboek/events"
)

// territory is where a partner works.
type territory struct {
	Gemeenten []string `json:"gemeentecodes,omitempty"`
	Postcodes []string `json:"postcodes,omitempty"`
	Subregion string   `json:"subregio,omitempty"`
	Regions   []string `json:"arbeidsmarktregios,omitempty"`
}

func (t *territory) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&t.Gemeenten, "gemeente", nil, "its municipalities, GM0193,…")
	f.StringSliceVar(&t.Postcodes, "postcode", nil, "its postcodes, four digits or a range: 8011,8000-8049,…")
	f.StringVar(&t.Subregion, "subregion", "", "its part of the region")
	f.StringSliceVar(&t.Regions, "region", nil, "every labour-market region that it serves, AM36,… (default: this one)")
	typedOnly(f, "region") // HUISBOEK_REGION is the book's, for serve
}

// regionData are the regions and municipalities that this house goes by.
func (h *house) regionData() *regions.Data {
	if h.Regions != nil {
		return h.Regions
	}
	return regions.Default()
}

// check compares a territory with the municipalities that there are on a day. What
// cannot be is an error; what is unusual a warning, for a region knows its partners
// better than a file does.
func (h *house) check(t *territory, on events.Date) (warnings []string, err error) {
	d := h.regionData()
	for _, code := range t.Regions {
		if _, ok := d.Region(code); !ok {
			return nil, fmt.Errorf("%q is none of the %d labour-market regions, whose codes are as AM36", code, len(d.Regions()))
		}
	}
	serves := t.Regions
	if len(serves) == 0 {
		serves = []string{h.folder.Region}
	} else if !slices.Contains(serves, h.folder.Region) {
		warnings = append(warnings, fmt.Sprintf("%s, the region of this book, is not among those that it serves", h.folder.Region))
	}
	for _, code := range t.Gemeenten {
		warning, err := checkGemeente(d, code, serves, on)
		if err != nil {
			return nil, err
		}
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings, nil
}

func checkGemeente(d *regions.Data, code string, serves []string, on events.Date) (warning string, err error) {
	g, known := d.Gemeente(code)
	switch {
	case !known:
		return "", unknownGemeente(d, code)
	case on < g.From:
		return "", fmt.Errorf("%s %s does not exist before %s", g.Code, g.Name, g.From)
	case !g.Exists(on):
		if heir, ok := d.Heir(code, on); ok {
			return "", fmt.Errorf("%s %s no longer exists since %s: give %s %s, of which it is a part now", g.Code, g.Name, g.Until, heir.Code, heir.Name)
		}
		return "", fmt.Errorf("%s %s no longer exists since %s", g.Code, g.Name, g.Until)
	}
	var lies []string
	for _, m := range d.Of(code, on) {
		if slices.Contains(serves, m.Region) {
			return "", nil
		}
		if m.Certain {
			lies = append(lies, m.Region)
		} else {
			lies = append(lies, "perhaps "+m.Region)
		}
	}
	where := strings.Join(lies, " or ")
	if where == "" {
		where = "a region that is not known"
	}
	return fmt.Sprintf("%s %s lies in %s, not in %s: taken in all the same", g.Code, g.Name, where, strings.Join(serves, ", ")), nil
}

func unknownGemeente(d *regions.Data, code string) error {
	var near []string
	for _, g := range d.Near(code) {
		near = append(near, g.Code+" "+g.Name)
	}
	if len(near) > 0 {
		return fmt.Errorf("no municipality %q; near it: %s", code, strings.Join(near, ", "))
	}
	return fmt.Errorf("no municipality %q, as far as is known up to %s: serve --regions takes a newer file", code, d.CheckedUntil())
}
