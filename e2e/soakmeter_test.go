package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// meter keeps what is seen of a run, in windows of equal length.
type meter struct {
	began  time.Time
	window time.Duration

	mu      sync.Mutex
	windows []*window
}

// window is what was seen in one of them.
type window struct {
	offered, acked, repeated, held int // events; held: due while everything of a partner was under way
	messages                       int // that came by a stream
	refused                        map[string]int
	took                           map[string][]float64 // milliseconds, by what was done
	gauges                         map[string][]float64
	upkeep                         string // what the operator did meanwhile
}

func newMeter(whole time.Duration) *meter { return &meter{window: whole / soakWindows} }

// begin is the moment from which is counted; before it nothing is noted.
func (m *meter) begin() { m.began = time.Now() }

// cut leaves only whole windows.
func (m *meter) cut() { m.windows = m.windows[:min(len(m.windows), soakWindows)] }

// note adds to the window that it is now.
func (m *meter) note(add func(w *window)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := int(time.Since(m.began) / m.window); len(m.windows) <= i; {
		m.windows = append(m.windows, &window{refused: map[string]int{}, took: map[string][]float64{}, gauges: map[string][]float64{}})
	}
	add(m.windows[len(m.windows)-1])
}

// answered notes an answer and how long it took.
func (m *meter) answered(what string, began time.Time, status int) {
	took := float64(time.Since(began)) / float64(time.Millisecond)
	m.note(func(w *window) {
		if status >= 300 {
			w.refused[fmt.Sprint(status)]++
		} else {
			w.took[what] = append(w.took[what], took)
		}
	})
}

// The gauges that are looked at.
const (
	gaugeAnon       = "memory of its own (MiB)"
	gaugeHeap       = "live heap (MiB)"
	gaugeGoroutines = "goroutines"
	gaugeHandles    = "handles"
	gaugeSockets    = "connections"
	gaugeLag        = "lag (records)"
	gaugeCPU        = "processor (s)" // since it started
	gaugeAt         = "position"
	gaugeAlloc      = "allocated (MiB)" // since it started
)

// look reads the gauges of the server once a second until ctx ends.
func (m *meter) look(ctx context.Context, b *book) error {
	tick := time.NewTicker(min(time.Second, m.window/4))
	defer tick.Stop()
	for {
		seen, err := gauges(ctx, b)
		if err != nil && ctx.Err() == nil {
			return err
		}
		m.note(func(w *window) {
			for name, v := range seen {
				w.gauges[name] = append(w.gauges[name], v)
			}
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// gauges asks the server at /metrics, and the machine about its process. The live
// heap is what the last collection left: the next begins at a fixed share above it.
func gauges(ctx context.Context, b *book) (map[string]float64, error) {
	said, err := metrics(ctx, b)
	if err != nil {
		return nil, err
	}
	seen := map[string]float64{
		gaugeHeap:       said["go_memstats_next_gc_bytes"] / (1 + said["go_gc_gogc_percent"]/100) / (1 << 20),
		gaugeGoroutines: said["go_goroutines"],
		gaugeLag:        said["huisboek_view_lag_events"],
		gaugeCPU:        said["process_cpu_seconds_total"],
		gaugeAt:         said["huisboek_position"],
		gaugeAlloc:      said["go_memstats_alloc_bytes_total"] / (1 << 20),
	}
	process := fmt.Sprintf("/proc/%d/", b.cmd.Process.Pid)
	text, err := os.ReadFile(process + "status")
	if err != nil {
		return seen, nil // no such thing on this machine: the rest is looked at
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "RssAnon:" {
			kib, _ := strconv.ParseFloat(f[1], 64)
			seen[gaugeAnon] = kib / 1024
		}
	}
	handles, err := os.ReadDir(process + "fd")
	if err != nil {
		return nil, err
	}
	seen[gaugeHandles], seen[gaugeSockets] = 0, 0
	for _, h := range handles {
		if to, err := os.Readlink(process + "fd/" + h.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			seen[gaugeSockets]++
		} else if err == nil {
			seen[gaugeHandles]++
		}
	}
	return seen, nil
}

// metrics are the figures without labels that /metrics tells.
func metrics(ctx context.Context, b *book) (map[string]float64, error) {
	status, body, err := fetch(ctx, b.url+"/metrics", b.steward)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("/metrics: %d %s", status, body)
	}
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for line := range strings.Lines(string(body)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = v
		}
	}
	if values["go_goroutines"] == 0 || values["go_memstats_next_gc_bytes"] == 0 || values["huisboek_position"] == 0 {
		return nil, errors.Join(errNoMetrics, fmt.Errorf("%v", slices.Sorted(maps.Keys(values))))
	}
	return values, nil
}

var errNoMetrics = errors.New("/metrics does not say what the process takes")

// gauge is the median of a gauge in each window; of those that only rise, how much
// they rose from the window before.
func (m *meter) gauge(name string) (list []float64) {
	before := math.NaN()
	for _, w := range m.windows {
		seen := slices.Clone(w.gauges[name])
		if name == gaugeCPU || name == gaugeAt || name == gaugeAlloc {
			if len(seen) == 0 {
				seen = []float64{before}
			}
			list = append(list, seen[len(seen)-1]-before)
			before = seen[len(seen)-1]
			continue
		}
		list = append(list, middle(seen))
	}
	return list
}

// latency is a quantile of what took how long in each window.
func (m *meter) latency(what string, share float64) (list []float64) {
	for _, w := range m.windows {
		list = append(list, quantile(slices.Clone(w.took[what]), share))
	}
	return list
}

// kinds are what was done, in order.
func (m *meter) kinds() []string {
	all := map[string]bool{}
	for _, w := range m.windows {
		for what := range w.took {
			all[what] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// report prints two tables: one of the load and what the server took, one of how
// long each thing took.
func (m *meter) report(t *testing.T) {
	var text strings.Builder
	tab := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tab, "window\toffered/s\tacked/s\trepeats\theld back\tmessages\tlag\town MiB\theap MiB\tgoroutines\thandles\tconnections\tµs CPU/event\tKiB alloc/event\tturned away\tmeanwhile\t\n")
	columns := map[string][]float64{}
	for _, name := range []string{gaugeLag, gaugeAnon, gaugeHeap, gaugeGoroutines, gaugeHandles, gaugeSockets} {
		columns[name] = m.gauge(name)
	}
	work, alloc := m.perEvent(gaugeCPU), m.perEvent(gaugeAlloc)
	for i, w := range m.windows {
		s := m.window.Seconds()
		fmt.Fprintf(tab, "%s\t%.0f\t%.0f\t%d\t%d\t%d\t", (time.Duration(i) * m.window).Round(time.Second), float64(w.offered)/s, float64(w.acked)/s, w.repeated, w.held, w.messages)
		for _, name := range []string{gaugeLag, gaugeAnon, gaugeHeap, gaugeGoroutines, gaugeHandles, gaugeSockets} {
			fmt.Fprintf(tab, "%.0f\t", columns[name][i])
		}
		var turned []string
		for _, code := range slices.Sorted(maps.Keys(w.refused)) {
			turned = append(turned, fmt.Sprintf("%s: %d", code, w.refused[code]))
		}
		fmt.Fprintf(tab, "%.0f\t%.1f\t%s\t%s\t\n", 1e6*work[i], 1024*alloc[i], strings.Join(turned, ", "), w.upkeep)
	}
	tab.Flush()
	text.WriteString("\np50/p99 in ms\n")
	fmt.Fprint(tab, "window\t", strings.Join(m.kinds(), "\t"), "\t\n")
	for i, w := range m.windows {
		fmt.Fprintf(tab, "%s\t", (time.Duration(i) * m.window).Round(time.Second))
		for _, what := range m.kinds() {
			took := slices.Clone(w.took[what])
			fmt.Fprintf(tab, "%.1f/%.0f\t", quantile(took, 0.5), quantile(took, 0.99))
		}
		fmt.Fprintln(tab)
	}
	tab.Flush()
	offered, held, acked := 0, 0, 0
	for _, w := range m.windows {
		offered, held, acked = offered+w.offered, held+w.held, acked+w.acked
	}
	whole := m.window.Seconds() * float64(len(m.windows))
	t.Logf("%.0f events a second were due, %.0f acknowledged; %.0f%% of what was due had to be held back, for all that a partner does at a time was waiting\nwindows of %s\n%s",
		float64(offered)/whole, float64(acked)/whole, 100*float64(held)/float64(offered), m.window, text.String())
}

// perEvent is what each window spent of something for each record.
func (m *meter) perEvent(name string) (list []float64) {
	spent, recorded := m.gauge(name), m.gauge(gaugeAt)
	for i := range spent {
		list = append(list, spent[i]/recorded[i])
	}
	return list
}
