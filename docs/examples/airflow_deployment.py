"""Airflow: each hour a deployment is monitored; the endpoint gets new weights once it is decided.

Copy it into the folder of DAGs and change the first lines.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import BranchPythonOperator
from airflow.sdk import DAG, CronDataIntervalTimetable

DRIFTKIT = os.environ.get("DRIFTKIT", "driftkit")
CAPTURED = "s3://bucket/captured/churn"
PLAN = "s3://bucket/plans/churn"
REPORTS = "/data/reports/churn"  # a folder that all workers share
REPORT = f"{REPORTS}/{{{{ ts_nodash }}}}"

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = CronDataIntervalTimetable("0 * * * *", timezone="UTC")
# What the verdict asks of the endpoint stands in verdict.json, ready to be sent.
SET_WEIGHTS = (
    f"jq .actions.update_endpoint_weights_and_capacities {REPORT}/verdict.json"
    f" > {REPORT}/weights.json && aws sagemaker update-endpoint-weights-and-capacities"
    f" --cli-input-json file://{REPORT}/weights.json"
)


def next_task(report: str) -> str:
    """The task that follows from the verdict, which is called as the verdict is."""
    verdict = json.loads(Path(report, "verdict.json").read_text(encoding="utf-8"))
    return str(verdict["verdict"])


with DAG("driftkit_deployment", schedule=HOURS, start_date=SINCE, catchup=False) as deployment:
    monitor = BashOperator(
        task_id="monitor",
        bash_command=f"{DRIFTKIT} deployment monitor {CAPTURED} --baseline {PLAN}"
        f" --output {REPORT}",
    )
    branch = BranchPythonOperator(
        task_id="branch", python_callable=next_task, op_kwargs={"report": REPORT}
    )
    ends = [
        BashOperator(task_id="promote", bash_command=SET_WEIGHTS),
        BashOperator(task_id="roll_back", bash_command=SET_WEIGHTS),
        EmptyOperator(task_id="hold"),
    ]
    _ = monitor >> branch >> ends
