package natsdoor

import (
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/events"
	"huisboek/ledger"
)

// The media types of a CloudEvent (CloudEvents JSON format 1.0.2).
const (
	structuredType = "application/cloudevents+json"
	otherModes     = "application/cloudevents" // begins those of batches and of other formats
)

// decode reads a message after the CloudEvents NATS binding 1.0.2: structured
// when the content type says so, binary when there are ce- headers, and
// structured again when there is neither, as plain clients send it.
func decode(m *nats.Msg, now time.Time) (*events.Event, error) {
	contentType, attributes, err := headers(m.Header)
	if err != nil {
		return nil, err
	}
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case contentType == "" && len(attributes) == 0:
		return events.Decode(m.Data, now)
	case err != nil && contentType != "":
		return nil, errUnsupported
	case media == structuredType:
		return events.Decode(m.Data, now)
	case strings.HasPrefix(media, otherModes):
		return nil, errUnsupported
	case len(attributes) > 0:
		return events.DecodeBinary(attributes, contentType, m.Data, now)
	case media == "application/json":
		return events.Decode(m.Data, now)
	}
	return nil, errUnsupported
}

// headers picks what a CloudEvent is made of and drops everything else. Names
// are compared without regard to case, because clients write them as they like;
// a name that comes twice is no event.
func headers(h nats.Header) (contentType string, attributes map[string]string, err error) {
	seen := false
	for name, values := range h {
		lower := strings.ToLower(name)
		attribute, isAttribute := strings.CutPrefix(lower, "ce-")
		if !isAttribute && lower != "content-type" {
			continue
		}
		if _, again := attributes[attribute]; len(values) != 1 || isAttribute && again || !isAttribute && seen {
			return "", nil, errTwice(attribute, isAttribute)
		}
		if !isAttribute {
			contentType, seen = values[0], true
			continue
		}
		if attributes == nil {
			attributes = map[string]string{}
		}
		attributes[attribute] = values[0]
	}
	return contentType, attributes, nil
}

var (
	errUnsupported = ledger.NewProblem(http.StatusUnsupportedMediaType, "niet-ondersteund", "Soort inhoud niet ondersteund",
		"Stuur één CloudEvent: application/cloudevents+json, of ce-headers met application/json.")
	errNotAnEmployer = ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige vraag",
		"Vraag naar vragen.werkgever.<kvkNummer>, met acht cijfers.",
		events.Fault{Field: "", Code: "geen-kvk-nummer", Sentence: events.Sentence{
			NL: "Het laatste deel van het onderwerp is een KvK-nummer van acht cijfers.",
			EN: "The last part of the subject is a KvK number of eight digits.",
		}})
)

// errTwice names the attribute, unless that is no name of one.
func errTwice(attribute string, isAttribute bool) error {
	field := ""
	if isAttribute && attributeName.MatchString(attribute) {
		field = "/" + attribute
	}
	return ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige invoer",
		"Er is niets vastgelegd; een header van de melding komt meer dan één keer voor.",
		events.Fault{Field: field, Code: "dubbel-veld", Sentence: events.Sentence{
			NL: "Deze header staat er meer dan eens.", EN: "This header occurs more than once.",
		}})
}

// attributeName is CloudEvents 1.0.2, "Attribute Naming Convention"; with letters
// only nothing that looks like a number of a person is echoed.
var attributeName = regexp.MustCompile(`^[a-z]{1,20}$`)
