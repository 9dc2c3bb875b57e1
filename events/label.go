package events

// Label is what an event says it is, for telling its sender which one was
// refused. A member that is absent, not of its form, or looks like the number of
// a person is empty: a label may be kept and shown, whatever came in.
type Label struct {
	Source string
	ID     string
	Type   Type
}

// LabelOf reads the label of an event in structured mode, good or not.
func LabelOf(raw []byte) Label {
	if len(raw) > MaxSize {
		return Label{}
	}
	t, err := parse(raw)
	if err != nil {
		return Label{}
	}
	defer t.release()
	return labelOf(func(name string) string {
		if t.nodes[0].kind != kindObject {
			return ""
		}
		if n := t.find(0, name); n != 0 && t.nodes[n].kind == kindString {
			return t.text(n)
		}
		return ""
	})
}

// LabelOfBinary reads the label of an event in binary mode from its attributes,
// as DecodeBinary takes them.
func LabelOfBinary(attributes map[string]string) Label {
	return labelOf(func(name string) string {
		s, _ := headerValue(attributes[name])
		return s
	})
}

func labelOf(read func(name string) string) Label {
	l := Label{Source: read("source"), ID: read("id"), Type: Type(read("type"))}
	if c, _ := stringFault(formats["source"], &formats["source"].max, l.Source); c != "" {
		l.Source = ""
	}
	if c, _ := stringFault(formats["id"], &formats["id"].max, l.ID); c != "" {
		l.ID = ""
	}
	if !l.Type.Known() {
		l.Type = ""
	}
	return l
}
