# Thin: Meson builds (meson.build), scripts/ does the rest.
.PHONY: serve test test-vm build setup bench chaos determinism lint format sanitize fuzz docs clean

serve: setup build
	@exec build/arena serve --sudo

test:
	@scripts/setup test
	@scripts/test

# The sandbox's tests on stock kernels, in emulated machines of both architectures.
test-vm:
	@scripts/setup vm
	@scripts/test vm vm-arm64

build: build/build.ninja
	@ninja -C build --quiet arena

build/build.ninja:
	@meson setup build >/dev/null

setup:
	@scripts/setup

bench: setup build
	@if [ "$$(id -u)" = 0 ]; then exec build/arena bench; else exec sudo build/arena bench; fi

# Everything is killed while it works, for CHAOS_SECONDS on each database.
chaos:
	@scripts/setup test
	@CHAOS_SECONDS=$${CHAOS_SECONDS:-600} scripts/test chaos

# DETERMINISM_SUBMISSIONS (200), judged five times: the same verdicts.
determinism:
	@scripts/setup test
	@scripts/test determinism

lint:
	@scripts/setup test
	@scripts/test lint

# Address and undefined behaviour sanitizers, then the thread sanitizer.
sanitize:
	@scripts/setup test
	@scripts/test sanitize

# Every parser, for FUZZ_SECONDS each.
fuzz:
	@scripts/setup fuzz
	@scripts/fuzz

format:
	@git ls-files '*.c' '*.h' ':!problems' ':!tests/packages' | xargs clang-format-14 -i

# What is printed from tables in the code.
docs: build
	@build/arena config --markdown | scripts/splice docs/configuration.md
	@ninja -C build --quiet tests/unit/sandbox/print_filter tests/unit/execution/print_routes tests/unit/backend/print_backend_routes
	@build/tests/unit/execution/print_routes | scripts/splice docs/api.md
	@build/tests/unit/backend/print_backend_routes | scripts/splice docs/api.md roles
	@build/tests/unit/sandbox/print_filter | scripts/splice docs/security.md

clean:
	@rm -rf build build-asan build-tsan build-fuzz
