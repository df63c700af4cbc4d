# Two commands: `make run` tries the product, `make test` shows that it works.
# PYTHON=/path/to/python3.12 chooses another Python.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
SOURCES := programme_tracker tests migrations conftest.py wsgi.py $(wildcard benchmarks)
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help install install-dev browser run test test-fast benchmark-peers benchmark-dispatch benchmark-search kill-test machine-test fuzz-test offline-test mutation-guards lint pictures journeys walk-pages migration lock wheel clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

install: $(VENV)/.installed ## Make .venv and install the locked dependencies
	@:

install-dev: $(VENV)/.installed-dev ## The same with everything that development needs
	@:

run: $(VENV)/.installed ## Start the product on this machine; Ctrl-C stops it
	@$(BIN)/programme-tracker run

test: lint browser ## Everything: lint, types, import contracts, all tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-fast: $(VENV)/.installed-dev ## The tests without browser, packaging and processes
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal --ignore tests/browser --ignore tests/packaging --ignore tests/cli

benchmark-peers: .venv-benchmarks/.installed ## Install what the benchmarks compare with: Celery, Redis, Procrastinate
	@:

benchmark-dispatch: benchmark-peers ## Due texts sent by ours and by others, with kills: half an hour; writes docs/benchmarks.md
	@.venv-benchmarks/bin/python -m benchmarks.dispatch --write docs/benchmarks.md

benchmark-search: $(VENV)/.installed-dev ## People found among 400 to 400,000 on both stores: ten minutes; writes docs/benchmarks.md
	@$(BIN)/python -m benchmarks.search --write docs/benchmarks.md

kill-test: $(VENV)/.installed-dev ## The long campaign: 1000 kills a store, nothing lost, nothing doubled
	@TEST_KILLS=1000 $(BIN)/python -m pytest -q -n 2 tests/jobs/test_kill.py tests/jobs/test_kill_texts.py -o faulthandler_timeout=3600

machine-test: $(VENV)/.installed-dev ## The long campaign: 12000 steps through cases, every promise looked at after each
	@TEST_STEPS=12000 $(BIN)/python -m pytest -q -n 2 tests/machines -o faulthandler_timeout=7200

fuzz-test: $(VENV)/.installed-dev ## The long campaign: 200 bodies and addresses to every route
	@TEST_EXAMPLES=200 $(BIN)/python -m pytest -q -n 2 tests/web/fuzz -o faulthandler_timeout=7200

offline-test: $(VENV)/.installed-dev ## The long campaign: 500 bad networks between a phone and the register
	@TEST_SCHEDULES=500 $(BIN)/python -m pytest -q -n 2 tests/web/offline -o faulthandler_timeout=3600

mutation-guards: $(VENV)/.installed-dev ## Take each guard away in turn, on every page: a test must notice
	@TEST_GUARDS=all $(BIN)/python -m pytest -q -n 2 tests/web/policy tests/architecture/test_policy.py -o faulthandler_timeout=3600

lint: $(VENV)/.installed-dev ## Style, formatting, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

browser: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.chromium

pictures: browser ## Take the pictures of the README and the help anew, from the invented data
	@$(BIN)/python -m tests.browser.pictures

journeys: browser ## Count each role's main journey by keyboard anew; writes docs/journeys.md
	@$(BIN)/python -m tests.browser.journeys

walk-pages: browser ## Open every page as everybody and every form sent empty, at three widths
	@TEST_WALK=all $(BIN)/python -m pytest -q -n 2 tests/browser/test_walk.py tests/browser/test_codes.py -o faulthandler_timeout=3600

migration: $(VENV)/.installed-dev ## Write a migration from the models: make migration NAME="add the thing"
	@$(BIN)/programme-tracker db write "$(NAME)"

lock: $(VENV)/.installed-dev ## Take newer dependencies into requirements/
	@$(LOCK) --upgrade --group build --output-file requirements/run.txt
	@$(LOCK) --upgrade --group dev --output-file requirements/dev.txt
	@$(LOCK) --upgrade --group benchmarks --constraint requirements/dev.txt --output-file requirements/benchmarks.txt

wheel: $(VENV)/.installed-dev ## Build dist/*.whl
	@$(BIN)/python -m build --no-isolation --wheel

clean: ## Remove what was installed or built; instance/ and its data stay
	rm -rf $(VENV) .venv-benchmarks build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Programme Tracker needs Python 3.11 or newer, and $(PYTHON) is not: name one with make PYTHON=python3.12." >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments here: on Debian, apt-get install python3-venv." >&2; \
		exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.installed: requirements/run.txt pyproject.toml | $(VENV)/.python
	@echo "Installing what the product needs; the first time takes a minute."
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv-benchmarks/.installed: requirements/benchmarks.txt | $(VENV)/.python
	@echo "Installing what the benchmarks compare with."
	@$(PYTHON) -m venv --clear .venv-benchmarks
	@.venv-benchmarks/bin/python -m pip --disable-pip-version-check -qq install --require-hashes --requirement requirements/benchmarks.txt
	@.venv-benchmarks/bin/python -m pip --disable-pip-version-check -qq install --no-deps --no-build-isolation --editable .
	@command -v redis-server >/dev/null || apt-get install -y -qq --no-install-recommends redis-server >/dev/null || { \
		echo "The benchmark needs redis-server: install Debian's package of that name." >&2; exit 1; }
	@touch $@

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	@echo "Installing what development needs."
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@
