# Everything a newcomer needs is one word. Each target sets up what it needs; nothing is global.
PYTHON ?= python3
BIN := .venv/bin
CONNECTORS := $(patsubst %/metadata.yaml,%,$(wildcard */metadata.yaml))
PACKAGES := connector transforms $(CONNECTORS) integration_tests/sandbox
# One more than two cores: many a test waits for a process.
WORKERS ?= 3
# Of the long ones many wait for a vendor that is down, or that counts calls.
LONG_WORKERS ?= 4
SIZE ?=
ONLY ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo desk test test-all test-units test-scenarios matrix images lint format docs bench bench-check sbom clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready ## Make .venv with every package (editable) and the tools

.venv/.ready: constraints.txt requirements-dev.txt $(PACKAGES:%=%/pyproject.toml)
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; say which: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		-r requirements-dev.txt $(PACKAGES:%=-e ./%)
	@touch $@

demo: setup ## Two employers' nights, end to end, against the four local vendors
	$(BIN)/python integration_tests/demo.py

desk: setup ## The demo, then its desk in a browser with an HR that you play
	$(BIN)/python integration_tests/demo.py --desk

test: setup ## What to run before a commit: unit, SQL, standard tests, a few nights (minutes)
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m "not long and not image_tests"

test-all: test-units test-scenarios ## Everything else: all scenarios, the lake, crashes and faults

test-units: setup ## Of everything else what needs no whole nights: units, models, the lake, the desk
	$(BIN)/pytest -q -n $(LONG_WORKERS) --dist worksteal -m "long and not image_tests" --ignore integration_tests/scenarios

test-scenarios: setup ## Of everything else the nights: real processes, crashes, faults
	$(BIN)/pytest -q -n $(LONG_WORKERS) --dist worksteal -m "long and not image_tests" integration_tests/scenarios

matrix: setup ## Before a release: every case of all tests, crashes and faults at every point (hours)
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal --every-point -m "not image_tests"

images: setup ## Build the images without Docker and start them as Airbyte does (root, buildah)
	$(BIN)/pytest -q -m image_tests integration_tests/images

lint: setup ## ruff, mypy, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy connector/people_connector transforms/people_transforms transforms/people_sync $(filter-out %.egg-info,$(wildcard destination-*/destination_*))
	$(BIN)/sqlfluff lint -q --processes 2 transforms/people_transforms/models

format: setup ## Let ruff format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## The documentation → build/docs
	$(BIN)/mkdocs build --quiet --strict --config-file docs/mkdocs.yml

bench: setup ## Ours, the peer, the ratio → build/bench.json (SIZE=10000 ONLY=plan)
	$(BIN)/python -m integration_tests.bench $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY))

bench-check: setup ## The same at the usual sizes on a quiet machine; ends with 1 when a target is missed
	$(BIN)/python -m integration_tests.bench --check $(if $(ONLY),--only $(ONLY))

sbom: setup ## What the wheels need at run time (CycloneDX) → build/sbom.cdx.json
	$(BIN)/python .ci/sbom.py

clean: ## Remove what the targets made
	rm -rf .venv build .demo .people-sync
