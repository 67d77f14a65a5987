# Two commands do all the set-up by themselves: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test every unit lint typing bench bench-short soak faults mutations lowest locked audit wheel

## the document's first example, on a real engine
demo: $(BIN)/dockcli
	@$(BIN)/dockcli engine start >/dev/null
	@$(BIN)/python -m dockcli.recipes.isolation

## every test, those on a real engine included
test: $(VENV)/dev
	@$(BIN)/dockcli engine start >/dev/null
	@tests/run $(BIN)/python

## the same, with what is many containers by each docker CLI and podman, not by one in turn (1.5 h)
every: $(VENV)/dev
	@$(BIN)/dockcli engine start >/dev/null
	@tests/programs
	DOCKCLI_TEST_ENGINE=required $(BIN)/python -m pytest --every-cli

## those that need no engine
unit: $(VENV)/dev
	$(BIN)/python -m pytest tests/unit

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typing: $(VENV)/dev
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python tests/complete.py

## dockcli beside raw docker and its peers, all in one run: benchmarks/results.json, docs/
bench: .venv-bench/bench
	@.venv-bench/bin/python -m benchmarks

## the same with a tenth of the rounds, to be written nowhere
bench-short: .venv-bench/bench
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && .venv-bench/bin/python -m benchmarks \
		--scale 0.1 --results "$$folder/results.json" --page "$$folder/performance.md"

.venv-bench/bench: pyproject.toml
	@PYTHON="$(PYTHON)" VENV=.venv-bench ./bootstrap '.[bench]'
	@touch $@

## what is too long for `make test`: every signal at every docker call, gibibytes of lines, many
## callers at once for twenty minutes; docs/soak.md and docs/soak-tests.md say what came of it (2.5 h)
soak: $(VENV)/dev
	@$(BIN)/dockcli engine start >/dev/null
	@tests/programs
	DOCKCLI_TEST_ENGINE=required DOCKCLI_SOAK_REPORT=docs/soak.md $(BIN)/python -m pytest -m soak \
		--soak-table docs/soak-tests.md

## breaks one thing at a time in a copy, and runs the tests that have to notice
mutations: $(VENV)/dev
	@$(BIN)/dockcli engine start >/dev/null
	@tests/programs
	DOCKCLI_TEST_ENGINE=required $(BIN)/python -m tests.mutations --write docs/mutations.md

## engines killed, disks full, connections cut, docker replaced: what each call gets (root; 15 min)
faults: $(VENV)/dev
	@$(BIN)/dockcli engine start >/dev/null
	@tests/programs
	DOCKCLI_TEST_ENGINE=required $(BIN)/python -m pytest -m faults --reruns 1 tests/faults --faults-table docs/faults.md

## the unit tests with every dependency at its lower bound, on the oldest Python
lowest:
	@tests/lowest

## the environment for development with exactly what requirements-dev.lock names
locked:
	@$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(VENV)/dev

## known holes in what the lock names; exit code 3 where that cannot be asked
audit:
	@tests/audit $(PYTHON)

## a wheel and a source archive in dist/, the same byte for byte for everybody
wheel: $(VENV)/dev
	@rm -rf dist
	$(BIN)/python -m hatchling build
	@cd dist && sha256sum *

$(BIN)/dockcli: pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" ./bootstrap .

$(VENV)/dev: pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" ./bootstrap '.[dev]'
	@touch $@
