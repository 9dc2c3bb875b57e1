package web

import (
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"huisboek/events"
)

// schemaSpace begins every reference to a schema of the document.
const schemaSpace = "#/components/schemas/"

// eventSchema is the name under which the document has any event that may be
// reported.
const eventSchema = "Gebeurtenis"

// addEvents adds a schema for every type of event, and one for all those that
// somebody may report.
func addEvents(schemas map[string]*huma.Schema) error {
	whole := &huma.Schema{
		Description:   "Een gebeurtenis: een CloudEvent in JSON. Het lid type zegt welke soort het is, en daarmee wat er in data hoort.",
		Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: map[string]string{}},
	}
	for _, t := range events.Types() {
		schema, err := schemaOf(t)
		if err != nil {
			return err
		}
		name := componentOf(t)
		schemas[name] = schema
		if t.Emitter() == events.ByLedger {
			continue
		}
		whole.OneOf = append(whole.OneOf, &huma.Schema{Ref: schemaSpace + name})
		whole.Discriminator.Mapping[string(t)] = schemaSpace + name
	}
	schemas[eventSchema] = whole
	return nil
}

// schemaOf is an event's JSON Schema as a component; its members stay as they
// were written, in their order.
func schemaOf(t events.Type) (*huma.Schema, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(events.Schema(t), &members); err != nil {
		return nil, err
	}
	keywords := make(map[string]any, len(members))
	for name, value := range members {
		keywords[name] = value
	}
	delete(keywords, "$schema") // the document says which dialect it is in
	delete(keywords, "$id")     // and where it is
	keywords["x-melder"] = emitters[t.Emitter()]
	return &huma.Schema{Extensions: keywords}, nil
}

// emitters are who may report a type of event, as the document says it.
var emitters = map[events.Emitter]string{
	events.ByPartner: "partner", events.BySteward: "regisseur", events.ByLedger: "boek",
	events.ByEither: "partner of regisseur", events.ByBoard: "bestuur",
}

// componentOf is the name of a type's schema: BezoekGepland.
func componentOf(t events.Type) string {
	var b strings.Builder
	for word := range strings.SplitSeq(t.Name(), "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
