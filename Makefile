# The developer's whole interface. Every target does all the set-up it needs; done once, it costs nothing.
#
#   make run          set up, then start everything on http://127.0.0.1:8000
#   make test         every test: Python on SQLite, again on PostgreSQL and Redis, the front end's, the browser journeys
#   make lint         every check that runs nothing
#   make test-faults  what kills, restarts and races, at length: a quarter of an hour
#   make bench        measure, and write docs/benchmarks.md
#   make bench-ui     measure the browser app, and write docs/benchmarks-ui.md

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-python test-servers test-frontend test-browser test-faults lint format schema proto lock bench bench-ui tools

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
PYTEST := $(BIN)/python -m pytest --quiet -p no:cacheprovider
# Two at once, and whole files to one of them: what a file shares (a server, a database) is then made once.
PARALLEL := --numprocesses 2 --dist loadfile
ROOMS := accounts config runs wire workflows manage.py
REAL := tests/doors tests/faults tests/browser

# pip, npm and Chromium want a home that they can write to.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.cache/home
$(shell mkdir -p $(HOME))
endif

help:
	@sed -n 's/^#   //p' Makefile

# --- set-up: each step leaves a stamp, and is done again when what it stands on changes ---

.venv/.made:
	python=$$(scripts/need python) && "$$python" -m venv .venv
	@touch $@

.venv/.run: requirements.lock .venv/.made
	$(PIP) -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.made
	$(PIP) -r requirements-dev.lock
	@touch $@ .venv/.run

frontend/node_modules/.made: frontend/package-lock.json frontend/.npmrc
	scripts/need node
	cd frontend && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

CLIENTS := tests/dialects/drivers

$(CLIENTS)/node_modules/.made: $(CLIENTS)/package-lock.json $(CLIENTS)/.npmrc
	scripts/need node
	cd $(CLIENTS) && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

# Dapr's client of before: it cannot live beside today's.
$(CLIENTS)/.venv/.made: $(CLIENTS)/dapr-1.14.lock .venv/.made
	$(BIN)/python -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $<
	@touch $@

FRONTEND := $(shell find frontend/src frontend/public -type f) frontend/index.html frontend/vite.config.ts frontend/tsconfig.json

frontend/dist/.made: frontend/node_modules/.made $(FRONTEND) | .venv/.run
	cd frontend && npm run --silent build -- --logLevel warn
	$(BIN)/python -m whitenoise.compress --quiet frontend/dist
	@touch $@

setup: .venv/.run frontend/dist/.made

tools: .venv/.dev frontend/node_modules/.made $(CLIENTS)/node_modules/.made $(CLIENTS)/.venv/.made

run: setup
	exec $(BIN)/python manage.py up

# --- tests ---

test: test-python test-servers test-frontend test-browser

test-python: tools frontend/dist/.made
	scripts/need redis-server
	@echo "== Python, embedded database"
	$(PYTEST) $(PARALLEL) $(REAL:%=--ignore=%) tests
	@echo "== Python, PostgreSQL and Redis"
	$(BIN)/python -m tests.on_postgres $(PYTEST:$(BIN)/python%=%) $(PARALLEL) $(REAL:%=--ignore=%) tests

test-servers: tools frontend/dist/.made
	scripts/need redis-server
	@echo "== Real servers: the four doors, and what happens when things die"
	$(PYTEST) $(PARALLEL) $(wildcard tests/doors tests/faults)

test-faults: tools
	scripts/need redis-server
	@echo "== What must survive, at length (the tests proper take a shorter form of it)"
	FAULTS=full $(PYTEST) tests/faults

test-frontend: tools
	@echo "== Front end"
	cd frontend && npm run --silent test

test-browser: tools frontend/dist/.made
	scripts/need chromium
	@echo "== Browser journeys"
	$(PYTEST) $(PARALLEL) tests/browser

# --- checks ---

PRETTIER := node_modules/.bin/prettier --config .prettierrc.json
DRIVERS := '../$(CLIENTS)/*.mjs'

lint: tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(ROOMS) scripts tests bench
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_tree.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --format openapi-json | diff frontend/openapi.json - \
	  || { echo "frontend/openapi.json is not in step with the code: make schema"; exit 1; }
	cd frontend && npm run --silent lint && $(PRETTIER) --check $(DRIVERS)

format: tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd frontend && npm run --silent format && $(PRETTIER) --log-level warn --write $(DRIVERS)

# --- what is written by programs ---

schema: tools
	$(BIN)/python manage.py spectacular --format openapi-json > frontend/openapi.json
	cd frontend && npm run --silent schema

proto: tools
	cd runs/dialects/dapr/proto && $(CURDIR)/$(BIN)/python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. *.proto

lock: .venv/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-header -q pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header -q --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	echo dapr==1.14.0 | $(BIN)/uv pip compile --universal --generate-hashes --no-header -q - -o $(CLIENTS)/dapr-1.14.lock

bench-ui: tools frontend/dist/.made
	scripts/need chromium
	$(BIN)/python -m bench.ui

bench: tools
	scripts/need redis-server
	$(BIN)/python -m bench
