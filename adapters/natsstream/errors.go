package natsstream

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"huisboek/ledger"
)

// The server's codes that mean something to us (nats-server, errors.json).
const (
	codeWrongLastSequence = 10071 // the fence, of a single message or a batch
	codeWrongLastConstant = 10164 // the same, when it is found before the store is asked
	codeNoResources       = 10023 // the server's own limit of storage
	codeAccountResources  = 10002 // the account's
	codeStorageExceeded   = 10047
	codeStoreFailed       = 10077 // the store would not; the text says why
	codeBatchIncomplete   = 10176 // a part of a batch could not be kept until its end, and nothing was stored
)

// refusal is what an error answer to an append means: the one place where the
// server's codes are told apart. The client wraps its errors: a type assertion
// would miss them.
func refusal(err error) error {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode {
	case codeWrongLastSequence, codeWrongLastConstant:
		return fmt.Errorf("%w (%s)", ledger.ErrFence, api.Description)
	case codeNoResources, codeAccountResources, codeStorageExceeded, codeBatchIncomplete:
		return fmt.Errorf("%w (%s)", ledger.ErrFull, api.Description)
	case codeStoreFailed:
		if strings.Contains(api.Description, "maximum bytes exceeded") {
			return fmt.Errorf("%w (%s)", ledger.ErrFull, api.Description)
		}
		// A write or a sync failed: what is on disk now nobody knows.
		return fmt.Errorf("%w: the store failed: %s", ledger.ErrDamaged, api.Description)
	}
	return err
}

// damaged says what is wrong with a stream and where.
func damaged(stream string, at uint64, format string, args ...any) error {
	return fmt.Errorf("%w: stream %s, position %d: %s", ledger.ErrDamaged, stream, at, fmt.Sprintf(format, args...))
}
