# Keyturn. `make run` and `make test` are all that a newcomer needs; both install what is missing first.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS   += --no-print-directory --no-builtin-rules

# One set of build flags for everything: a changed flag rebuilds the window toolkit, which takes minutes.
# migrated_fynedo: Fyne's thread model since 2.6. buildvcs: a clone that belongs to another user must build too.
export FYNE_SCALE ?= 1
export GOFLAGS := -mod=readonly -buildvcs=false -tags=migrated_fynedo

# Where `make run` keeps its data, and the loopback port of its server.
DATA ?= .data
PORT ?= 7380
# The real-window walkthrough, and where it leaves its screenshots.
WALK_PKG  ?= ./shared/walktest
WALK_TEST ?= TestWalkthrough
export KEYTURN_SHOTS ?= $(CURDIR)/out/walkthrough
# What runs without a C compiler, X11 and OpenGL: view models, widgets and the pure rules.
PURE ?= ./app/ui/... ./app/screen/field ./app/screen/desk ./app/camera ./shared/photo \
	./shared/domain ./shared/policy ./shared/merge ./shared/syncproto ./shared/catalog ./shared/wording
# Inputs tried by each fuzz target in `make test`, as go test's -fuzztime takes them (5000x, 30s).
FUZZ ?= 10000x
# The simulation of sync: schedules in `make test`, and how long `make soak` runs fresh ones.
SCHEDULES ?= 2000
DURATION  ?= 10m
# How often the long run of real faults kills a process.
KILLS ?= 200
# The yardstick: a part of it (regexp of shared/benchtest's subtests), rounds of what depends on the disk (the median
# counts), and a folder for CPU profiles of server and devices, which slow it down.
ONLY    ?=
ROUNDS  ?=
PROFILE ?=
# Go benchmarks: every package that has one.
BENCH     ?= .
BENCHTIME ?= 1s
BENCH_PKGS ?= $(sort $(addprefix ./,$(dir $(shell grep -rl --include='*_test.go' '^func Benchmark' app assets shared syncserver))))

# Tools, each at one version, installed into .bin when that version is missing.
LINT_VERSION := v2.15.0
VERSITYGW_VERSION := v1.8.0
FYNE_VERSION  = $(shell go list -m -f '{{.Version}}' fyne.io/fyne/v2)
LINT  = .bin/golangci-lint-$(LINT_VERSION)
VERSITYGW = .bin/versitygw-$(VERSITYGW_VERSION)

# Tests choose their languages themselves; left without any, Fyne complains at the start of every test binary.
test test-pure fuzz simulate soak mutants faults bench microbench walkthrough: export LANGUAGE := en

.PHONY: help run build walkthrough test test-pure fuzz simulate soak mutants faults lint fmt bench microbench package deps clean

help: ## List the targets (what `make` alone does)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The windows are X11 windows, so without DISPLAY there is nowhere to open them, on pure Wayland either.
run: deps ## Server, sample project and two windows; the walkthrough where there is no display
ifdef DISPLAY
run: build
	@DATA='$(DATA)' PORT='$(PORT)' .ci/launch
else
	@echo 'No display here (DISPLAY is not set): running the walkthrough on a screen of its own instead.'
	@$(MAKE) walkthrough
endif

build: deps ## Build .bin/keyturn (the app) and .bin/syncserver
	@echo 'Building .bin/keyturn and .bin/syncserver (the very first time takes some minutes).'
	@mkdir -p .bin
	@go build -o .bin/keyturn ./app
	@go build -o .bin/syncserver ./syncserver

walkthrough: deps ## Drive the real windows through the main job; screenshots in out/walkthrough
	@mkdir -p '$(KEYTURN_SHOTS)' && rm -f '$(KEYTURN_SHOTS)'/*.png
	@.ci/xvfb go test -count=1 -timeout 20m -run '$(WALK_TEST)' $(WALK_PKG)
	@compgen -G '$(KEYTURN_SHOTS)/*.png' >/dev/null || { echo 'The walkthrough left no screenshots.' >&2; exit 1; }
	@echo 'The screenshots are in $(KEYTURN_SHOTS).'

test: deps $(VERSITYGW) test-pure fuzz simulate ## Everything, with the race detector and the real windows
	@echo '== all tests, race detector on, windows on a screen of their own'
	@mkdir -p '$(KEYTURN_SHOTS)'
	@.ci/xvfb go test -race -timeout 30m ./...

test-pure: export CGO_ENABLED := 0
test-pure: ## The part that needs no C compiler, X11 or OpenGL
	@echo '== vet and tests without cgo'
	@go vet -tags ci,migrated_fynedo $(PURE)
	@go test -tags ci,migrated_fynedo $(PURE)

fuzz: deps ## Every fuzz target for a short while (FUZZ=10000x)
	@echo '== every fuzz target, $(FUZZ) each'
	@.ci/fuzz '$(FUZZ)'

lint: deps $(LINT) ## golangci-lint, formatting included
	@$(LINT) run ./...

fmt: $(LINT) ## Format all Go files as gofumpt does
	@$(LINT) fmt

simulate: deps ## The simulation of sync, short (SCHEDULES=2000; KEYTURN_SEED= repeats one)
	@echo '== the simulation of sync, $(SCHEDULES) schedules'
	@KEYTURN_SCHEDULES='$(SCHEDULES)' go test -count=1 -v -timeout 30m -run 'TestSimulation$$' ./shared/simtest

soak: deps ## The simulation on fresh seeds for long (DURATION=10m)
	@KEYTURN_SOAK='$(DURATION)' go test -count=1 -v -timeout 0 -run 'TestSoak$$' ./shared/simtest

mutants: deps ## Take each protection of sync out in turn; the simulation must miss it (half an hour)
	@KEYTURN_MUTANTS=1 go test -count=1 -v -timeout 3h -run 'TestMutants$$' ./shared/simtest

faults: deps ## Real faults under real processes, for long (KILLS=200; KEYTURN_SEED= repeats the choices)
	@KEYTURN_KILLS='$(KILLS)' go test -race -count=1 -v -timeout 2h ./shared/faulttest

bench: deps ## The yardstick beside its floor (ONLY=handover, ROUNDS=1, PROFILE=dir); also in out/bench.txt
	@mkdir -p out .bin $(PROFILE)
	@go test -c -o .bin/yardstick ./shared/benchtest
	@cd shared/benchtest && KEYTURN_BENCH='$(CURDIR)/out/bench.txt' KEYTURN_BENCH_ROUNDS='$(ROUNDS)' \
		KEYTURN_BENCH_PROFILE='$(if $(PROFILE),$(abspath $(PROFILE)))' \
		'$(CURDIR)/.bin/yardstick' -test.run '^TestYardstick$$/$(ONLY)' -test.timeout 2h

microbench: deps $(VERSITYGW) ## Go benchmarks of single packages (BENCH=, BENCHTIME=, BENCH_PKGS=)
	@go test -p 1 -run '^$$' -bench '$(BENCH)' -benchmem -benchtime '$(BENCHTIME)' -timeout 60m $(BENCH_PKGS)

package: deps .bin/fyne-module ## The Linux package, out/Keyturn.tar.xz
	@.ci/package

deps: ## Install the missing Debian packages (DEPS=skip: on another system, you have seen to them)
	@DEPS='$(DEPS)' .ci/deps

clean: ## Remove what make built; the data under .data stays
	@rm -rf .bin out

# Built from the linter's own module, with its own flags.
$(LINT):
	@echo 'Installing golangci-lint $(LINT_VERSION) into .bin (about three minutes).'
	@mkdir -p .bin
	@GOFLAGS= GOBIN='$(CURDIR)/.bin' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv .bin/golangci-lint $@

# The S3 server of the tests, from its own module likewise. Never for keeping photos on: it does not fsync.
$(VERSITYGW):
	@echo 'Installing versitygw $(VERSITYGW_VERSION) into .bin (about two minutes).'
	@mkdir -p .bin
	@GOFLAGS= GOBIN='$(CURDIR)/.bin' go install github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)
	@mv .bin/versitygw $@

# The packaging command comes from the very Fyne version that the app is built with; install is a no-op when it is there.
.PHONY: .bin/fyne-module
.bin/fyne-module:
	@mkdir -p .bin
	@GOFLAGS= GOBIN='$(CURDIR)/.bin' go install fyne.io/fyne/v2/cmd/fyne@$(FYNE_VERSION)
