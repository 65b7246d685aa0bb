# SPDX-License-Identifier: Apache-2.0
# Bare `make` lists what can be asked for. Only git, make and python3 are assumed.
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run test bench campaign lint types layers screens fmt lock clean

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1|/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

setup: ## install all that is missing; a moment when nothing is
	@python3 scripts/setup

run: setup ## counter, emulated devices and booth: a window, or a whole visit drawn off-screen
	@$(PY) -m kiosk run

test: setup ## every check and test; fresh machine or not
	@$(PY) scripts/test

bench: setup ## performance figures beside their baselines, to bench/results
	@$(PY) -m bench

campaign: setup ## long hostile campaigns, seeded and resumable, to bench/results
	@$(PY) -m bench.campaign --resume

lint: setup ## ruff: rules and formatting
	@$(PY) scripts/test lint format

types: setup ## pyright
	@$(PY) scripts/test types

layers: setup ## who may import whom
	@$(PY) scripts/test layers

screens: setup ## only the real-pixel tests of the screens
	@$(PY) scripts/test screens

fmt: setup ## format the code in place
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix-only --quiet .

lock: setup ## compile requirements/*.lock anew from pyproject.toml (needs the network)
	@scripts/lock

clean: ## remove what builds and tests leave, but not the environment or the models
	@rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache build/test dist *.egg-info
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
