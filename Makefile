# Everything a user does, one target each. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
PY := .venv/bin/python
export PYTHONPATH := src:glue:.
# Half of the tests' time is waiting: for servers, Terraform and Spark.
TEST_PROCESSES ?= 3
IN_PARALLEL = --numprocesses $(TEST_PROCESSES) --no-loadscope-reorder
export CONFIRM

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  \033[1m%-19s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: requirements-check
requirements-check:
	@$(PYTHON) scripts/prerequisites.py

.PHONY: setup
setup: .venv/.installed .venv-emulator/.installed .venv/spark-classes.jsa ## Create both virtual environments from the pinned requirements

.venv/.installed: requirements/project.txt | requirements-check
	@echo "installing the project's environment (.venv), a minute or two the first time"
	@$(PYTHON) -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

.venv-emulator/.installed: requirements/emulator.txt | requirements-check
	@echo "installing the embedded AWS (.venv-emulator)"
	@$(PYTHON) -m venv .venv-emulator && .venv-emulator/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

.venv/spark-classes.jsa: .venv/.installed
	@$(PY) -m local.spark_classes

.PHONY: package
package: setup ## Build the Lambda zips and the Glue artefacts, reproducibly, into build/: make package [ARCHITECTURE=x86_64]
	@$(PY) scripts/package.py $(if $(ARCHITECTURE),--architecture $(ARCHITECTURE))

.PHONY: local-up
local-up: setup ## Start the embedded AWS and wait until it is healthy
	@$(PY) -m local up

.PHONY: local-down
local-down: ## Stop the embedded AWS and keep its state
	@$(PY) -m local down

.PHONY: local-logs
local-logs: ## Follow the embedded AWS's log
	@$(PY) -m local logs

.PHONY: demo
demo: package ## Run the whole pipeline here: make demo [DATA=folder-of-ndjson]
	@$(PY) -m local.demo $(if $(DATA),--data "$(DATA)")

.PHONY: demo-export
demo-export: package ## Run the export service here and print its address and a sign-in: make demo-export [ARGS="--rows 500000 --down"]
	@$(PY) -m local.export_demo $(ARGS)

.PHONY: demo-lake
demo-lake: package ## Show the lake here, on a month of files with known defects: make demo-lake [ARGS="--days 8 --scale 0.3"]
	@$(PY) -m local.lake.demo $(ARGS)

.PHONY: dashboard
dashboard: setup ## Draw the deployed dashboard with the metrics of the embedded AWS: make dashboard ARGS="FILE.svg --minutes 30"
	@$(PY) -m local.dashboard $(ARGS)

.PHONY: console
console: package ## Serve the web console against the embedded AWS: make console [ARGS="--port 8081"]
	@$(PY) -m local.console $(ARGS)

.PHONY: console-build
console-build: setup ## Build the web console into build/console/
	@$(PY) -m scripts.console build

.PHONY: console-pictures
console-pictures: setup chromium ## Draw every page of the web console, light and dark, into docs/console/
	@$(PY) -m tests.console.pictures

.PHONY: test-console
test-console: package chromium ## Test the web console in a browser, against a service in memory and against the embedded AWS
	@$(PY) -m pytest tests/console $(ARGS)

.PHONY: test
test: package localstack chromium ## Run every test
	@$(PY) -m pytest $(IN_PARALLEL) $(ARGS)

.PHONY: chromium
chromium: setup
	@$(PY) -m scripts.console chromium

.PHONY: localstack
localstack: setup
	@$(PY) -m local.localstack.install

.PHONY: test-localstack
test-localstack: setup ## Run what LocalStack can: in Docker, else in host mode on Python 3.13
	@scripts/test-localstack $(ARGS)

.PHONY: bench-control-plane
bench-control-plane: setup ## Count AWS calls and DynamoDB units per file: make bench-control-plane [ARGS="--json FILE"]
	@$(PY) -m benchmarks.control_plane $(ARGS)

.PHONY: bench-cold-start
bench-cold-start: package ## Hold each function's import and zip against their budgets: make bench-cold-start [ARGS="--json FILE"]
	@$(PY) -m benchmarks.cold_start $(ARGS)

.PHONY: latency
latency: package .venv/.benchmarks ## Follow a file from PUT to queryable row, step by step: make latency [ARGS="--rounds 5 --picture FILE.svg"]
	@$(PY) -m benchmarks.latency $(ARGS)

.PHONY: throughput
throughput: package .venv/.benchmarks ## Measure the files a second of the control plane, without Spark: make throughput [ARGS="--rate 200"]
	@$(PY) -m benchmarks.throughput $(ARGS)

.PHONY: capacity
capacity: setup ## Compute what a day costs and what is full first at larger loads: make capacity [ARGS="--multiples 1,50"]
	@$(PY) -m benchmarks.capacity $(ARGS)

.PHONY: bench-converter
bench-converter: setup .venv/.benchmarks ## Compare the converter with other engines: make bench-converter [ARGS="--shape wide"]
	@$(PY) -m benchmarks.converter --data build/bench-converter $(ARGS)

.PHONY: bench-lake
bench-lake: setup ## Measure the lake's jobs and model their days on Glue: make bench-lake [ARGS="--sizes 100,400"]
	@$(PY) -m benchmarks.lake --data build/bench-lake/day --month build/bench-lake/month $(ARGS)

.PHONY: bench-export
bench-export: setup .venv/.benchmarks build/bench-export/pandas ## Compare the export with other engines: make bench-export [ARGS="--shape wide"]
	@$(PY) -m benchmarks.export --data build/bench-export $(ARGS)

build/bench-export/pandas: requirements/bench-export.txt
	@rm -rf $@ && .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target $@ -r $< && touch $@

.venv/.benchmarks: requirements/benchmarks.txt .venv/.installed
	@.venv/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

.PHONY: test-glue-6
test-glue-6: setup .venv-glue-6/.installed ## Run the converter's tests on the versions of Glue 6.0, on Python 3.13
	@.venv-glue-6/bin/python -m pytest tests/*/test_converter_*.py $(ARGS)

.venv-glue-6/.installed: requirements/glue-6.txt | requirements-check
	@python=$$($(PYTHON) -c 'from scripts.prerequisites import find_python; print(find_python("3.13") or "")'); \
	if [ -z "$$python" ]; then echo "Glue 6.0 has Python 3.13, which is neither on the PATH nor held by pyenv"; exit 1; fi; \
	echo "installing the versions of Glue 6.0 (.venv-glue-6)"; \
	$$python -m venv .venv-glue-6 && .venv-glue-6/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

.PHONY: test-glue-shell
test-glue-shell: setup .venv-glue-shell/.installed ## Run the exporter on the versions of a Glue Python shell job, on Python 3.9
	@$(PY) -m pytest tests/component/test_export_glue_shell.py $(ARGS)

.venv-glue-shell/.installed: requirements/glue-shell.txt | requirements-check
	@python=$$($(PYTHON) -c 'from scripts.prerequisites import find_python; print(find_python("3.9") or "")'); \
	if [ -z "$$python" ]; then echo "A Glue Python shell job has Python 3.9, which is neither on the PATH nor held by pyenv"; exit 1; fi; \
	echo "installing the versions of a Glue Python shell job (.venv-glue-shell)"; \
	$$python -m venv .venv-glue-shell && .venv-glue-shell/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

.PHONY: test-deep
test-deep: package localstack ## Run every test, the exhaustive ones with a large budget
	@NDJSON_PARQUET_DEEP=1 $(PY) -m pytest $(IN_PARALLEL) $(ARGS)

.PHONY: test-runbooks
test-runbooks: package ## Produce each fault, wait for its alarm, mend it with its runbook: make test-runbooks [ARGS="-k dead"]
	@NDJSON_PARQUET_RUNBOOKS=1 $(PY) -m pytest tests/runbooks $(IN_PARALLEL) $(ARGS)

.PHONY: load
load: package ## Files at a rate, then every record reconciled: make load [FILES=200 RATE=5 DUPLICATES=5 OVERWRITES=5 BAD=2] (in percent)
	@$(PY) -m local.load steady $(if $(FILES),--files $(FILES)) $(if $(RATE),--rate $(RATE)) $(if $(DUPLICATES),--duplicates $(DUPLICATES)) \
		$(if $(OVERWRITES),--overwrites $(OVERWRITES)) $(if $(BAD),--bad $(BAD)) $(ARGS)

.PHONY: soak
soak: package ## A load with every fault on a schedule, then every record reconciled: make soak [MINUTES=30]
	@$(PY) -m local.load soak $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: plan
plan: package ## Plan an environment: make plan ENV=prod [OFFLINE=1]; without credentials against a mocked provider
	@$(PY) -m scripts.deploy plan "$(ENV)" $(if $(OFFLINE),--offline)

.PHONY: apply
apply: package ## Deploy an environment: make apply ENV=prod [CONFIRM=prod]
	@$(PY) -m scripts.deploy apply "$(ENV)"

.PHONY: destroy
destroy: package ## Remove an environment: make destroy ENV=prod [CONFIRM=prod]
	@$(PY) -m scripts.deploy destroy "$(ENV)"

.PHONY: docs
docs: setup ## Write the tables that come from Terraform's files into the READMEs and docs/
	@$(PY) -m scripts.terraform_docs

.PHONY: security
security: .venv-security/.installed ## Scan the Terraform with checkov
	@.venv-security/bin/checkov --config-file .checkov.yaml

.venv-security/.installed: requirements/security.txt | requirements-check
	@echo "installing checkov (.venv-security), two minutes the first time"
	@$(PYTHON) -m venv .venv-security && .venv-security/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@

.PHONY: lint
lint: setup ## Lint and check the formatting
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

.PHONY: lint-console
lint-console: setup ## Lint the web console
	@$(PY) -m scripts.console lint

.PHONY: types
types: setup ## Check the types, strictly
	@$(PY) -m mypy

.PHONY: terraform-check
terraform-check: ## terraform fmt and validate
	@scripts/terraform -chdir=terraform fmt -recursive -check ..
	@scripts/terraform -chdir=terraform init -backend=false -lockfile=readonly -input=false >/dev/null
	@scripts/terraform -chdir=terraform validate

.PHONY: check
check: lint lint-console types terraform-check security test ## What CI runs: lint, types, Terraform checks, security scan, tests

.PHONY: clean
clean: ## Remove build results and the embedded AWS's state; keep the virtual environments
	@$(PY) -m local down 2>/dev/null || true
	@rm -rf build .local .pytest_cache .mypy_cache .ruff_cache .hypothesis
