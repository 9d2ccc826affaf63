# `make help` lists what there is. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := build/demo

.DEFAULT_GOAL := help
.PHONY: help demo demo-headless demo-reset test check lint bench kill-test simulate simulate-mutants fault-test network-test screenshots packages clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

demo: ## service with a sample queue, and the enrolled station beside it; continues where it stopped
	@packaging/linux/display
	@$(MAKE) --no-print-directory $(READY)
	@packaging/linux/with-keyring $(DEMO)/keyring $(BIN)/modstation demo --home $(DEMO)

demo-headless: $(READY) ## the same job offscreen: real window, real service, a cut in the middle; prints JSON
	@rm -rf build/demo-headless
	@MODSTATION_KEYRING_HOME=build/demo-headless/keyring packaging/linux/keyring-session $(BIN)/modstation demo --home build/demo-headless --headless $(ARGS)

demo-reset: $(READY) ## forget the demo: service, station and their keys
	@$(BIN)/modstation demo --home $(DEMO) --reset

test: $(READY) ## all tests
	@QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n 2 --dist worksteal --cov --cov-report= $(ARGS)
	@$(if $(ARGS),true,$(BIN)/coverage report --skip-covered --include='modstation/core/*,modstation/wire/*,modstation/store/*,modstation/sync/*,modstation/session/*' --format=total | sed 's/^/branch coverage of core, wire, store, sync, session: /; s/$$/ %/')

check: lint test ## format, lint, types, import contracts, tests

lint: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY) ## speed beside a named baseline in the same run; table, and build/bench.json
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.bench --json build/bench.json $(ARGS)

kill-test: $(READY) ## SIGKILL service and station 50 times each during 300 decisions; prints JSON
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.journey.kill --kills 50 --decisions 300 $(ARGS)

fault-test: $(READY) ## every write, sync and rename fails once in four ways; 1,000 flipped bits in each kind of file; tables
	@$(BIN)/python -m tests.faults --json build/faults.json $(ARGS)

network-test: $(READY) ## six decisions through each of 22 bad networks, between the real processes; prints a table
	@$(BIN)/python -m tests.network --json build/network.json $(ARGS)

simulate: $(READY) ## worlds with faults of every kind, from seeds; SEEDS=n how many, SEED=k tells the story of one; table, and build/simulation.json
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),2000) --json build/simulation.json) $(ARGS)

simulate-mutants: $(READY) ## plants bugs into the product, one at a time: each must be caught; prints the seeds it took
	@$(BIN)/python -m tests.simulation.mutants $(ARGS)

screenshots: $(READY) ## every screen and state, light and dark, two sizes, some with little room, into build/screenshots
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.screenshots build/screenshots $(ARGS)

packages: ## the Debian packages that Qt, the keyring and the fonts need
	@packaging/linux/packages

$(READY): pyproject.toml packaging/constraints.txt packaging/linux/packages
	@packaging/linux/packages
	@$(PYTHON) -m venv $(VENV)
	@PIP_CONSTRAINT=$(CURDIR)/packaging/constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean: ## remove what was built, and the virtual environment
	rm -rf build $(VENV)
