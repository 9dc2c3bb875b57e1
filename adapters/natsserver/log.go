package natsserver

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"

	"github.com/nats-io/nats-server/v2/server"
)

// What WriteError gives.
var (
	// ErrNoRoom: a file of a stream could not grow. What was written before is as it
	// was, and Reopen goes on from there once there is room.
	ErrNoRoom = errors.New("no room is left on the disk")
	// ErrWrite: writing or syncing failed in another way. What is on disk now nobody
	// knows.
	ErrWrite = errors.New("the disk does not take what is written")
)

// logger hands what the server says to slog, and keeps the first thing that it
// calls fatal: Server.Start returns nothing, and says there why it did not. It keeps
// too that the server gave up writing to a stream, which it says nowhere else: from
// then on an append gets no answer at all.
type logger struct {
	log *slog.Logger

	mu     sync.Mutex
	fatal  error
	write  error
	gaveUp chan struct{} // of one place: told when write is set
}

// gaveUp begins what the server says when it gives up (nats-server 2.15, setWriteErr
// of a file store and of a stream).
const gaveUp = "critical write error: "

// writeFailed tells a disk without room from one that fails. A sync that fails for
// lack of room is a failure like any other: the system may have dropped what it could
// not write.
func writeFailed(text string) error {
	at := strings.Index(strings.ToLower(text), gaveUp)
	if at < 0 {
		return nil
	}
	kind, why := ErrWrite, text[at+len(gaveUp):]
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if strings.HasSuffix(why, ": "+full.Error()) && !strings.Contains(why, "sync ") {
			kind = ErrNoRoom
		}
	}
	return fmt.Errorf("%w: %s", kind, text)
}

func (l *logger) writeError() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write
}

// forgive forgets what WriteError says: the streams are opened anew.
func (l *logger) forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write = nil
}

func (l *logger) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal
}

func (l *logger) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *logger) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l *logger) Debugf(string, ...any)           {}
func (l *logger) Tracef(string, ...any)           {}

// Errorf keeps the worst reason to give up. That an account has too many connections is
// not an error here: so the server says that a credential was ended, and what a partner is
// told that opens too many.
func (l *logger) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.Contains(text, server.ErrTooManyAccountConnections.Error()) {
		l.log.Info(text)
		return
	}
	l.log.Error(text)
	err := writeFailed(text)
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.write == nil || errors.Is(err, ErrWrite) {
		l.write = err
	}
	select {
	case l.gaveUp <- struct{}{}:
	default: // it was told
	}
}

// Fatalf does not exit, as the server's own logger would: that is for the
// program to decide.
func (l *logger) Fatalf(format string, v ...any) {
	l.mu.Lock()
	if l.fatal == nil {
		l.fatal = fmt.Errorf(format, v...)
	}
	l.mu.Unlock()
	l.log.Error(fmt.Sprintf(format, v...))
}
