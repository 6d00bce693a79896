# Every target does all of its set-up by itself; on a fresh machine, start with `make run`.

.DEFAULT_GOAL := run
.PHONY: run test test-all bench lint format sample setup system clean

# The first Python that is new enough; `make PYTHON=python3.12 run` chooses another.
ifndef PYTHON
PYTHON := $(or $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null))),python3)
endif
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

run: setup  ## Open the window on the sample corpus (without a display: a picture of it)
	$(PY) main.py resources/samples/wordnet.csv

test: export EMBEDSCOPE_SYSTEM_FOR := test
test: lint  ## Everything that takes less than ten minutes
	$(PY) -m pytest -q -m "not slow"

test-all: export EMBEDSCOPE_SYSTEM_FOR := test
test-all: export EMBEDSCOPE_HYPOTHESIS := exploring
test-all: lint  ## The slow tests too
	$(PY) -m pytest -q

bench: setup  ## Every benchmark; `make bench ARGS=--quick` for a first impression
	@$(PY) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
print("\n".join(project["optional-dependencies"]["bench"]))' > $(VENV)/peers.txt
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check \
		--constraint constraints.txt --requirement $(VENV)/peers.txt
	@set -e; for file in $$(grep -l __main__ tests/benchmarks/*.py); do \
		$(PY) -m tests.benchmarks.$$(basename $$file .py) $(ARGS); done

lint: setup
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

format: setup
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

sample: setup  ## Make resources/samples/wordnet.csv again (needs Debian's wordnet-base)
	$(PY) resources/samples/build_wordnet.py

setup: system $(READY)

# Qt's system libraries; says the apt line, or installs them where it may.
system:
	@PYTHON=$(PYTHON) .ci/system $$EMBEDSCOPE_SYSTEM_FOR

# The dependencies are read from pyproject.toml, for the checkout itself is not installed.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
"error: Embedscope needs Python 3.11 or newer; make PYTHON=python3.12 run names one.")'
	@echo "Installing into $(VENV): about 2 GB on disk, a few minutes the first time."
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
print("\n".join(project["dependencies"] + project["optional-dependencies"]["dev"]))' \
		> $(VENV)/requirements.txt
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check \
		--constraint constraints.txt --requirement $(VENV)/requirements.txt
	@touch $@

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache tests/out
