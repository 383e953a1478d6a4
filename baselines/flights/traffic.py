"""The endpoint's requests while several versions answer: routed by weights, captured by variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

import numpy as np
import orjson
import pandas as pd

from baselines.flights.data import FEATURES
from baselines.flights.endpoint import ENDPOINT, Request, write_hours
from baselines.flights.model import PREDICTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from baselines.flights.versions import Version


def between(table: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """The flights that were to leave from one day up to another, excluded."""
    asked = table["requested"]
    inside = (asked >= pd.Timestamp(start, tz="UTC")) & (asked < pd.Timestamp(end, tz="UTC"))
    return table[inside]


def answered(rows: pd.DataFrame, version: Version) -> pd.DataFrame:
    """The flights with a column `version`, the name of the only one, and its answers."""
    return routed(rows, (version,), {version.name: 1.0}, seed=0)


def routed(
    rows: pd.DataFrame, versions: Sequence[Version], weights: Mapping[str, float], seed: int
) -> pd.DataFrame:
    """Sends each request to a version by chance, as an endpoint does.

    Args:
        rows: flights with the features of all versions.
        versions: that may answer.
        weights: name of a version -> its share of the requests.
        seed: of the chances.

    Returns:
        The flights with a column `version`, its name, and the answer.
    """
    shares = [weights[each.name] for each in versions]
    chosen = np.random.default_rng(seed).choice(len(versions), size=len(rows), p=shares)
    answers = np.empty(len(rows))
    for number, each in enumerate(versions):
        answers[chosen == number] = each.answers(rows[chosen == number])
    names = np.array([each.name for each in versions])
    return rows.assign(version=names[chosen], **{PREDICTION: answers})


def capture(requests: pd.DataFrame, endpoint: Path) -> None:
    """Captures requests and answers in JSON, in the folder of each variant.

    Args:
        requests: as `routed` gives them; flights in the order of their departure.
        endpoint: the endpoint's folder.
    """
    for version, rows in requests.groupby("version"):
        write_hours(_captured(rows, str(version)), endpoint / str(version))


def write_table(file: Path, requests: pd.DataFrame, *more: str) -> None:
    """Writes a table of requests: when, by which version, the answer, and what became of it.

    Args:
        file: of CSV; its folder is made.
        requests: as `routed` gives them.
        more: names of further columns.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    named = requests[["requested", "version", "carrier", PREDICTION, *more]]
    named = named.assign(late=requests["late"].astype(int))
    named.to_csv(file, index=False, date_format="%Y-%m-%dT%H:%M:%SZ")


def _captured(rows: pd.DataFrame, version: str) -> Iterator[Request]:
    times = rows["requested"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = rows[list(FEATURES)].astype(object).where(rows[list(FEATURES)].notna(), None)
    questions = asked.to_dict(orient="records")
    answers = rows[PREDICTION].tolist()
    for number, time, question, answer in zip(rows.index, times, questions, answers, strict=True):
        # The caller's id is of the flight, so that it is the same in both captures of a shadow.
        asked_by = uuid5(NAMESPACE_OID, f"{ENDPOINT}/{number}")
        event = uuid5(NAMESPACE_OID, f"{ENDPOINT}/{number}/{version}")
        record = {
            "captureData": {
                "endpointInput": _part("INPUT", question),
                "endpointOutput": _part("OUTPUT", {PREDICTION: answer}),
            },
            "eventMetadata": {
                "eventId": str(event),
                "inferenceId": str(asked_by),
                "inferenceTime": time,
            },
            "eventVersion": "0",
        }
        yield Request(time=time, event=event, line=orjson.dumps(record).decode())


def _part(mode: str, content: Mapping[Any, object]) -> dict[str, str]:
    return {
        "observedContentType": "application/json",
        "mode": mode,
        "data": orjson.dumps(content).decode(),
        "encoding": "JSON",
    }
