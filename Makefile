# kc_pipeline: `make run` and `make test` need Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export DAGSTER_DISABLE_TELEMETRY := yes

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-duckdb2 ui lint format score fieldcases ablate restyle reconcile backtest fuzz bench docs screenshots lock transcripts browser clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 16

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "kc_pipeline needs Python 3.11 or later; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

run: $(VENV)/.run ## materialise everything on the bundled filings and print the newest quarter
	@$(BIN)/kc run

test: $(VENV)/.dev browser ## the test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-fast: $(VENV)/.dev ## the test suite without the tests marked slow or browser
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not browser"

# DuckDB 2 lies beside the pinned one and goes first on the path of this run alone.
$(VENV)/duckdb2/.ready: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(VENV)/duckdb2 "duckdb>=2,<3" \
		&& touch $@ || echo "DuckDB 2 cannot be installed here: the suite does not run on it"

test-duckdb2: $(VENV)/duckdb2/.ready ## the fast tests on DuckDB 2, where it can be installed
	@test ! -f $< || { PYTHONPATH=$(VENV)/duckdb2 $(BIN)/python -c 'import duckdb; assert duckdb.__version__ > "2"; print("DuckDB", duckdb.__version__)' \
		&& PYTHONPATH=$(CURDIR)/$(VENV)/duckdb2 $(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not browser" $(DUCKDB2_TESTS); }

ui: $(VENV)/.run ## the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/kc ui

lint: $(VENV)/.dev ## ruff, mypy, and the bound on complexity
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.complexity

format: $(VENV)/.dev ## ruff, with fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

score: $(VENV)/.dev ## extraction against ground truth (KC_REALDOCS, default ../shared/realdocs)
	$(BIN)/python -m tools.score

fieldcases: $(VENV)/.dev ## the small invented filings (KC_SHARED); takes off the list of failing cases what is mended
	$(BIN)/python -m tools.fieldcases --write

ablate: $(VENV)/.dev ## one clue at a time taken away from 200 real tables: is any figure wrong in silence? (minutes)
	$(BIN)/python -m tools.ablate

backtest: $(VENV)/.dev ## the anomaly rules walked forward over the published history, against the events of KC_SHARED (minutes)
	$(BIN)/python -m tools.backtest

restyle: $(VENV)/.dev ## the real statements laid out in many other ways, scored against the same truth (minutes)
	$(BIN)/python -m tools.restyle

reconcile: $(VENV)/.dev ## the warehouse against the published figures of the reference (KC_SHARED, default ../shared)
	$(BIN)/python -m tools.reconcile

fuzz: $(VENV)/.dev ## 10,000 seeded mutants of real documents through extraction
	$(BIN)/python -m tools.fuzz_extraction

$(VENV)/edgartools/.ready: $(VENV)/.dev
	@$(PYTHON) -m venv $(VENV)/edgartools && $(VENV)/edgartools/bin/python -m pip install --quiet --disable-pip-version-check edgartools==5.62.1 \
		|| echo "edgartools cannot be installed here: the benchmark leaves it out"
	@mkdir -p $(@D) && touch $@

$(VENV)/financetoolkit/.ready: $(VENV)/.dev
	@$(PYTHON) -m venv $(VENV)/financetoolkit && $(VENV)/financetoolkit/bin/python -m pip install --quiet --disable-pip-version-check financetoolkit==2.3.0 \
		|| { echo "financetoolkit cannot be installed here: the benchmark leaves it out"; rm -f $(VENV)/financetoolkit/bin/python; }
	@mkdir -p $(@D) && touch $@

bench: $(VENV)/.dev $(VENV)/edgartools/.ready $(VENV)/financetoolkit/.ready ## the benchmarks (minutes; ratios against a named peer in the same run)
	KC_EDGARTOOLS=$(VENV)/edgartools/bin/python $(BIN)/python -m benchmarks.extraction
	KC_FINANCETOOLKIT=$(VENV)/financetoolkit/bin/python $(BIN)/python -m benchmarks.kpis --pandas
	$(BIN)/python -m benchmarks.run

screenshots: $(VENV)/.dev browser ## pictures of the Dagster UI and the brief for the docs
	$(BIN)/python -m tools.screenshots docs/images

docs: $(VENV)/.run ## write the generated parts of README and docs
	$(BIN)/python -m tools.write_docs

transcripts: $(VENV)/.run ## lay the transcripts out again from ../shared/reference
	$(BIN)/python -m tools.lay_out_transcripts

lock: ## pin the dependencies again (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --no-emit-index-url -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --no-header --no-emit-index-url -o requirements-dev.lock

# Browser tests want Debian's chromium: in CI it is installed, elsewhere it is used where it is found.
browser:
	@if ! command -v chromium >/dev/null 2>&1 && [ -n "$$CI" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; fi

clean: ## remove what runs write (the bundled filings stay)
	rm -rf data/store data/extracted data/warehouse data/briefs data/dagster
