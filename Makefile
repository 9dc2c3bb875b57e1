# One line per target, and the lines that CI runs.
GO ?= go
FUZZTIME ?= 60s
SHELL := /bin/bash

.PHONY: help deps test faults lint bench micro guard soak fuzz demo screens

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## what the tests need besides Go: a C compiler (for -race), a browser, and what partners' programs are written with
	@command -v $$($(GO) env CC) >/dev/null || { echo "make test needs a C compiler (gcc) for the race detector" >&2; exit 1; }
	@for tool in curl:curl node:nodejs npm:npm chromium:chromium python3:python3 java:default-jdk-headless soffice:libreoffice-calc; do command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool#*:}"; done; /usr/bin/python3 -c 'import icalendar' 2>/dev/null || missing="$$missing python3-icalendar"; test -e /usr/share/fonts/truetype/open-sans || missing="$$missing fonts-open-sans"; test -z "$$missing" || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; }
	@for dir in e2e/foreign e2e/browser; do (cd $$dir && { cmp -s package-lock.json node_modules/.lock-of-install || { npm ci --silent --no-audit --no-fund && cp package-lock.json node_modules/.lock-of-install; }; }) || exit 1; done

test: deps ## every test, with the race detector, in random order
	HUISBOEK_TOOLS=1 $(GO) test -race -shuffle=on -timeout=30m ./...

FAULTS ?=

# As root in mounts of its own: a test that is killed leaves none behind.
faults: ## power cuts, a full disk, and what one event costs a disk; needs /dev/fuse (FAULTS='-cuts 1000' for more)
	@test -c /dev/fuse || { echo "make faults needs FUSE, and there is no /dev/fuse here" >&2; exit 1; }
	@test "$$(id -u)" = 0 || command -v fusermount3 >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends fuse3; }
	@export HUISBOEK_FAULTS=1; run() { $$(test "$$(id -u)" != 0 || echo unshare -m) $(GO) test -run='^TestDisk' -count=1 -v -timeout=30m "$$@"; }; run ./e2e/disktest && run ./e2e $(if $(FAULTS),-args $(FAULTS))

lint: ## gofmt, go vet, staticcheck; prints nothing when all is well
	@test -z "$$(gofmt -l . | tee /dev/stderr)" && $(GO) vet ./... && $(GO) tool staticcheck ./...

EVENTS ?= 1000000
COUNT ?= 3
BENCHTIME ?= 2s
BENCH ?= Recording|Visible|Last50|Search|Advice|Standing|Rebuild|Disk|Opening
FSYNC ?=
# FSYNC=1ms makes every fsync of every process of the run, PostgreSQL's too, so much longer.
SLOWLY = strace -f --seccomp-bpf -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_exit=$(patsubst %ms,%000,$(FSYNC))

bench: ## our figures beside their peers, into bench-EVENTS.txt (docs/bench.md): EVENTS=1000000, COUNT=3, FSYNC=1ms to slow the disk
	@test -x /usr/lib/postgresql/15/bin/postgres || missing=postgresql-15; test -z "$(FSYNC)" || command -v strace >/dev/null || missing="$$missing strace"; test -z "$$missing" || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; }
	@set -o pipefail; HUISBOEK_BENCH_EVENTS=$(EVENTS) HUISBOEK_BENCH_FSYNC=$(FSYNC) $(GO) test ./cmd/huisboek -run='^$$' -bench='^Benchmark($(BENCH))$$' -benchtime=$(BENCHTIME) -count=$(COUNT) -timeout=4h $(if $(FSYNC),-exec='$(SLOWLY)') | tee bench-$(EVENTS)$(if $(FSYNC),-fsync-$(FSYNC)).txt

micro: ## every other benchmark of every package, six times
	$(GO) test -run='^$$' -bench=. -skip='^Benchmark($(BENCH))$$' -benchmem -count=6 -timeout=60m ./...

guard: ## what an event and a question take, in counts, beside the most that they may; make test runs it too
	$(GO) test ./cmd/huisboek -run='^TestGuard$$' -count=1 -v -timeout=30m

SOAK ?= 10m
RATE ?= 2000

soak: ## sixty partners, RATE (2000) events a second for SOAK (10m), with readers, a rebuild and a backup: nothing may grow or get lost
	HUISBOEK_SOAK=1 $(GO) test ./e2e -run='^TestSoak$$' -count=1 -v -timeout=6h -soak.time=$(SOAK) -soak.rate=$(RATE)

fuzz: ## each fuzz test for FUZZTIME (60s)
	@set -euo pipefail; for f in $$(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do for n in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$f); do echo "$$f $$n"; $(GO) test -run='^$$' -fuzz="^$$n\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=10x ./$$(dirname $$f); done; done

demo: ## a year of an invented region, on this machine, until interrupted
	$(GO) run ./cmd/huisboek demo

SCREENS ?= screens

screens: deps ## every page as a picture, at a desk, on a phone and in dark, in SCREENS (./screens)
	HUISBOEK_TOOLS=1 $(GO) test ./e2e/browser -run='^TestScreens$$' -count=1 -timeout=20m -screens="$(abspath $(SCREENS))"
