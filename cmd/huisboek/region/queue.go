package region

// next is something that will be told at a moment.
type next struct {
	at   moment
	nth  int // of two at the same moment, the one that was thought of first
	tell func()
}

func (n *next) before(o *next) bool { return n.at < o.at || n.at == o.at && n.nth < o.nth }

// queue is a heap, the first of it first.
type queue []next

func (q *queue) push(n next) {
	*q = append(*q, n)
	h := *q
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h[i].before(&h[up]) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func (q *queue) pop() next {
	h := *q
	first, last := h[0], len(h)-1
	h[0], h[last] = h[last], next{}
	h = h[:last]
	*q = h
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			return first
		}
		if down+1 < last && h[down+1].before(&h[down]) {
			down++
		}
		if !h[down].before(&h[i]) {
			return first
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}
