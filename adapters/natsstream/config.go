package natsstream

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/events"
	"huisboek/ledger"
)

// MaxBatch is the largest number of messages in one Append; the server has to
// allow as many (natsserver.MaxBatch).
const MaxBatch = 10_000

// Config is what a book's streams are opened with.
type Config struct {
	// Region is the code of the labour market region, "AM36"; it names the
	// streams and their subjects.
	Region string
	// Book is the book's UUID when it is known. With it the streams must be there
	// already: one that is gone is damage, and is not made anew. Every record
	// must carry it.
	Book string
	// MaxBytes and KeyMaxBytes limit the streams, so that a full store refuses
	// cleanly; a full disk does not. Both are required, and fixed when the
	// streams are made.
	MaxBytes    int64
	KeyMaxBytes int64
	// Gate, when it is not nil, is shut when the server cannot write.
	Gate *Gate
	// KeyDir is the folder that holds the key stream's files
	// (natsserver.Server.StreamDir), where Erase looks whether a key is gone.
	KeyDir string
}

// StreamName is the name of a region's stream of records.
func StreamName(region string) string { return "HUISBOEK_" + region }

// KeyStreamName is the name of a region's stream of keys.
func KeyStreamName(region string) string { return "HUISBOEK_" + region + "_SLEUTELS" }

func subjectPrefix(region string) string { return "huisboek." + region + "." }
func keySubject(region string) string    { return "sleutels." + region }

// streamConfig is promise 1 as settings: nothing ages, rolls up, is deleted or
// purged, and a full stream refuses. Duplicates is as short as the server
// allows: the book itself remembers every (source, id), and a long window only
// makes starting slow. No compression: sealed members do not compress, and on
// the key stream it would hide the bytes that Erase looks for.
func (c *Config) streamConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               StreamName(c.Region),
		Subjects:           []string{subjectPrefix(c.Region) + ">"},
		Retention:          jetstream.LimitsPolicy,
		Storage:            jetstream.FileStorage,
		Replicas:           1,
		Discard:            jetstream.DiscardNew,
		MaxBytes:           c.MaxBytes,
		MaxMsgs:            -1,
		MaxMsgsPerSubject:  -1,
		MaxMsgSize:         -1,
		MaxConsumers:       -1,
		Duplicates:         100 * time.Millisecond,
		DenyDelete:         true,
		DenyPurge:          true,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
}

// keyConfig lets single messages be deleted: that is what the key stream is for.
func (c *Config) keyConfig() jetstream.StreamConfig {
	k := c.streamConfig()
	k.Name = KeyStreamName(c.Region)
	k.Subjects = []string{keySubject(c.Region)}
	k.MaxBytes = c.KeyMaxBytes
	k.DenyDelete = false
	return k
}

func (c *Config) check() error {
	switch {
	case c.Region == "" || strings.ContainsAny(c.Region, ".*> \t\r\n/\\"):
		return fmt.Errorf("natsstream: %q is no region", c.Region)
	case c.MaxBytes <= 0 || c.KeyMaxBytes <= 0:
		return errors.New("natsstream: MaxBytes and KeyMaxBytes are required")
	case c.KeyDir == "":
		return errors.New("natsstream: KeyDir is required: without it no erasure can be checked")
	}
	return nil
}

// Open makes a region's streams, or checks that the ones that are there have
// exactly the settings they should have; it never changes a setting. The
// connection may do what Publishes and Subscribes say and need do no more.
func Open(ctx context.Context, nc *nats.Conn, c Config) (*Stream, *Keys, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, nil, fmt.Errorf("natsstream: %w", err)
	}
	// The keys first: records that name keys come after.
	keys, err := ensure(ctx, js, c.keyConfig(), c.Book != "")
	if err != nil {
		return nil, nil, err
	}
	records, err := ensure(ctx, js, c.streamConfig(), c.Book != "")
	if err != nil {
		return nil, nil, err
	}
	gate := c.Gate
	if gate == nil {
		gate = new(Gate)
	}
	s := &Stream{log: &log{stream: records, gate: gate, name: StreamName(c.Region)}, prefix: subjectPrefix(c.Region), book: c.Book}
	k := &Keys{log: &log{stream: keys, gate: gate, name: KeyStreamName(c.Region)}, subject: keySubject(c.Region), dir: c.KeyDir, erased: map[events.KeyID]bool{}}
	if s.pub, err = newPublisher(nc, gate, s.log.name); err != nil {
		return nil, nil, err
	}
	if k.pub, err = newPublisher(nc, gate, k.log.name); err != nil {
		return nil, nil, err
	}
	return s, k, nil
}

func ensure(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig, must bool) (jetstream.Stream, error) {
	s, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if must {
			return nil, fmt.Errorf("%w: stream %s is gone", ledger.ErrDamaged, want.Name)
		}
		s, err = js.CreateStream(ctx, want)
	}
	if err != nil {
		return nil, fmt.Errorf("natsstream: opening stream %s: %w", want.Name, err)
	}
	if d := difference(s.CachedInfo().Config, want); d != "" {
		return nil, fmt.Errorf("natsstream: stream %s has other settings: %s", want.Name, d)
	}
	return s, nil
}

// difference names each setting that is not what it should be. The server adds
// metadata of its own, which says nothing about what is kept.
func difference(have, want jetstream.StreamConfig) string {
	have.Metadata, want.Metadata = nil, nil
	h, w := reflect.ValueOf(have), reflect.ValueOf(want)
	var all []string
	for i := range h.NumField() {
		if a, b := h.Field(i).Interface(), w.Field(i).Interface(); !reflect.DeepEqual(a, b) {
			all = append(all, fmt.Sprintf("%s is %v and should be %v", h.Type().Field(i).Name, a, b))
		}
	}
	return strings.Join(all, "; ")
}
