# Two commands for everyone: `make demo` and `make test`. Everything runs in ./.venv, from hash-locked requirements.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test screenshots lint check bench format docs fuzz lock clean

demo: .venv/.ready ## set up and run the main job
	@$(BIN)/cordiale demo

test: .venv/.ready-dev ## every test
	@$(BIN)/pytest -n 2 --dist loadfile

lint: .venv/.ready-dev ## format, lint, types, import contracts, docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.check_docs

check: lint test ## what CI runs

bench: .venv/.ready-dev ## every benchmark; writes docs/benchmarks.md
	@$(BIN)/python -m bench

fuzz: .venv/.ready-dev ## every parser with random and mutated bytes, a minute each
	@$(BIN)/python -m fuzz --seconds 60

screenshots: .venv/.ready-dev ## pictures of the console for docs/, from the demonstration
	@$(BIN)/python -m tools.screenshots

format: .venv/.ready-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.venv/.ready: requirements.lock pyproject.toml hatch_build.py assets/package.json assets/package-lock.json assets/base_map.mjs assets/pmtiles.LICENSE
	@echo "Setting up .venv …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@echo "Setting up the development tools …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

lock: ## renew both lock files (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
