package search

import (
	"encoding/binary"

	"huisboek/events"
)

// pack writes an entry as one string: two hundred thousand of them are a third of
// what the structs would be, and no work for the garbage collector.
func (e *Entry) pack() string {
	b := make([]byte, 0, 128)
	for _, list := range [...][]string{e.Keys, e.Names, e.Establishments, {e.Place, e.Postcode, e.Gemeente, string(e.LastContact), e.Sector, e.Size}, e.Settled} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, s := range list {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	return string(b)
}

// unpack is the opposite of pack. Its strings are parts of the packed one.
func unpack(s string) (e Entry) {
	e.Keys, s = cutList(s)
	e.Names, s = cutList(s)
	e.Establishments, s = cutList(s)
	var plain []string
	plain, s = cutList(s)
	e.Place, e.Postcode, e.Gemeente, e.LastContact = plain[0], plain[1], plain[2], events.Date(plain[3])
	e.Sector, e.Size = plain[4], plain[5]
	e.Settled, _ = cutList(s)
	return e
}

func unpackKeys(s string) []string {
	keys, _ := cutList(s)
	return keys
}

// packedKey is the first key of a packed entry.
func packedKey(s string) string {
	_, s = cutUint(s)
	n, s := cutUint(s)
	return s[:n]
}

func cutList(s string) (list []string, rest string) {
	n, s := cutUint(s)
	if n == 0 {
		return nil, s
	}
	list = make([]string, n)
	for i := range list {
		var size uint64
		size, s = cutUint(s)
		list[i], s = s[:size], s[size:]
	}
	return list, s
}

func cutUint(s string) (n uint64, rest string) {
	for i := 0; ; i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, s[i+1:]
		}
	}
}
