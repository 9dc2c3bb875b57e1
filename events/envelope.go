package events

import (
	"reflect"
	"strings"
	"time"
)

// mediaType is the only content type of data.
const mediaType = "application/json"

// achteraf is the extension attribute for old history (docs/contract.md, "Events").
const achteraf = "achteraf"

// envelope reads the context attributes of an event (CloudEvents 1.0.2; NL GOV
// profile for CloudEvents 1.1).
type envelope struct {
	*reader
	now    time.Time
	binary bool   // from headers, where every value is text
	told   string // names whose value could not be read, each between slashes: not missing too
	before Faults // found before the text was taken apart
	data   int32
}

// attribute is a context attribute as it goes into the canonical form.
type attribute struct {
	name    string
	text    string
	boolean bool
}

// read reads the whole event; what it gives is of use only without faults.
func (env *envelope) read() *Event {
	e := &Event{ContentType: mediaType}
	if env.nodes[0].kind != kindObject {
		env.add(codeKind, kindNames[kindObject])
		return e
	}
	seen := make(map[string]bool, 12) // the value tells whether it is there, so not null
	for i := int32(1); i < env.nodes[0].next; i = env.nodes[i].next {
		name := env.nodes[i].name
		if !attributeName(name) || !tellable(name) {
			env.badName(name)
			continue
		}
		present, again := seen[name]
		there := env.nodes[i].kind != kindNull
		seen[name] = present || there
		env.push(name)
		switch {
		case again:
			env.add(codeDuplicate)
		case there:
			env.attribute(e, name, i)
		}
		env.pop()
	}
	env.required(seen)
	if env.data != 0 && e.Type.Known() {
		env.readData(e)
	}
	return e
}

// attributeName: lower-case letters and digits, 20 at most (CloudEvents 1.0.2,
// "Attribute Naming Convention"; the profile). data_base64 is refused later, by
// what it is.
func attributeName(name string) bool {
	if name == "data_base64" {
		return true
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != "" && len(name) <= 20
}

func (env *envelope) badName(name string) {
	if !tellable(name) {
		env.add(codeAttribute)
		return
	}
	env.push(name)
	env.add(codeAttribute)
	env.pop()
}

func (env *envelope) required(seen map[string]bool) {
	for _, name := range [...]string{"specversion", "id", "source", "type", "data"} {
		if seen[name] || strings.Contains(env.told, "/"+name+"/") || name == "data" && seen["data_base64"] {
			continue
		}
		env.push(name)
		env.add(codeMissing)
		env.pop()
	}
}

// attribute reads one attribute, or notes where data is.
func (env *envelope) attribute(e *Event, name string, n int32) {
	switch name {
	case "data":
		env.data = n
	case "data_base64":
		env.add(codeBase64)
	case "specversion":
		if s, ok := env.word(n, nil); ok && s != "1.0" {
			env.add(codeSpecVersion)
		}
		env.keep(name, "1.0")
	case "id":
		e.ID, _ = env.word(n, formats["id"])
		env.keep(name, e.ID)
	case "source":
		e.Source, _ = env.word(n, formats["source"])
		env.keep(name, e.Source)
	case "type":
		env.typeOf(e, n)
	case "subject":
		e.Subject, _ = env.word(n, nil) // checked when the employer is known
		env.keep(name, e.Subject)
	case "time":
		env.timeOf(e, n)
	case "dataschema":
		e.DataSchema, _ = env.word(n, formats["uri"])
		env.keep(name, e.DataSchema)
	case "datacontenttype":
		if s, ok := env.word(n, nil); ok && !isJSONType(s) {
			env.add(codeContentType)
		} // left out of the canonical form: absent means the same
	case achteraf:
		env.afterwards(e, n)
	default:
		env.extension(e, name, n)
	}
}

// keep puts an attribute into the canonical form.
func (env *envelope) keep(name, text string) {
	env.attrs = append(env.attrs, attribute{name: name, text: text})
}

// word reads a string attribute under a format.
func (env *envelope) word(n int32, f *format) (string, bool) {
	if env.nodes[n].kind != kindString {
		return "", env.add(codeKind, kindNames[kindString])
	}
	s := env.text(n)
	limit := &maxExtension
	if f != nil {
		limit = &f.max
	}
	switch c, limit := stringFault(f, limit, s); c {
	case "":
		return s, true
	case codeTooLong:
		return s, env.add(c, limit)
	default:
		return s, env.add(c)
	}
}

// readData reads data by the shape of its type, and what ties it to the envelope.
func (env *envelope) readData(e *Event) {
	i := kindOf[e.Type]
	e.Data = kinds[i].new()
	env.push("data")
	defer env.pop()
	if env.nodes[env.data].kind != kindObject {
		env.add(codeKind, kindNames[kindObject])
		return
	}
	f := env.object(shapes[i].shape, env.data, reflect.ValueOf(e.Data).Elem())
	e.Data.check(&checker{reader: env.reader, found: f, event: e})
	env.subject(e, f)
}

// subject is the employer's number: of the employer in data, of two that are
// linked or unlinked that of werkgever, and where data names none at least of that
// form (docs/contract.md, "Events").
func (env *envelope) subject(e *Event, f found) {
	if e.Subject == "" {
		return
	}
	employer, named := EmployerOf(e.Data)
	readable := f.good("kvkNummer") || f.good("buitenlands") || f.good("voorlopig")
	if first, _, ok := PairOf(e.Data); ok {
		employer, named = first, true
		readable = f.good("werkgever") && first.Key() != ""
	}
	wrong := code("")
	switch _, bsn := HasBSN(e.Subject); {
	case named && !readable:
		// The employer has its own fault.
	case named && e.Subject != employer.Number():
		wrong = codeSubject
	case named:
	case !isRegisterNumber(e.Subject):
		wrong = codeSubjectForm
	case bsn:
		wrong = codeBSN
	}
	if wrong != "" {
		env.reader.faults = append(env.reader.faults, wrong.fault("/subject"))
	}
}
