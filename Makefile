# Every word is one script or one program; `make help` lists them.
# Each one sets up what it needs, so that all work on a fresh checkout.

SHELL := bash
PYTHON ?= python3
RUN := .venv/bin/
STATIC := $(shell find static -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup demo run worker test test-fast test-at lint format migrate bench docs check lock stop

help: ## List these words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: ## Make the virtual environment from the hash-locked requirements
	@bin/setup

demo: setup staticfiles/staticfiles.json ## Start everything with two living initiatives, print address and sign-ins (PORT=...)
	@$(RUN)python -m config.supervise --demo $(if $(PORT),--port $(PORT))

run: setup ## Start web, worker and beat for development (reloads, DEBUG)
	@$(RUN)python -m config.supervise --develop $(if $(PORT),--port $(PORT))

worker: setup ## Start a Celery worker alone
	@$(RUN)celery -A config worker

test: setup check ## Run every check and every test, as CI does
	@bin/test

test-fast: setup ## Run the tests without browser, bench and slow ones
	@bin/test --fast

test-at: setup ## Run them at another moment (AT="2028-02-29 23:50", TESTS="tests/agenda -n2")
	@$(RUN)python bin/test-at "$(AT)" $(TESTS)

lint: setup ## Style, types, templates, the line of apps
	@bin/lint

format: setup ## Put code and templates into form
	@$(RUN)ruff check --quiet --fix .
	@$(RUN)ruff format --quiet .
	@echo "Formatted."

migrate: setup ## Bring the database up to date
	@$(RUN)python manage.py migrate

bench: setup ## Measure the ratios of tests/bench and print the table
	@$(RUN)python -m pytest tests/bench -m bench -q -s -p no:cacheprovider

docs: setup ## Write docs/reference from the code
	@$(RUN)python bin/write-reference

check: setup lint ## Lint, and what Django knows to check: migrations, deployment
	@bin/check

lock: setup ## Lock the requirements again, with hashes
	@bin/lock

stop: ## Stop the embedded PostgreSQL and Redis
	@if [ -x $(RUN)python ]; then $(RUN)python -m config.stack stop; fi

staticfiles/staticfiles.json: $(STATIC) requirements/dev.txt config/settings.py
	@DEBUG=false $(RUN)python manage.py collectstatic --noinput --clear --verbosity 0
