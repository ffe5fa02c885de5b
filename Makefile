# `make run` and `make test` are all that a reviewer needs; `make` alone lists the rest.
# Works with the make that macOS ships (3.81) and any POSIX shell.

SHELL = /bin/sh
PYTHON ?= python3
BIN := .venv/bin

# Each holds what its step made, and is newer than everything that step read.
READY := .venv/ready
BUILT := .venv/built
REPORTED := .venv/reported

PUBLISHED_AND_DECIDED := $(shell find data/raw data/design 2>/dev/null)
DERIVED := $(shell find data/derived -type f 2>/dev/null)
CODE := $(shell find lipresearch -name '*.py' 2>/dev/null)
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

# $(call gone,LIST): the files named in LIST that no longer exist.
gone = $(shell test ! -f $(1) || while read -r file; do test -e "$$file" || echo "$$file"; done < $(1))

unexport PYTHONPATH PYTHONHOME
MAKEFLAGS += --no-print-directory

.PHONY: help run test lab environment verify build rank report notebooks figures docs lint nox lock benchmark clean always

help:  ## list these commands
	@echo "lipresearch: from published data to a ranked table of candidate study sites"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
	    printf '  make %-12s %s\n' "$$name" "$$text"; done
	@echo
	@echo "Another Python than python3: make run PYTHON=python3.12"

run:  ## everything: environment, verify, build, rank health, report; skips what is up to date
	@$(MAKE) -s environment STEP="[1/5] "
	@$(MAKE) -s verify STEP="[2/5] "
	@$(MAKE) -s build STEP="[3/5] "
	@$(MAKE) -s rank STEP="[4/5] "
	@$(MAKE) -s report STEP="[5/5] "

test: $(READY)  ## all tests, the examples in the docstrings, and every notebook against its stored outputs
	@$(BIN)/python -m pytest -n 2 --dist loadscope \
	    --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg

lab: $(READY)  ## open the notebooks in JupyterLab (LAB_OPTIONS="--no-browser --port=8899": what to tell it)
	@$(BIN)/python -m jupyterlab notebooks $(LAB_OPTIONS)

# ---- the steps ----------------------------------------------------------------------------------

environment: $(READY)  ## create .venv with the exact versions of requirements.lock
	@echo "$(STEP)environment: .venv is ready"

# An environment that was moved, or whose Python is gone, is made again.
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(READY) 2>/dev/null),$(CURDIR))
$(READY): always
endif

$(READY): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	    echo "There is no $(PYTHON) here. Install Python 3.11 or newer (Debian and Ubuntu: sudo apt-get install python3" \
	    "python3-venv; macOS: brew install python), or name the one you have: make run PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "lipresearch needs Python 3.11 or newer; $(PYTHON) is" \
	    "`"$(PYTHON)" -c 'import platform; print(platform.python_version())'`." \
	    "Name a newer one: make run PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments. Debian and Ubuntu keep that in a package of its own:" \
	    "sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "$(STEP)environment: installing the versions of requirements.lock into .venv (two to three minutes)"
	@"$(PYTHON)" -m venv --clear .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps --editable .
	@rm -rf lipresearch.egg-info build
	@printf '%s\n' "$(CURDIR)" > $(READY)

verify: $(READY)  ## compare every file under data/raw with its recorded hash
	@echo "$(STEP)verify: data/raw"
	@$(BIN)/lipresearch verify

build: $(BUILT)  ## rebuild data/derived from data/raw and data/design
	@echo "$(STEP)build: data/derived is up to date"

ifneq ($(call gone,$(BUILT)),)
$(BUILT): always
endif

$(BUILT): $(READY) $(PUBLISHED_AND_DECIDED) $(DERIVED) $(CODE)
	@echo "$(STEP)build: data/derived from data/raw and data/design"
	@$(BIN)/lipresearch build
	@find data/derived -type f | sort > $(BUILT)

rank: $(BUILT)  ## print the ranking of the health cluster
	@echo "$(STEP)rank: the health cluster"
	@$(BIN)/lipresearch rank health

report: $(REPORTED)  ## execute the notebooks and draw the figures, into outputs/
	@echo "$(STEP)report: up to date; how many files, and where:"
	@sed 's|/[^/]*$$||' $(REPORTED) | sort | uniq -c

ifneq ($(call gone,$(REPORTED)),)
$(REPORTED): always
endif

$(REPORTED): $(BUILT) $(NOTEBOOKS)
	@echo "$(STEP)report: drawing the figures, executing the notebooks"
	@$(BIN)/lipresearch report
	@find outputs/figures outputs/notebooks data/derived/rankings -type f ! -name .DS_Store 2>/dev/null | sort > $(REPORTED)

figures: report  ## the figures alone are part of the report, in outputs/figures

# ---- for those who change something -------------------------------------------------------------

notebooks: $(BUILT)  ## execute the notebooks where they lie and store their outputs (then read the difference)
	@$(BIN)/python -m lipresearch.report $(NOTEBOOKS)

lint: $(READY)  ## ruff (rules and layout) and mypy
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

nox: $(READY)  ## the checks of quality in environments of their own (long; `.venv/bin/nox --list` names them)
	@$(BIN)/nox

benchmark: $(READY)  ## time the heavy parts beside other packages (some minutes; installs those first)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r benchmarks/requirements.txt
	@$(BIN)/python -m pytest benchmarks -o addopts= -q --benchmark-columns=min,rounds --benchmark-sort=min

docs: $(READY)  ## build the reference (functions, commands, method) as web pages, into outputs/docs
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet -r docs/requirements.txt
	@$(BIN)/python -m sphinx -n -W --keep-going -q -b html docs outputs/docs
	@echo "open outputs/docs/index.html"

lock:  ## write requirements.lock anew (needs uv; set the date in its first lines)
	@eval "$$(sed -n 's/^#    \(uv pip compile .*\)/\1/p' requirements.lock)"

clean:  ## remove .venv, outputs/ and caches; data and notebooks stay
	rm -rf .venv outputs build lipresearch.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find lipresearch tests -name __pycache__ -type d -prune -exec rm -rf {} +
	find notebooks -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +
