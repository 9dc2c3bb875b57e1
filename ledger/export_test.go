package ledger

// Unjudged lets a ledger record without a verdict, for a benchmark: everything is free.
func (l *Ledger) Unjudged(on bool) { l.unjudged.Store(on) }

// Drawn is of how many subjects it is remembered which key was drawn for them; no more
// than most are from now on, and those that are not recorded yet.
func (l *Ledger) Drawn(most int) int {
	l.keys.mu.Lock()
	defer l.keys.mu.Unlock()
	l.keys.most = most
	return max(len(l.keys.names), len(l.keys.subjects))
}
