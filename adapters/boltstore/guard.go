package boltstore

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// guard tells a panic of bbolt, which means that the file is damaged, from a
// panic of a caller's function, which is a bug and goes on.
type guard struct {
	outside bool // a caller's function is running
}

// call runs a caller's function.
func (g *guard) call(fn func() error) error {
	g.outside = true
	err := fn()
	g.outside = false
	return err
}

// guard runs fn, in which all is bbolt's but what guard.call runs. bbolt trusts
// its pages: on a damaged one it panics, or reads where nothing is mapped. Both
// become ErrDamaged.
func (f *File) guard(fn func(*guard) error) (err error) {
	var g guard
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if g.outside {
			return // the panic, if there is one, is not ours
		}
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %w", f.path, brokenPage(p))
		}
	}()
	return fn(&g)
}

// brokenPage says what a panic of bbolt means. What it says itself is about its
// own code when it walked off a page, and of no use to an operator.
func brokenPage(p any) error {
	if _, ours := p.(runtime.Error); ours {
		return fmt.Errorf("%w: a page of it cannot be read", ErrDamaged)
	}
	return fmt.Errorf("%w: %v", ErrDamaged, p)
}
