package events

import (
	"strings"
	"testing"
)

// A label shows only what may be shown.
func TestLabel(t *testing.T) {
	const good = `{"id":"een","source":"urn:nld:oin:00000099000000001000:systeem:crm","type":"nl.werkgeversdiensten.bezoek-gepland.v1","data":7}`
	whole := Label{"urn:nld:oin:00000099000000001000:systeem:crm", "een", TypeVisitPlanned}
	for name, c := range map[string]struct {
		raw  string
		want Label
	}{
		"good":             {good, whole},
		"a link":           {strings.Replace(good, "bezoek-gepland", "werkgever-gekoppeld", 1), Label{whole.Source, "een", TypeEmployersLinked}},
		"no JSON":          {good[:40], Label{}},
		"a list":           {"[" + good + "]", Label{}},
		"a number":         {`{"id":7}`, Label{}},
		"a person":         {strings.Replace(good, "een", "bsn 111222333", 1), Label{whole.Source, "", whole.Type}},
		"a foreign source": {strings.Replace(good, "urn:nld:oin", "https://x", 1), Label{"", "een", whole.Type}},
		"an unknown type":  {strings.Replace(good, "bezoek-gepland", "<script>", 1), Label{whole.Source, "een", ""}},
		"too large":        {good + strings.Repeat(" ", MaxSize), Label{}},
	} {
		if got := LabelOf([]byte(c.raw)); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	headers := map[string]string{"id": "%65en", "source": whole.Source, "type": string(whole.Type)}
	if got := LabelOfBinary(headers); got != whole {
		t.Errorf("binary: %+v", got)
	}
	headers["id"] = "%zz"
	if got := LabelOfBinary(headers); got.ID != "" {
		t.Errorf("binary, unreadable: %+v", got)
	}
}
