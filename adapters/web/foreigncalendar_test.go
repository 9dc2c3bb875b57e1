package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// debianPython is the python that Debian's python3-icalendar is for; another one may
// come first on the path.
const debianPython = "/usr/bin/python3"

// readCalendar is a calendar as a program reads it that is not ours: every text as it
// is shown, and every time of day in UTC by the zone that the calendar itself brings.
const readCalendar = `
import icalendar, json, pytz, sys
from datetime import datetime
cal = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
zone = cal.walk('VTIMEZONE')[0].to_tz()
def when(prop):
    v = prop.dt
    if not isinstance(v, datetime):
        return v.isoformat()
    if prop.params.get('TZID'):
        assert prop.params['TZID'] == str(zone), prop.params
        v = zone.localize(v.replace(tzinfo=None))
    return v.astimezone(pytz.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
events = []
for e in cal.walk('VEVENT'):
    assert not e.errors, e.errors
    events.append({
        'uid': str(e['UID']), 'sequence': int(e['SEQUENCE']), 'status': str(e['STATUS']), 'transp': str(e['TRANSP']),
        'changed': when(e['LAST-MODIFIED']), 'stamp': when(e['DTSTAMP']),
        'start': when(e['DTSTART']), 'wall': e['DTSTART'].dt.isoformat()[:16],
        'end': when(e['DTEND']) if 'DTEND' in e else '', 'lasts': int(e['DURATION'].dt.total_seconds() // 60) if 'DURATION' in e else 0,
        'summary': str(e['SUMMARY']), 'description': str(e['DESCRIPTION']), 'location': str(e.get('LOCATION', '')),
    })
json.dump({'name': str(cal['X-WR-CALNAME']), 'method': str(cal['METHOD']), 'refresh': str(cal['REFRESH-INTERVAL']),
    'broken': [str(x) for x in cal.errors], 'events': events}, sys.stdout)
`

type readEvent struct {
	UID, Status, Transp, Changed, Stamp, Start, Wall, End string
	Summary, Description, Location                        string
	Sequence, Lasts                                       int
}

// TestCalendarForeign: a parser that is not ours finds in a calendar what was planned:
// names as they were said, the hours around both changes of the clock, periods with
// their last day, and what was moved, called off and retracted under the same UID.
func TestCalendarForeign(t *testing.T) {
	if os.Getenv("HUISBOEK_TOOLS") != "1" { // else a tool that is missing fails
		t.Skip("needs python3-icalendar: runs with HUISBOEK_TOOLS=1, as make test does")
	}
	h := newHouse(t)
	roots := h.agendaStory()
	f := h.makeFeed("steward", `{"voor":"regio","naam":"Regio; plannen, alle"}`)
	parse := exec.CommandContext(t.Context(), debianPython, "-c", readCalendar)
	parse.Stdin = bytes.NewBufferString(h.get("", f.Address).body)
	var said bytes.Buffer
	parse.Stderr = &said
	out, err := parse.Output()
	if err != nil {
		t.Fatalf("%v: run make deps? %s", err, said.String())
	}
	var got struct {
		Name, Method string
		Refresh      string
		Broken       []string
		Events       []readEvent
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "Regio; plannen, alle" || got.Method != "PUBLISH" || got.Refresh != "PT1H" || len(got.Broken) != 0 {
		t.Errorf("%+v", got)
	}
	changed := h.now().Truncate(time.Minute).UTC().Format(time.RFC3339)
	const holds = "; dit plan houdt de werkgever vast."
	about := func(partner, employee, employer, state string) string {
		return fmt.Sprintf("Partner: Partner %s\nAccountmanager: Consulent %s, 038 000 01 12\nWerkgever: %s\nDoel: nazorg\nStand: %s", partner, employee, employer, state)
	}
	want := map[string]readEvent{
		"autumn before": {Status: "CONFIRMED", Transp: "OPAQUE", Start: "2026-10-24T23:30:00Z", Wall: "2026-10-25T01:30", Lasts: 60,
			Summary: nastyName + ": nazorg (Partner A)", Description: about("A", "am-1", "69599084", "gepland"+holds), Location: "Zwolle, Assendorp"},
		"autumn twice": {Status: "CONFIRMED", Transp: "OPAQUE", Wall: "2026-10-25T02:30", Lasts: 30,
			Summary: nastyName + ": nazorg (Partner A)", Description: about("A", "am-1", "69599084", "gepland"+holds), Location: "Zwolle, Assendorp"},
		"autumn after": {Status: "CONFIRMED", Transp: "OPAQUE", Start: "2026-10-25T02:30:00Z", Wall: "2026-10-25T03:30", Lasts: 90,
			Summary: nastyName + ": nazorg (Partner A)", Description: about("A", "am-1", "69599084", "gepland"+holds), Location: "Zwolle, Assendorp"},
		"spring before": {Status: "CONFIRMED", Transp: "OPAQUE", Start: "2027-03-28T00:30:00Z", Wall: "2027-03-28T01:30", Lasts: 60,
			Summary: "68727720: nazorg (Partner A)", Description: about("A", "am-2", "68727720", "gepland"+holds)},
		"spring never": {Status: "CONFIRMED", Transp: "OPAQUE", Wall: "2027-03-28T02:30", Lasts: 60,
			Summary: "68727720: nazorg (Partner A)", Description: about("A", "am-2", "68727720", "gepland"+holds)},
		"spring after": {Status: "CONFIRMED", Transp: "OPAQUE", Start: "2027-03-28T01:00:00Z", Wall: "2027-03-28T03:00", Lasts: 60,
			Summary: "68727720: nazorg (Partner A)", Description: about("A", "am-2", "68727720", "gepland"+holds)},
		"period": {Status: "TENTATIVE", Transp: "TRANSPARENT", Start: "2026-12-28", Wall: "2026-12-28", End: "2027-01-04",
			Summary: "68750110: nazorg (Partner A)", Description: about("A", "am-2", "68750110, vestiging 000037178598", "gepland"+holds)},
		"moved": {Status: "CONFIRMED", Transp: "OPAQUE", Start: "2026-09-15T08:30:00Z", Wall: "2026-09-15T10:30", Lasts: 45, Sequence: 1,
			Summary: "68750110: nazorg (Partner A)", Description: about("A", "am-1", "68750110", "verzet"+holds)},
		"off": {Status: "CANCELLED", Transp: "TRANSPARENT", Start: "2026-09-20T07:00:00Z", Wall: "2026-09-20T09:00", Lasts: 60, Sequence: 1,
			Summary: "Afgezegd: 90004760: nazorg (Partner B)", Description: about("B", "b-9", "90004760", "afgezegd.")},
		"gone": {Status: "CANCELLED", Transp: "TRANSPARENT", Start: "2026-09-21", Wall: "2026-09-21", End: "2026-09-22", Sequence: 1,
			Summary: "Ingetrokken: 69599068: nazorg (Partner B)", Description: about("B", "b-9", "69599068", "ingetrokken.")},
		"made": {Status: "CONFIRMED", Transp: "OPAQUE", Start: "2026-09-01", Wall: "2026-09-01", End: "2026-09-02", Sequence: 1,
			Summary: "69599076: nazorg (Partner A)", Description: about("A", "am-1", "69599076", "afgelegd.")},
	}
	names := map[string]string{}
	for name, root := range roots {
		e := want[name]
		e.UID, e.Changed, e.Stamp = uidOf(root), changed, changed
		want[name], names[e.UID] = e, name
	}
	if len(got.Events) != len(want) {
		t.Errorf("%d events", len(got.Events))
	}
	for _, e := range got.Events {
		name := names[e.UID]
		if want[name].Start == "" { // an hour that comes twice or never: by the clock on the wall
			e.Start = ""
		}
		if d := cmp.Diff(want[name], e); d != "" {
			t.Errorf("%s (-said +read): %s", name, d)
		}
	}
}

func uidOf(root events.Position) string { return fmt.Sprintf("%d@%s.huisboek", root, book.ID) }
