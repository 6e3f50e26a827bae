# Packwarden: every target sets up what it needs in .venv. `make help` lists them.

PYTHON ?= python3.11
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core-stamp
FULL := $(VENV)/.full-stamp
EMULATE := $(VENV)/.emulate-stamp
JOBS ?= 2
BOARD ?= pico_bq76952
PORT ?= /dev/ttyACM0
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run test check nightly bench bench-soc trace row-check emulate emulate-bench flash image generate lint format clean inverter-day

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
		| awk -F'|' '{ printf "  make %-14s %s\n", $$1, $$2 }'

setup: $(FULL) ## create .venv with everything that running and testing need

run: $(CORE) ## start a simulated pack; options: make run ARGS="--soc 50"
	@$(BIN)/python -m host_sim run $(ARGS)

test: $(FULL) ## run all tests; options: make test ARGS="-k panel"
	@$(BIN)/python -m pytest -q -n $(JOBS) --maxschedchunk=1 $(ARGS)

check: $(FULL) ## all that CI checks: lint, generated files, tests with coverage, trace, rows
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m tools.generate --check
	@$(BIN)/python -m pytest -q -n $(JOBS) --maxschedchunk=1 --cov --cov-branch --cov-report=term:skip-covered $(ARGS)
	@$(BIN)/python -m tools.requirements_trace --short
	@$(BIN)/python -m tools.row_check --short

nightly: $(FULL) ## long runs: 200000 damaged frames for each serial protocol
	@NIGHTLY=1 $(BIN)/python -m pytest -q -n $(JOBS) tests/host/test_port_fuzz.py $(ARGS)

bench: $(FULL) ## measure cycle cost, heap and sizes; writes docs/benchmarks.md
	@$(BIN)/python -m tools.bench $(ARGS)

bench-soc: $(FULL) ## grade the gauge on simulated months (15 min); writes docs/soc.md
	@$(BIN)/python -m tools.bench_soc $(ARGS)

inverter-day: $(FULL) ## a day behind an inverter for each CAN protocol (20 min); renews docs/inverters.md
	@$(BIN)/python -m tools.inverter_day $(ARGS)

trace: $(FULL) ## print which tests prove which requirement
	@$(BIN)/python -m tools.requirements_trace $(ARGS)

row-check: $(FULL) ## delete every table row in turn and demand that one of its tests fails
	@$(BIN)/python -m tools.row_check $(ARGS)

emulate: $(FULL) $(if $(PICO_UF2),$(EMULATE)) ## run a board's image on an emulated RP2040; needs PICO_UF2=path/to/image.uf2
	@$(BIN)/python -m tools.emulate $(ARGS)

emulate-bench: $(FULL) $(if $(PICO_UF2),$(EMULATE)) ## time it there, renew docs/benchmarks.md; options: ARGS="--seconds 600"
	@$(BIN)/python -m tools.emulate --bench $(ARGS)

flash: $(FULL) ## renew a board's program: make flash PORT=/dev/ttyACM0 [BOARD=pico_bq76952]
	@$(BIN)/python -m tools.flash --board $(BOARD) --port $(PORT) $(ARGS)

image: $(EMULATE) ## file system of a board for its first flash, build/BOARD.uf2
	@$(BIN)/python -m tools.flash_image --board $(BOARD) $(ARGS)

generate: $(FULL) ## renew the packed tables and pages from tables/*.toml
	@$(BIN)/python -m tools.generate

lint: $(FULL) ## ruff: rules and format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . \
		|| { echo "not formatted: run 'make format'"; $(BIN)/ruff format --check . ; exit 1; }

format: $(FULL) ## ruff: fix what can be fixed, format all
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

clean: ## remove .venv, build results and caches
	rm -rf $(VENV) build run .pytest_cache .ruff_cache .hypothesis .coverage *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environment: one .venv; `run` needs the core set only -------------------------------------

$(CORE): pyproject.toml
	@python=""; for p in "$(PYTHON)" python3.11 python3; do \
		if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python="$$p"; break; fi; done; \
	if [ -z "$$python" ]; then \
		echo "Packwarden needs Python 3.11 or newer: install it, or name it with PYTHON=path" >&2; \
		exit 1; fi; \
	[ -x $(BIN)/python ] || { echo "creating $(VENV) ..."; "$$python" -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(FULL): $(CORE)
	@echo "installing test tools and runtimes ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test,runtimes]"
	@touch $@

$(EMULATE): $(FULL)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[emulate]"
	@touch $@
