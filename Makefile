# One line per target, and the lines that CI runs.
GO ?= go
FUZZTIME ?= 60s
SHELL := /bin/bash

.PHONY: help deps test lint bench fuzz demo

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## what the tests need besides Go and a C compiler (for -race): nothing yet; a browser for the pages will be fetched here
	@command -v $$($(GO) env CC) >/dev/null || { echo "make test needs a C compiler (gcc) for the race detector" >&2; exit 1; }

test: deps ## every test, with the race detector, in random order
	$(GO) test -race -shuffle=on -timeout=20m ./...

lint: ## gofmt, go vet, staticcheck; prints nothing when all is well
	@test -z "$$(gofmt -l . | tee /dev/stderr)" && $(GO) vet ./... && $(GO) tool staticcheck ./...

bench: ## every benchmark, six times
	$(GO) test -run='^$$' -bench=. -benchmem -count=6 -timeout=60m ./...

fuzz: ## each fuzz test for FUZZTIME (60s)
	@set -euo pipefail; for f in $$(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do for n in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$f); do echo "$$f $$n"; $(GO) test -run='^$$' -fuzz="^$$n\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=10x ./$$(dirname $$f); done; done

demo: ## a year of an invented region, on this machine, until interrupted
	$(GO) run ./cmd/huisboek demo
