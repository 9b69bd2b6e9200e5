# queuewatch: what a developer types.
#   make demo    a simulated contact centre on a live board
#   make check   lint, types, import contracts, unit and story tests (under two minutes)
#   make test    all of it: more examples of each law, coverage, long runs, the real servers
#   make bench   every figure of benchmarks/README.md
#   make screenshots   the pictures in docs/img, from the running demo (needs chromium)
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Nothing is compiled when it is installed: Python compiles what is used, when it is used first, and most never is.
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile

# Compiled tests are kept, whatever the machine's habit is: it halves the time to collect them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo lint check test bench screenshots format clean

# Python 3.11 brings a pip that takes twice as long to choose among a package's files.
$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)
	$(PIP) 'pip>=24'

$(VENV)/.base: pyproject.toml | $(BIN)/pip
	$(PIP) -c constraints.txt -e .
	touch $@

$(STAMP): pyproject.toml constraints.txt | $(BIN)/pip
	$(PIP) -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.base

demo: $(VENV)/.base
	$(BIN)/queuewatch demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports

# Each worker takes half of the list and then what the other has left: so most files are run by one of them, and
# what the tests of a file share is built once.
check: lint
	$(BIN)/pytest -q -n 2 --dist worksteal -m 'not real and not slow'

test: lint
	$(BIN)/pytest -q -n 2 --dist worksteal -m 'not real and not slow' --hypothesis-profile=thorough --cov --cov-fail-under=100
	tests/real/install-servers
	$(BIN)/pytest -q -m 'real or slow' --hypothesis-profile=thorough

bench: $(STAMP)
	$(PIP) -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks

screenshots: $(STAMP)
	$(BIN)/python -m dashboards.pictures

format: $(STAMP)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage build dist
