"""Attacks whole runs: container jobs by their environment and files, and the command line."""

from __future__ import annotations

import io
import json
import os
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit import attribution, cli
from driftkit.sagemaker import container
from tests.fuzz.cases import ERROR, RESULT, Case, Target, check, outcome, writable
from tests.fuzz.monitors import captured
from tests.fuzz.mutations import changed_bytes, changed_text, changed_texts, document_bytes
from tests.fuzz.samples import BIAS_CONFIG, SHAP_CONFIG, bias_rows, documents
from tests.fuzz.tables import lines
from tests.sagemaker.box import CAPTURE, CSV, MERGED, SCHEDULED

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_IN = "opt/ml/processing/input"
_OUT = "opt/ml/processing/output"
_BASE = "opt/ml/processing/baseline"
_HOUR = "2024/03/18/13"
_TIMES = {name: SCHEDULED[name] for name in ("start_time", "end_time")}
# How much may be mutated: what the container is told, and what it finds.
_SOURCE = {"dataset_source": f"/{_IN}/data", "output_path": f"/{_OUT}"}
_CONFIG = f"{_IN}/config/analysis_config.json"


def _captures(random: Random, *, merged: bool) -> bytes:
    records = []
    for number in range(6):
        record = captured(str(number), f"{number},x", str(number % 2), random)
        record["eventMetadata"]["inferenceTime"] = "2024-03-18T13:10:00Z"
        if merged:
            record["groundTruthData"] = {"data": str(number % 2), "encoding": "CSV"}
        records.append(record)
    return lines(records)


def _table() -> bytes:
    rows = bias_rows()
    records = [",".join(row) for row in zip(*rows.values(), strict=True)]
    return "\n".join([",".join(rows), *records, ""]).encode()


def _baseline(kind: str) -> dict[str, bytes]:
    (files,) = documents(f"{kind} baseline")
    return {f"{_BASE}/{name}": json.dumps(each).encode() for name, each in files.items()}


def _jobs(random: Random) -> tuple[tuple[dict[str, bytes], dict[str, str]], ...]:
    """Files and variables of one job of every kind."""
    hour = f"{_IN}/data/e/v/{_HOUR}/a.jsonl"
    plain, merged = _captures(random, merged=False), _captures(random, merged=True)
    compared = {name: f"/{_BASE}/{name[9:]}.json" for name in ("baseline_constraints",)}
    truth = [
        {"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "1"}}
    ]
    quality = {"analysis_type": "MODEL_QUALITY", "problem_type": "BinaryClassification"}
    return (
        ({f"{_IN}/data/a.csv": _table()}, {"dataset_format": CSV}),
        (
            {hour: plain, **_baseline("data")},
            {"dataset_format": CAPTURE, **SCHEDULED, **compared},
        ),
        ({hour: plain}, {"dataset_format": CAPTURE, **_TIMES}),
        (
            {hour: merged, **_baseline("model")},
            {
                "dataset_format": MERGED,
                **quality,
                **SCHEDULED,
                **compared,
                "inference_attribute": "0",
            },
        ),
        (
            {hour: plain, f"{_IN}/truth/{_HOUR}/a.jsonl": lines(truth)},
            {"ground_truth_source": f"/{_IN}/truth", "dataset_format": CAPTURE, **_TIMES},
        ),
        (
            {f"{_IN}/data/a.csv": _table(), _CONFIG: json.dumps(BIAS_CONFIG).encode()},
            {"dataset_format": CSV},
        ),
    )


def make_job(random: Random) -> Case:
    """A job with changes in its environment, its configuration or its data."""
    files, variables = random.choice(_jobs(random))
    files, variables = dict(files), {**_SOURCE, **variables}
    place = random.randrange(3)
    if place != 1:
        variables = changed_texts(variables, random)
    if place != 0:
        name = random.choice(sorted(files))
        if name.endswith(".json"):
            files[name] = document_bytes(json.loads(files[name]), random)
        else:
            files[name] = changed_bytes(files[name], random)
    if random.random() < 0.2:
        told = {"Environment": {"dataset_format": CSV}, "x": [1]}
        files["opt/ml/config/processingjobconfig.json"] = document_bytes(told, random)
    if random.random() < 0.2:
        content = document_bytes({"current_host": "algo-1", "hosts": ["algo-1"]}, random)
        # Several hosts would start Spark, or wait for one that does.
        if content.count(b"algo") <= 2 and not _has_several_hosts(content):
            files["opt/ml/config/resourceconfig.json"] = content
    return Case(files=files, options={"variables": variables})


def _has_several_hosts(content: bytes) -> bool:
    try:
        hosts = json.loads(content)["hosts"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
    return isinstance(hosts, list | str | dict) and len(hosts) > 1


def run_job(case: Case, folder: Path) -> str:
    """Runs it: 0 and its files, or 255, a message and no files."""
    with redirect_stderr(io.StringIO()):
        code = container.main(case.options["variables"], folder)
    check(code in {0, container.FAILED}, f"exit code {code}")
    message = folder / "opt/ml/output/message"
    visible = [path for path in (folder / _OUT).rglob("*") if not path.name.startswith(".")]
    if code == 0:
        return RESULT
    check(message.exists() and message.read_text().strip(), "a job failed without a message")
    check("Traceback" not in message.read_text(), "the message is a traceback")
    check(not [path for path in visible if path.is_file()], f"a failed job wrote {visible}")
    return ERROR


_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("data-quality", "baseline", "data.csv", "--runner", "local", "--header", "--dialect", "aws"),
    ("data-quality", "baseline", "data.csv", "--segment-by", "carrier", "--format", "csv"),
    ("data-quality", "baseline", "data.csv", "--time-column", "late", "--time-unit", "hour"),
    ("data-quality", "monitor", "data.csv", "--baseline", "base", "--runner", "local"),
    ("data-quality", "monitor", "e", "--baseline", "base", "--start", "2024-03-18T13:00:00Z"),
    ("data-quality", "compare", "--statistics", "base/statistics.json", "--baseline", "base"),
    (
        *("model-quality", "baseline", "data.csv", "--problem-type", "MulticlassClassification"),
        *("--inference-attribute", "said", "--ground-truth-attribute", "late"),
        *("--positive-label", "yes", "--probability-threshold-attribute", "0.5"),
    ),
    ("bias", "baseline", "data.csv", "--analysis-config", "config.json", "--seed", "1"),
    ("merge", "e", "--ground-truth", "truth", "--start", "2024-03-18T13:00:00Z"),
)
# What is written goes to a folder of the iteration; other places are not for a fuzzer to name.
_OUTPUTS = ("out", "out", "out", "out/a/b", ".", "", "data.csv", "base", "out\n", "data.csv/x")


def make_command(random: Random) -> Case:
    """A command whose values are changed."""
    first, verb, *rest = random.choice(_COMMANDS)
    values = [place for place, text in enumerate(rest) if not text.startswith("--")]
    for place in random.sample(values, random.randint(0, 2)):
        # The system gives no half of a character that is two in UTF-16, and no other folder.
        changed = changed_text(rest[place], random).replace("/", "_")
        rest[place] = changed.replace("\ud800", "?")
    arguments = [first, verb, *rest, "--output", random.choice(_OUTPUTS)]
    truth = [
        {"groundTruthData": {"data": "1", "encoding": "CSV"}, "eventMetadata": {"eventId": "1"}}
    ]
    (baseline,) = documents("data baseline")
    return Case(
        files={
            "data.csv": _table(),
            "config.json": json.dumps(BIAS_CONFIG).encode(),
            f"e/v/{_HOUR}/a.jsonl": _captures(random, merged=False),
            f"truth/{_HOUR}/a.jsonl": lines(truth),
            **{f"base/{name}": json.dumps(each).encode() for name, each in baseline.items()},
        },
        options={"arguments": arguments},
    )


def run_command(case: Case, folder: Path) -> str:
    """Runs it in this process; it ends with an exit code that is documented."""
    said, complained = io.StringIO(), io.StringIO()
    code: Any = 0
    with chdir(folder), redirect_stdout(said), redirect_stderr(complained):
        try:
            cli.main(case.options["arguments"])
        except SystemExit as ended:
            code = ended.code or 0
    check(code in {0, 1, 2, 3}, f"exit code {code}: {complained.getvalue()[:200]}")
    check("Traceback" not in complained.getvalue(), "a traceback is shown")
    return RESULT if code in {0, 3} else ERROR


class _Model:
    """A model that is handed in."""

    def predict(self, table: Any) -> Any:
        """A score a row."""
        return np.asarray(table, np.float64).sum(axis=1)


def make_attribution(random: Random) -> Case:
    """Rows and a configuration of attributions, one of them changed."""
    text = b"a,b,late\n1,2,0\n3,0.5,1\n-1,2,1\n"
    config = json.dumps(SHAP_CONFIG).encode()
    if random.random() < 0.4:
        text = changed_bytes(text, random)
    else:
        config = document_bytes(SHAP_CONFIG, random)
    return Case(
        files={"data/data.csv": text, "analysis_config.json": config},
        options={"dialect": random.choice(("textbook", "aws"))},
    )


def run_attribution(case: Case, folder: Path) -> str:
    """Explains the rows: a result that can be written, or an error."""
    with chdir(folder):
        kind, found = outcome(
            lambda: attribution.baseline(
                "data",
                _Model(),
                analysis_config=os.fspath(folder / "analysis_config.json"),
                runner="local",
                **case.options,
            )
        )
    if kind == RESULT:
        writable(found.files)
    return kind


TARGETS = (
    Target(name="jobs of the container", share=25, make=make_job, run=run_job),
    Target(name="commands", share=4, make=make_command, run=run_command),
    Target(name="attributions", share=14, make=make_attribution, run=run_attribution),
)
