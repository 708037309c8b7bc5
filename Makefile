# Needs Python 3.11 or newer, git and make; everything else is installed into .venv from the locks.
# `make help` lists the targets.

VENV := .venv
# Not the scripts in .venv/bin: they name the folder the environment was made in, and folders get moved.
RUN := $(VENV)/bin/python -m
PIP := $(RUN) pip --disable-pip-version-check --quiet
# Set it to choose another Python: make site PYTHON=/opt/python3.13/bin/python3
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c $(IS_NEW_ENOUGH) 2>/dev/null && echo $$python && break; done)
IS_NEW_ENOUGH := 'import sys; sys.exit(sys.version_info < (3, 11))'

SIZES ?= 1000 10000
DAY = $(shell date +%F)

RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: setup site serve test soak check format bench audit lock clean help

setup: $(RUNTIME) ## Install what Daybook runs on, and nothing else

site: $(RUNTIME) ## Update the archive and build the site into site/
	@status=0; $(RUN) generator update || status=$$?; \
	if [ $$status -ne 0 ] && [ $$status -ne 3 ]; then exit $$status; fi; \
	$(RUN) generator build || exit $$?; \
	echo "The site is ready: open $(CURDIR)/site/index.html, or run \`make serve\` for search too."; \
	if [ $$status -eq 3 ]; then echo "The archive is not complete yet: see above, and the status page."; fi

serve: site ## The same, then serve the site on this machine and rebuild it on changes
	@$(RUN) generator serve

test: $(DEVELOPMENT) ## Run all tests
	@$(RUN) pytest -n auto --dist worksteal

soak: $(DEVELOPMENT) ## Run the tests that try many cases in their long form, for hours
	@SOAK=1 $(RUN) pytest -n auto --dist worksteal tests/test_property_*.py tests/test_hostile_*.py tests/test_verify.py tests/test_repair.py tests/test_crashes.py \
		tests/test_races.py tests/test_kills.py tests/test_losses.py tests/test_broken_calls.py tests/test_resources.py tests/test_browser_xss*.py

check: $(DEVELOPMENT) ## Check style, types, and that code and papers agree
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy
	@$(RUN) pytest -q tests/test_architecture.py tests/test_papers.py

format: $(DEVELOPMENT) ## Put the code into the style that `make check` asks for
	@$(RUN) ruff check --fix
	@$(RUN) ruff format

bench: $(DEVELOPMENT) ## Measure the figures that Daybook promises; REPOSITORY=path collects from it, SIZES="1000 100000" are commits
	@$(RUN) benchmarks --day $(DAY) --sizes "$(SIZES)" $(if $(REPOSITORY),--repository "$(REPOSITORY)")

audit: ## Look every locked package up among the known advisories; needs the network
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --quiet install pip-audit
	@$(VENV)/audit/bin/python -m pip_audit --strict --disable-pip --require-hashes --requirement requirements-dev.lock

lock: $(DEVELOPMENT) ## Renew the locks with the newest versions that pyproject.toml allows
	@$(VENV)/bin/python -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --quiet install pip-tools
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

# With the oldest Python, whose needs are the longest list. No line of a lock names an index, so that any mirror will
# do; the hashes say what is the right file.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/lock/bin/pip-compile --quiet --upgrade --generate-hashes \
	--strip-extras --allow-unsafe --build-deps-for editable --no-emit-options --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links

clean: ## Remove the environment, the caches and the built site; the archive stays
	rm -rf $(VENV) site .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

$(VENV)/python.stamp:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c $(IS_NEW_ENOUGH) 2>/dev/null; then \
		echo "Daybook needs Python 3.11 or newer; $(or $(PYTHON),python3) is not." >&2; \
		echo "Install one, and name it if it is not found: make site PYTHON=/path/to/python3" >&2; \
		exit 1; fi
	@"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(RUNTIME): requirements.lock pyproject.toml $(VENV)/python.stamp
	@echo "Installing what Daybook runs on into $(VENV)"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUNTIME)
	@echo "Installing what its tests need"
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
