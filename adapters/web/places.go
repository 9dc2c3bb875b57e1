package web

// places are how many requests may do something at a time.
type places chan struct{}

// enter takes a place, unless there is none.
func (p places) enter() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

// leave gives it back.
func (p places) leave() { <-p }

// hold runs fn in a place, and reports whether there was one. What fn does takes
// as long as we do, never as long as a caller likes: nothing is read from a caller
// or written to it within, or who does not read its answer would keep the place
// from the others.
func (p places) hold(fn func()) bool {
	if !p.enter() {
		return false
	}
	defer p.leave()
	fn()
	return true
}
