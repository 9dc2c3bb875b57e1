package disktest

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// mount gives a disk, for tests that run with HUISBOEK_FAULTS=1 as make faults says.
func mount(t *testing.T) (*Disk, string) {
	t.Helper()
	if os.Getenv("HUISBOEK_FAULTS") != "1" {
		t.Skip("needs /dev/fuse: runs with HUISBOEK_FAULTS=1, as make faults does")
	}
	dir := t.TempDir()
	d, err := Mount(dir, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return d, dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// put writes a file, and syncs it or not.
func put(t *testing.T, path, text string, off int64, flags int, sync bool) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|flags, 0o600)
	must(t, err)
	_, err = f.WriteAt([]byte(text), off)
	must(t, err)
	if sync {
		must(t, f.Sync())
	}
	must(t, f.Close())
}

func syncFolder(t *testing.T, path string) {
	t.Helper()
	d, err := os.Open(path)
	must(t, err)
	must(t, d.Sync())
	must(t, d.Close())
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if want == "-" {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there: %q, %v", filepath.Base(path), got, err)
		}
		return
	}
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), got, err, want)
	}
}

// TestDiskCut: what was synced is there after a cut, and what was not is as it was
// before, name by name and page by page.
func TestDiskCut(t *testing.T) {
	d, dir := mount(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("synced"), "one", 0, 0, true)
	put(t, at("unsynced"), "one", 0, 0, false)
	put(t, at("o-sync"), "one", 0, os.O_SYNC, false)
	must(t, os.MkdirAll(at("a/b"), 0o700))
	put(t, at("a/b/deep"), "one", 0, 0, true)
	put(t, at("a/b/beside"), "one", 0, 0, false)
	must(t, d.Cut(Everything))
	holds(t, at("synced"), "one")
	holds(t, at("o-sync"), "one")
	holds(t, at("a/b/deep"), "one")
	holds(t, at("a/b/beside"), "-")

	put(t, at("synced"), "two", 0, 0, false)
	put(t, at("synced"), "far", 3*page, 0, false)
	must(t, os.Rename(at("o-sync"), at("renamed")))
	must(t, os.Remove(at("a/b/deep")))
	must(t, d.Cut(Everything))
	holds(t, at("synced"), "one")
	holds(t, at("o-sync"), "one")
	holds(t, at("renamed"), "-")
	holds(t, at("a/b/deep"), "one")

	put(t, at("temporary"), "new", 0, 0, true)
	must(t, os.Rename(at("temporary"), at("synced")))
	must(t, os.Remove(at("a/b/deep")))
	syncFolder(t, dir)
	must(t, d.Cut(Everything))
	holds(t, at("synced"), "new")
	holds(t, at("temporary"), "-")
	holds(t, at("a/b/deep"), "one")

	must(t, os.Truncate(at("synced"), 1))
	must(t, d.Cut(Everything))
	holds(t, at("synced"), "new")
}

// TestDiskCutPart: of what was not synced each sector is the old or the new one, and
// both happen; a name that was replaced is one of the two.
func TestDiskCutPart(t *testing.T) {
	d, dir := mount(t)
	path := filepath.Join(dir, "file")
	const pages = 64
	seen := map[string]bool{}
	for range 20 {
		put(t, path, string(bytes.Repeat([]byte("o"), pages*page)), 0, 0, true)
		put(t, path, string(bytes.Repeat([]byte("n"), pages*page)), 0, 0, false)
		put(t, path+".tmp", "x", 0, 0, true)
		must(t, os.Rename(path+".tmp", path+".name"))
		must(t, d.Cut(Part))
		got, err := os.ReadFile(path)
		must(t, err)
		if len(got) != pages*page {
			t.Fatalf("%d bytes", len(got))
		}
		for p := range pages {
			kinds := map[byte]bool{}
			for s := range page / sector {
				part := got[p*page+s*sector : p*page+(s+1)*sector]
				if bytes.Count(part, part[:1]) != sector || part[0] != 'o' && part[0] != 'n' {
					t.Fatalf("page %d, sector %d is torn within: %q", p, s, part)
				}
				kinds[part[0]] = true
			}
			switch {
			case len(kinds) == 2:
				seen["torn"] = true
			case kinds['o']:
				seen["old"] = true
			default:
				seen["new"] = true
			}
		}
		_, before := os.Stat(path + ".tmp")
		_, after := os.Stat(path + ".name")
		if before == nil == (after == nil) {
			t.Fatalf("a renamed file is there under both names or none: %v, %v", before, after)
		}
		seen["renamed"] = seen["renamed"] || after == nil
		seen["not renamed"] = seen["not renamed"] || before == nil
		os.Remove(path + ".tmp")
		os.Remove(path + ".name")
		syncFolder(t, dir)
	}
	if len(seen) != 5 {
		t.Errorf("only %v happened", seen)
	}
}

// TestDiskFull: a full disk takes a part of a write and then nothing, gives room back when
// something is removed, and lets go on what needs no new room.
func TestDiskFull(t *testing.T) {
	d, dir := mount(t)
	d.Limit(10 * page)
	path := filepath.Join(dir, "file")
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	n, err := f.Write(make([]byte, 20*page))
	if n != 10*page || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("wrote %d: %v", n, err)
	}
	if err := os.WriteFile(path+"2", nil, 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("another file: %v", err)
	}
	_, err = f.WriteAt([]byte("over"), 0)
	must(t, err)
	must(t, f.Truncate(100*page)) // a hole
	if _, err := f.WriteAt([]byte("in the hole"), 50*page); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("into the hole: %v", err)
	}
	must(t, f.Truncate(5*page))
	_, err = f.WriteAt([]byte("now"), 50*page)
	must(t, err)
	if got := d.Used(); got != 6*page {
		t.Errorf("%d bytes used", got)
	}
	must(t, os.Remove(path))
	if got := d.Used(); got != 0 {
		t.Errorf("%d bytes used of an empty disk", got)
	}
}

// TestDiskCounts: every write and sync is seen, whatever the kernel would like to do by
// itself, and can be made to fail.
func TestDiskCounts(t *testing.T) {
	d, dir := mount(t)
	f, err := os.Create(filepath.Join(dir, "file"))
	must(t, err)
	defer f.Close()
	for range 10 {
		_, err := f.Write([]byte("0123456789"))
		must(t, err)
		must(t, f.Sync())
	}
	if got, want := d.Counts()["file"], (Count{Writes: 10, Syncs: 10, Bytes: 100, Names: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	d.Inject(func(o Op) error {
		if o.Kind == Sync && o.Path == "file" {
			return syscall.EIO
		}
		return nil
	})
	_, err = f.Write([]byte("x"))
	must(t, err)
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("sync: %v", err)
	}
}
