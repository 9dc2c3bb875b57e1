package readlog

import (
	"regexp"
	"strings"
	"time"

	"huisboek/events"
)

// The purposes for which contact persons are looked at: the processing activities of
// this log. A later meaning is another word, or another version of its URI.
const (
	PurposePrepare  = "contact-voorbereiden" // somebody is about to contact the employer
	PurposeKeep     = "gegevens-bijhouden"   // somebody keeps what the partner knows up to date
	PurposeExchange = "uitwisseling"         // a system fetches what its partner put in
)

// Purposes are all of them.
var Purposes = []string{PurposePrepare, PurposeKeep, PurposeExchange}

// Activity is the URI of a purpose: the dpl.core.processing_activity_id of its
// records. docs/contract.md lists them.
func Activity(purpose string) string {
	return "tag:werkgeversdiensten.nl,2026:verwerking/" + purpose + ".v1"
}

// Look is that somebody is about to be given contact persons of an employer.
type Look struct {
	Who           string    `json:"w,omitempty"` // id of the credential, opaque
	Partner       string    `json:"p,omitempty"` // whose it is
	Role          string    `json:"r"`
	Door          string    `json:"d"`
	Purpose       string    `json:"v"`           // one of Purposes
	Name          string    `json:"n"`           // of the operation
	Employer      string    `json:"e"`           // the key that was asked for
	Establishment string    `json:"l,omitempty"` // only what concerns this one was asked for
	Described     string    `json:"b"`           // the partner that said who they are
	Trace         string    `json:"t,omitempty"` // 32 hexadecimal digits; empty: one is made
	Parent        string    `json:"o,omitempty"` // 16 hexadecimal digits: the operation of who asked
	Began         time.Time `json:"s"`           // when the question came

	// Where they stand in the book, and how many they are. Of these the log keeps
	// only what Subject makes of them.
	Card   events.Ref `json:"-"`
	People int        `json:"-"`
}

// Entry is a look as it is kept.
type Entry struct {
	Look
	At      time.Time `json:"-"` // when it was written, never before the one before it
	Records []Record  `json:"g"` // one for each contact person
}

// Record is what the log keeps of one contact person in an answer.
type Record struct {
	Operation string `json:"i"` // 16 hexadecimal digits
	Subject   string `json:"x"` // see File.Subject
}

// Line is a record with all fields of the Logboek Dataverwerkingen, under its names.
type Line struct {
	TraceID           string     `json:"trace_id"`
	OperationID       string     `json:"operation_id"`
	ParentOperationID *string    `json:"parent_operation_id"`
	StatusCode        int        `json:"status_code"`
	Name              string     `json:"name"`
	StartTime         time.Time  `json:"start_time"`
	EndTime           time.Time  `json:"end_time"`
	Attributes        Attributes `json:"attributes"`
}

// Attributes are the attributes of a record under the names of the standard.
type Attributes struct {
	Activity string `json:"dpl.core.processing_activity_id"`
	Subject  string `json:"dpl.core.data_subject_id"`
}

// statusOK is the status of what is logged here: an answer that is given.
const statusOK = 1

// Lines are the records of an entry as the standard has them.
func (e *Entry) Lines() []Line {
	lines := make([]Line, len(e.Records))
	for i, r := range e.Records {
		lines[i] = Line{
			TraceID: e.Trace, OperationID: r.Operation, StatusCode: statusOK, Name: e.Name, StartTime: e.Began, EndTime: e.At,
			Attributes: Attributes{Activity(e.Purpose), r.Subject},
		}
		if e.Parent != "" {
			lines[i].ParentOperationID = &e.Parent
		}
	}
	return lines
}

// traceForm is a W3C traceparent; a later version may add to it.
var traceForm = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$`)

// ParseTrace reads a header traceparent: the trace, and the operation of who asks.
// One that is not well-formed is as none (W3C Trace Context, 3.2.2).
func ParseTrace(header string) (trace, parent string, ok bool) {
	m := traceForm.FindStringSubmatch(header)
	if m == nil || m[1] == "ff" || m[1] == "00" && m[4] != "" || strings.Trim(m[2], "0") == "" || strings.Trim(m[3], "0") == "" {
		return "", "", false
	}
	return m[2], m[3], true
}
