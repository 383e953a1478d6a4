"""Tells Prometheus of a run: a file for a textfile collector, or a group of a Pushgateway."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from driftkit.errors import visible
from driftkit.formats.prometheus import gauge
from driftkit.sinks.gauges import MAX_SERIES, common_labels, series_of
from driftkit.sinks.posting import Request
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import named, write_file

if TYPE_CHECKING:
    from driftkit.results.facts import Facts
    from driftkit.sinks.posting import Attempts, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file that node_exporter's textfile collector reads.

    Attributes:
        file: its path, in which {model}, {variant} and {monitor} stand for the run's own; the
            collector wants a name that ends in .prom.
        max_series: how many series at most.
    """

    dated: ClassVar[bool] = False
    file: str
    max_series: int = MAX_SERIES

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return f"prometheus {self.file}"

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:  # noqa: ARG002  (of the Protocol)
        """Writes the file whole, in place of the one before.

        Raises:
            OutputError: it cannot be written.
        """
        return write_file(self.file, facts, exposition(facts, self.max_series))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushgateway:
    """A Pushgateway, in which each model, variant and monitor is a group.

    Attributes:
        url: its address, or a reference to it.
        max_series: how many series at most.
    """

    dated: ClassVar[bool] = False
    url: str
    max_series: int = MAX_SERIES

    @property
    def name(self) -> str:
        """How people tell it from other sinks."""
        return named("pushgateway", self.url)

    def send(self, facts: Facts, attempts: Attempts) -> Outcome:
        """Puts the group in place of the one before, so that what is gone vanishes."""
        address = f"{look_up(self.url).rstrip('/')}/{group_path(facts)}"
        body = exposition(facts, self.max_series).encode()
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        request = Request(url=address, body=body, headers=headers, method="PUT")
        return attempts.post(request)


def group_path(facts: Facts) -> str:
    """Where the group of a run is in a gateway; base64 lets values have slashes."""
    pairs = (f"{name}@base64/{_base64(value)}" for name, value in common_labels(facts).items())
    return "/".join(["metrics/job/driftkit", *pairs])


def _base64(value: str) -> str:
    # An empty value would leave an empty part of the path, which the gateway does not take.
    return base64.urlsafe_b64encode(visible(value).encode()).decode() or "="


def exposition(facts: Facts, max_series: int = MAX_SERIES) -> str:
    """The series of a run in Prometheus' text format.

    Args:
        facts: what it found.
        max_series: how many series at most.
    """
    common = common_labels(facts)
    found = series_of(facts, max_series)
    # A gauge's series have to stand together; which come first among them stays.
    by_name = sorted(found, key=lambda each: each.quantity.name)
    return "".join(
        gauge(
            quantity.name,
            quantity.about,
            (({**common, "segment": each.segment, **each.labels}, each.value) for each in series),
        )
        for quantity, series in groupby(by_name, key=lambda each: each.quantity)
    )
