"""traffic.json: how the requests to an endpoint spread over its models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.deployment.strict import (
    COUNT_OR_NULL,
    NUMBER,
    NUMBER_OR_NULL,
    TEXTS,
    document_reader,
    moment_at,
    parts_of,
    version_of,
)
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from datetime import datetime

NAME = "traffic.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraffic:
    """The requests of a model.

    Attributes:
        model: its name.
        requests: that were seen.
        share: of all of them.
        last_request: the second of the last one; None without any.
        cold: whether it had none in the last seconds of the window.
        unanswered: requests without a captured answer, which failed or whose answer was not
            captured; None where no answers were captured at all, and of tables.
    """

    model: str
    requests: int
    share: float = field(metadata=NUMBER)
    last_request: datetime | None = field(default=None, metadata=moment_at(null=True))
    cold: bool
    unanswered: int | None = field(default=None, metadata=COUNT_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheHits:
    """What a cache of models would have had.

    Attributes:
        models: that fit into it.
        share: of the requests whose model was in it.
    """

    models: int
    share: float = field(metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMetric:
    """What CloudWatch measured of the loading of models.

    Attributes:
        name: of the metric, for example ModelCacheHit.
        mean: of all samples, in the unit of the export; CloudWatch's times are microseconds.
        samples: behind it.
    """

    name: str
    mean: float = field(metadata=NUMBER)
    samples: float = field(metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The content of the file.

    Attributes:
        version: of the format.
        start: the first second.
        end: the second after the last, or the end of the window.
        requests: that were seen.
        sampling_percentage: of the requests that were captured.
        cold_seconds: without a request after which a model is cold.
        gini: 0 where all models have as many requests, near 1 where one has all.
        models: the busiest first.
        hit_rates: of caches that keep the models used last.
        loading: what CloudWatch measured; empty where no metrics were given.
        notes: sentences for people.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    start: datetime = field(metadata=moment_at())
    end: datetime = field(metadata=moment_at())
    requests: int
    sampling_percentage: float = field(default=100.0, metadata=NUMBER)
    cold_seconds: int
    gini: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    models: tuple[ModelTraffic, ...] = field(metadata=parts_of(ModelTraffic))
    hit_rates: tuple[CacheHits, ...] = field(default=(), metadata=parts_of(CacheHits))
    loading: tuple[LoadMetric, ...] = field(default=(), metadata=parts_of(LoadMetric))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the file."""
        return to_dict(self)


read = document_reader(Traffic, NAME)
read_file = file_reader(read, read_object)
