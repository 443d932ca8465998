# What the README, CONTRIBUTING.md and .ci/run tell people to run; each target says below what it needs.
GO      ?= go
BIN     ?= bin/millrace
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 60s

.PHONY: build test lint bench bench-stream golden fuzz soak race conformance clean site-test

build: ## the binary, stripped
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/millrace

test: ## every test
	$(GO) vet ./...
	CGO_ENABLED=0 $(GO) build ./compiler/... ./dag/...
	$(GO) test -timeout 40m ./...

race: ## the packages that share values between goroutines
	$(GO) test -race ./compiler/... ./dag/... ./adapters ./cmd/internal/...

lint: ## needs golangci-lint v2 and staticcheck on PATH
	golangci-lint run
	staticcheck ./...

golden: ## rewrite every expected output, then look at the diff
	$(GO) test ./cmd/millrace -run TestScripts -update
	$(GO) test ./compiler/flags -run TestReference -update
	$(GO) test ./compiler/diag -run TestErrors -update

BENCH_MODELS ?= 100,1000,10000
DBT          ?= $(shell command -v dbt 2>/dev/null)
bench: build ## cost per model, ratios to dbt-core (DBT) and dbt 2 (DBT2) where they are installed; BENCH_MODELS picks sizes
	$(GO) test -run '^$$' -bench . -benchmem ./compiler/... ./dag/... ./testing/bench
	DBT="$(DBT)" $(GO) test -run '^$$' -bench 'Commands|Overhead' -benchtime 2x -timeout 1h -v ./cmd/millrace
	DBT="$(DBT)" python3 testing/bench/compare.py --millrace $(BIN) --models $(BENCH_MODELS)

bench-stream: ## landing beside what limits it, event to mart, alone and beside a replay, ticks by landed rows, memory; MILLRACE_BENCH_{RATE,SECONDS,ROWS} make it longer
	$(GO) test -run '^$$' -bench Landing -benchtime 3x ./dag/stream
	$(GO) test -timeout 3h -run '^$$' -bench 'EventToMart|ReplayBeside|Tick|Memory' -benchtime 1x ./cmd/millrace

conformance: build ## published tools read what the binary writes, and drive it; needs Python 3 and PyPI
	testing/conformance/run.sh $(BIN)
	testing/conformance/run-tools.sh $(BIN)
	testing/conformance/adapter/run.sh $(BIN) postgres
	testing/conformance/adapter/run.sh $(BIN) duckdb

SEEDS ?= 200
STORM ?= 10m
soak: ## streams stopped at every step, SEEDS times over, pumps that come and go for STORM, a database that takes nothing, real servers, one of which is killed, models that follow streams, and memory over half an hour; needs Java and Maven
	MILLRACE_TEST_SERVERS=1 MILLRACE_STREAM_SOAK=$(SEEDS) MILLRACE_STREAM_STORM=$(STORM) $(GO) test -timeout 6h -count 1 -v \
		-run 'CrashSweep|Kill9|RebalanceStorm|Zombie|ReplayAside|ServerRestarts|BrokerTrouble|Overload|TornWAL|Real|Connect|BrokerKilled' ./dag/stream
	MILLRACE_STREAM_SOAK=$(SEEDS) $(GO) test -timeout 6h -count 1 -v -run 'TestFollow|TestTick' ./cmd/millrace
	MILLRACE_BENCH_SECONDS=1800 $(GO) test -timeout 2h -run '^$$' -bench Memory -benchtime 1x ./cmd/millrace

site-test: ## the documentation site in a real browser; installs Chromium and npm packages
	docs/site/web/test.sh

fuzz: ## every fuzz target for FUZZTIME
	./testing/fuzz.sh $(FUZZTIME)

clean:
	rm -rf bin target
