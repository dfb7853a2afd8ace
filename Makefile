# What people run: `make demo` shows the main job, `make test` proves it. The others are for who changes the code.

BINARY   := ppmrelay
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT     := go tool -modfile=.ci/tools.mod golangci-lint
LONG     := TestMatrix|TestNoRawWords|TestKill|TestTheStory|TestSelftestSees|TestBrowser|TestReloadUnderLoad|TestRotation|TestLiveAuditLooks
# SQLite is C made Go. It watches over its own memory: the race detector finds nothing of ours there, and takes five times as
# long. The driver, and what SQLite locks with, are watched: without the latter, the detector would see races that are none.
RACE     := go test -race -gcflags='modernc.org/sqlite/lib=-race=false' -gcflags='modernc.org/libc/...=-d=checkptr=0'
# The same line stands in the Dockerfile: a static binary without a C library.
STATIC   := CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.PHONY: demo test lint fmt bench soak pictures build clean

demo: ## the whole job in a minute, without configuration, account or network
	go run ./cmd/ppmrelay demo

test: ## every test, in random order: with the race detector, but for those that calculate for long, or play with the released program for minutes
	$(RACE) -shuffle=on -timeout 20m ./...
	go test -shuffle=on -timeout 20m ./config ./templates ./reconcile/... ./sandbox/page ./sinks/...
	go test -shuffle=on -timeout 20m -run 'TestConformance|TestDeliveryKeepsItsPromises' ./journal/sqlite ./delivery
	go test -shuffle=on -timeout 20m -run '$(LONG)' ./cmd/ppmrelay
	@for browser in "$$CHROMIUM" chromium chromium-browser google-chrome; do command -v "$$browser" >/dev/null && exit 0; done; \
	echo "NOT PLAYED: the pages in a browser. Install one (apt-get install chromium), or name it in CHROMIUM."
	@test -d .ci/node_modules/axe-core || echo "NOT PLAYED: whether everybody can use the pages. Install axe-core: npm ci --prefix .ci."

lint: ## what golangci-lint demands (built once, some minutes)
	$(LINT) run ./...

fmt:
	$(LINT) fmt ./...

bench: ## ratios against a floor, as docs/benchmarks.md keeps them (some minutes)
	go run ./cmd/ppmrelay-bench
	go test -run '^$$' -bench AgainstTextTemplate ./templates

soak: ## 1,000 rounds of kill -9 with random faults over 100,000 events, on the disk of this folder, then every fault alone
	go run ./cmd/ppmrelay selftest --rounds 1000 --events 100000 --dir .
	PPMRELAY_SOAK=1 go test -count=1 -timeout 20m -run TestMatrix ./cmd/ppmrelay
	PPMRELAY_SOAK=1 go test -count=1 -timeout 60m -run TestTheStoryOfMissedChanges -v ./cmd/ppmrelay

pictures: ## docs/pictures, of the pages as they are (needs Chromium)
	PPMRELAY_PICTURES=1 go test -count=1 -run 'TestPictures$$' -v ./cmd/ppmrelay

build: ## a static binary
	$(STATIC) -o $(BINARY) ./cmd/ppmrelay

clean:
	rm -f $(BINARY)
