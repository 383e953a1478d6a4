# Every target does its own set-up: `make demo` is enough on a fresh machine.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
JAR = $(BIN)/python .ci/jar.py || true
# Two processes share the tests; those of Spark come last, half of them in each.
SHARED = -n 2 --dist loadgroup --no-loadscope-reorder
PYTEST = -m pytest --doctest-modules driftkit tests --ignore=tests/benchmarks $(SHARED)
INPUTS = $(wildcard requirements/*.txt) pyproject.toml .ci/setup.py

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo detection test fuzz test-pure test-spark4 test-image test-receivers test-sdk2 test-sdk3 test-sinks test-stores test-spark-tables test-pages test-steady airflow docs bench simulate lint style types arrows measures check dist notebook jar clean

help:  ## lists the targets
	@sed -n 's/^\([a-z0-9-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

install: $(VENV)/.ready/base  ## makes .venv with .venv/bin/driftkit in it
	@$(JAR)

demo: $(VENV)/.ready/demo  ## a year of flights: baseline, captures, monitoring, what was found
	@$(JAR)
	$(BIN)/python -m baselines.flights

test: $(VENV)/.ready/test  ## all tests, with Spark 3.5 and Deequ
	@$(JAR)
	$(BIN)/python $(PYTEST) $(ARGS)

fuzz: $(VENV)/.ready/test  ## N=20000 random attacks on readers, monitors and settings, from SEED=1
	$(BIN)/python -m tests.fuzz.run --iterations $(or $(N),20000) --seed $(or $(SEED),1) $(ARGS)

test-pure: .venv-pure/.ready/pure  ## the tests that need no Spark, where there is none
	.venv-pure/bin/python $(PYTEST) --doctest-ignore-import-errors -m 'not spark and not deequ' $(ARGS)

test-spark4: .venv-spark4/.ready/spark4  ## the scan engine's tests, with Spark 4.1
	.venv-spark4/bin/python -m pytest tests/spark --ignore=tests/spark/test_memory.py --ignore=tests/spark/test_sources.py --ignore=tests/spark/test_submit.py --ignore=tests/spark/test_killed_runs.py -m 'spark and not deequ and not cluster' $(ARGS)

test-image:  ## installs as the image does, into .venv-image, and runs a job of SageMaker there
	$(PYTHON) -m venv --clear .venv-image
	PATH="$(CURDIR)/.venv-image/bin:$$PATH" .ci/image wheel .venv-image/wheels
	PATH="$(CURDIR)/.venv-image/bin:$$PATH" .ci/image packages .venv-image/wheels
	PATH="$(CURDIR)/.venv-image/bin:$$PATH" .ci/image job .venv-image/job

test-receivers: .venv-receivers/.ready/receivers  ## alerts to programs that take them; with Debian's prometheus-alertmanager to that too
	.venv-receivers/bin/python -m pytest tests/sinks $(ARGS)

test-sdk2: .venv-sdk2/.ready/sdk2  ## the tests with the SageMaker SDK 2 and a stand-in for S3
	SAGEMAKER_SUPPRESS_V2_WARNING=1 .venv-sdk2/bin/python -m pytest tests/sdk -m sdk $(ARGS)

test-sdk3: .venv-sdk3/.ready/sdk3  ## the same with the SageMaker SDK 3 (not part of the checks: it installs for long)
	.venv-sdk3/bin/python -m pytest tests/sdk -m sdk $(ARGS)

test-sinks: .venv-sinks/.ready/sinks  ## the tests of sinks with OpenTelemetry, MLflow and OpenLineage, and of the check under Dagster
	.venv-sinks/bin/python -m pytest tests/sinks tests/examples/test_dagster.py $(ARGS)

airflow: .venv-airflow/.ready/airflow  ## imports the DAG of docs/examples under Apache Airflow (not part of the checks either)
	AIRFLOW_HOME=$(CURDIR)/.venv-airflow/home .venv-airflow/bin/python -m pytest tests/airflow -m airflow $(ARGS)

test-stores: .venv-stores/.ready/stores  ## the metrics store and inputs on DuckDB, Delta and Iceberg, and on Postgres where DRIFTKIT_TEST_POSTGRES has its address; FEW=1 kills few writers (not part of the checks)
	$(if $(FEW),,DRIFTKIT_TEST_STORES=1) .venv-stores/bin/python -m pytest tests/store tests/examples/test_dbt.py tests/readers/test_lake.py tests/readers/test_queries.py tests/readers/test_streams.py 'tests/docs/test_blocks.py::test_the_blocks_of_a_page_run[docs/store.md]' $(ARGS)

test-pages: $(VENV)/.ready/test  ## pages in Chromium, with axe-core and the Nu HTML checker, which npm puts into .pages
	npm install --no-save --no-audit --no-fund --prefix .pages axe-core@4.11.0 vnu-jar@25.11.25
	$(BIN)/python -m pytest tests/report $(ARGS)

test-spark-tables: $(VENV)/.ready/test  ## Spark's catalogue as metrics store, Delta and Iceberg tables as its inputs; takes minutes (not part of the checks)
	DRIFTKIT_TEST_SPARK_PACKAGES=io.delta:delta-spark_2.12:3.3.2,org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.9.2 $(BIN)/python -m pytest tests/store/test_spark.py tests/spark/test_sources.py $(ARGS)

test-steady: $(VENV)/.ready/test  ## all tests ten times (RUNS=...), each in another order, beside two busy loops
	@$(JAR)
	.ci/steady $(or $(RUNS),10) $(BIN)/python --doctest-modules driftkit tests --ignore=tests/benchmarks $(SHARED) -q $(ARGS)

docs: .venv-docs/.ready/docs  ## builds the documentation and tests it: open build/site/index.html
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --quiet
	.venv-docs/bin/python -m pytest tests/docs/test_site.py --noconftest -q $(ARGS)

bench: $(VENV)/.ready/bench  ## speed and memory beside the competitors: docs/benchmarks.md
	@$(JAR)
	$(BIN)/python -m tests.benchmarks.run $(ARGS)

simulate: $(VENV)/.ready/test  ## decides simulated deployments by the thousand (RUNS=2000): error rates in docs/deployment.md
	$(BIN)/python -m tests.simulations.run --runs $(or $(RUNS),2000) $(ARGS)

detection: $(VENV)/.ready/test  ## looks for drift where there is none and where there is some: drawn windows, real days, and speed
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.detection.run
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.detection.real $(ARGS)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.detection.many_values
	$(BIN)/python -m tests.detection.zones
	$(BIN)/python -m tests.detection.monitored
	$(BIN)/python -m tests.detection.unusual_causes
	$(BIN)/python -m tests.detection.speed

lint: style types arrows  ## style, types and the arrows between the rooms

style: $(VENV)/.ready/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready/test
	$(BIN)/mypy driftkit tests jobs baselines .ci/jar.py

arrows: $(VENV)/.ready/test
	$(BIN)/lint-imports --no-cache

measures: $(VENV)/.ready/test  ## the shape of the package in numbers: docs/architecture.md
	$(BIN)/python -m tests.house.measures

check: lint test  ## lint and test

dist: $(VENV)/.ready/build  ## builds the wheel, the source archive and driftkit.zip for --py-files into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	cp dist/driftkit_spark-*.whl dist/driftkit.zip

notebook: $(VENV)/.ready/notebook  ## runs the notebooks and keeps their output
	@$(JAR)
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

jar: $(VENV)/.ready/base  ## fetches the Deequ jar, or says why not and fails
	$(BIN)/python .ci/jar.py

clean:  ## removes what was built, environments included
	rm -rf .venv .venv-* .pages build dist .coverage* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is made again when what it is made from has changed.
define ready =
$(PYTHON) .ci/setup.py $(patsubst %/.ready/,%,$(dir $@)) $*
@mkdir -p $(@D) && touch $@
endef

$(VENV)/.ready/%: $(INPUTS)
	$(ready)

.venv-pure/.ready/%: $(INPUTS)
	$(ready)

.venv-spark4/.ready/%: $(INPUTS)
	$(ready)

.venv-receivers/.ready/%: $(INPUTS)
	$(ready)

.venv-sdk2/.ready/%: $(INPUTS)
	$(ready)

.venv-sdk3/.ready/%: $(INPUTS)
	$(ready)

.venv-sinks/.ready/%: $(INPUTS)
	$(ready)

.venv-airflow/.ready/%: $(INPUTS)
	$(ready)

.venv-stores/.ready/%: $(INPUTS)
	$(ready)

.venv-docs/.ready/%: $(INPUTS)
	$(ready)
