package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/archive"
	"huisboek/adapters/readlog"
	"huisboek/ledger"
)

// maxKeepLooks is for how many days looks may be kept at most: twenty years.
const maxKeepLooks = 7_305

// openReadLog opens the log of who looked at contact persons.
func (h *house) openReadLog(context.Context) (err error) {
	h.looks, err = readlog.Open(h.folder.path(fileReadLog), readlog.Options{
		Key: ledger.DeriveKey(h.folder.secret, ledger.ForReadLog), Keep: h.KeepLooks, Now: h.Now, Log: h.Log,
	})
	if err != nil {
		return err
	}
	h.onClose(h.looks.Close)
	gauge := func(name, help string, f func() int64) {
		h.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "huisboek", Name: name, Help: help}, func() float64 { return float64(f()) }))
	}
	gauge("read_log_bytes", "Room that the log of who looked at contact persons takes.", func() int64 { now, _ := h.looks.Size(); return now })
	gauge("read_log_limit_bytes", "Room that it may take: then the oldest looks go before their time.", func() int64 { _, most := h.looks.Size(); return most })
	return nil
}

// checkReadLog reads the log that a backup has; one by an older version has none, and
// then there is nothing to say.
func checkReadLog(ctx context.Context, dir string) (fine string, err error) {
	looks, err := readlog.CheckFile(ctx, filepath.Join(dir, archive.PartReadLog))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return fmt.Sprintf("%d looks at contact persons", looks), err
}
