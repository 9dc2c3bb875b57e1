//go:build !linux

package main

import (
	"errors"
	"net"
)

// peerUser is asked on Linux only.
func peerUser(net.Conn) (int, error) { return 0, errors.ErrUnsupported }
