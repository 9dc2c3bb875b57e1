package projections

import (
	"encoding/binary"
	"fmt"
)

// messagesKeyName is KeyName for the rows that only Messages has.
func messagesKeyName(kind byte, rest []byte) (string, bool) {
	switch kind {
	case rowIdentity:
		return fmt.Sprintf("identity %s", rest), true
	case rowHeld:
		if len(rest) == 8 {
			return fmt.Sprintf("what messages know of position %d", binary.BigEndian.Uint64(rest)), true
		}
		return "", false
	}
	if kind == rowDue && len(rest) == 0 {
		return "last event that made something fall due", true
	}
	name, rest, ok := cutSized(rest)
	switch {
	case !ok:
	case kind == rowFollowed && len(rest) == 0:
		return fmt.Sprintf("followers of employer %s", name), true
	case kind == rowDue && len(rest) == 12:
		return fmt.Sprintf("due for partner %q on %d by position %d", name, binary.BigEndian.Uint32(rest), binary.BigEndian.Uint64(rest[4:])), true
	}
	return "", false
}
