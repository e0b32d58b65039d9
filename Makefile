# PeerKit. `make help` lists the targets.
SWIFT ?= swift
PREFIX ?= /usr/local
BUILD_FLAGS := --explicit-target-dependency-import-check error
SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources
BENCH := .build/bench
TSAN_TARGETS := CSHA256Tests PeerLoopTests PeerWireTests PeerSessionTests PeerKitTests PeerctlTests
PEERCTL := .build/release/peerctl

.PHONY: help check build test demo lint format tsan bench-loop bench-wire clean install

help:
	@echo "make build              release build of the libraries and peerctl"
	@echo "make test               every test (debug build)"
	@echo "make demo               load-tests 1,000 peers in every scenario against the stand-in node"
	@echo "make lint               style check"
	@echo "make format             rewrites the sources in house style"
	@echo "make tsan               every test under ThreadSanitizer"
	@echo "make bench-loop         PeerLoop against C epoll: echo and framed ping"
	@echo "make bench-wire         the codec: time, speed and allocations of each message beside its target"
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

test: check
	@echo "building and running every test (debug)"
	$(SWIFT) build --build-tests $(BUILD_FLAGS)
	@# One test at a time: those that wait for real sockets and processes must not starve behind those that compute.
	$(SWIFT) test --skip-build --no-parallel

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

tsan: check
	@echo "building and running every test under ThreadSanitizer"
	$(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/tsan $(BUILD_FLAGS)
	@# One target after another: under the sanitizer the whole suite at once would starve its own deadlines.
	@for target in $(TSAN_TARGETS); do \
	  echo "== $$target under ThreadSanitizer"; \
	  TSAN_OPTIONS="halt_on_error=1" \
	    $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build/tsan --no-parallel --filter "^$$target\." || exit 1; \
	done

bench-loop: check
	@command -v cc >/dev/null || { echo "make: a C compiler is missing; install gcc or clang" >&2; exit 1; }
	@command -v python3 >/dev/null || { echo "make: python3 is missing; install python3" >&2; exit 1; }
	@echo "building the C servers and PeerLoop's (release)"
	@$(MAKE) --no-print-directory -C Benchmarks/loop
	@$(SWIFT) build -c release --package-path Benchmarks
	@Benchmarks/loop/bench-loop.py --output $(BENCH)/bench-loop.json

bench-wire: check
	@echo "building the codec's benchmark (release)"
	@$(SWIFT) build -c release --package-path Benchmarks --product bench-wire
	@mkdir -p $(BENCH)
	@Benchmarks/.build/release/bench-wire --json $(BENCH)/bench-wire.json

install: build
	@echo "installing peerctl to $(DESTDIR)$(PREFIX)/bin"
	install -D -m 755 $(PEERCTL) $(DESTDIR)$(PREFIX)/bin/peerctl

clean:
	@echo "removing everything that was built"
	rm -rf .build Benchmarks/.build
