# make demo   the main job on bundled data, ends with a report
# make test   the default test suite
# make long   the tests that take half a second or more each (tests/long_tests.txt)
# make check  everything that CI checks: format, lint, types, floors (make lint), both kinds of tests
# make slow   calibration with many draws, the longest tests (tests/longest_tests.txt), and the mutation run
# make docs   the documentation site, in site/ (python -m http.server -d site shows it)
# make pages  what commands print and benchmarks measured, written into README and docs anew
# make notebooks  runs examples/notebooks/*.py, and stores them with outputs
# make mutants  which changes of the statistics core no test notices

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Modules are compiled when they are imported: pip would compile all of them, most for nothing.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
  -c constraints.txt
SOURCES := src tests benchmarks tools examples

# Hundreds of processes of the tests would compile the same modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test long lint compiled check slow mutants docs pages notebooks wheel clean

demo: $(VENV)/installed
	$(BIN)/transfergap demo

test: $(VENV)/developing
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not long"

long: $(VENV)/developing
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "long and not slow"

lint: $(VENV)/developing
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --durations=15

# Tests rewritten by pytest and compiled, once: two workers of a fresh clone would both do it.
compiled: $(VENV)/developing
	$(BIN)/python -m pytest -q --collect-only tests >/dev/null

slow: $(VENV)/developing
	$(BIN)/python -m pytest -q -m slow
	$(BIN)/python -m tools.mutants

mutants: $(VENV)/developing
	$(BIN)/python -m tools.mutants

docs: $(VENV)/developing
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

pages: $(VENV)/developing
	$(BIN)/python -m tools.render_docs

notebooks: $(VENV)/developing
	$(BIN)/python -m tools.build_notebooks

wheel: $(VENV)/developing
	rm -rf dist
	$(BIN)/python -m build --wheel --sdist --outdir dist . >/dev/null

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

$(VENV)/developing: $(VENV)/installed
	$(PIP) --group dev
	touch $@

clean:
	rm -rf $(VENV) dist runs site
