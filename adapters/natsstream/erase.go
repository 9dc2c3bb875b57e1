package natsstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"huisboek/events"
	"huisboek/ledger"
)

// Erase destroys keys: it lets the server rewrite the block of each without it,
// syncs the folder (the server renames a rewritten file into place and does not),
// and then reads the stream's files, those of batches that are still open
// included, to see that no half of any key is left. A key that is gone already
// is no error; its bytes are not known, so they are not looked for. One that is
// there and cannot be read is ledger.ErrDamaged.
func (k *Keys) Erase(ctx context.Context, ids []events.KeyID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var gone [][]byte
	for _, id := range ids {
		key, err := k.log.get(ctx, uint64(id))
		if errors.Is(err, errNotFound) {
			if err := k.reallyGone(ctx, id); err != nil {
				return err
			}
			k.erased[id] = true
			continue
		}
		if err != nil {
			return err
		}
		gone = append(gone, key)
		if err := k.log.stream.SecureDeleteMsg(ctx, uint64(id)); err != nil {
			return fmt.Errorf("natsstream: erasing key %d of stream %s: %w", id, k.log.name, err)
		}
		k.erased[id] = true
	}
	if err := syncFolder(filepath.Join(k.dir, "msgs")); err != nil {
		return err
	}
	if len(gone) == 0 {
		return nil
	}
	return k.confirm(gone)
}

// reallyGone tells a key that was deleted from one whose bytes are there and
// cannot be read, which the server calls missing, too.
func (k *Keys) reallyGone(ctx context.Context, id events.KeyID) error {
	if k.erased[id] {
		return nil
	}
	info, err := k.log.stream.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return fmt.Errorf("natsstream: state of stream %s: %w", k.log.name, err)
	}
	st, seq := info.State, uint64(id)
	if seq < st.FirstSeq || seq > st.LastSeq || slices.Contains(st.Deleted, seq) {
		return nil
	}
	return damaged(k.log.name, seq, "the key cannot be read, so its bytes cannot be erased for certain")
}

// confirm fails when a half of one of the keys is in a file of the stream: a
// half is what a seal (or a kenmerk) needs.
func (k *Keys) confirm(gone [][]byte) error {
	var halves [][]byte
	for _, key := range gone {
		halves = append(halves, key[:len(key)/2], key[len(key)/2:])
	}
	searched := 0
	err := filepath.WalkDir(k.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a batch's folder goes when it is committed
		}
		if err != nil || d.IsDir() {
			return err
		}
		searched++
		found, err := contains(path, halves)
		if found {
			return fmt.Errorf("natsstream: a key that was erased is still in %s", path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if searched == 0 {
		return fmt.Errorf("natsstream: no files of stream %s in %s: the erasure cannot be confirmed", k.log.name, k.dir)
	}
	return nil
}

// contains reads a file in pieces that overlap by the length of what is sought.
func contains(path string, sought [][]byte) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	const overlap = ledger.KeySize
	buf := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := io.ReadFull(f, buf[kept:])
		for _, s := range sought {
			if bytes.Contains(buf[:kept+n], s) {
				return true, nil
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("natsstream: looking for erased keys: %w", err)
		}
		kept = copy(buf, buf[len(buf)-overlap:])
	}
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("natsstream: after erasing: %w", err)
	}
	defer d.Close()
	return d.Sync()
}
