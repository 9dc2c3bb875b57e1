package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// fileState is what was last done to keep the book safe. It may be thrown away.
const fileState = "state.json"

// keeping is what was last done to keep the book safe; nil is never.
type keeping struct {
	Backup *backedUp `json:"backup,omitempty"`
	Verify *verified `json:"verify,omitempty"`
	// Folders in which a backup began: whoever killed it left them, with keys in them.
	Drafts []string `json:"halveBackups,omitempty"`
}

type backedUp struct {
	At       time.Time       `json:"op"`
	Position events.Position `json:"positie"`
	File     string          `json:"bestand"`
}

type verified struct {
	At       time.Time       `json:"op"`
	Position events.Position `json:"positie"`
	Fault    string          `json:"fout,omitempty"` // the first that was found; empty is well
}

// readState reads what was last done. A folder in which nothing was ever done, or
// whose note cannot be read, has none.
func readState(dir string) (k keeping, err error) {
	b, err := os.ReadFile(filepath.Join(dir, fileState))
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	if json.Unmarshal(b, &k) != nil {
		return keeping{}, nil
	}
	return k, nil
}

// noteState changes what is noted. One at a time: the caller sees to it.
func noteState(dir string, change func(*keeping)) error {
	k, err := readState(dir)
	if err != nil {
		return err
	}
	change(&k)
	b, err := json.Marshal(&k)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, fileState), append(b, '\n'))
}

// note is noteState for a house, which goes on when it fails.
func (h *house) note(change func(*keeping)) {
	h.keeping.Lock()
	defer h.keeping.Unlock()
	if err := noteState(h.Dir, change); err != nil {
		h.Log.Warn("what was done is not noted", "file", fileState, "err", err)
	}
}

// verifyAndNote is verify, and notes what came of it.
func (h *house) verifyAndNote(ctx context.Context, q struct{}, progress reportFunc) ([]finding, error) {
	found, err := h.verify(ctx, q, progress)
	if err != nil {
		return nil, err
	}
	done := &verified{At: h.Now().UTC().Truncate(time.Second), Position: h.ledger.Position()}
	for _, f := range found {
		if f.Fault != "" && done.Fault == "" {
			done.Fault = fmt.Sprintf("%s: %s", f.What, f.Fault)
		}
	}
	h.note(func(k *keeping) { k.Verify = done })
	return found, nil
}
