package client

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/go-json-experiment/json"
	"go.etcd.io/bbolt"
)

// checkMetas sees that both of bbolt's first pages are whole. With one of them
// gone it would go back to the transaction before the last, and with an empty
// file to the beginning, without a word: an event that was put would be lost. No
// crash leaves one half written, for what counts in it is less than a sector.
func checkMetas(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	page := int64(0)
	for range 2 {
		var m [16 + 64]byte // the head of a page, and what a meta page holds (bbolt, internal/common/meta.go)
		if _, err := f.ReadAt(m[:], page); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		h := fnv.New64a()
		h.Write(m[16:72])
		size := binary.NativeEndian.Uint32(m[24:])
		if h.Sum64() != binary.NativeEndian.Uint64(m[72:]) || size == 0 {
			return fmt.Errorf("%w: its first pages are not whole", ErrDamaged)
		}
		page = int64(size)
	}
	return nil
}

// guard runs bbolt, which trusts its pages: on a damaged one it panics, or reads
// where nothing is mapped. Both become ErrDamaged.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if _, ours := p.(runtime.Error); ours {
			err = fmt.Errorf("%w: a page of it cannot be read", ErrDamaged)
			return
		}
		err = fmt.Errorf("%w: %v", ErrDamaged, p)
	}()
	return fn()
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func number(k []byte) uint64 {
	if len(k) != 8 {
		return 0 // which no event has
	}
	return binary.BigEndian.Uint64(k)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// pack puts a checksum before a value: bbolt has none for what it holds.
func pack(body []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), crc32.Checksum(body, castagnoli)), body...)
}

func unpack(v []byte) ([]byte, error) {
	if len(v) < 4 || crc32.Checksum(v[4:], castagnoli) != binary.BigEndian.Uint32(v) {
		return nil, fmt.Errorf("%w: a value is not what was written", ErrDamaged)
	}
	return v[4:], nil
}

func unpackInto(v []byte, out any) error {
	body, err := unpack(v)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

func putPacked(bucket *bbolt.Bucket, n uint64, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return bucket.Put(key(n), pack(body))
}
