package natsserver

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// ErrDamaged: a stream's files hold a number that cannot be, and the server must
// not read it.
var ErrDamaged = errors.New("the stream's files are damaged")

// The layout of a message in a block (nats-server 2.15, filestore.go, msgHdrSize
// and the constants beside it): length and sequence, both little endian, each
// with marks in its highest bits; then the rest.
const (
	headSize   = 22
	leastSize  = headSize + 8 // with its checksum
	lengthMark = 1 << 31
	erasedMark = 1 << 63
	graveMark  = 1 << 62 // of a message elsewhere that was deleted

	// mostMissing is how many sequences may be missing in a row. The server notes
	// each of them in memory as it reads a block, so that one wrong bit in a
	// sequence would make it take all there is.
	mostMissing = 1 << 24

	// lastBlocks are looked at before the server starts, for it reads them then.
	lastBlocks = 8
)

// CheckFiles reads the head of every message in the files of one stream (its
// folder, see StreamDir) and refuses a sequence that is out of all proportion to
// those around it. Any other damage the server finds itself when it reads. The
// error wraps ErrDamaged and says where.
func CheckFiles(streamDir string) error { return checkFiles(streamDir, 0) }

// checkAll looks at the ends of all streams below a server's folder.
func checkAll(dir string) error {
	streams, err := filepath.Glob(filepath.Join(escape(dir), server.JetStreamStoreDir, "*", "streams", "*"))
	if err != nil {
		return err
	}
	for _, s := range streams {
		if err := checkFiles(s, lastBlocks); err != nil {
			return err
		}
	}
	return nil
}

// escape makes a folder's own name mean itself in a pattern.
func escape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// checkFiles checks the last blocks of a stream, or all of them for 0.
func checkFiles(streamDir string, last int) error {
	blocks, err := blocksOf(streamDir)
	if err != nil {
		return err
	}
	if last > 0 && len(blocks) > last {
		blocks = blocks[len(blocks)-last:]
	}
	var before uint64 // the last sequence seen; 0 for none yet
	for _, b := range blocks {
		data, err := os.ReadFile(b.path)
		if errors.Is(err, fs.ErrNotExist) { // the server has just merged it with another
			continue
		}
		if err != nil {
			return err
		}
		var at int
		if before, at = walk(data, before); at >= 0 {
			return fmt.Errorf("%w: stream %s, behind position %d: byte %d of %s", ErrDamaged,
				filepath.Base(streamDir), before, at, filepath.Base(b.path))
		}
	}
	return nil
}

type block struct {
	path   string
	number int
}

func blocksOf(streamDir string) (blocks []block, err error) {
	entries, err := os.ReadDir(filepath.Join(streamDir, "msgs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".blk")
		if n, bad := strconv.Atoi(name); ok && bad == nil {
			blocks = append(blocks, block{filepath.Join(streamDir, "msgs", e.Name()), n})
		}
	}
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.number, b.number) })
	return blocks, err
}

// walk goes from message to message; at is where one is that cannot be, or -1. A
// message that is not whole ends it: that is a crash's doing, or something that
// the server sees for itself.
func walk(data []byte, before uint64) (last uint64, at int) {
	for i := 0; i+headSize <= len(data); {
		length := int(binary.LittleEndian.Uint32(data[i:]) &^ lengthMark)
		if length < leastSize || i+length > len(data) {
			break
		}
		sequence := binary.LittleEndian.Uint64(data[i+4:])
		if sequence &^= erasedMark; sequence != 0 && sequence&graveMark == 0 { // 0: erased, by older servers
			if before != 0 && max(sequence, before)-min(sequence, before) > mostMissing {
				return before, i
			}
			before = sequence
		}
		i += length
	}
	return before, -1
}
