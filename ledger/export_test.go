package ledger

// Unjudged lets a ledger record without a verdict, for a benchmark: everything is free.
func (l *Ledger) Unjudged(on bool) { l.unjudged.Store(on) }
