//go:build race

package e2e_test

// raced says that these tests, and so the binary, are built with the race detector.
const raced = true
