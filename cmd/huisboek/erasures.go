package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"huisboek/ledger"
)

// listErasure adds an erasure to the list outside the data folder, which says
// what must be erased again when an older copy of the folder is put back. The
// list names keys and positions, and nobody.
func (h *house) listErasure(e ledger.Erasure) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(h.Erasures, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(h.Erasures))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
