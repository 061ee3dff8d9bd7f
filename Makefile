# Plain make, 3.81 (macOS) or newer. Everything that takes more than a line is in scripts/.

PYTHON_IN := .venv/bin/python
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev frontend demo test check bench soak audit lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv, with what is needed to use Bulk Lookup
	@scripts/setup
	@scripts/frontend

setup-dev: ## The same, and what is needed to work on it
	@scripts/setup dev
	@scripts/frontend

frontend: ## Build the styles and scripts of the pages, where something has changed
	@scripts/frontend

demo: setup ## Look up 5,000 invented numbers, from nothing, for nothing
	@scripts/demo

test: check ## Check the source and run all tests (PYTEST_ARGS="tests/core -x")
	@scripts/chromium
	$(PYTHON_IN) -m pytest $(PYTEST_ARGS)

check: setup-dev ## Format, lint, types and import rules, without the tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(PYTHON_IN) -m mypy
	.venv/bin/lint-imports

bench: setup-dev ## Measure, and print the table of figures (BENCH_ARGS=--full)
	@$(PYTHON_IN) -m bench $(BENCH_ARGS)

soak: setup-dev ## Hours of lookups, kills and a full disk against the simulator
	@$(PYTHON_IN) -m bench.soak $(SOAK_ARGS)

audit: setup-dev ## Known vulnerabilities in the locked packages, and insecure habits in the source
	@scripts/audit

lock: ## Write the two lock files anew (LOCK_ARGS=--upgrade)
	@scripts/lock $(LOCK_ARGS)

clean: ## Remove what make has made here; your data directory stays
	rm -rf .venv demo build dist frontend/node_modules src/bulk_lookup/web/static .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find bench scripts src tests -name __pycache__ -type d -prune -exec rm -rf {} +
