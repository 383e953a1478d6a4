"""Remote write 1.0: protobuf's own library reads it, and a real Prometheus keeps windows of the past."""

from __future__ import annotations

import base64
import json
import math
import shutil
import time
import urllib.parse
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.errors import visible
from driftkit.results.contract import Metric
from driftkit.results.facts import Subject
from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from driftkit.sinks.gauges import common_labels, series_of
from driftkit.sinks.remote_write import RemoteWrite, write_request
from tests.sinks.running import running
from tests.sinks.windows import HOUR, finding, measured, window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftkit.results.facts import Facts
    from tests.sinks.conftest import Clock, Receiver

PROMETHEUS = shutil.which("prometheus")
HOSTILE = 'größe "a"\\b\n\x1b[2J\ud800'
# A day is older than a Prometheus takes unless it is told to.
OUT_OF_ORDER = {"storage": {"tsdb": {"out_of_order_time_window": "30d"}}}


def message() -> Any:
    """Prometheus' message WriteRequest, of protobuf's own library."""
    descriptors = pytest.importorskip("google.protobuf.descriptor_pb2", reason="needs protobuf")
    pool = pytest.importorskip("google.protobuf.descriptor_pool").DescriptorPool()
    factory = pytest.importorskip("google.protobuf.message_factory")
    file = descriptors.FileDescriptorProto(name="remote.proto", package="p", syntax="proto3")
    kinds = {"string": 9, "double": 1, "int64": 3}
    for name, fields in {
        "Label": {"name": "string", "value": "string"},
        "Sample": {"value": "double", "timestamp": "int64"},
        "TimeSeries": {"labels": "Label", "samples": "Sample"},
        "WriteRequest": {"timeseries": "TimeSeries"},
    }.items():
        made = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields.items(), 1):
            plain = kind in kinds
            of = {"type": kinds[kind]} if plain else {"type": 11, "type_name": f".p.{kind}"}
            made.field.add(name=field, number=number, label=1 if plain else 3, **of)
    pool.Add(file)
    return factory.GetMessageClass(pool.FindMessageTypeByName("p.WriteRequest"))


@given(
    feature=st.text(st.characters(codec=None), max_size=200),
    segment=st.text(max_size=5),
    value=st.floats(allow_nan=False),
    hours=st.integers(-500_000, 500_000),
)
def test_protobuf_reads_what_was_written(
    feature: str, segment: str, value: float, hours: int
) -> None:
    kind = message()
    metric = replace(measured(0.3, feature=feature), value=value, segment=segment)
    facts = window(hours, metrics=(metric,))

    read = kind.FromString(write_request(facts))

    expected = [
        (
            {
                "__name__": each.quantity.name,
                "job": "driftkit",
                **{
                    name: visible(text)
                    for name, text in (
                        *common_labels(facts).items(),
                        ("segment", each.segment),
                        *each.labels.items(),
                    )
                    if text
                },
            },
            each.value,
        )
        for each in series_of(facts)
    ]
    found = [
        ({label.name: label.value for label in each.labels}, each.samples[0].value)
        for each in read.timeseries
    ]
    assert found == expected
    for each in read.timeseries:
        names = [label.name for label in each.labels]
        assert names == sorted(names)
        assert [sample.timestamp for sample in each.samples] == [
            round(facts.subject.end.timestamp() * 1000)  # type: ignore[union-attr]
        ]


@pytest.mark.parametrize(
    ("options", "headers"),
    [
        ("", {}),
        ("token=${env:KEY}", {"authorization": "Bearer canary"}),
        (
            "user=me password=${env:KEY} tenant=risk",
            {
                "authorization": f"Basic {base64.b64encode(b'me:canary').decode()}",
                "x-scope-orgid": "risk",
            },
        ),
    ],
)
def test_a_request_says_what_it_is(
    receiver: Receiver,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    headers: dict[str, str],
) -> None:
    monkeypatch.setenv("KEY", "canary")
    receiver.will(503, 204)
    sink = facts_sink_of_spec(f"remote_write:{receiver.url} {options}")
    facts = window(1, finding())

    assert send_facts(facts, [sink], clock.attempts()) == []

    first, second = receiver.received
    known = {
        "content-encoding": "snappy",
        "content-type": "application/x-protobuf",
        "x-prometheus-remote-write-version": "0.1.0",
        **headers,
    }
    assert known.items() <= second.headers.items()
    assert ("authorization" in second.headers) == ("authorization" in headers)
    written = write_request(facts)
    assert first.body == second.body
    assert pa.Codec("snappy").decompress(second.body, len(written), asbytes=True) == written
    assert "canary" not in repr(sink) + sink.name


@pytest.fixture
def prometheus(tmp_path: Path, free_port: int) -> Iterator[str]:
    if PROMETHEUS is None:
        pytest.skip("needs prometheus")
    (tmp_path / "p.yml").write_text(json.dumps(OUT_OF_ORDER))
    command = [
        *(PROMETHEUS, f"--config.file={tmp_path}/p.yml", "--web.enable-remote-write-receiver"),
        *(f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{free_port}"),
    ]
    with running(command, free_port) as url:
        yield url


def of_hour(hour: datetime, value: float) -> Facts:
    """What a run found in an hour, of a model with a hostile name."""
    metrics = (measured(value, feature=HOSTILE), Metric(group="quality", name="f1", value=math.inf))
    subject = Subject(model=HOSTILE, start=hour - HOUR, end=hour, granularity="1 hour")
    return window(0, metrics=metrics, subject=subject)


def test_windows_of_the_past_have_their_own_times(prometheus: str) -> None:
    now = datetime.fromtimestamp(time.time() // 3600 * 3600, UTC)
    hours = [now, now - 240 * HOUR, now - 2 * HOUR]
    sink = RemoteWrite(url=f"{prometheus}/api/v1/write")

    said = [send_facts(of_hour(hour, 0.1 + at), [sink]) for at, hour in enumerate(hours)]
    again = send_facts(of_hour(now, 0.1), [sink])
    superseded = send_facts(of_hour(now, 5.0), [sink])

    (series,) = asked(prometheus, "driftkit_drift_distance[30d]")
    (infinite,) = asked(prometheus, "driftkit_quality[1d]")
    times = {hour.timestamp(): str(0.1 + at) for at, hour in enumerate(hours)}
    assert said == [[]] * 3
    assert again == []
    assert dict(series["values"]) == times
    assert series["metric"]["feature"] == series["metric"]["model"] == visible(HOSTILE)
    assert infinite["values"][0][1] == "+Inf"
    # The first numbers of a window stay; the store has the later ones.
    assert "other numbers of the same window" in superseded[0]


def asked(url: str, query: str) -> list[dict[str, Any]]:
    about = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"{url}/api/v1/query?{about}") as answer:  # noqa: S310
        found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return found
