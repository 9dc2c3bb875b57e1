package archive

// SmallParts makes the parts of a file small, so that few records make many.
func SmallParts(cleanup func(func())) {
	was := chunk
	chunk = 20_000
	cleanup(func() { chunk = was })
}
