# make demo    set everything up and run all steps on the example kernel
# make test    the test suite              (PYTESTFLAGS="-n 0 -k name" to choose)
# make lint    ruff, mypy, the rules of the architecture, the manual page
# make bench   speed against grep, the floor, and Coccinelle   (BENCHFLAGS=...)
# make man     check the manual page and show it
# make clean   remove all that was made here
#
# Works with GNU make and BSD make: keep it POSIX make.  It needs Python 3.11 or
# later (make PYTHON=python3.12 names another one), a C compiler, make and git.

.POSIX:

PYTHON = python3
VENV = .venv
PYTESTFLAGS = -n auto --dist worksteal
BENCHFLAGS =
# What builds the example kernel (spelled $(MAKE) below, `make -n demo` would run it).
KERNEL_MAKE = $(MAKE)

STAMP = $(VENV)/.stamp
BIN = $(VENV)/bin
MAN = man/vrefactor.1

all: $(STAMP)

# Made again whenever pyproject.toml changes.
$(STAMP): pyproject.toml
	sh .ci/venv "$(PYTHON)" "$(VENV)"
	touch $(STAMP)

demo: $(STAMP)
	VREFACTOR="$(BIN)/vrefactor" MAKE="$(KERNEL_MAKE)" sh examples/demo.sh

test: $(STAMP)
	$(BIN)/python -m pytest $(PYTESTFLAGS)

lint: $(STAMP) man-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

man-lint:
	@if command -v mandoc >/dev/null 2>&1; then \
		echo mandoc -T lint -W all $(MAN); \
		mandoc -T lint -W all $(MAN); \
	else \
		echo "mandoc is not installed: $(MAN) was not checked"; \
	fi

man: man-lint
	@if command -v mandoc >/dev/null 2>&1; then mandoc $(MAN); \
	else man $(MAN); fi

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks $(BENCHFLAGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find vrefactor tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: all demo test lint man-lint man bench clean
