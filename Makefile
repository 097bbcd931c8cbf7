# Every way to work on Bangfu. `make run` and `make test` need nothing before them but Python 3.11.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run worker test check faults soak lint fix migration docs bench benchflat benchcompletion lock

PORT ?= 8000
HOME_FOLDER ?= var
JOBS ?= 2
ARGS ?=
UV_VERSION := 0.13.9
BIN := .venv/bin
# A machine that forbids it would compile a thousand modules anew for each of a dozen processes.
unexport PYTHONDONTWRITEBYTECODE
# Named after what it was made from: another lock, another environment; the same one costs nothing.
READY := .venv/ready-$(shell cat requirements.lock pyproject.toml | sha256sum | cut -c 1-16)
COMPILE = $(BIN)/uv pip compile pyproject.toml --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --quiet

help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## Make .venv from the hashed lock

$(READY):
	@works='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; \
	for python in $${PYTHON:-} python3.11 python3 python3.12 python3.13; do \
		if "$$python" -c "$$works" 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Python 3.11 or later with venv is needed (Debian: apt-get install python3-venv)" >&2; exit 1; \
	fi; \
	$(BIN)/python -c "$$works" 2>/dev/null || "$$found" -m venv --clear .venv
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); then \
		export VIRTUAL_ENV="$$PWD/.venv"; \
		$(BIN)/uv pip sync --quiet --require-hashes requirements.lock; \
		$(BIN)/uv pip install --quiet --no-deps --editable .; \
	else \
		echo "uv is not to be had; pip takes a minute longer" >&2; \
		$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock; \
		$(BIN)/python -m pip install --quiet --no-deps --editable .; \
	fi
	@rm -f .venv/ready-*
	@touch $@

run: $(READY) ## Start everything with the demo story: PORT=8000, ARGS=--once to end after it
	$(BIN)/bangfu up --port $(PORT) --home $(HOME_FOLDER) --demo $(ARGS)

worker: $(READY) ## Start one more worker beside a running `make run`
	@given=(); if [ -z "$${DATABASE_URL:-}" ]; then mapfile -t given < "$(HOME_FOLDER)/environment.env"; fi; \
	exec env "$${given[@]}" $(BIN)/celery --app wsgi:celery worker --concurrency 2 --hostname "more-$$$$@%h"

test: lint ## All that must pass: format, lint, types, imports, docs, tests
	$(BIN)/pytest -n $(JOBS) --no-loadscope-reorder -m "not faults and not soak" $(ARGS)

check: test

faults: $(READY) ## Kill processes under traffic and judge what is left
	$(BIN)/pytest -m faults $(ARGS)

soak: $(READY) ## The long runs
	$(BIN)/pytest -m soak $(ARGS)

lint: $(READY) ## Format, lint, types, imports, docs; types take a core for a minute, docs another
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check & docs=$$!; $(BIN)/mypy; wait $$docs

fix: $(READY) ## Mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migration: $(READY) ## Draft the next migration from the models: m="what it does"
	@[ -n "$(m)" ] || { echo 'say what it does: make migration m="..."' >&2; exit 1; }
	$(BIN)/python -m migrations.draft "$(m)"
	$(BIN)/ruff format --quiet migrations

docs: $(READY) ## Write the documents that follow from the code
	$(BIN)/python docs/generate.py

bench: $(READY) ## Measure orders on this machine: placing them, and their whole life
	$(BIN)/python -m benchmarks.orders $(ARGS)
	$(BIN)/python -m benchmarks.life

benchcompletion: $(READY) ## Measure completion of 5,000 units over 1,000,000 order lines
	$(BIN)/python -m benchmarks.completion $(ARGS)

benchflat: $(READY) ## Measure lists at two sizes: a million households, 100,000 certificates
	$(BIN)/python -m benchmarks.certificates $(ARGS)
	$(BIN)/python -m benchmarks.households $(ARGS)

lock: $(READY) ## Resolve pyproject.toml anew into both locks (hashes, and no address of any registry)
	$(COMPILE) --extra dev --extra embedded --output-file requirements.lock
	$(COMPILE) --output-file requirements-prod.lock
	@! grep -n '://' requirements.lock requirements-prod.lock
