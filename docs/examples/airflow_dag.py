"""Airflow: each hour's captures are monitored, and each day's predictions once the truth is known.

Or all monitors of a configuration file run, and what only good windows may reach is left out.

Copy it into the folder of DAGs and change the first lines. Where Airflow's workers lack driftkit,
let DRIFTKIT name the program in an environment of its own.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, CronDataIntervalTimetable

DRIFTKIT = os.environ.get("DRIFTKIT", "driftkit")
CAPTURED = "s3://bucket/captured/endpoint/AllTraffic"
TRUTH = "s3://bucket/ground-truth"
MERGED = "/data/merged"  # a folder that all workers share
CONFIGURATION = "/opt/models/churn/driftkit.yml"
BASELINES = "s3://bucket/baselines"
REPORTS = "s3://bucket/reports"

WINDOW = "--start {{ data_interval_start | ts }} --end {{ data_interval_end | ts }}"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
# Airflow 3 takes "@hourly" for moments without a length: their windows would be empty.
HOURS = CronDataIntervalTimetable("0 * * * *", timezone="UTC")
DAYS = CronDataIntervalTimetable("0 0 * * *", timezone="UTC")

with DAG("driftkit_data_quality", schedule=HOURS, start_date=SINCE, catchup=False) as data_quality:
    BashOperator(
        task_id="monitor",
        # Violations end with 3 and fail the task: who is told when a task fails is told of them.
        # A retry would find them again.
        bash_command=f"{DRIFTKIT} data-quality monitor {CAPTURED} {WINDOW}"
        f" --baseline {BASELINES}/data-quality"
        f" --output {REPORTS}/data-quality/{{{{ ts_nodash }}}} --fail-on-violations",
    )

with DAG("driftkit_model_quality", schedule=DAYS, start_date=SINCE, catchup=False) as model_quality:
    merge = BashOperator(
        task_id="merge",
        bash_command=f"{DRIFTKIT} merge {CAPTURED} {WINDOW}"
        f" --ground-truth {TRUTH} --update --output {MERGED}",
    )
    monitor = BashOperator(
        task_id="monitor",
        bash_command=f"{DRIFTKIT} model-quality monitor {MERGED} {WINDOW}"
        f" --baseline {BASELINES}/model-quality --probability-attribute 0"
        f" --output {REPORTS}/model-quality/{{{{ ds_nodash }}}} --fail-on-violations",
    )
    # What was merged is judged.
    _ = merge >> monitor

with DAG("driftkit_run", schedule=DAYS, start_date=SINCE, catchup=False) as run:
    monitors = BashOperator(
        task_id="monitors",
        # The file says who is told. Violations skip the task, and so those behind it.
        bash_command=f"{DRIFTKIT} run {CONFIGURATION}"
        " --window {{ data_interval_start | ts }}/{{ data_interval_end | ts }}"
        " --fail-on-violations",
        skip_on_exit_code=3,
    )
    publish = BashOperator(task_id="publish", bash_command="echo 'the predictions go on'")
    _ = monitors >> publish
