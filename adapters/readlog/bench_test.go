package readlog_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkWrite is how long an answer waits for its look, with so many at a time.
func BenchmarkWrite(b *testing.B) {
	for _, many := range []int{1, 50} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			c := newClock()
			o := options(c)
			o.Now = time.Now
			f := openAt(b, filepath.Join(b.TempDir(), "readlog.db"), o)
			took := make([]time.Duration, b.N)
			work := make(chan int)
			var under sync.WaitGroup
			for range many {
				under.Go(func() {
					for i := range work {
						began := time.Now()
						if err := f.Write(b.Context(), look(c)); err != nil {
							b.Error(err)
						}
						took[i] = time.Since(began)
					}
				})
			}
			b.ResetTimer()
			for i := range b.N {
				work <- i
			}
			close(work)
			under.Wait()
			b.StopTimer()
			slices.Sort(took)
			size, _ := f.Size()
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(size)/float64(b.N), "bytes/look")
		})
	}
}
