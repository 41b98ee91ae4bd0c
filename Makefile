# Everything that is done to this repository by hand or by CI. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Debian packages that building (Package.swift), running and testing need. The last two lines are for tests only: the clients
# written from the protocol's specification, and the Python library with what holds its output against the schema; mounts,
# network namespaces and wrong clocks for faults; xmllint.
PACKAGES := \
    g++ pkg-config \
    libzmq3-dev libsodium-dev libsqlite3-dev libpq-dev libsystemd-dev libmicrohttpd-dev libtomlplusplus-dev libcli11-dev \
    libsimdjson-dev libxml2-dev libzstd-dev \
    iso-codes \
    python3-venv python3-zmq python3-nacl python3-jsonschema \
    sqlite3 util-linux iproute2 faketime libxml2-utils

# The sanitizer's builds are other builds: beside the others, not over them.
TSAN := --sanitize=thread --scratch-path .build/tsan
# The targets in which threads meet, and the ones whose values cross between them. Not the programs: the sanitizer of Swift
# 6.3 does not see a contended Mutex of Synchronization being unlocked, and calls what is inside it a race (measured with
# two threads that append to one array in one Mutex).
TSAN_TESTS := PlatformTests|ZeroMQTests|AlertStoreTests|AlertPostTests|AlertFeedTests|AlertHubTests
SWIFT_TEST := swift test --disable-xctest

##: Build
.PHONY: deps build
deps:  ## install the Debian packages that are missing; says which
	@command -v swift >/dev/null || { echo "make: Swift 6.2 or newer is needed: https://swift.org/install" >&2; exit 69; }
	@missing=$$(for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	    as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	    echo "make: installing" $$missing >&2; \
	    $$as_root apt-get update -qq; \
	    $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
	fi

build: deps  ## build the programs for use, into .build/release
	swift build -c release

##: Check
.PHONY: test lint tsan fuzz can-fuzz
# A server that tests make for themselves, and its programs. Where they can't be had, the tests say so and go without.
POSTGRES_PACKAGES := postgresql-15
test: deps  ## build and run every test, those in Python too
	@$(MAKE) --no-print-directory deps PACKAGES='$(POSTGRES_PACKAGES)' || \
	    echo "make: ################ without postgresql-15: A LOG IN POSTGRESQL IS NOT TESTED" >&2
	swift build --build-tests
	Tests/clients/run .build/debug
	Tests/formats/run
	Tests/readers/run
	$(SWIFT_TEST) --skip-build --filter BenchTests  # by itself: it takes the whole machine
	$(SWIFT_TEST) --skip-build --skip BenchTests

# Where PostgreSQL can't run these are skipped, and say so.
COMMA := ,
CLUSTER_FAULTS := $(subst $() ,$(COMMA),$(addprefix cluster-,writer-killed writer-stopped reader-killed hub-cut-off \
    primary-killed standby-killed answer-lost revoked-while-cut))
.PHONY: test-cluster
test-cluster:  ## three hubs over two PostgreSQL servers, of which one fails under load, and a count of what was lost; some two minutes
	@$(MAKE) --no-print-directory deps PACKAGES='$(PACKAGES) $(POSTGRES_PACKAGES)' || \
	    echo "make: ################ without postgresql-15: A CLUSTER OF HUBS IS NOT TESTED" >&2
	for program in borderwire borderwire-hub borderwire-post borderwire-faults; do swift build --product $$program; done
	.build/debug/borderwire-faults run --scale $(if $(SCALE),$(SCALE),0.25) $(if $(SEED),--seed $(SEED)) \
	    --only $(if $(ONLY),$(ONLY),$(CLUSTER_FAULTS))

# The page in a real browser. Fonts: without them Khmer is boxes.
CONSOLE_PACKAGES := chromium chromium-driver python3-selenium fonts-khmeros fonts-noto-core
.PHONY: test-console
test-console:  ## try the console's page in chromium against a real hub, posts and consoles; ONLY=NAME; screenshots in .build
	@$(MAKE) --no-print-directory deps PACKAGES='$(PACKAGES) $(CONSOLE_PACKAGES)'
	for program in borderwire borderwire-hub borderwire-post borderwire-console; do swift build --product $$program; done
	Tests/console/run .build/debug $(ONLY)

lint: deps  ## check the layout of the sources; `swift format -i -r Sources Tests Package.swift` mends it
	swift format lint --strict --recursive Sources Tests Package.swift

tsan: deps  ## run the tests where threads meet under the thread sanitizer
	$(SWIFT_TEST) $(TSAN) --filter '$(TSAN_TESTS)'

# Every target is compiled for libFuzzer: again a build beside the others. Not by gold, which ends in an internal error.
FUZZ := 30
FUZZ_BUILD := .build/fuzz$(if $(ASAN),-asan)
FUZZ_SANITIZERS := $(if $(ASAN),$(COMMA)address)
fuzz: deps  ## fuzz every decoder for FUZZ=30 seconds each, or RUNS=COUNT inputs; ONLY=NAME; ASAN=1; JOBS=2 at a time; MERGE=1 keeps
	BORDERWIRE_FUZZ=1 swift build -c release --scratch-path $(FUZZ_BUILD) --product borderwire-fuzz \
	    -Xswiftc -sanitize=fuzzer$(FUZZ_SANITIZERS) -Xswiftc -use-ld=lld -Xcxx -fsanitize=fuzzer-no-link$(FUZZ_SANITIZERS)
	BUILD='$(FUZZ_BUILD)' FUZZ='$(FUZZ)' RUNS='$(RUNS)' ONLY='$(ONLY)' JOBS='$(JOBS)' MERGE='$(MERGE)' Tests/fuzz/run

# Whether the toolchain has libFuzzer.
can-fuzz:
	@place=$$(mktemp -d); trap 'rm -r "$$place"' EXIT; \
	echo '@_cdecl("LLVMFuzzerTestOneInput") public func test(_: UnsafePointer<UInt8>?, _: Int) -> CInt { 0 }' | \
	    swiftc -parse-as-library -sanitize=fuzzer -use-ld=lld - -o "$$place/fuzz"

##: Package
# Packages that `make deb` needs beside those for building, and `make test-service` beside those.
DEB_PACKAGES := debhelper dh-python bash-completion lintian
SERVICE_PACKAGES := mmdebstrap systemd-container

.PHONY: deb service-packages test-service
deb:  ## build the Debian packages, into .build/packages
	@$(MAKE) --no-print-directory deps PACKAGES='$(PACKAGES) $(DEB_PACKAGES)'
	debian/build

service-packages:
	@[ "$$(id -u)" != 0 ] || $(MAKE) --no-print-directory deps PACKAGES='$(SERVICE_PACKAGES)'

test-service: deb service-packages  ## install the packages in a container under a real systemd, and try everything; root only
	Tests/service/run

##: Show
.PHONY: demo
demo: build  ## a day of invented alerts through a hub that is killed in the middle; about a minute. CONSOLE=1: on the page, left open
	.build/release/borderwire-demo $(if $(CONSOLE),CONSOLE)

.PHONY: demo-cluster
demo-cluster: build  ## three hubs over two PostgreSQL servers, killed, stopped and burnt in turn while posts publish; half a minute
	@$(MAKE) --no-print-directory deps PACKAGES='$(POSTGRES_PACKAGES)'
	.build/release/borderwire-demo CLUSTER

##: Break
.PHONY: faults soak
faults: build  ## kill, starve and cut off real programs under load, and count what was lost; some twelve minutes
	.build/release/borderwire-faults run $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY)) $(if $(SCALE),--scale $(SCALE))

SOAK := 1h
soak: build  ## the same again and again with new seeds, for SOAK=1h
	.build/release/borderwire-faults run --during $(SOAK) $(if $(SEED),--seed $(SEED))

##: Measure
.PHONY: bench bench-growth bench-report
bench: build  ## Borderwire's benchmark, one tab-separated line per figure; some four minutes
	.build/release/borderwire-bench run

bench-growth: build  ## the figures on a log of 100,000 alerts and on one of 10 million; 20 GB of disk, about ten minutes
	.build/release/borderwire-bench growth

bench-report: build  ## the same as a table and a plot; PEERS=DIR: beside the peers' programs of that directory; SAVE=1: into the README
	Tests/bench/report --programs .build/release $(if $(PEERS),--peers $(PEERS)) $(if $(SAVE),--save)

##: House
.PHONY: clean help
clean:  ## remove everything that was built
	rm -rf .build

help:  ## this list
	@sed -n -e 's/^##: \(.*\)/\n\1/p' -e 's/^\([a-z-]*\):.*  ## \(.*\)/    make \1\t\2/p' Makefile | expand -t 20
