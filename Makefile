# make test    the tests of README.adoc's quick start
# make check   formatting of Go and Jsonnet, vet, staticcheck and the layers
# make bench   speed, side by side with what people have
# make update  write the examples and the expected outputs of scripts anew; then read the difference

GO ?= go
export CGO_ENABLED = 0

.PHONY: build test check bench update fuzz

build:
	$(GO) build -trimpath -o bin/scenario ./cmd/scenario

test:
	@[ -n "$$SCENARIO_SHARED" ] || echo "SCENARIO_SHARED is not set: tests against the CRDs of Maistra and Sail are skipped"
	$(GO) test -count=1 ./...

check:
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt these:" $$unformatted; exit 1; fi
	$(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
	$(GO) tool -modfile=tools/go.mod jsonnetfmt --test templates/*.jsonnet templates/lib/*.libsonnet
	$(GO) test -count=1 -run TestLayers ./cmd/scenario

bench:
	cd bench && $(GO) run .

update:
	$(GO) test -count=1 -run 'TestExamples|TestScripts' ./cmd/scenario -update

FUZZTIME ?= 10m
fuzz:
	$(GO) test -run xxx -fuzz FuzzRead -fuzztime $(FUZZTIME) ./scenarios
