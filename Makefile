# The only entry point, for people and for CI. `make` prints the targets. Each
# sets up what it needs by itself (scripts/setup.sh).
#
# Variables: PHP or PHP_CONFIG choose the PHP (php8.4, php-config8.4; default:
# php), EXT tests another build of the extension, JOBS the test workers, PREFIX
# and DESTDIR place an installation.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build demo check test test-php test-valgrind bench install clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## install all that any target needs
	@scripts/setup.sh test test-php valgrind bench browser demo

build: ## build the extension, the agent and, where npm is there, the dashboard
	@scripts/setup.sh build
	@scripts/build.sh

demo: ## find the leak of a small server: report, verdicts, HTML page
	@scripts/setup.sh demo
	@scripts/build.sh
	@scripts/demo.sh

check: ## formatting and lints
	@scripts/setup.sh build lint
	@scripts/check.sh

test: ## check, unit tests, phpt, scenarios, a subset of PHP's own suites
	@scripts/setup.sh test
	@scripts/test.sh

test-php: ## PHP's own suites in full: off, booking, under JIT
	@scripts/setup.sh test-php
	@scripts/build.sh
	@php-tests/php-suite/run.sh --jit
	@php-tests/php-suite/run.sh --userland --jit
	@php-tests/php-suite/run.sh --jit --matching

test-valgrind: ## the phpt files under valgrind, on both heaps
	@scripts/setup.sh valgrind
	@scripts/build.sh
	@php-tests/run-phpt-valgrind.sh

bench: ## every benchmark against its budget, one table (STRICT=1: exit 1 when one fails)
	@scripts/setup.sh bench
	@scripts/build.sh
	@bench/run.sh $(if $(STRICT),--strict)

install: ## install for the PHP that php-config names
	@scripts/setup.sh install
	@# What the sources say now, wherever there is a cargo; sudo may know none.
	@if [ -z "$$EXT" ] && command -v cargo >/dev/null; then $(MAKE) --no-print-directory build; fi
	@scripts/install.sh

clean: ## remove everything that was built or fetched
	@rm -rf build dashboard/node_modules dashboard/dist/web
	@cargo clean --quiet
