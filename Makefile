# Two commands for a fresh machine: `make run` and `make test`. Both need only python3 (3.11 or newer), make and a package index.

PYTHON ?= python3
BIN := .venv/bin
TEST_MARK := --- what the tests add ---
PYTEST_FLAGS ?= -n 2 --dist loadfile

.PHONY: run test lint types contracts pytest setup setup-test lock clean

run: .venv/.running
	@$(BIN)/pledgewatch run

test: lint types contracts pytest

lint: .venv/.testing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/.testing
	$(BIN)/mypy

contracts: .venv/.testing
	$(BIN)/lint-imports

pytest: .venv/.testing
	$(BIN)/pytest $(PYTEST_FLAGS)

setup: .venv/.running
setup-test: .venv/.testing

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pledgewatch needs Python 3.11 or newer; this is " + sys.version)'
	@$(PYTHON) -m venv .venv || { echo "This Python cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# The lock file holds what running needs first, then what the tests add.
.venv/.running: .venv/bin/python requirements.lock pyproject.toml
	@sed '/$(TEST_MARK)/,$$d' requirements.lock > .venv/running.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/running.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.testing: .venv/.running
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

lock:
	@$(PYTHON) -m venv .venv/locking
	@.venv/locking/bin/python -m pip install --quiet --disable-pip-version-check uv
	@.venv/locking/bin/python .ci/lock .venv/locking/bin/uv

clean:
	rm -rf .venv build *.egg-info
