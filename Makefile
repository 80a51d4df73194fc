# make run: see it work.  make test: all checks.  make help: the rest.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PYTHON ?= python3
# which image: serve for predictors, deploy for the deploy function
TARGET ?= serve
IMAGE ?= ghcr.io/poorwill/$(TARGET):0.1.0
# many tests wait, so two cores hold three; 0 runs one test after the other. Files in their order: by the number of
# their tests the long ones, which have few, would come last and alone
TEST_PROCESSES ?= 3
RUN := .venv/bin/
# a cluster is only what this command line names, never what the environment happens to hold
CLUSTER := $(if $(filter command line,$(origin KUBECONFIG)),$(abspath $(KUBECONFIG)))

.DEFAULT_GOAL := help
.PHONY: help run test lint format types unit e2e terraform load faults soak peers bench scale comparison train image clean

help:  ## this list
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 18

.tools/bin/uv: .ci/uv.txt
	@$(PYTHON) -m venv .tools || { echo "make: wanted Python 3.11 or newer with venv as $(PYTHON); on Debian: apt install python3-venv"; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.txt

.venv/.ready: uv.lock pyproject.toml | $(UV)
	@echo "setting up .venv from uv.lock ..."
	@$(UV) sync --quiet --frozen --all-extras --compile-bytecode --python $(PYTHON)
	@touch $@

run: .venv/.ready  ## see it work: versions share traffic, sleep and wake; data that arrives becomes another
	@$(RUN)python functions/examples/run.py

test: lint types unit  ## everything that CI checks

lint: .venv/.ready  ## ruff: rules and format
	@$(RUN)ruff check --quiet . && $(RUN)ruff format --quiet --check .

format: .venv/.ready  ## rewrite in the house's format
	@$(RUN)ruff check --quiet --fix . ; $(RUN)ruff format --quiet .

types: .venv/.ready  ## mypy --strict
	@$(RUN)mypy --no-error-summary

unit: .venv/.ready  ## pytest
	@$(RUN)pytest -q -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

e2e: .venv/.ready  ## the behaviour suite on the twin; on a cluster with KUBECONFIG= GATEWAY= STORE= IMAGE= HERE=
	@POORWILL_E2E_KUBECONFIG="$(CLUSTER)" POORWILL_E2E_GATEWAY="$(GATEWAY)" POORWILL_E2E_STORE="$(STORE)" POORWILL_E2E_IMAGE="$(IMAGE)" POORWILL_E2E_HERE="$(HERE)" \
		$(RUN)pytest -q tests/e2e/behaviour $(if $(CLUSTER),tests/knative tests/kinds tests/delivery tests/terraform/test_local.py,tests/e2e/events tests/e2e/pipeline)

terraform: .venv/.ready  ## every module and environment of terraform/: tests, checkov, examples, tables; nothing skipped
	@POORWILL_TERRAFORM_REQUIRED=1 $(RUN)pytest -q -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder tests/terraform

train: .venv/.ready  ## train the sample models again
	@for sample in digits breast_cancer nearest_centroid; do $(RUN)python functions/examples/$$sample/train.py || exit 1; done

load: .venv/.ready  ## Locust on a twin of its own, in one shape after the other; limits set the exit code; README=1 keeps the table
	@$(RUN)python -m loadtests.run $(if $(README),--keep)

peers: .venv/.ready  ## a predictor beside what else serves a model; PEERS="litserve bentoml ray pytriton mlflow" adds those; README=1 keeps the tables
	@$(RUN)python -m loadtests.peers $(PEERS) $(if $(README),--keep)

bench: .venv/.ready  ## large requests, the twin, then events through it; README=1 keeps the tables
	@$(RUN)python -m loadtests.bench.large $(if $(README),--keep)
	@$(RUN)python -m loadtests.bench.twin $(if $(README),--keep)
	@$(RUN)python -m loadtests.bench.events $(if $(README),--keep)

faults: .venv/.ready  ## one fault after the other under load, drawn from SEED=; README=1 keeps the table
	@$(RUN)python -m loadtests.faults $(if $(SEED),--seed $(SEED)) $(if $(README),--keep)

soak: .venv/.ready  ## the same load for ten minutes, or SECONDS=: is memory flat; README=1 keeps the table
	@$(RUN)python -m loadtests.faults.soak $(if $(SECONDS),--seconds $(SECONDS)) $(if $(README),--keep)

scale: .venv/.ready  ## a thousand models: commands timed in a registry and on a twin, memory of what sleeps; README=1 keeps the table
	@$(RUN)python -m loadtests.scale $(if $(README),--keep)

comparison: .venv/.ready  ## a monolith beside Poorwill; BASE= the image it is built upon; README=1 keeps the tables; on a cluster with KUBECONFIG= GATEWAY= STORE= IMAGE= REGISTRY=
	@$(RUN)python -m loadtests.comparison $(if $(CLUSTER),--kubeconfig $(CLUSTER) --gateway "$(GATEWAY)" --store "$(STORE)" --image "$(IMAGE)" --registry "$(REGISTRY)") \
		$(if $(BASE),--base $(BASE)) $(if $(MODELS),--models $(MODELS)) $(if $(README),--keep)

image:  ## build the predictor's image, with docker or buildah; TARGET=deploy builds the deploy function's, TARGET=train that of pipelines, TARGET=load that of load
	@if docker info >/dev/null 2>&1; then build="docker build"; \
	elif command -v buildah >/dev/null; then build="buildah build-using-dockerfile --layers"; \
	else echo "make: wanted docker (and its daemon) or buildah, found neither; install one of them"; exit 1; fi; \
	$$build $(IMAGE_FLAGS) -f functions/Dockerfile --target $(TARGET) -t $(IMAGE) .

clean:  ## forget the environments and caches
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache dist
