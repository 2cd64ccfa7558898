# make test              the tests of README.adoc's quick start
# make check             formatting of Go and Jsonnet, vet, staticcheck and the layers
# make conformance       what is rendered, judged by istiod's code, a real API server and real TLS; needs nginx
# make conformance-full  the same, with odd parameters on every target and 10,000 random bundles: seven minutes more
# make record            the judged cases of package traffic anew: after its random bundles or Istio have changed
# make bench             speed, side by side with what people have
# make update            write the examples and the expected outputs of scripts anew; then read the difference

GO ?= go
export CGO_ENABLED = 0

# How CI tests: linked without what a debugger reads, which halves the time to link a program with istiod in it from 20 s of a
# processor; and garbage collected less often, which spares a quarter of what tests need, for twice the memory.
TEST := GOGC=400 $(GO) test -ldflags=-w -count=1

.PHONY: build test check conformance conformance-full conformance-tls conformance-judge conformance-istiod conformance-apiserver record bench update fuzz

build:
	$(GO) build -trimpath -o bin/scenario ./cmd/scenario

test:
	@[ -n "$$SCENARIO_SHARED" ] || echo "SCENARIO_SHARED is not set: tests against the CRDs of Maistra and Sail are skipped"
	$(TEST) ./...

check:
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt these:" $$unformatted; exit 1; fi
	$(GO) vet ./...
	cd conformance/tls && $(GO) vet ./...
	cd conformance/istiod && $(GO) vet ./...
	cd conformance/apiserver && $(GO) vet . ./plane
	$(GO) tool -modfile=tools/go.mod staticcheck ./...
	$(GO) tool -modfile=tools/go.mod jsonnetfmt --test templates/*.jsonnet templates/lib/*.libsonnet
	$(GO) test -count=1 -run TestLayers ./cmd/scenario

# The judges are modules of their own; -k goes on to the next when one of them disagrees. A test in its own folder
# writes as it goes, so that the reports are seen. Vetting packages of Istio and Kubernetes takes minutes: make check
# vets ours. Their first build takes minutes too (conformance/README.adoc).
conformance:
	@$(MAKE) -k --no-print-directory conformance-tls conformance-judge conformance-istiod conformance-apiserver

conformance-full:
	@CONFORMANCE_FULL=1 $(MAKE) --no-print-directory conformance

conformance-tls:
	cd conformance/tls && $(TEST)
	cd conformance/tls/issued && $(TEST)

conformance-judge:
	cd conformance/istiod && $(TEST) -vet=off -timeout 30m ./judge ./cmd/judge ./random ./credentials

# RANDOM is how many random bundles package traffic is held against istiod in, from SEED on.
RANDOM := $(if $(CONFORMANCE_FULL),10000,3000)
SEED := 1
conformance-istiod:
	cd conformance/istiod && $(TEST) -vet=off -timeout 60m -args -random $(RANDOM) -seed $(SEED)

# record writes the judged cases that package traffic replays without Istio.
record:
	cd conformance/istiod && $(GO) test -vet=off -count=1 -timeout 30m -run TestRecord -args -record ../../traffic/testdata/judged.jsonl.gz

conformance-apiserver:
	cd conformance/apiserver && $(TEST) -vet=off -timeout 30m -parallel 3

bench:
	cd bench && $(GO) run .

update:
	$(GO) test -count=1 -run 'TestExamples|TestScripts' ./cmd/scenario -update
	$(GO) test -count=1 -run 'TestFormats' ./report -update
	$(GO) test -count=1 -run 'TestErrors' ./policy -update

FUZZTIME ?= 10m
fuzz:
	$(GO) test -run xxx -fuzz FuzzRead -fuzztime $(FUZZTIME) ./scenarios
	$(GO) test -run xxx -fuzz FuzzRead -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./bundle
	$(GO) test -run xxx -fuzz FuzzAt -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./bundle
	$(GO) test -run xxx -fuzz FuzzValue -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./pki
	$(GO) test -run xxx -fuzz FuzzQuote -fuzztime $(FUZZTIME) ./kit
	$(GO) test -run xxx -fuzz FuzzRefused -fuzztime $(FUZZTIME) ./kit
	$(GO) test -run xxx -fuzz FuzzText -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./edit
	$(GO) test -run xxx -fuzz FuzzWalk -fuzztime $(FUZZTIME) -fuzzminimizetime 1x ./traffic
	$(GO) test -run xxx -fuzz FuzzRead -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./policy
	$(GO) test -run xxx -fuzz FuzzCheck -fuzztime $(FUZZTIME) ./schema
	$(GO) test -run xxx -fuzz FuzzParse -fuzztime $(FUZZTIME) -fuzzminimizetime 1x ./contrast
	$(GO) test -run xxx -fuzz FuzzFile -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./certs/lint
	$(GO) test -run xxx -fuzz FuzzNames -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./certs
	$(GO) test -run xxx -fuzz FuzzDuration -fuzztime $(FUZZTIME) -fuzzminimizetime 5s ./certs
