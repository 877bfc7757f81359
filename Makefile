# Everything a checkout needs. `make run` and `make test` set themselves up; see README.md.
.PHONY: help run test lint types format bench screenshots constraints clean system screen

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
ARGS ?=

help:
	@echo "make run          open the window; without a display, play the default preset into build/"
	@echo "make test         run every test, the graphical ones on a virtual screen (ARGS='-k name' narrows)"
	@echo "make lint         style, types and import contracts"
	@echo "make types        types alone"
	@echo "make format       rewrite the files in the house style"
	@echo "make bench        print the speed ratios"
	@echo "make screenshots  drive every lab and write pictures to build/screenshots/"
	@echo "make constraints  resolve the versions in constraints.txt again"
	@echo "make clean        delete what was built (not .venv)"

run: system $(READY)
	@scripts/on_screen --demo build $(BIN)/python -m gradlab $(ARGS)

test: screen $(READY)
	$(BIN)/python -m pytest -n logical --maxprocesses 4 $(ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

types: $(READY)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: screen $(READY)
	@for file in benchmarks/[a-z]*.py; do \
	  case "$$file" in */bench.py|*/peers.py) continue;; esac; scripts/on_screen --virtual $(BIN)/python "$$file" || exit 1; \
	done

screenshots: screen $(READY)
	@scripts/on_screen --virtual $(BIN)/python scripts/screenshots.py build/screenshots

constraints: $(READY)
	@scripts/lock $(BIN)/python

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find gradlab tests benchmarks scripts -name __pycache__ -type d -exec rm -rf {} +

system:
	@scripts/system_libraries

screen:
	@scripts/system_libraries screen

$(READY): pyproject.toml constraints.txt scripts/set_up | system
	@scripts/set_up "$(PYTHON)" .venv
	@touch $@
