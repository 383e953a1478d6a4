"""A program that profiles on Spark Connect, whose session excludes any other in its process.

python -m tests.spark.on_connect FOLDER

Prints a JSON object: what it saw, by the question.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]
ROWS = "id, cast(id % 7 as string) AS text, if(id % 5 = 0, null, id * 0.25D) AS number"
BIAS = {
    "label": "text",
    "label_values_or_threshold": ["1"],
    "facet": [{"name_or_index": "id", "value_or_threshold": [300]}],
}


def answers(session: SparkSession, folder: Path) -> dict[str, Any]:
    """What monitors say of a frame, a view and files, and what is refused."""
    import driftkit  # noqa: PLC0415  (the parent process looks only at this module's constants)
    from driftkit.compute.session.spark import is_classic  # noqa: PLC0415

    frame = session.range(0, 600, 1, 3).selectExpr(*ROWS.split(", ", 2))
    frame.createOrReplaceTempView("flights")
    frame.write.parquet(str(folder / "files"))
    normal = driftkit.data_quality.baseline(frame)
    window = session.sql("SELECT id, text, number + 500 AS number FROM flights")
    monitored = driftkit.data_quality.monitor(window, normal)
    files = driftkit.data_quality.baseline(str(folder / "files"), runner="spark")
    bias = driftkit.bias.baseline(frame, analysis_config=BIAS)
    ids = frame.withColumnRenamed("id", "inferenceId")
    stages = {"in": ids, "out": ids.limit(450)}
    steps = driftkit.deployment.pipeline(stages, stages).pipeline.steps
    assert normal.run is not None
    assert files.run is not None
    return {
        "classic": is_classic(session),
        "engines": [normal.run.engine, files.run.engine],
        "rows": normal.run.rows,
        "statistics.json": normal.files["statistics.json"],
        "constraints.json": [each.files["constraints.json"] for each in (normal, files)],
        "violations": [
            [each.feature_name, each.constraint_check_type] for each in monitored.violations
        ],
        "analysis.json": bias.files["analysis.json"],
        "steps": [[each.lost, each.ids] for each in steps],
        "failure": said(lambda: driftkit.data_quality.baseline(broken(session))),
        "model quality": said(
            lambda: driftkit.model_quality.baseline(
                frame,
                problem_type="Regression",
                inference_attribute="number",
                ground_truth_attribute="id",
            )
        ),
    }


def broken(session: SparkSession) -> Any:
    """A frame whose rows cannot be made."""
    return session.range(3).selectExpr("raise_error('no such row') AS a")


def said(work: Callable[[], object]) -> str:
    """The error that the work ends with."""
    from driftkit import DriftkitError  # noqa: PLC0415

    try:
        work()
    except DriftkitError as error:
        return str(error)
    return "nothing"


def main(folder: str) -> None:
    """Starts a server in this process and asks it."""
    from pyspark.sql import SparkSession  # noqa: PLC0415

    session = SparkSession.builder.remote("local[2]").getOrCreate()
    found = answers(session, Path(folder))
    Path(folder, "answers.json").write_text(json.dumps(found))
    session.stop()


if __name__ == "__main__":
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    main(*sys.argv[1:])
