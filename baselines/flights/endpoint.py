"""An endpoint's captured requests, laid out as SageMaker's data capture writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, UUID, uuid5

from baselines.flights.data import FEATURES
from baselines.flights.model import PREDICTION, predict
from baselines.flights.payload import csv_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd
    from sklearn.pipeline import Pipeline

ENDPOINT = "flight-delays"
_LINE = json.dumps(
    {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "%s",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": "%s\n",
                "encoding": "CSV",
            },
        },
        "eventMetadata": {"eventId": "%s", "inferenceTime": "%s"},
        "eventVersion": "0",
    },
    separators=(",", ":"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A captured request.

    Attributes:
        time: when it was answered, as 2013-07-01T04:15:00Z.
        event: its id, the same for the same flight in every run of the demo.
        line: the line of JSON.
    """

    time: str
    event: UUID
    line: str


def serve(table: pd.DataFrame, model: Pipeline, variant: Path) -> int:
    """Answers a request for every flight at its scheduled departure, and captures both.

    Args:
        table: flights in the order of their departure, its index their number in the year.
        model: as `model.train` gave it.
        variant: the folder `<endpoint>/<variant>`; hours become folders below it, each with
            one file.

    Returns:
        The number of requests.
    """
    requests = list(_requests(table.assign(**{PREDICTION: predict(model, table)})))
    write_hours(requests, variant)
    return len(requests)


def _requests(table: pd.DataFrame) -> Iterator[Request]:
    questions = csv_lines(table, FEATURES)
    answers = csv_lines(table, [PREDICTION])
    times = table["requested"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    for number, time, question, answer in zip(table.index, times, questions, answers, strict=True):
        event = uuid5(NAMESPACE_OID, f"{ENDPOINT}/{number}")
        line = _LINE % (question, answer, event, time)
        yield Request(time=time, event=event, line=line)


def write_hours(requests: Iterable[Request], variant: Path) -> None:
    """Writes captured requests, in the order of their times, into the hours of a variant's folder."""
    for hour, group in groupby(requests, key=lambda request: request.time[:13]):
        _write_hour(variant / hour.replace("-", "/").replace("T", "/"), list(group))


def _write_hour(folder: Path, requests: list[Request]) -> None:
    # SageMaker names a file by the minute, second and millisecond of its first request.
    first = requests[0]
    name = f"{first.time[14:16]}-{first.time[17:19]}-000-{first.event}.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(request.line for request in requests)
    (folder / name).write_text(lines + "\n", encoding="utf-8")
