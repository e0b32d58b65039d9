# PeerKit. `make help` lists the targets.
SWIFT ?= swift
PREFIX ?= /usr/local
BUILD_FLAGS := --explicit-target-dependency-import-check error
SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/nio/Package.swift \
  Benchmarks/nio/Sources Fuzz/Package.swift Fuzz/Sources Examples/Package.swift Examples/Sources
BENCH := .build/bench
SANITIZED_TARGETS ?= CSHA256Tests PeerLoopTests PeerWireTests PeerSessionTests PeerKitTests ForeignTests PeerctlTests
# Minutes of computing on one thread, which the sanitizer has nothing to say about.
SANITIZER_SKIP := GoldenTruncationTests|everySplitOfEachMessage
PEERCTL := .build/release/peerctl
EXAMPLES := .build/examples
SEEDS ?= 200
PYTHON ?= python3
PYTHON_ENV := .build/python
PYTHON_PACKAGES := Tests/ForeignTests/Python/requirements.txt

CROSS_CC ?= aarch64-linux-gnu-gcc
CROSS_RUN ?= qemu-aarch64
CROSS_TEST := .build/cross/csha256-aarch64

.PHONY: help check build test python examples consumer docs test-aarch64 sim demo lint format tsan asan fuzz \
  fuzz-corpus bench-loop bench-wire bench-session bench-hash bench-peer clean install

help:
	@echo "make build              release build of the libraries and peerctl"
	@echo "make test               every test (debug build), then the examples and the simulator"
	@echo "make examples           builds the examples and runs each on loopback"
	@echo "make consumer           builds and runs a package of its own that depends on this one"
	@echo "make docs               builds the documentation with DocC; a warning is an error"
	@echo "make sim SEEDS=200      plays so many seeds in the simulator (release build)"
	@echo "make python             the Python packages that some tests want, in $(PYTHON_ENV)"
	@echo "make test-aarch64       the hash's ARMv8 code, cross-compiled and emulated"
	@echo "make demo               load-tests 1,000 peers in every scenario against the stand-in node"
	@echo "make lint               style check"
	@echo "make format             rewrites the sources in house style"
	@echo "make tsan               every test under ThreadSanitizer"
	@echo "make asan               every test under AddressSanitizer"
	@echo "make fuzz               fuzzes the codec; SECONDS=60 for each target, TARGET=payload for one only"
	@echo "make fuzz-corpus        makes the saved corpus anew, of messages of our own only"
	@echo "make bench-loop         PeerLoop against C epoll, libuv and SwiftNIO; ARGUMENTS='--rounds 2' or others"
	@echo "make bench-wire         the codec: time, speed and allocations of each message beside its target"
	@echo "make bench-session      a session: time and allocations of what it does for a message, and its size"
	@echo "make bench-hash         the hash, one by one and many at once"
	@echo "make bench-peer         the stand-in node under thousands of peers; ARGUMENTS='--quick' or others"
	@echo "make install PREFIX=... installs peerctl (default /usr/local)"
	@echo "make clean              removes everything that was built"

check:
	@command -v $(SWIFT) >/dev/null || { \
	  echo "make: Swift 6.3 or newer is missing; get it from https://www.swift.org/install/linux/" >&2; exit 1; }
	@test "$$(uname -s)" = Linux || { echo "make: PeerKit runs on Linux only (epoll)" >&2; exit 1; }
	@version=$$($(SWIFT) --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1); \
	  major=$${version%%.*}; minor=$${version#*.}; \
	  if [ -z "$$version" ] || [ "$$major" -lt 6 ] || { [ "$$major" -eq 6 ] && [ "$$minor" -lt 3 ]; }; then \
	    echo "make: Swift 6.3 or newer is needed, this is '$$version'; get it from https://www.swift.org/install/linux/" >&2; \
	    exit 1; fi
	@test -e /usr/include/linux/version.h || test -e /usr/include/sys/epoll.h \
	  || test -e /usr/include/$$(uname -m)-linux-gnu/sys/epoll.h || { \
	  echo "make: the C library's headers are missing; install libc6-dev (Debian, Ubuntu) or glibc-devel (Fedora)" >&2; \
	  exit 1; }

build: check
	@echo "building the libraries and peerctl (release)"
	$(SWIFT) build -c release $(BUILD_FLAGS)
	@echo "built $(PEERCTL)"

test: check python
	@echo "building and running every test (debug)"
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	@# One test at a time: those that wait for real sockets and processes must not starve behind those that compute.
	@Tests/run.sh .build/test.log $(SWIFT) test --skip-build --no-parallel
	@$(MAKE) --no-print-directory examples
	@$(MAKE) --no-print-directory consumer
	@$(MAKE) --no-print-directory sim

python: $(PYTHON_ENV)/installed

# Without Python, its venv module or a network there is no stamp, and the tests that want the packages are skipped.
$(PYTHON_ENV)/installed: $(PYTHON_PACKAGES)
	@if rm -rf $(PYTHON_ENV) && $(PYTHON) -m venv $(PYTHON_ENV) >/dev/null 2>&1 \
	  && $(PYTHON_ENV)/bin/pip install --quiet --disable-pip-version-check --retries 1 --timeout 10 \
	    --requirement $(PYTHON_PACKAGES) >/dev/null 2>&1; then \
	  touch $@; \
	else \
	  echo "skipped: cannot install $(PYTHON_PACKAGES) in $(PYTHON_ENV); it takes python3, its venv module and a network"; \
	fi

examples: check
	@echo "building the examples and peerctl (debug)"
	@$(SWIFT) build $(BUILD_FLAGS) --product peerctl
	@$(SWIFT) build --package-path Examples --scratch-path $(EXAMPLES)
	@Examples/check-steps.sh $(SWIFT) $(EXAMPLES)/debug
	@Examples/run.sh $(EXAMPLES)/debug .build/debug/peerctl

docs: check
	@echo "building the libraries (debug) and their documentation"
	@for target in PeerKit PeerSim; do $(SWIFT) build $(BUILD_FLAGS) --target $$target || exit 1; done
	@docs/make-docs.sh $(SWIFT) .build/debug .build/docs

# Shares its folder with the examples, and so the library they have built.
consumer: check
	@echo "building a package that depends on this one (debug)"
	@Tests/Consumer/consumer.sh $(SWIFT) $(EXAMPLES)

sim: check
	@echo "building peerctl (release)"
	@$(SWIFT) build -c release $(BUILD_FLAGS) --product peerctl
	$(PEERCTL) sim --seed 1 --seeds $(SEEDS)

# Needs neither Swift nor an ARM processor.
test-aarch64:
	@if ! command -v $(CROSS_CC) >/dev/null || ! command -v $(CROSS_RUN) >/dev/null; then \
	  echo "skipped: $(CROSS_CC) or $(CROSS_RUN) is not installed" \
	    "(Debian: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)"; \
	  exit 0; fi; \
	echo "building and running CSHA256 for aarch64"; \
	mkdir -p $(dir $(CROSS_TEST)) && \
	$(CROSS_CC) -std=gnu17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -static -Wl,--wrap=getauxval \
	  -ISources/CSHA256/include Sources/CSHA256/*.c Tests/CSHA256Cross/main.c -o $(CROSS_TEST) && \
	timeout 300 $(CROSS_RUN) -cpu max $(CROSS_TEST) "ARMv8 SHA-2" && \
	timeout 300 $(CROSS_RUN) -cpu max $(CROSS_TEST) "portable" hide

demo: check
	@echo "building peerctl (release)"
	@$(SWIFT) build -c release $(BUILD_FLAGS) --product peerctl
	@for scenario in connect hold ping inv blocks; do \
	  echo; echo "== peerctl load --scenario $$scenario --peers 1000 --duration 10"; \
	  $(PEERCTL) load --scenario $$scenario --peers 1000 --duration 10 || exit 1; \
	done

lint: check
	@echo "checking style"
	$(SWIFT) format lint --strict --recursive $(SOURCES)

format: check
	@echo "rewriting the sources in house style"
	$(SWIFT) format --in-place --recursive $(SOURCES)

tsan: check python
	@echo "building and running tests under ThreadSanitizer: $(SANITIZED_TARGETS)"
	PEERKIT_TEST_TARGETS="$(SANITIZED_TARGETS)" $(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/tsan $(BUILD_FLAGS)
	@# One target after another: under the sanitizer the whole suite at once would starve its own deadlines.
	@export PEERKIT_TEST_TARGETS="$(SANITIZED_TARGETS)"; for target in $(SANITIZED_TARGETS); do \
	  echo "== $$target under ThreadSanitizer"; \
	  TSAN_OPTIONS="halt_on_error=1" \
	    Tests/run.sh .build/tsan/test.log $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build/tsan \
	    --no-parallel --filter "^$$target\." --skip '$(SANITIZER_SKIP)' \
	    || exit 1; \
	done

# Leaks are for the tests called so. At exit the test runner leaves objects of its own, and weak references are kept by
# pointers that LeakSanitizer does not know: https://github.com/swiftlang/swift/blob/main/stdlib/public/SwiftShims/swift/shims/RefCount.h
asan: check python
	@echo "building and running tests under AddressSanitizer: $(SANITIZED_TARGETS)"
	PEERKIT_TEST_TARGETS="$(SANITIZED_TARGETS)" $(SWIFT) build --build-tests --sanitize=address --scratch-path .build/asan $(BUILD_FLAGS)
	@export PEERKIT_TEST_TARGETS="$(SANITIZED_TARGETS)"; for target in $(SANITIZED_TARGETS); do \
	  echo "== $$target under AddressSanitizer"; \
	  ASAN_OPTIONS="detect_leaks=0" \
	    Tests/run.sh .build/asan/test.log $(SWIFT) test --skip-build --sanitize=address --scratch-path .build/asan \
	    --no-parallel --filter "^$$target\." --skip '$(SANITIZER_SKIP)' \
	    || exit 1; \
	done

# The command line wins over the environment, where some shells count the seconds since they were started.
fuzz: check
	@Fuzz/fuzz.sh run "$(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)" "$(TARGET)"

fuzz-corpus: check
	@Fuzz/fuzz.sh corpus "$(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)" "$(TARGET)"

bench-loop: check
	@command -v cc >/dev/null || { echo "make: a C compiler is missing; install gcc or clang" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "make: python3 is missing; install python3" >&2; exit 1; }
	@echo "building the servers of C, libuv, PeerLoop and SwiftNIO (release)"
	@$(MAKE) --no-print-directory -C Benchmarks/loop
	@$(SWIFT) build -c release --package-path Benchmarks
	@$(SWIFT) build -c release --package-path Benchmarks/nio || { \
	  echo "skipped: SwiftNIO's servers, which cannot be resolved or built here"; \
	  rm -f Benchmarks/nio/.build/release/nio-echo Benchmarks/nio/.build/release/nio-ping; }
	@Benchmarks/loop/bench-loop.py --output $(BENCH)/bench-loop.json $(ARGUMENTS)

bench-wire: check
	@echo "building the codec's benchmark (release)"
	@$(SWIFT) build -c release --package-path Benchmarks --product bench-wire
	@mkdir -p $(BENCH)
	@Benchmarks/.build/release/bench-wire --json $(BENCH)/bench-wire.json

bench-session: check
	@echo "building the sessions' benchmark (release)"
	@$(SWIFT) build -c release --package-path Benchmarks --product bench-session
	@mkdir -p $(BENCH)
	@Benchmarks/.build/release/bench-session --json $(BENCH)/bench-session.json

# The compiler that comes with Swift builds the library; another one's figures would say little about it.
bench-hash: HASH_CC := $(shell command -v clang || command -v cc)
bench-hash:
	@test -n "$(HASH_CC)" || { echo "make: a C compiler is missing; install clang or gcc" >&2; exit 1; }
	@echo "building and running the benchmark of the hash"
	@mkdir -p $(BENCH)
	@$(HASH_CC) -std=gnu17 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -ISources/CSHA256/include \
	  Sources/CSHA256/*.c Benchmarks/hash/bench_hash.c -o $(BENCH)/bench-hash
	@$(BENCH)/bench-hash

bench-peer: check
	@command -v cc >/dev/null || { echo "make: a C compiler is missing; install gcc or clang" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "make: python3 is missing; install python3" >&2; exit 1; }
	@echo "building peerctl, the client and the receiver (release)"
	@$(MAKE) --no-print-directory -C Benchmarks/peer
	@$(MAKE) --no-print-directory -C Benchmarks/loop ../../$(BENCH)/ping_server
	@$(SWIFT) build -c release $(BUILD_FLAGS) --product peerctl
	@$(SWIFT) build -c release --package-path Benchmarks --product bench-peer-receiver
	@Benchmarks/peer/bench-peer.py --output $(BENCH)/bench-peer.json $(ARGUMENTS)

install: build
	@echo "installing peerctl to $(DESTDIR)$(PREFIX)/bin"
	install -D -m 755 $(PEERCTL) $(DESTDIR)$(PREFIX)/bin/peerctl

clean:
	@echo "removing everything that was built"
	rm -rf .build Benchmarks/.build Benchmarks/nio/.build Fuzz/.build Examples/.build
