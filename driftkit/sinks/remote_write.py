"""Writes a run's gauges to Prometheus at the time of the run's window, by remote write 1.0."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

from driftkit.errors import visible
from driftkit.sinks.gauges import MAX_SERIES, common_labels, series_of
from driftkit.sinks.posting import Outcome, Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.results.facts import Facts
    from driftkit.sinks.posting import Attempts

_HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
# Kinds of fields in protobuf: whole numbers, eight bytes, and what has a length.
_WHOLE, _DOUBLE, _LONG = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWrite:
    """Prometheus, Mimir, Thanos, VictoriaMetrics, or whatever else takes remote write 1.0.

    Attributes:
        url: its whole address, such as http://prometheus:9090/api/v1/write, or a reference to it.
        user: name for basic authentication; empty for none.
        password: reference to its password.
        token: reference to a bearer token; empty for none.
        tenant: sent as X-Scope-OrgID, by which Mimir tells tenants apart; empty for none.
        max_series: how many series at most.
    """

    dated: ClassVar[bool] = True
    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    tenant: str = ""
    max_series: int = MAX_SERIES

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return named("remote_write", self.url)

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:
        """Writes all series in one request."""
        body = pa.Codec("snappy").compress(write_request(facts, self.max_series), asbytes=True)
        headers = {**_HEADERS, **self._authorization()}
        headers |= {"X-Scope-OrgID": self.tenant} if self.tenant else {}
        outcome = attempts.post(Request(url=look_up(self.url), body=body, headers=headers))
        if outcome.http_status != 400:
            return outcome
        why = "the window is older than it takes, or it holds other numbers of the same window"
        return replace(outcome, error=f"{outcome.error}: {why}")

    def _authorization(self) -> dict[str, str]:
        if self.token:
            return {"Authorization": f"Bearer {look_up(self.token)}"}
        if not self.user:
            return {}
        known = f"{self.user}:{look_up(self.password)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(known).decode()}"}


def write_request(facts: Facts, max_series: int = MAX_SERIES) -> bytes:
    """The series of a run as protobuf's message WriteRequest, one sample each.

    Args:
        facts: what it found.
        max_series: how many series at most.
    """
    common = {"job": "driftkit", **common_labels(facts)}
    when = round((facts.subject.end or facts.evaluated_at).timestamp() * 1000)
    made = bytearray()
    for each in series_of(facts, max_series):
        labels = {"__name__": each.quantity.name, **common, "segment": each.segment, **each.labels}
        made += _part(1, _labels(labels) + _part(2, _sample(each.value, when)))
    return bytes(made)


def _labels(labels: Mapping[str, str]) -> bytes:
    """Labels in the order of their names; an empty one is as good as none, and may not be sent."""
    return b"".join(
        _part(1, _part(1, name.encode()) + _part(2, visible(labels[name]).encode()))
        for name in sorted(labels)
        if labels[name]
    )


def _sample(value: float, when: int) -> bytes:
    # Milliseconds since 1970 are a signed number of 64 bits.
    at = _varint(when % 2**64)
    return _key(1, _DOUBLE) + struct.pack("<d", value) + _key(2, _WHOLE) + at


def _part(field_number: int, content: bytes) -> bytes:
    return _key(field_number, _LONG) + _varint(len(content)) + content


def _key(field_number: int, kind: int) -> bytes:
    return _varint(field_number << 3 | kind)


def _varint(number: int) -> bytes:
    """A number in groups of seven bits, the lowest first.

    >>> _varint(300).hex()
    'ac02'
    """
    groups = [number >> shift & 0x7F for shift in range(0, max(1, number.bit_length()), 7)]
    return bytes([*(each | 0x80 for each in groups[:-1]), groups[-1]])
