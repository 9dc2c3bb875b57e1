package archive_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"huisboek/adapters/archive"
)

// again writes a sound file once more, with another header for one of its parts.
func again(t *testing.T, file []byte, name string, change func(*tar.Header)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, in := tar.NewWriter(&out), tar.NewReader(bytes.NewReader(file))
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == name {
			change(h)
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg && h.Size == int64(len(content)) {
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if h.Typeflag == tar.TypeReg {
			break // the header is what counts: its content never comes
		}
	}
	return out.Bytes()
}

// TestForeignFile: a file that somebody else made, with sums that are right, is
// refused when its parts are not as they are written here: they might be larger on a
// disk than in the file, or fill memory.
func TestForeignFile(t *testing.T) {
	all := records(t, 5)
	file, err := write(manifest(all), all)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, part string
		change     func(*tar.Header)
		says       string
	}{
		{"as it was", archive.PartAccess, func(*tar.Header) {}, ""},
		{"PAX", archive.PartAccess, func(h *tar.Header) {
			h.Format, h.PAXRecords = tar.FormatPAX, map[string]string{"HUISBOEK.x": "y"}
		}, "not written as"},
		{"GNU", archive.PartAccess, func(h *tar.Header) { h.Format = tar.FormatGNU }, "not written as"},
		{"another's keys", archive.PartAccess, func(h *tar.Header) { h.Size = 2 << 30 }, "may have"},
		{"what came in", archive.PartIntake, func(h *tar.Header) { h.Size = 5 << 30 }, "may have"},
		{"a manifest", "manifest.json", func(h *tar.Header) { h.Size = 17 << 20 }, "may have"},
		{"twice", archive.PartIntake, func(h *tar.Header) { h.Name = archive.PartAccess }, "twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			taken := 0
			_, err := archive.Read(bytes.NewReader(again(t, file, c.part, c.change)), archive.Taker{File: func(name string, _ int64, _ io.Reader) error {
				if name == c.part {
					taken++
				}
				return nil
			}})
			if c.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, archive.ErrDamaged) || !strings.Contains(err.Error(), c.says) || taken > 0 {
				t.Errorf("%v, taken %d times; want %q", err, taken, c.says)
			}
		})
	}
}

// TestWriterMost: a part that could not be put back is not backed up.
func TestWriterMost(t *testing.T) {
	w, err := archive.NewWriter(io.Discard, manifest(records(t, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.File(archive.PartAccess, 2<<30, strings.NewReader("")); err == nil || !strings.Contains(err.Error(), "may have") {
		t.Error(err)
	}
}
