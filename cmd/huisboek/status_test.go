package main

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

func TestFullOn(t *testing.T) {
	const gb = 1_000_000_000
	room := func(used, free, stream, streamMax, keys, keysMax int64) web.DiskStatus {
		return web.DiskStatus{Used: used * gb, Free: free * gb, Stream: stream * gb, StreamMax: streamMax * gb, Keys: keys * gb, KeysMax: keysMax * gb}
	}
	for name, c := range map[string]struct {
		disk  web.DiskStatus
		share float64 // of itself, a day
		want  events.Date
	}{
		"the disk first":       {room(10, 5, 6, 200, 1, 50), 0.01, "2027-01-11"},     // 5 GB at 0.1 a day
		"the stream first":     {room(10, 900, 6, 7, 1, 50), 0.01, "2026-12-08"},     // 1 GB at 0.06 a day: 16 days
		"the keys first":       {room(10, 900, 6, 200, 49, 50), 0.001, "2026-12-12"}, // 1 GB at 0.049 a day: 20 days
		"full already":         {room(10, 0, 6, 200, 1, 50), 0.01, "2026-11-22"},
		"over its limit":       {room(10, 900, 8, 7, 1, 50), 0.01, "2026-11-22"},
		"not growing":          {room(10, 5, 6, 200, 1, 50), 0, ""},
		"more than a century":  {room(10, 900, 6, 200, 1, 50), 1e-6, ""},
		"nothing in the files": {room(0, 900, 0, 200, 0, 50), 0.01, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fullOn("2026-11-22", c.share, &c.disk); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What a person sees of a book that is well, of one that is not, and of a new one.
func TestPrintStatus(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	fine := web.Status{
		Version: "1.2.3", Since: now, Position: 1234, LastAt: ago(3 * time.Minute), Records: true,
		Views: []web.ViewStatus{{Name: "beelden", Position: 1234}, {Name: "zoeken", Position: 1230, Lag: 4}},
		Partners: []web.PartnerStatus{
			{Partner: ledger.PartnerName{Name: "Gemeente A"}, Last: ago(time.Hour), Usual: 3},
			{Partner: ledger.PartnerName{Name: "Gemeente B"}, Last: ago(12 * 24 * time.Hour), Usual: 3, Silent: true},
			{Partner: ledger.PartnerName{Name: "Gemeente C"}, Silent: true},
		},
		Disk:     web.DiskStatus{Used: 1_500_000, Free: 12_000_000_000, Stream: 999, StreamMax: 200e9, Keys: 1000, KeysMax: 50e9, PerDay: 2e6, Full: "2030-01-01"},
		Backup:   &web.Done{At: *ago(26 * time.Hour), Position: 1000, Well: true, What: "/backup/a"},
		Verified: &web.Done{At: *ago(time.Minute), Position: 1200, What: "position 7 is gone"},
	}
	halted := fine
	halted.Records, halted.Trouble = false, "the chain is broken"
	halted.Views = []web.ViewStatus{{Name: "beelden", Position: 7, Trouble: "disk full"}}
	made := fine
	made.Views = []web.ViewStatus{{Name: "beelden", Position: 34, Lag: 1200, Making: true}, {Name: "zoeken", Lag: 1234, Making: true}}
	made.Partners = nil
	for name, c := range map[string]struct {
		status web.Status
		says   []string
		well   bool
	}{
		"fine": {fine, []string{
			"position 1234, last recorded 3 minutes ago", "Records    yes", "Views      up to date", "Search     at position 1230, 4 records behind",
			"3, of which 2 silent for longer than usual", "Gemeente B: last 12 days ago, usually within 3 days", "Gemeente C: has never told anything",
			"1.5 MB used, 12 GB free on the disk; records 999 bytes of 200 GB", "2 MB a day of late: full on 2030-01-01 (in 1136 days)",
			"Backup     26 hours ago, at position 1000: /backup/a", "Verified   FAILED just now, at position 1200: position 7 is gone",
		}, true},
		"halted": {halted, []string{"Records    NO: the chain is broken", "Views      STANDS STILL at position 7: disk full"}, false},
		"views being made": {made, []string{
			"Views      being made: at position 34, 1200 records to go", "Search     being made: at position 0", "Partners   not known while the views are being made",
		}, true},
		"new": {web.Status{Records: true}, []string{
			"nothing recorded yet", "none yet: huisboek partner add", "none known: huisboek backup", "not yet: huisboek verify", "too young to say",
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := printStatus(&out, &c.status, now); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("does not say %q:\n%s", want, &out)
				}
			}
			if well(&c.status) != c.well {
				t.Errorf("well is %v", !c.well)
			}
		})
	}
}

// Of a book of less than a day nothing can be said of its growth; what was read
// whole at the start counts as a verification.
func TestStatusOfANewBook(t *testing.T) {
	var later atomic.Int64 // days: others read the clock meanwhile
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36", Now: func() time.Time {
		return time.Now().AddDate(0, 0, int(later.Load()))
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	h.scrubAll(t.Context())
	s, err := h.status(t.Context(), struct{}{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Disk.PerDay != 0 || s.Disk.Full != "" || s.Disk.Used == 0 || s.Disk.Free == 0 {
		t.Errorf("room: %+v", s.Disk)
	}
	if s.Verified == nil || !s.Verified.Well || s.Verified.Position != 1 || s.Backup != nil {
		t.Errorf("verified %+v, backup %+v", s.Verified, s.Backup)
	}
	later.Store(10)
	if d, err := h.disk(t.Context()); err != nil || d.PerDay == 0 {
		t.Errorf("ten days later: %+v, %v", d, err)
	}
}
