# What can be done here, one target for each. They need Python 3.11 and make; nothing else.

PORT ?= 8000
BASE_PYTHON := $(shell command -v python3.11 || command -v python3)
PYTHON := .venv/bin/python

.PHONY: install demo demo-reset test nightly check run worker lock bench screenshots

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

# The long profiles: more examples, crashes, races and kills of the tests that have their own number of them.
nightly: install
	HYPOTHESIS_PROFILE=nightly CRASH_RUNS=300 RACE_ROUNDS=200 KILL_POINTS=100 DECISIONS=200 $(PYTHON) -m pytest -n 2

check: install
	$(PYTHON) -m ruff format --check .
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
	$(PYTHON) -m gunicorn hemi_intake.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 4

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

# Renews the pictures of docs/guide.md; needs Debian's chromium.
screenshots: install
	$(PYTHON) -m tests.screenshots
