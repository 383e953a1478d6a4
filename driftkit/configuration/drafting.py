"""Writes a first configuration for data that were looked at, with comments for its readers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from driftkit.configuration.checking import checked
from driftkit.configuration.documents import Document
from driftkit.configuration.looking import seen
from driftkit.configuration.yaml_values import read_yaml
from driftkit.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.configuration.looking import Seen

_DAY = timedelta(days=1)


def draft(data: str, training: str | None = None) -> str:
    """The text of a configuration in YAML, which is valid as it is.

    Args:
        data: what is to be monitored: captures or files.
        training: what a baseline is learnt from; the same data, where there are no others yet.

    Raises:
        InputError: the data cannot be read.
        SettingsError: no configuration can be made of them.
    """
    window = seen(data)
    normal = seen(training) if training and training != data else window
    lines = [
        *_head(window),
        *_inputs(window, normal, alone=training is None),
        *_data_quality(normal),
        *_model_quality(window, normal),
        "report:",
        "  path: reports  # PATH/MONITOR/WINDOW/report.html",
        "  history: 30  # windows before it on a page",
        "# When it is to run; a hint for people, nothing runs by itself:",
        '# schedule: {cron: "15 3 * * *", timezone: UTC}',
    ]
    text = "".join(f"{line}\n" for line in lines)
    # Whatever the data are called, what is written can be read.
    checked(Document(name="the draft", values=read_yaml(text, "the draft").values))
    return text


def _head(window: Seen) -> Iterator[str]:
    yield "# How a model is monitored. What would be done: driftkit check; to do it: driftkit run."
    yield "version: 1"
    variants = [each.variant for each in window.variants if each.variant]
    if variants:
        yield f"model: {{name: {_text(window.name)}, variant: {_text(variants[0])}}}"
        if len(variants) > 1:
            others = ", ".join(variants[1:])
            yield _comment(f"Other variants have a file of their own: {others}")
        return
    yield f"model: {{name: {_text(window.name)}}}"


def _inputs(window: Seen, normal: Seen, *, alone: bool) -> Iterator[str]:
    yield "inputs:"
    yield "  captures:" if window.captured else "  data:"
    yield f"    path: {_text(window.path)}"
    if window.hours is not None:
        first, last = window.hours
        start = first.replace(hour=0)
        end = start + -(-(last - start) // _DAY) * _DAY
        yield "    window: 1d  # the last day that is complete"
        yield "    delay: 2h  # captures come late"
        yield f"    # These captures: driftkit run --window {start:%Y-%m-%d}/{end:%Y-%m-%d}"
    elif window.captured:
        yield "    # window: 1d  # where files are in .../yyyy/mm/dd/hh/"
    if alone:
        yield "  # Better: the data that the model was trained with. These are the same as above, so"
        yield "  # that a first run finds nothing."
    yield "  training:"
    yield f"    path: {_text(normal.path)}"
    if len(normal.variants) > 1:
        yield f"    variant: {_text(normal.variants[0].variant)}"
    if window.captured:
        yield "  # labels: {path: labels/}  # ground truth, for model_quality and bias"
    yield "defaults:"
    yield "  baseline: baselines  # learnt once from the training data; remove it to learn it again"
    yield "  dialect: textbook  # aws: the numbers and quirks of the AWS containers"


def _data_quality(normal: Seen) -> Iterator[str]:
    yield "monitors:"
    yield "  data_quality:"
    yield "    thresholds:"
    yield "      distance: 0.1  # of a feature to its distribution in the training data"
    yield "      # completeness: 0.98  # share of rows with a value; if not said, as in the training data"
    if not normal.ignored:
        yield "    # features: {age: {distance: 0.2}, 'tmp_*': {ignore: true}}"
        return
    yield "    features:"
    for name, why in normal.ignored.items():
        yield f"      {_text(name)}: {{ignore: true}}  # {why}"


def _model_quality(window: Seen, normal: Seen) -> Iterator[str]:
    problem = normal.problem
    told = normal.prediction and normal.label
    if problem is None or not told or not {normal.prediction, normal.label} <= {*window.columns}:
        yield "  # model_quality:  # where predictions and labels are known"
        yield "  #   problem_type: BinaryClassification"
        yield "  #   inference_attribute: prediction"
        yield "  #   ground_truth_attribute: label"
        return
    yield "  model_quality:"
    yield f"    problem_type: {problem}"
    yield f"    inference_attribute: {_text(normal.prediction or '')}"
    yield f"    ground_truth_attribute: {_text(normal.label or '')}"
    if problem == "BinaryClassification" and normal.score in window.columns:
        yield f"    probability_attribute: {_text(normal.score or '')}"
    yield "    # thresholds: {recall: {worse_by: 0.02}}  # than in the training data"


def _text(value: str) -> str:
    """A text as YAML and JSON have it, with what is not printable written out."""
    if value.isidentifier() and read_yaml(value, "").values == value:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else _escaped(each) for each in quoted)


def _escaped(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _comment(text: str) -> str:
    return "# " + " ".join(visible(text).split())
