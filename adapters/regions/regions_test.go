package regions_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"huisboek/adapters/regions"
	"huisboek/events"
)

// names are the municipalities of a region, those that are not certain in brackets.
func names(d *regions.Data, region string, on events.Date) []string {
	var all []string
	for _, m := range d.In(region, on) {
		name := m.Gemeente.Name
		if !m.Certain {
			name = "(" + name + ")"
		}
		all = append(all, name)
	}
	return all
}

const zwolle = "Dalfsen Hardenberg Hattem Kampen Meppel Oldebroek Ommen Raalte Staphorst Steenwijkerland Westerveld Zwartewaterland Zwolle"

// Regio Zwolle is 14 municipalities or 13, depending on the year; of one it is not
// known when it left.
func TestThirteenOrFourteen(t *testing.T) {
	for _, c := range []struct {
		on     events.Date
		heerde string
	}{
		{"2015-01-01", "Heerde"},
		{"2015-01-02", "(Heerde)"},
		{"2018-06-01", "(Heerde)"},
		{"2020-12-31", "(Heerde)"},
		{"2021-01-01", ""},
		{"2026-11-22", ""},
	} {
		want := strings.Fields(zwolle)
		if c.heerde != "" {
			want = slices.Insert(want, 3, c.heerde)
		}
		if got := names(regions.Default(), "AM36", c.on); !slices.Equal(got, want) {
			t.Errorf("%s: %d, %v\nwant %d, %v", c.on, len(got), got, len(want), want)
		}
	}
	for _, m := range regions.Default().In("AM36", "2014-12-31") {
		if m.Certain || m.Note == "" {
			t.Errorf("before the oldest source %s is certain (%t), because %q", m.Gemeente.Name, m.Certain, m.Note)
		}
	}
}

// Where the sources do not say when, or contradict each other, both regions have the
// municipality on the days that are in doubt, and say why.
func TestNotCertain(t *testing.T) {
	for _, c := range []struct {
		gemeente string
		on       events.Date
		want     string // its regions, in brackets when not certain
	}{
		{"GM0246", "2015-01-01", "AM36"}, // Heerde
		{"GM0246", "2018-06-01", "(AM36) (AM06)"},
		{"GM0246", "2021-01-01", "AM06"},
		{"GM0450", "2018-06-01", "(AM37) (AM15)"}, // Uitgeest
		{"GM0450", "2022-01-01", "AM15"},
		{"GM0523", "2018-06-01", "(AM35) (AM23)"}, // Hardinxveld-Giessendam
		{"GM1706", "2018-06-01", "(AM28) (AM33)"}, // Cranendonck
		{"GM0274", "2018-06-01", "AM38 (AM07)"},   // Renkum
		{"GM0274", "2023-01-01", "(AM38) (AM07)"},
		{"GM1961", "2021-01-01", "AM35 (AM13)"}, // Vijfheerenlanden
		{"GM1961", "2023-01-01", "(AM35) (AM13)"},
		{"GM1961", "2016-01-01", "(AM35) (AM13)"},
		{"GM0193", "2026-11-22", "AM36"},
		{"GM0457", "2022-03-23", "AM12"}, // Weesp
		{"GM0457", "2022-03-24", ""},
		{"GM9999", "2022-03-24", ""},
	} {
		var got []string
		for _, m := range regions.Default().Of(c.gemeente, c.on) {
			if m.Certain {
				got = append(got, m.Region)
				continue
			}
			got = append(got, "("+m.Region+")")
			if m.Note == "" || len(m.Sources) == 0 {
				t.Errorf("%s in %s on %s: not certain, and it does not say why: %+v", c.gemeente, m.Region, c.on, m)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s on %s: %v, want %s", c.gemeente, c.on, got, c.want)
		}
	}
}

func TestMergers(t *testing.T) {
	d := regions.Default()
	for _, c := range []struct {
		region string
		on     events.Date
		name   string
		want   bool
	}{
		{"AM12", "2022-03-23", "Weesp", true},
		{"AM12", "2022-03-24", "Weesp", false},
		{"AM18", "2022-03-24", "Weesp", false}, // it is Amsterdam then
		{"AM18", "2022-03-24", "Amsterdam", true},
		{"AM15", "2021-12-31", "Heerhugowaard", true},
		{"AM15", "2021-12-31", "Langedijk", true},
		{"AM15", "2021-12-31", "Dijk en Waard", false},
		{"AM15", "2022-01-01", "Heerhugowaard", false},
		{"AM15", "2022-01-01", "Langedijk", false},
		{"AM15", "2022-01-01", "Dijk en Waard", true},
		{"AM17", "2021-12-31", "Beemster", true},
		{"AM17", "2022-01-01", "Beemster", false},
		{"AM27", "2022-01-01", "Land van Cuijk", true},
		{"AM27", "2022-01-01", "Maashorst", true},
		{"AM22", "2022-12-31", "Brielle", true},
		{"AM22", "2023-01-01", "Voorne aan Zee", true},
		{"AM22", "2023-01-01", "Brielle", false},
	} {
		if got := slices.Contains(names(d, c.region, c.on), c.name); got != c.want {
			t.Errorf("%s in %s on %s: %t", c.name, c.region, c.on, got)
		}
	}
	for _, c := range []struct {
		code string
		on   events.Date
		want string // code; empty is nobody
	}{
		{"GM0457", "2022-03-23", "GM0457"},
		{"GM0457", "2022-03-24", "GM0363"},
		{"GM0398", "2026-11-22", "GM1980"},
		{"GM1980", "2021-12-31", ""},
		{"GM9999", "2021-12-31", ""},
	} {
		heir, ok := d.Heir(c.code, c.on)
		if heir.Code != c.want || ok != (c.want != "") {
			t.Errorf("heir of %s on %s: %q %t, want %q", c.code, c.on, heir.Code, ok, c.want)
		}
	}
}

// Every row of the sources is in the data, and nothing else is on those days but
// what is not certain.
func TestAgreesWithSources(t *testing.T) {
	f, err := os.Open("testdata/sources.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := regions.Default()
	rows, mergers, listed := map[events.Date]int{}, 0, map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		words := strings.Fields(s.Text())
		if words[0] == "#" {
			continue
		}
		on := events.Date(words[0])
		if strings.HasPrefix(words[1], "GM") {
			mergers++
			if g, _ := d.Gemeente(words[1]); g.Until != on || g.Into != words[2] {
				t.Errorf("%s: until %s into %s, want %s %s", words[1], g.Until, g.Into, on, words[2])
			}
			continue
		}
		listed[words[1]] = true
		want := words[2:]
		var certain []string
		for _, m := range d.In(words[1], on) {
			code := m.Gemeente.Code[2:]
			if m.Certain {
				certain = append(certain, code)
			}
			if !m.Certain && slices.Contains(want, code) && on == "2021-01-01" {
				t.Errorf("%s in %s is in the official table of %s, and not certain", code, words[1], on)
			}
		}
		rows[on] += len(want)
		for _, code := range want {
			if !slices.Contains(certain, code) && code != "0274" && code != "1961" { // whom the sources contradict
				t.Errorf("GM%s is not certain in %s on %s", code, words[1], on)
			}
		}
		for _, code := range certain {
			if !slices.Contains(want, code) {
				t.Errorf("GM%s is in %s on %s, and the source does not say so", code, words[1], on)
			}
		}
	}
	if rows["2021-01-01"] != 352 || rows["2023-01-01"] != 342 || mergers != 14 || len(listed) != 35 {
		t.Errorf("read %v rows and %d mergers of %d regions", rows, mergers, len(listed))
	}
	if all := d.Regions(); len(all) != 35 || !slices.IsSortedFunc(all, func(a, b regions.Region) int { return strings.Compare(a.Code, b.Code) }) {
		t.Errorf("%d regions", len(all))
	}
	if r, ok := d.Region("AM36"); !ok || r.Name != "Regio Zwolle" {
		t.Errorf("AM36 is %q", r.Name)
	}
	if _, ok := d.Region("AM04"); ok {
		t.Error("AM04 is a code that CBS does not use")
	}
	if d.From() != "2015-01-01" || d.CheckedUntil() != "2023-01-01" || len(d.Sources()) == 0 {
		t.Errorf("from %s, checked until %s, %d sources", d.From(), d.CheckedUntil(), len(d.Sources()))
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"GM193", "GM0193"},
		{"0193", "GM0193"},
		{"193", "GM0193"},
		{"zwolle", "GM0193"},
		{"Zwole", "GM0193"},
		{"Dijk en Waard", "GM1980"},
		{"GM9999", ""},
		{"", ""},
		{strings.Repeat("x", 1<<20), ""},
	} {
		var got []string
		for _, g := range regions.Default().Near(c.word) {
			got = append(got, g.Code)
		}
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("near %.20q: %v, want %s", c.word, got, c.want)
		}
	}
	if near := regions.Default().Near("GM0194"); len(near) == 0 || len(near) > 3 {
		t.Errorf("near GM0194: %v", near)
	}
}
