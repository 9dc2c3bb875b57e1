package e2e_test

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// compare holds what was acknowledged at these new positions against what is stored there.
func (a *actor) compare(t *testing.T, first uint64, fresh []record) {
	t.Helper()
	for ; a.compared < len(a.acks); a.compared++ {
		e := a.acks[a.compared]
		if e.position >= first+uint64(len(fresh)) {
			t.Errorf("%s %s was acknowledged at %d and is lost", e.name, e.id, e.position)
			continue
		}
		if e.position < first {
			continue // settled: its record was read in an earlier round, and its answer came now
		}
		stored, plain := &fresh[e.position-first], withoutPersons(e.event)
		if e.refused {
			plain["type"] = "nl.werkgeversdiensten.plan-geweigerd.v1"
		}
		if !reflect.DeepEqual(plain, withoutPersons(stored.Event)) {
			t.Errorf("position %d holds %v, want %v", e.position, stored.Event, plain)
		}
		if v := stored.Verdict; strings.Join(append([]string{v.Outcome}, v.Reasons...), " ") != e.verdict {
			t.Errorf("position %d says %v, and was acknowledged as %s", e.position, v, e.verdict)
		}
	}
}

// personal are the members that are stored sealed.
var personal = []string{"accountmanager", "toelichting", "reden", "naam", "plaats", "postcode", "contactpersonen"}

// withoutPersons is an event as it would be after going over the wire, without
// its personal members and what the ledger fills in.
func withoutPersons(event object) object {
	plain := decodeObject(marshal(event))
	delete(plain, "datacontenttype")
	if data, ok := plain["data"].(object); ok {
		for _, name := range personal {
			delete(data, name)
		}
	}
	return plain
}

// TestCrashedSocket: what a killed server leaves behind hinders nobody.
func TestCrashedSocket(t *testing.T) {
	b := newBook(t)
	b.kill()
	cli(t, "partner", "list", "--data", b.data).well(t, nil) // opens the files themselves
	b.server = start(t, b.data)
	second := launch(t, exec.Command(built, "serve", "--data", b.data, "--listen", "127.0.0.1:0"))
	<-second.ended
	if code := second.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(second.logged(), "another process has this book open") {
		t.Errorf("a second serve: exit %d, %s", code, second.logged())
	}
	cli(t, "partner", "list", "--data", b.data).well(t, nil)
}
