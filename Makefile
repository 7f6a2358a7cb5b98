# What can be done here, one target for each. They need Python 3.11 and make; nothing else.

PORT ?= 8000
BASE_PYTHON := $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python

.PHONY: install demo demo-reset test check format run worker lock bench icons screenshots nightly nightly-properties nightly-schema \
	nightly-crashes nightly-races nightly-kills nightly-desk

install: .venv/installed.stamp

.venv/installed.stamp: requirements.lock localstripe.lock
	@echo "Installing the packages of requirements.lock into .venv (about a minute)"
	@$(BASE_PYTHON) -m venv .venv
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r localstripe.lock
	@touch $@

demo: install
	@HEMI_ENV=dev $(PYTHON) manage.py demo

demo-reset: install
	@HEMI_ENV=dev $(PYTHON) manage.py demo --reset

test: install
	$(PYTHON) -m pytest -n 2

# The long profiles, in parts of at most an hour each: more generated examples, crashes, races, kills and decisions.
LONG := $(PYTHON) -m pytest -n 2

nightly: nightly-properties nightly-schema nightly-crashes nightly-races nightly-kills nightly-desk

nightly-properties: install
	HYPOTHESIS_PROFILE=nightly $(LONG) -m hypothesis --ignore tests/project/test_api_schema.py

nightly-schema: install
	HYPOTHESIS_PROFILE=nightly $(LONG) tests/project/test_api_schema.py

nightly-crashes: install
	CRASH_RUNS=300 $(LONG) tests/refunds/test_crashes.py tests/refunds/test_against_localstripe.py

nightly-races: install
	RACE_ROUNDS=200 $(LONG) tests/refunds/test_races.py tests/refunds/test_races_by_hand.py \
		tests/refunds/test_policy_races.py tests/refunds/test_auto_approve.py tests/refunds/test_undo_bulk.py \
		tests/integrations/test_api_idempotency.py

nightly-kills: install
	KILL_POINTS=100 $(LONG) tests/integrations/warehouses/test_kills.py tests/refunds/test_bulk.py \
		tests/integrations/test_api_idempotency.py tests/orders/test_export_kills.py

nightly-desk: install
	DECISIONS=200 $(LONG) tests/browser/test_two_hundred.py

TEMPLATES = $(shell find templates -name '*.html')

format: install
	$(PYTHON) -m ruff format .
	.venv/bin/djade --target-version 5.2 $(TEMPLATES)
	.venv/bin/biome format --write

check: install
	$(PYTHON) -m ruff format --check .
	.venv/bin/djade --target-version 5.2 --check $(TEMPLATES)
	.venv/bin/biome format
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	HEMI_ENV=dev $(PYTHON) manage.py makemigrations --check --dry-run
	@echo "$(PYTHON) manage.py check --deploy --fail-level WARNING"
	@HEMI_ENV=production DATABASE_URL=postgresql://localhost/unused ALLOWED_HOSTS=intake.example \
		SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))') \
		FIELD_KEYS=$$($(PYTHON) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		$(PYTHON) manage.py check --deploy --fail-level WARNING

run: install
	$(PYTHON) manage.py upgrade
	$(PYTHON) -m gunicorn --config python:hemi_intake.web_server hemi_intake.wsgi --bind 127.0.0.1:$(PORT)

worker: install
	$(PYTHON) manage.py upgrade
	exec $(PYTHON) manage.py qcluster

COMPILE := $(PYTHON) -m uv pip compile --quiet --generate-hashes --python-version 3.11 \
	--python-platform x86_64-manylinux_2_28 --no-emit-index-url --custom-compile-command "make lock"

lock:
	$(COMPILE) --no-emit-package localstripe --output-file requirements.lock requirements.in
	grep "^localstripe==" requirements.in | $(COMPILE) --no-deps --output-file localstripe.lock -

bench: install
	$(PYTHON) -m tests.benchmarks

# Cuts the icon font down to the icons that pages draw; after an icon was added.
icons: install
	$(PYTHON) -m tests.icons

# Renews the pictures of docs/guide.md; needs Debian's chromium.
screenshots: install
	$(PYTHON) -m tests.screenshots
