package intake

import (
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

// The media types of CloudEvents (CloudEvents JSON format 1.0.2).
const (
	Structured = "application/cloudevents+json"
	Batch      = "application/cloudevents-batch+json"

	otherModes = "application/cloudevents" // begins those of other formats
)

// IsBatch reports whether the headers say that a body is a batch.
func IsBatch(headers map[string][]string) bool {
	contentType, _, err := split(headers)
	media, _, bad := mime.ParseMediaType(contentType)
	return err == nil && bad == nil && media == Batch
}

// decode reads one event after the CloudEvents bindings for HTTP and NATS 1.0.2:
// structured when the content type says so, binary when there are ce- headers,
// and structured again when there is neither, as plain clients send it. The label
// is what can be said of the event when it is refused.
func decode(headers map[string][]string, body []byte, now time.Time) (*events.Event, events.Label, error) {
	contentType, attributes, err := split(headers)
	if err != nil {
		return nil, events.Label{}, err
	}
	media, _, err := mime.ParseMediaType(contentType)
	binary := false
	switch {
	case contentType == "" && len(attributes) == 0:
	case err != nil && contentType != "":
		return nil, events.Label{}, ErrUnsupported
	case media == Structured:
	case strings.HasPrefix(media, otherModes):
		return nil, events.Label{}, ErrUnsupported
	case len(attributes) > 0:
		binary = true
	case media == "application/json":
	default:
		return nil, events.Label{}, ErrUnsupported
	}
	if !binary {
		return structured(body, now)
	}
	e, err := events.DecodeBinary(attributes, contentType, body, now)
	if err != nil {
		return nil, events.LabelOfBinary(attributes), err
	}
	return e, labelOf(e), nil
}

func structured(body []byte, now time.Time) (*events.Event, events.Label, error) {
	e, err := events.Decode(body, now)
	if err != nil {
		return nil, events.LabelOf(body), err
	}
	return e, labelOf(e), nil
}

// labelOf is the label of an event that is one: nothing needs to be read again.
func labelOf(e *events.Event) events.Label {
	return events.Label{Source: e.Source, ID: e.ID, Type: e.Type}
}

// split picks what a CloudEvent is made of and drops everything else. Names
// are compared without regard to case, because clients write them as they like;
// a name that comes twice is no event.
func split(h map[string][]string) (contentType string, attributes map[string]string, err error) {
	twice := map[string]bool{} // by field, "" for the content type
	seen := false
	for name, values := range h {
		lower := strings.ToLower(name)
		attribute, isAttribute := strings.CutPrefix(lower, "ce-")
		if !isAttribute && lower != "content-type" || len(values) == 0 {
			continue
		}
		_, again := attributes[attribute]
		switch {
		case isAttribute && (again || len(values) > 1):
			twice[fieldOf(attribute)] = true
		case isAttribute:
			if attributes == nil {
				attributes = map[string]string{}
			}
			attributes[attribute] = values[0]
		case seen || len(values) > 1:
			twice[""] = true
		default:
			contentType, seen = values[0], true
		}
	}
	if len(twice) > 0 {
		return "", nil, errTwice(slices.Sorted(maps.Keys(twice)))
	}
	return contentType, attributes, nil
}

// fieldOf names an attribute, unless that is no name of one.
func fieldOf(attribute string) string {
	if attributeName.MatchString(attribute) {
		return "/" + attribute
	}
	return ""
}

// ErrUnsupported: what came in is not one CloudEvent in JSON.
var ErrUnsupported = ledger.NewProblem(http.StatusUnsupportedMediaType, "niet-ondersteund", "Soort inhoud niet ondersteund",
	"Stuur één CloudEvent: application/cloudevents+json, of ce-headers met application/json. Over HTTP mag ook een reeks: application/cloudevents-batch+json.")

// maxTwice is how many headers are named at once; there is no more to learn from
// the hundred-and-first.
const maxTwice = 100

func errTwice(fields []string) error {
	var faults events.Faults
	for _, field := range fields[:min(len(fields), maxTwice)] {
		faults = append(faults, events.Fault{Field: field, Code: "dubbel-veld", Sentence: events.Sentence{
			NL: "Deze header staat er meer dan eens.", EN: "This header occurs more than once.",
		}})
	}
	return ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige invoer",
		"Er is niets vastgelegd; een header van de melding komt meer dan één keer voor.", faults...)
}

// attributeName is CloudEvents 1.0.2, "Attribute Naming Convention"; with letters
// only nothing that looks like a number of a person is echoed.
var attributeName = regexp.MustCompile(`^[a-z]{1,20}$`)
