package events

import "time"

// maxAhead is how far the moment of logging may lie ahead (docs/contract.md, "Events").
const maxAhead = 5 * time.Minute

// Decode reads an event in structured mode, application/cloudevents+json. It
// gives the event or every fault in it at once: the error is always Faults.
// The moment of logging is compared with now, the receiver's clock.
func Decode(raw []byte, now time.Time) (*Event, error) {
	if len(raw) > MaxSize {
		return nil, Faults{codeTooLarge.fault("", MaxSize)}
	}
	return decode(raw, envelope{now: now})
}

// decode reads the structured form, which an envelope's reader may have built.
func decode(raw []byte, env envelope) (*Event, error) {
	t, err := parse(raw)
	switch err {
	case nil:
	case errTooDeep:
		return nil, append(env.before, codeTooDeep.fault("", maxDepth)).tidy()
	default:
		return nil, append(env.before, syntaxFault(raw, "")).tidy()
	}
	defer t.release()
	env.reader = &reader{tree: t, faults: env.before}
	e := env.read()
	if len(env.reader.faults) > 0 {
		return nil, env.reader.faults.tidy()
	}
	env.write(e)
	if len(e.canonical) > MaxSize {
		return nil, Faults{codeTooLarge.fault("", MaxSize)}
	}
	return e, nil
}
