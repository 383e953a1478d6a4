"""Attacks model quality, bias and merges with captured records and labels, whole and broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import driftkit
from driftkit import bias, model_quality
from tests.fuzz.cases import ERROR, RESULT, Case, Target, check, outcome, writable
from tests.fuzz.mutations import changed_bytes, changed_document
from tests.fuzz.paths import Way, taken
from tests.fuzz.samples import BIAS_CONFIG
from tests.fuzz.tables import few, lines, payload, some_piece

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_HOUR = "2024/03/18/15"
_PROBLEMS = {"BinaryClassification": "01", "MulticlassClassification": "abc"}
_SECTION = {
    "BinaryClassification": "binary_classification_metrics",
    "MulticlassClassification": "multiclass_classification_metrics",
    "Regression": "regression_metrics",
}


def captured(event: str, sent: str, answered: str, random: Random) -> dict[str, Any]:
    """A captured record of CSV, seldom in BASE64."""
    kinds = [random.choice(("CSV", "CSV", "CSV", "BASE64")) for _ in range(2)]
    sides = zip(("endpointInput", "endpointOutput"), (sent, answered), kinds, strict=True)
    return {
        "captureData": {name: payload(text, kind, "text/csv") for name, text, kind in sides},
        "eventMetadata": {"eventId": event, "inferenceTime": "2024-03-18T15:10:00Z"},
        "eventVersion": "0",
    }


def make_quality(random: Random) -> Case:
    """Merged captures of a problem, whose confusion or losses are known."""
    problem = random.choice([*_SECTION])
    pairs = [_pair(problem, random) for _ in range(random.randint(2, 12))]
    records = []
    for number, (label, predicted) in enumerate(pairs):
        record = captured(str(number), "1,2", predicted, random)
        record["groundTruthData"] = {"data": label, "encoding": "CSV"}
        records.append(record)
    broken = random.random() < 0.2
    content = lines([*records, *["{"] * broken], ended=random.random() < 0.7)
    return Case(
        files={f"e/v/{_HOUR}/a.jsonl": content},
        options={
            "problem": problem,
            "dialect": random.choice(("textbook", "aws")),
            "compiled": random.random() < 0.5,
            "piece": some_piece(random),
        },
        expected={"pairs": pairs, "rejected": int(broken)},
    )


def _pair(problem: str, random: Random) -> tuple[str, str]:
    if problem == "Regression":
        return str(random.randint(-9, 9)), str(random.randint(-90, 90) / 8)
    return random.choice(_PROBLEMS[problem]), random.choice(_PROBLEMS[problem])


def run_quality(case: Case, folder: Path) -> str:
    """Judges the predictions, and counts them again by hand."""
    kind, found = _judged(case, folder)
    if case.expected is None:
        return kind
    pairs, problem = case.expected["pairs"], case.options["problem"]
    if kind == ERROR:
        check(_is_one_sided(pairs, problem), f"sound records are refused: {found}")
        return kind
    rejected = found.run.rejected.total
    check(rejected == case.expected["rejected"], f"{rejected} records were set aside")
    statistics = found.files["statistics.json"]
    rows = statistics["dataset"]["item_count"]
    check(rows == len(pairs), f"{rows} rows in place of {len(pairs)}")
    part = statistics[_SECTION[problem]]
    if problem == "Regression":
        errors = [abs(float(label) - float(predicted)) for label, predicted in pairs]
        _near("mae", part, sum(errors) / len(errors))
        _near("mse", part, sum(error * error for error in errors) / len(errors))
        return kind
    _near("accuracy", part, sum(label == predicted for label, predicted in pairs) / len(pairs))
    for label, row in part["confusion_matrix"].items():
        for predicted, count in row.items():
            wanted = pairs.count((label, predicted))
            check(count == wanted, f"{count} rows of {label} as {predicted}, not {wanted}")
    return kind


def _near(name: str, part: dict[str, Any], wanted: float) -> None:
    value = part[name]["value"]
    check(abs(value - wanted) <= 1e-9 * max(1.0, abs(wanted)), f"{name} is {value}, not {wanted}")


def _is_one_sided(pairs: list[tuple[str, str]], problem: str) -> bool:
    """Whether there are not two classes, or labels, to tell apart."""
    return len({label for label, _ in pairs}) < 2 or problem != "MulticlassClassification"


def _judged(case: Case, folder: Path) -> tuple[str, Any]:
    way = Way(compiled=case.options["compiled"], piece=case.options["piece"])
    with taken(way):
        return outcome(
            lambda: model_quality.baseline(
                str(folder),
                runner="local",
                problem_type=case.options["problem"],
                dialect=case.options["dialect"],
                inference_attribute="0",
            )
        )


def make_broken_quality(random: Random) -> Case:
    """The same with changed bytes, or with records changed in their structure."""
    case = make_quality(random)
    return Case(
        files={name: _broken(content, random) for name, content in case.files.items()},
        options=case.options,
    )


def _broken(content: bytes, random: Random) -> bytes:
    if random.random() < 0.5:
        return changed_bytes(content, random)
    records = content.splitlines()
    place = random.randrange(len(records))
    try:
        changed = changed_document(json.loads(records[place]), random)
    except ValueError:
        return content
    records[place] = json.dumps(changed, ensure_ascii=True).encode()
    return b"\n".join([*records, b""])


def run_broken_quality(case: Case, folder: Path) -> str:
    """Judges them: a result that can be written, or an error."""
    kind, found = _judged(case, folder)
    if kind == RESULT:
        writable(found.files)
    return kind


def make_bias(random: Random) -> Case:
    """Flights of two carriers, whose proportions are known."""
    count = random.randint(4, 20)
    rows = [[random.choice(side) for side in _BIAS_VALUES] for _ in range(count)]
    columns = dict(zip(("carrier", "origin", "late", "said"), zip(*rows, strict=True), strict=True))
    as_file = random.random() < 0.3
    text = "carrier,origin,late,said\n" + "".join(",".join(row) + "\n" for row in rows)
    return Case(
        files={"data.csv": text.encode()} if as_file else {},
        options={
            "columns": {name: list(column) for name, column in columns.items()},
            "dialect": random.choice(("textbook", "aws")),
        },
        expected=rows,
    )


_BIAS_VALUES = (("A", "B"), ("E", "J"), ("yes", "no"), ("yes", "no"))


def run_bias(case: Case, folder: Path) -> str:
    """Measures bias, and some of its metrics by hand."""
    data: Any = str(folder) if case.files else case.options["columns"]
    kind, found = outcome(
        lambda: bias.baseline(
            data, analysis_config=BIAS_CONFIG, runner="local", dialect=case.options["dialect"]
        )
    )
    groups = [[row for row in case.expected if row[0] == name] for name in "AB"]
    if kind == ERROR:
        outcomes = {row[3] for row in case.expected}, {row[2] for row in case.expected}
        lacking = not all(groups) or any(len(found) < 2 for found in outcomes)
        check(lacking, f"sound rows are refused: {found}")
        return kind
    favoured, other = groups
    metrics = _metrics(found.files["analysis.json"])
    if all(groups):
        size = len(case.expected)
        _is("CI", metrics, (len(favoured) - len(other)) / size)
        _is("DPL", metrics, _share(favoured, 2) - _share(other, 2))
        if _share(favoured, 3):
            _is("DI", metrics, _share(other, 3) / _share(favoured, 3))
    return kind


def _metrics(analysis: dict[str, Any]) -> dict[str, Any]:
    stages = ("pre_training_bias_metrics", "post_training_bias_metrics")
    parts = [analysis[stage]["facets"]["carrier"][0]["metrics"] for stage in stages]
    return {metric["name"]: metric["value"] for part in parts for metric in part}


def _share(rows: list[list[str]], place: int) -> float:
    return sum(row[place] == "yes" for row in rows) / len(rows)


def _is(name: str, metrics: dict[str, Any], wanted: float) -> None:
    found = metrics[name]
    same = found is not None and abs(found - wanted) <= 1e-12
    check(same, f"{name} is {found}, not {wanted}")


def make_broken_bias(random: Random) -> Case:
    """Captures or rows of bias with changed bytes."""
    count = random.randint(2, 8)
    rows = [[random.choice(side) for side in _BIAS_VALUES] for _ in range(count)]
    if random.random() < 0.5:
        text = "carrier,origin,late,said\n" + "".join(",".join(row) + "\n" for row in rows)
        return Case(files={"data.csv": changed_bytes(text.encode(), random)})
    records = []
    for number, row in enumerate(rows):
        record = captured(str(number), ",".join(row[:2]), row[3], random)
        record["groundTruthData"] = {"data": row[2], "encoding": "CSV"}
        records.append(record)
    return Case(files={f"e/v/{_HOUR}/a.jsonl": _broken(lines(records), random)})


_CAPTURED_CONFIG = {**BIAS_CONFIG, "headers": ["carrier", "origin", "late", "said"]}


def run_broken_bias(case: Case, folder: Path) -> str:
    """Measures them: a result that can be written, or an error."""
    is_table = "data.csv" in case.files
    config = BIAS_CONFIG if is_table else _CAPTURED_CONFIG
    kind, found = outcome(
        lambda: bias.baseline(
            str(folder), analysis_config=config, runner="local", dialect="textbook"
        )
    )
    if kind == RESULT:
        writable(found.files)
    return kind


def make_merge(random: Random) -> Case:
    """Captures and labels, some of neither's, of an hour or two."""
    events = [str(number) for number in range(few(random, 9))]
    labelled = [event for event in events if random.random() < 0.6]
    orphans = [f"o{number}" for number in range(random.randint(0, 2))]
    hours = [random.choice((_HOUR, "2024/03/18/16")) for _ in events]
    files: dict[str, bytes] = {}
    for hour in sorted(set(hours)):
        mine = [event for event, place in zip(events, hours, strict=True) if place == hour]
        records = [captured(event, "1", "0", random) for event in mine]
        files[f"captures/e/v/{hour}/a.jsonl"] = lines(records, ended=random.random() < 0.7)
    truths = [
        {
            "groundTruthData": {"data": "1", "encoding": "CSV"},
            "eventMetadata": {"eventId": event},
            "eventVersion": "0",
        }
        for event in [*labelled, *orphans]
    ]
    files[f"truth/{_HOUR}/b.jsonl"] = lines(truths) if truths else b""
    return Case(
        files=files,
        options={"compiled": random.random() < 0.5},
        expected={"events": events, "labelled": labelled, "orphans": orphans},
    )


def run_merge(case: Case, folder: Path) -> str:
    """Merges them; every label is found again, once, and nothing else."""
    kind, found = _merged(case, folder)
    if case.expected is None:
        return kind
    events, labelled, orphans = (case.expected[k] for k in ("events", "labelled", "orphans"))
    if kind == ERROR:
        check(not labelled, f"sound records are refused: {found}")
        check(not [*(folder / "merged").rglob("part-*")], "half a merge was written")
        return kind
    report = found.report
    counts = [report.captures[name] for name in ("records", "matched", "unlabelled")]
    wanted = [len(events), len(labelled), len(events) - len(labelled)]
    check(counts == wanted, f"captures, matched, unlabelled are {counts}, not {wanted}")
    lone = report.labels["orphans"]
    check(lone == len(orphans), f"{lone} orphans, not {len(orphans)}")
    texts = [path.read_text() for path in (folder / "merged").rglob("part-*.jsonl")]
    merged = [json.loads(line) for text in texts for line in text.splitlines()]
    kept = sorted(record["eventMetadata"]["eventId"] for record in merged)
    check(kept == sorted(labelled), f"{kept} were written, not {sorted(labelled)}")
    return kind


def _merged(case: Case, folder: Path) -> tuple[str, Any]:
    with taken(Way(compiled=case.options["compiled"])):
        return outcome(
            lambda: driftkit.merge(
                str(folder / "captures"),
                str(folder / "truth"),
                str(folder / "merged"),
                runner="local",
            )
        )


def make_broken_merge(random: Random) -> Case:
    """The same with changes in one file, or a manifest of a batch job."""
    case = make_merge(random)
    files = dict(case.files)
    name = random.choice(sorted(files))
    files[name] = _broken(files[name], random) if files[name] else b"\n"
    if random.random() < 0.2:
        manifest = [{"prefix": "batch/"}, "a.out", 3]
        content = json.dumps(changed_document(manifest, random)).encode()
        files["captures/e/v/2024/03/18/15/m.json"] = b"[" + content.lstrip(b"[ ")
    return Case(files=files, options=case.options)


TARGETS = (
    Target(name="model quality", share=15, make=make_quality, run=run_quality, structured=True),
    Target(
        name="broken merged captures", share=30, make=make_broken_quality, run=run_broken_quality
    ),
    Target(name="bias", share=20, make=make_bias, run=run_bias, structured=True),
    Target(name="broken data of bias", share=40, make=make_broken_bias, run=run_broken_bias),
    Target(name="merges", share=5, make=make_merge, run=run_merge, structured=True),
    Target(name="broken merges", share=11, make=make_broken_merge, run=run_merge),
)
