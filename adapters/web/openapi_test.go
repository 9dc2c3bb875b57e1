package web_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// rawDocument is the document as far as these tests look at it.
type rawDocument struct {
	Paths map[string]map[string]struct {
		RequestBody struct {
			Content map[string]struct {
				Schema struct {
					Ref   string `json:"$ref"`
					Items struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
	}
	Components struct {
		Schemas map[string]map[string]any
	}
}

func readDocument(t *testing.T, h *house) rawDocument {
	t.Helper()
	var doc rawDocument
	if err := json.Unmarshal([]byte(h.get("", "/v1/openapi.json").body), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestEventSchemas: every type of event is in the document as package events
// describes it, and what may be reported is all of them that somebody may emit.
func TestEventSchemas(t *testing.T) {
	doc := readDocument(t, newHouse(t))
	found := map[string]string{} // component by type
	for name, schema := range doc.Components.Schemas {
		properties, _ := schema["properties"].(map[string]any)
		if typ, ok := properties["type"].(map[string]any); ok && properties["specversion"] != nil {
			found[typ["const"].(string)] = name
		}
	}
	var reported []string
	for _, typ := range events.Types() {
		var want map[string]any
		if err := json.Unmarshal(events.Schema(typ), &want); err != nil {
			t.Fatal(err)
		}
		delete(want, "$schema")
		delete(want, "$id")
		want["x-melder"] = map[events.Emitter]string{events.ByPartner: "partner", events.BySteward: "regisseur", events.ByLedger: "boek", events.ByEither: "partner of regisseur", events.ByBoard: "bestuur"}[typ.Emitter()]
		name := found[string(typ)]
		if diff := cmp.Diff(want, doc.Components.Schemas[name]); diff != "" {
			t.Errorf("%s as %q:\n%s", typ, name, diff)
		}
		if typ.Emitter() != events.ByLedger {
			reported = append(reported, "#/components/schemas/"+name)
		}
	}
	event := doc.Components.Schemas["Gebeurtenis"]
	var one []string
	for _, ref := range event["oneOf"].([]any) {
		one = append(one, ref.(map[string]any)["$ref"].(string))
	}
	if diff := cmp.Diff(reported, one); diff != "" {
		t.Error(diff)
	}
	mapping := event["discriminator"].(map[string]any)["mapping"].(map[string]any)
	for typ, ref := range mapping {
		if ref != "#/components/schemas/"+found[typ] {
			t.Errorf("%s is mapped to %v", typ, ref)
		}
	}
	if len(mapping) != len(reported) {
		t.Errorf("%d types are mapped, of %d", len(mapping), len(reported))
	}
	body := doc.Paths["/gebeurtenissen"]["post"].RequestBody.Content
	if body["application/cloudevents+json"].Schema.Ref != "#/components/schemas/Gebeurtenis" ||
		body["application/cloudevents-batch+json"].Schema.Items.Ref != "#/components/schemas/Gebeurtenis" {
		t.Errorf("what may be reported is %+v", body)
	}
}

// TestAnswersMayGrow: a later version may add members to an answer, and to no event.
func TestAnswersMayGrow(t *testing.T) {
	doc := readDocument(t, newHouse(t))
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		schema := doc.Components.Schemas[name]
		if schema["x-melder"] != nil {
			data := schema["properties"].(map[string]any)["data"].(map[string]any)
			if data["additionalProperties"] != false {
				t.Errorf("%s takes members that it does not know", name)
			}
			continue
		}
		if schema["additionalProperties"] != nil {
			t.Errorf("%s may not grow", name)
		}
	}
}

// TestDocumentNames: what people read is Dutch: no name of a Go type is left.
func TestDocumentNames(t *testing.T) {
	doc := readDocument(t, newHouse(t))
	for name := range doc.Components.Schemas {
		for _, english := range []string{"Answer", "Item", "Response", "Receipt", "Message", "Employer", "Delivery", "Error"} {
			if strings.Contains(name, english) {
				t.Errorf("schema %s", name)
			}
		}
	}
}

// A member that may be null has null among its values: an enum leaves out what it
// does not name.
func TestNullIsAValue(t *testing.T) {
	h := newHouse(t)
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Type any   `json:"type"`
					Enum []any `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(h.get("", "/v1/openapi.json").body), &doc); err != nil {
		t.Fatal(err)
	}
	found := 0
	for name, schema := range doc.Components.Schemas {
		for member, p := range schema.Properties {
			types, ok := p.Type.([]any)
			if !ok || len(p.Enum) == 0 || !slices.Contains(types, any("null")) {
				continue
			}
			if found++; !slices.Contains(p.Enum, nil) {
				t.Errorf("%s.%s may be null, and its values are %v", name, member, p.Enum)
			}
		}
	}
	if found == 0 {
		t.Error("no such member: the test proves nothing")
	}
}

// What is not in the book waits for no position, and what may be too much says so; the
// codes of either are on the page.
func TestAddressesDescribed(t *testing.T) {
	h := newHouse(t)
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
			Responses  map[string]any
		}
	}
	decode(t, h.get("", "/v1/openapi.json"), &doc)
	for _, path := range []string{"/agenda-adressen", "/samenvattingen"} {
		for _, p := range doc.Paths[path]["get"].Parameters {
			if p.Name == "vanafPositie" {
				t.Errorf("%s takes %s", path, p.Name)
			}
		}
		if doc.Paths[path]["post"].Responses["409"] == nil {
			t.Errorf("%s does not say that it may be refused with 409", path)
		}
		if r := h.get("a", "/v1"+path+"?vanafPositie=1"); r.status != 400 || !strings.Contains(r.body, `"/query/vanafPositie"`) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
		if r := h.get("a", "/v1"+path); r.status != 200 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	page := h.get("", "/documentatie").body
	for _, code := range []string{"geen-regel", "geen-mailadres"} {
		if strings.Count(page, ">"+code+"<") != 1 {
			t.Errorf("the page tells %s %d times", code, strings.Count(page, ">"+code+"<"))
		}
	}
}
