"""Every job that writes, in two versions: what it writes first, and what it writes over that."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.cli import main
from tests.capture.captures import record
from tests.monitors.attribution.data import CONFIG, model_file, rows
from tests.monitors.bias.tables import configuration, flights_table
from tests.monitors.merging import capture, label, put
from tests.sagemaker.box import CAPTURE, CSV, HOUR, MERGED, SCHEDULED, Box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

JUDGED = ("--problem-type", "BinaryClassification", "--probability-attribute", "probability")
HOURS = ("2024/03/18/15", "2024/03/18/16")
SOURCE = "/opt/ml/processing/input/endpoint"
TRUTH = "/opt/ml/processing/groundtruth"
TRAINING = "/opt/ml/processing/input/baseline_dataset_input"
KEPT = "/opt/ml/processing/baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that writes.

    Attributes:
        name: for people.
        run: runs a version, "old" or "new", into a folder; gives the exit code.
        prepare: puts what the version needs into the folder, where it needs something there.
        folders: those that it writes, below the folder.
    """

    name: str
    run: Callable[[str, Path], int]
    prepare: Callable[[str, Path], None] = lambda _version, _root: None
    folders: tuple[str, ...] = (".",)


def command(*arguments: object) -> int:
    """The exit code of a command."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main([str(each) for each in arguments])
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


class Inputs:
    """Small inputs of all jobs, made once below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self._tables()
        self._captures()
        self._config("bias.json", configuration())
        self._config("attribution.json", CONFIG)
        self.model = model_file(root)
        for monitor, options in self._baselines().items():
            folder = self.at(f"baseline-{monitor}")
            code = command(monitor, "baseline", *options, "-o", folder, "--runner", "local")
            assert code == 0, monitor

    @classmethod
    def made(cls, root: Path) -> Inputs:
        """Those that another process made there."""
        inputs = cls.__new__(cls)
        inputs.root = root
        return inputs

    def at(self, name: str) -> Path:
        """An input by its name."""
        return self.root / name

    def _config(self, name: str, content: Any) -> None:
        self.at(name).write_text(json.dumps(content))

    def _tables(self) -> None:
        text = "".join(f"{20 + n % 7},{('Bonn', 'Ulm')[n % 2]}\n" for n in range(40))
        self.at("old.csv").write_text(f"age,city\n{text}")
        self.at("new.csv").write_text(f"age,city\n{text.replace('Ulm', 'Rome')}3,Bonn\n")
        for version, seed in (("old", 1), ("new", 2)):
            flights_table(60, seed=seed).to_csv(self.at(f"flights-{version}.csv"), index=False)
            rows(30 + seed).to_csv(self.at(f"rows-{version}.csv"), index=False)
            lines = [f"{n % 2},{(n * seed * 7 % 10) / 10}" for n in range(40)]
            self.at(f"labelled-{version}.csv").write_text(
                "\n".join(["label,probability", *lines]) + "\n"
            )

    def _captures(self) -> None:
        for variant in "AB":
            for number, hour in enumerate(HOURS):
                records = [
                    capture(
                        f"{variant}-{hour}-{i}",
                        output=f"0.{i * 3 + number}",
                        time=f"{hour[:10].replace('/', '-')}T{hour[-2:]}:05:00Z",
                    )
                    for i in range(4)
                ]
                put(self.at("captured") / "churn" / variant, hour, records)
        for version, ids in (("old", (0, 1)), ("new", (2, 3))):
            labels = [
                label(f"{variant}-{hour}-{i}", str(i % 2))
                for variant in "AB"
                for hour in HOURS
                for i in ids
            ]
            put(self.at(f"truth-{version}"), "2024/03/19/02", labels)
            code = command(
                *("merge", self.at("captured"), "-g", self.at(f"truth-{version}")),
                *("-o", self.at(f"merged-{version}"), "--runner", "local"),
            )
            assert code == 0

    def _baselines(self) -> dict[str, tuple[object, ...]]:
        return {
            "data-quality": (self.at("old.csv"), "--segment-by", "city"),
            "model-quality": (
                *(self.at("labelled-old.csv"), "--ground-truth-attribute", "label", *JUDGED),
            ),
            "bias": (self.at("flights-old.csv"), "-c", self.at("bias.json")),
            "attribution": (
                *(self.at("rows-old.csv"), "-c", self.at("attribution.json")),
                *("-m", self.model),
            ),
        }

    def arguments(self, monitor: str, verb: str, version: str) -> tuple[object, ...]:
        """The command that does a job, without its output."""
        baseline = self.at(f"baseline-{monitor}")
        if verb == "compare":
            statistics = self.at(f"report-{monitor}-{version}") / "statistics.json"
            if not statistics.exists():
                command(*self.arguments(monitor, "monitor", version), "-o", statistics.parent)
            if monitor == "model-quality":
                statistics = statistics.parent / "churn" / "A" / "statistics.json"
            return (monitor, verb, "--statistics", statistics, "-b", baseline)
        data = {
            "data-quality": (self.at(f"{version}.csv"),),
            "model-quality": (self.at(f"labelled-{version}.csv"), *JUDGED),
            "bias": (self.at(f"flights-{version}.csv"), "-c", self.at("bias.json")),
            "attribution": (
                *(self.at(f"rows-{version}.csv"), "-c", self.at("attribution.json")),
                *("-m", self.model),
            ),
        }[monitor]
        if verb == "baseline":
            more = {
                "data-quality": ("--segment-by", "city")
                if version == "old"
                else ("--keep-states",),
                "model-quality": ("--ground-truth-attribute", "label"),
            }.get(monitor, ())
            return (monitor, verb, *data, *more, "--runner", "local")
        if monitor == "model-quality":
            data = (self.at(f"merged-{version}"), "--probability-attribute", "0")
        return (monitor, verb, *data, "-b", baseline, "--runner", "local")


def jobs(inputs: Inputs) -> dict[str, Job]:
    """All jobs by name."""
    verbs = {
        "data-quality": ("baseline", "monitor", "compare"),
        "model-quality": ("baseline", "monitor", "compare"),
        "bias": ("baseline", "monitor"),
        "attribution": ("baseline", "monitor"),
    }
    found = [_job(inputs, monitor, verb) for monitor in verbs for verb in verbs[monitor]]
    found += [_merge(inputs, update=False), _merge(inputs, update=True)]
    return {job.name: job for job in (*found, *_CONTAINER)}


def _job(inputs: Inputs, monitor: str, verb: str) -> Job:
    def run(version: str, output: Path) -> int:
        return command(*inputs.arguments(monitor, verb, version), "-o", output)

    return Job(name=f"{monitor} {verb}", run=run)


def _merge(inputs: Inputs, *, update: bool, runner: str = "local") -> Job:
    def run(version: str, output: Path) -> int:
        more = ("--update",) if update and version == "new" else ()
        truth = inputs.at(f"truth-{version}")
        return command(
            *("merge", inputs.at("captured"), "-g", truth, "-o", output, "--runner", runner, *more)
        )

    return Job(name="merge --update" if update else "merge", run=run)


def _hour(version: str, root: Path) -> None:
    """What the platform gives a job of the data quality image, and the baseline's files."""
    box = Box(root=root)
    if not (root / KEPT[1:]).exists():
        # Made by a job in a box of its own.
        other = Box(root=root.parent / "baseline-box")
        other.put(f"{TRAINING}/a.csv", "y,x\n" + "0.5,1\n0.5,2\n0.5,9\n" * 5)
        assert _quiet(other, {"dataset_source": TRAINING, "dataset_format": CSV}) == 0
        for name in ("statistics", "constraints"):
            text = other.text(f"/opt/ml/processing/output/{name}.json")
            box.put(f"{KEPT}/{name}.json", text)
    values = ("1", "2", "3") if version == "old" else ("4", "5", "600")
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", [record(x, "0.5\n") for x in values] * 5)


def _monitored_hour(_: str, root: Path) -> int:
    told = {f"baseline_{name}": f"{KEPT}/{name}.json" for name in ("statistics", "constraints")}
    given = {"dataset_source": SOURCE, "dataset_format": CAPTURE}
    return _quiet(Box(root=root), {**SCHEDULED, **told, **given})


def _delivered(version: str, root: Path) -> None:
    box = Box(root=root)
    records = [capture(f"e{n}", time="2024-03-18T13:05:00Z") for n in range(4)]
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", records)
    labels = [label(f"e{n}") for n in range(2 if version == "old" else 4)]
    box.put_lines(f"{TRUTH}/{HOUR}/a.jsonl", labels)


def _merged_hour(_: str, root: Path) -> int:
    told = {"dataset_source": SOURCE, "ground_truth_source": TRUTH, "dataset_format": MERGED}
    told |= {name: SCHEDULED[name] for name in ("start_time", "end_time")}
    return _quiet(Box(root=root), told)


def _quiet(box: Box, variables: dict[str, str]) -> int:
    with contextlib.redirect_stderr(io.StringIO()):
        return box.run(variables)


_CONTAINER = (
    Job(
        name="container monitor",
        prepare=_hour,
        run=_monitored_hour,
        folders=("opt/ml/processing/output", "opt/ml/output/metrics/cloudwatch"),
    ),
    Job(
        name="container merge",
        prepare=_delivered,
        run=_merged_hour,
        folders=("opt/ml/processing/output",),
    ),
)
