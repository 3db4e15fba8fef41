# Everything a person types. Nothing needs to be installed but make and Python 3.11 or newer.

# PYTHON=... names the Python to build .venv with; else the first of these that is new enough.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && exit; \
	done; echo python3)
IN_VENV = @command -v $(PYTHON) >/dev/null || { \
	echo "Python is not installed ($(PYTHON) was not found); Holdline needs Python 3.11 or newer." >&2; exit 1; }; \
	exec $(PYTHON) config/bootstrap.py
COMPILE = .venv/bin/python -m uv pip compile -q --generate-hashes --no-header --no-emit-index-url \
	--no-emit-find-links --no-annotate --universal --python-version 3.11
WORKERS ?= 2
ARGS ?=

.PHONY: help run test fast check bench faults lock
.DEFAULT_GOAL := help

help:
	@echo "make run     set up what is missing and serve on http://localhost:8000 (PORT, BIND, VAR_DIR); Ctrl-C stops it"
	@echo "make test    the whole test suite on throw-away data (ARGS='-k word', WORKERS=2)"
	@echo "make fast    its fast part: the rules alone, under a minute"
	@echo "make check   lint, format, types, import contracts, migrations (none missing, none that breaks what runs), deploy check, API schema, generated files"
	@echo "make bench   measure what docs promise about speed"
	@echo "make faults  kill, pause, crowd and mislead nights, and look what became of every claim (ARGS='killed --holds 300')"
	@echo "make lock    pin requirements*.in anew, every file by its hash"

run:
	$(IN_VENV) config.run

test:
	$(IN_VENV) --dev pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder --ignore=tests/test_migrations.py $(ARGS)

fast:
	$(IN_VENV) --dev pytest -n $(WORKERS) tests/domain tests/test_architecture.py $(ARGS)

check:
	$(IN_VENV) --dev config.gate

bench:
	$(IN_VENV) --dev bench $(ARGS)

faults:
	$(IN_VENV) --dev faults $(ARGS)

lock:
	$(IN_VENV) --dev
	@$(COMPILE) requirements.in -o requirements.txt
	@$(COMPILE) requirements-dev.in -o requirements-dev.txt
	@echo "requirements.txt and requirements-dev.txt are pinned anew; the next command installs them."
