# One door: `make run` serves the Val d'Argent, `make test` is what CI runs. Both install what is missing.
SHELL := /bin/bash
export PATH := $(CURDIR)/.outils/bin:$(PATH)
# The port is asked of the cluster that the installer starts.
PORT_POSTGRES = $(or $(shell pg_lsclusters -h 2>/dev/null | awk 'NR==1 {print $$3}'),5432)
POSTGRES ?= postgres://ctg:ctg@127.0.0.1:$(PORT_POSTGRES)/ctg

.PHONY: run test test-installation install install-tests lint format bench images

install:
	@.ci/installer

install-tests:
	@.ci/installer --tests

run: install
	@uv run --no-sync manage.py migrate -v 0
	@uv run --no-sync manage.py demonstration
	@uv run --no-sync manage.py runserver --insecure $${PORT:-8000}

lint:
	@uv run ruff check .
	@uv run ruff format --check .
	@uv run manage.py makemigrations --check --dry-run
	@uv run djlint templates --lint --quiet
	@uv run lint-imports --no-logo

format:
	@uv run ruff check --fix . ; uv run ruff format .

# Browser and paper tests run once, on PostgreSQL; branch coverage is that of both runs together.
COUVRIR = --cov --cov-report= --cov-fail-under=0
test: install-tests lint
	@rm -f .coverage*
	@echo "== SQLite" && uv run pytest -n 2 --dist worksteal -m "not papier" $(COUVRIR)
	@echo "== PostgreSQL" && DATABASE_URL=$(POSTGRES) uv run pytest -n 2 --dist worksteal $(COUVRIR) --cov-append
	@uv run coverage report

# As root: the Containerfile's steps in a bare Debian. Needs apt's mirror and some minutes, hence apart from `make test`.
test-installation:
	@.ci/installation-nue

bench: install-tests
	@uv run manage.py migrate -v 0
	@uv run manage.py charger val_d_argent exemple invente comptes --si-vide
	@{ command -v wrk && command -v chromium; } >/dev/null || apt-get install -y -qq --no-install-recommends wrk chromium >/dev/null
	@uv run manage.py mesurer
	@uv run manage.py debiter

# The pictures of the help and of the README, by the tests' own browser.
images: install-tests
	@PRENDRE_LES_IMAGES=1 uv run pytest -q tests/test_images.py -k as_it_is
