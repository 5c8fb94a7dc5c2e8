# Thin: Meson builds (meson.build), scripts/ does the rest.
.PHONY: serve test build setup bench lint format sanitize docs clean

serve: setup build
	@exec build/arena serve --sudo

test:
	@scripts/setup test
	@scripts/test

build: build/build.ninja
	@ninja -C build --quiet arena

build/build.ninja:
	@meson setup build >/dev/null

setup:
	@scripts/setup

bench: setup build
	@if [ "$$(id -u)" = 0 ]; then exec build/arena bench; else exec sudo build/arena bench; fi

lint:
	@scripts/setup test
	@scripts/test lint

# Address and undefined behaviour sanitizers, then the thread sanitizer.
sanitize:
	@scripts/setup test
	@scripts/test sanitize

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

# What is printed from tables in the code.
docs: build
	@build/arena config --markdown | scripts/splice docs/configuration.md

clean:
	@rm -rf build build-asan build-tsan
