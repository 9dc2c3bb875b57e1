package main

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"huisboek/adapters/natsstream"
	"huisboek/adapters/web"
	"huisboek/events"
)

// freeSpace is what a user may still write to the disk that a path is on, in bytes.
func freeSpace(path string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// sizeOf is what the files under a path take, in bytes. What vanishes meanwhile
// takes nothing.
func sizeOf(path string) (total int64, err error) {
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case info.Mode().IsRegular():
			total += info.Size()
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return total, err
}

// growthDays is over how many days growth is measured: long enough for a quiet
// week not to count as the end of all growth.
const growthDays = 30

// disk is what there is of room, and when it is used up at the pace of late.
func (h *house) disk(ctx context.Context) (d web.DiskStatus, err error) {
	d.StreamMax, d.KeysMax = h.folder.MaxBytes, h.folder.KeyBytes
	if d.Used, err = sizeOf(h.Dir); err != nil {
		return d, err
	}
	if d.Free, err = freeSpace(h.Dir); err != nil {
		return d, err
	}
	stream, err := h.stream.Size(ctx)
	if err != nil {
		return d, err
	}
	d.Stream = int64(stream)
	if d.Keys, err = sizeOf(h.server.StreamDir(natsstream.KeyStreamName(h.folder.Region))); err != nil {
		return d, err
	}
	perDay, err := h.recordsPerDay(ctx)
	if err != nil {
		return d, err
	}
	if last := float64(h.ledger.Position()); last > 0 {
		d.PerDay = int64(perDay * float64(d.Used) / last)
		d.Full = fullOn(events.DateOf(h.Now()), perDay/last, &d)
	}
	return d, nil
}

// fullOn is the day on which the first of the disk and the two streams is full when
// each goes on growing by such a share of itself a day; empty when that is more than
// a century away.
func fullOn(today events.Date, share float64, d *web.DiskStatus) events.Date {
	const century = 36_525
	days := math.Inf(1)
	for _, room := range []struct{ used, left int64 }{
		{d.Used, d.Free}, {d.Stream, d.StreamMax - d.Stream}, {d.Keys, d.KeysMax - d.Keys},
	} {
		if room.used > 0 {
			days = min(days, float64(max(0, room.left))/(share*float64(room.used)))
		}
	}
	if !(days < century) {
		return ""
	}
	return today.AddDays(int(days))
}

// recordsPerDay is how many records a day came of late: of the last growthDays, or
// since the book began when that is shorter; 0 for a book of less than a day, of
// which nothing can be said.
func (h *house) recordsPerDay(ctx context.Context) (float64, error) {
	last := h.ledger.Position()
	if last == 0 {
		return 0, nil
	}
	began, err := h.moment(ctx, 1)
	if err != nil {
		return 0, err
	}
	if h.Now().Sub(began) < 24*time.Hour {
		return 0, nil
	}
	since := h.Now().Add(-growthDays * 24 * time.Hour)
	first := sort.Search(int(last), func(i int) bool {
		at, fail := h.moment(ctx, events.Position(i+1))
		if fail != nil {
			err = fail
		}
		return !at.Before(since)
	})
	if err != nil {
		return 0, err
	}
	days := min(growthDays, h.Now().Sub(began).Hours()/24)
	return float64(int(last)-first) / days, nil
}
