package e2e_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory is the most that processes took, one after the other.
type memory struct {
	mu            sync.Mutex
	own, resident int64
}

// watch looks until a process ends.
func (m *memory) watch(t *testing.T, p *process) {
	t.Helper()
	path := fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)
	if _, err := os.Stat(path); err != nil {
		t.Logf("memory cannot be seen here: %v", err)
		return
	}
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			m.look(path)
			select {
			case <-tick.C:
			case <-p.ended:
				return
			}
		}
	}()
}

// look reads what is resident, and of that what is no file's.
func (m *memory) look(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return // it has ended just now
	}
	figures := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[2] == "kB" {
			figures[f[0]], _ = strconv.ParseInt(f[1], 10, 64)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resident = max(m.resident, figures["VmRSS:"]<<10)
	m.own = max(m.own, (figures["VmRSS:"]-figures["RssFile:"])<<10)
}

func (m *memory) most() (own, resident int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.own, m.resident
}
