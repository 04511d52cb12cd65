# Everything a developer or a machine runs. Needs make and Python 3.11 or later; nothing else.
# `make` alone lists the targets.
.POSIX:
.SUFFIXES:

# May be set on the command line: make run PORT=9000, make test ARGS="-k race", make setup PYTHON=/opt/python3.13/bin/python3
PYTHON =
HOST = $${FAILBACK_HOST:-127.0.0.1}
PORT = $${FAILBACK_PORT:-8000}
ARGS =
JOBS = 2
DIST = worksteal
UPGRADE =

PY = .venv/bin/python
RUN = .venv/.installed-run
DEV = .venv/.installed-dev
PIP = $(PY) -m pip --disable-pip-version-check install --quiet --require-hashes
PYTEST = $(PY) -m pytest -n $(JOBS) --dist $(DIST)
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(UPGRADE) pyproject.toml

.PHONY: help setup runtime run test prove demo bench chart screenshots lint types packaging drift check lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

setup: .venv/bin/python ## make .venv with everything from the hashed locks
	@$(MAKE) -s $(DEV)

run: runtime ## serve on http://127.0.0.1:8000 with SQLite; the first start prints two tokens
	@exec env FAILBACK_PRINT_TOKENS=1 $(PY) -m app serve --host "$(HOST)" --port "$(PORT)"

# In CI a skipped test fails; with COVERAGE=1 branches are measured and the two limits hold.
test: setup ## run all tests, on SQLite and PostgreSQL (under 10 minutes)
	@set --; \
	if [ -n "$${CI:-}" ]; then set -- -p tests.no_skips; fi; \
	if [ -n "$${COVERAGE:-}" ]; then set -- "$$@" --cov --cov-report=; fi; \
	$(PYTEST) "$$@" $(ARGS)
	@if [ -n "$${COVERAGE:-}" ]; then \
		result=0; \
		$(PY) -m coverage report --include='app/domain/*' --fail-under=100 || result=1; \
		$(PY) -m coverage report --omit='app/domain/*' --fail-under=95 || result=1; \
		exit $$result; \
	fi

prove: setup ## run the same tests with the full counts (long)
	@FAILBACK_PROVE=1 $(PYTEST) -o faulthandler_timeout=0 $(ARGS)

demo: setup ## walk a whole disaster over HTTP, two operators, every exchange printed
	@$(PY) -m tests.demo $(ARGS)

bench: setup ## print what reading and writing cost, as ratios
	@$(PY) -m tests.benchmark $(ARGS)

chart: setup ## write the state charts that the documents show
	@$(PY) -m tests.charts

screenshots: setup ## take pictures of every page, wide and narrow, light and dark (needs chromium)
	@$(PY) -m tests.screenshots $(ARGS)

lint: setup ## ruff, formatting, direction of imports
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))'

types: setup ## mypy, strict
	$(PY) -m mypy

packaging: setup ## the compose file against its schema and against known weaknesses
	$(PY) -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(PY) -m compose_lint check --fail-on low --strict-config --skip-suppressed --quiet docker-compose.yml

drift: setup ## migrate an empty database; the migrations and the tables must say the same
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	FAILBACK_DATABASE_URL="sqlite:///$$dir/drift.db" && export FAILBACK_DATABASE_URL && \
	$(PY) -m app db upgrade && $(PY) -m app db check && $(PY) -m alembic check

check: lint types packaging drift ## everything of the gate but the tests and the demo

lock: runtime ## resolve the dependencies anew into the locks (make lock UPGRADE=--upgrade moves the versions)
	@$(PY) -m pip --disable-pip-version-check install --quiet uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group dev -o requirements-dev.lock

clean: ## remove .venv and caches; data/ stays
	rm -rf .venv .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis build
	find app tests migrations -type d -name __pycache__ -prune -exec rm -rf {} +

# A make of its own for the stamps: it looks at them only when .venv is there, so a .venv made anew, because its Python
# went away, is filled anew. A second call finds nothing to do and takes no time.
runtime: .venv/bin/python
	@$(MAKE) -s $(RUN)

$(RUN): requirements.lock
	@echo "installing what the service needs into .venv ..."
	@$(PIP) -r requirements.lock
	@touch $@

# The dev lock holds all of requirements.lock at the same versions (a test says so), so it stands for both.
$(DEV): requirements.lock requirements-dev.lock
	@echo "installing what the service and its tests need into .venv (about half a minute) ..."
	@$(PIP) -r requirements-dev.lock
	@touch $(RUN) $@

# A name on the PATH may be a shim that leads nowhere, or a Python without venv: each is tried before it is taken.
.venv/bin/python:
	@set -- $(PYTHON); [ $$# -gt 0 ] || set -- python3.13 python3.12 python3.11 python3.14 python3 python; \
	for python do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "making .venv with $$("$$python" -c 'import sys; print(sys.executable, "%d.%d.%d" % sys.version_info[:3])')"; \
			exec "$$python" -m venv --clear .venv; \
		fi; \
	done; \
	echo "Failback needs Python 3.11 or later with its venv module; none of these is one: $$*" >&2; \
	echo "Install one (on Debian and Ubuntu: python3 and python3-venv), or name it: make setup PYTHON=/path/to/python3" >&2; \
	exit 1
