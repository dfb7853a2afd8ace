# What people run: `make demo` shows the main job, `make test` proves it. The others are for who changes the code.

BINARY   := ppmrelay
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT     := go tool -modfile=.ci/tools.mod golangci-lint
LONG     := TestMatrix|TestKill|TestTheStory|TestSelftestSees
# The same line stands in the Dockerfile: a static binary without a C library.
STATIC   := CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.PHONY: demo test lint fmt bench soak build clean

demo: ## the whole job in a minute, without configuration, account or network
	go run ./cmd/ppmrelay demo

test: ## every test, in random order: with the race detector, but for those that play with the released program for minutes
	go test -race -shuffle=on -timeout 20m ./...
	go test -shuffle=on -timeout 20m -run '$(LONG)' ./cmd/ppmrelay

lint: ## what golangci-lint demands (built once, some minutes)
	$(LINT) run ./...

fmt:
	$(LINT) fmt ./...

bench: ## ratios against a floor, as docs/benchmarks.md keeps them (some minutes)
	go run ./cmd/ppmrelay-bench

soak: ## 1,000 rounds of kill -9 with random faults over 100,000 events, on the disk of this folder, then every fault alone
	go run ./cmd/ppmrelay selftest --rounds 1000 --events 100000 --dir .
	PPMRELAY_SOAK=1 go test -count=1 -timeout 20m -run TestMatrix ./cmd/ppmrelay

build: ## a static binary
	$(STATIC) -o $(BINARY) ./cmd/ppmrelay

clean:
	rm -f $(BINARY)
