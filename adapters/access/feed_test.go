package access_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

func mustAddFeed(t *testing.T, f *access.File, feed access.Feed, employee string) (access.Feed, string) {
	t.Helper()
	feed, token, err := f.AddFeed(feed, employee)
	if err != nil {
		t.Fatal(err)
	}
	return feed, token
}

// TestFeeds: a feed is read with its token until it is removed, over reopening and in
// a snapshot; the file has neither the token nor the account manager.
func TestFeeds(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "access.db")
	f := mustOpen(t, path)
	const employee = "am-zegge-07"
	manager, first := mustAddFeed(t, f, access.Feed{Scope: access.FeedManager, Partner: partnerA, Name: "telefoon"}, employee)
	region, second := mustAddFeed(t, f, access.Feed{Scope: access.FeedRegion}, "")
	if len(first) != 43 || strings.HasPrefix(first, access.TokenPrefix) || first == second {
		t.Errorf("tokens of %d characters", len(first))
	}
	reads := func(f *access.File, token string, want access.Feed, who string) {
		t.Helper()
		got, gotWho, err := f.FeedOf(token)
		if d := cmp.Diff(want, got); d != "" || gotWho != who || err != nil {
			t.Errorf("%s (%q, %v)", d, gotWho, err)
		}
	}
	reads(f, first, manager, employee)
	reads(f, second, region, "")
	if c := manager.Caller(); c != (ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: manager.ID, Door: ledger.DoorHTTP}) {
		t.Errorf("read as %+v", c)
	}
	if c := region.Caller(); c.Role != ledger.RoleSteward || c.Partner != "" {
		t.Errorf("read as %+v", c)
	}
	for _, wrong := range []string{"", first[:42], first + "A", first[1:] + first[:1], strings.ToLower(first)} {
		if _, _, err := f.FeedOf(wrong); !errors.Is(err, access.ErrUnknownToken) {
			t.Errorf("a wrong token: %v", err)
		}
	}
	if _, err := f.Authenticate(first); err == nil {
		t.Error("it speaks as well")
	}

	if err := f.FeedUsed(manager.ID, "2026-11-22"); err != nil {
		t.Fatal(err)
	}
	manager.Used = "2026-11-22"
	both := []access.Feed{manager, region}
	if manager.Made.Equal(region.Made) && region.ID < manager.ID { // made in one millisecond
		slices.Reverse(both)
	}
	if d := cmp.Diff(both, f.Feeds()); d != "" {
		t.Error(d)
	}
	copied := filepath.Join(dir, "copy.db")
	if err := f.Snapshot(copied); err != nil {
		t.Fatal(err)
	}
	reads(mustOpen(t, copied), first, manager, employee)
	f.Close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(first))
	if bytes.Contains(content, []byte(first)) || bytes.Contains(content, []byte(employee)) {
		t.Error("a token or an account manager stands in the file")
	}
	if !bytes.Contains(content, []byte(hex.EncodeToString(hash[:]))) {
		t.Error("the search finds nothing at all: the hash is not there either")
	}

	f = mustOpen(t, path)
	reads(f, first, manager, employee)
	if err := f.RemoveFeed(region.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.FeedOf(second); !errors.Is(err, access.ErrUnknownToken) {
		t.Errorf("removed, and %v", err)
	}
	for _, err := range []error{f.RemoveFeed(region.ID), f.FeedUsed(region.ID, "2026-11-23")} {
		if !errors.Is(err, access.ErrNoFeed) {
			t.Errorf("of one that was removed: %v", err)
		}
	}
	mustAddFeed(t, f, access.Feed{Scope: access.FeedPartner, Partner: partnerB}, "")
	if err := errors.Join(f.RemoveFeedsOf(partnerA), f.RemoveFeedsOf(partnerA), f.RemoveFeedsOf("")); err != nil {
		t.Fatal(err)
	}
	if left := f.Feeds(); len(left) != 1 || left[0].Partner != partnerB {
		t.Errorf("left: %+v", left)
	}
}

func TestAddFeedRefuses(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	for name, tt := range map[string]struct {
		feed     access.Feed
		employee string
	}{
		"no scope":                {access.Feed{Partner: partnerA}, ""},
		"nobody's partner feed":   {access.Feed{Scope: access.FeedPartner}, ""},
		"partner without UUID":    {access.Feed{Scope: access.FeedPartner, Partner: "zwolle"}, ""},
		"manager without manager": {access.Feed{Scope: access.FeedManager, Partner: partnerA}, ""},
		"manager of nobody":       {access.Feed{Scope: access.FeedManager}, "am-1"},
		"region with manager":     {access.Feed{Scope: access.FeedRegion, Partner: partnerA}, "am-1"},
		"name of several lines":   {access.Feed{Scope: access.FeedRegion, Name: "a\nb"}, ""},
	} {
		if _, token, err := f.AddFeed(tt.feed, tt.employee); err == nil || token != "" {
			t.Errorf("%s: token %t, error %v", name, token != "", err)
		}
	}
	if len(f.Feeds()) != 0 {
		t.Error("something was stored")
	}
}

// TestFeedTampered: a feed that was changed, taken out or put back is found.
func TestFeedTampered(t *testing.T) {
	for name, change := range map[string]func(b *bolt.Bucket, id, old []byte) error{
		"changed": func(b *bolt.Bucket, id, old []byte) error {
			return b.Put(id, append(bytes.Clone(old[:len(old)-1]), old[len(old)-1]^1))
		},
		"taken":    func(b *bolt.Bucket, id, _ []byte) error { return b.Delete(id) },
		"other id": func(b *bolt.Bucket, _, old []byte) error { return b.Put([]byte(partnerB), old) },
	} {
		path := filepath.Join(t.TempDir(), "access.db")
		f := mustOpen(t, path)
		feed, _ := mustAddFeed(t, f, access.Feed{Scope: access.FeedPartner, Partner: partnerA}, "")
		f.Close()
		edit(t, path, func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte("feeds"))
			return change(b, []byte(feed.ID), bytes.Clone(b.Get([]byte(feed.ID))))
		})
		if f, err := access.Open(path, macKey); !errors.Is(err, access.ErrDamaged) {
			if err == nil {
				f.Close()
			}
			t.Errorf("%s: %v", name, err)
		}
	}
}
