"""statistics.json of the data-quality monitor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.document import (
    VERSION,
    Generation,
    Kind,
    feature_nodes,
    feature_type,
    read_version,
    root,
)
from driftkit.formats.files import read_document
from driftkit.formats.mapping import Node, merged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

NAME = "statistics.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One of ten equal intervals from minimum to maximum; half open, the last one closed."""

    lower_bound: float
    upper_bound: float
    count: float
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KllDistribution:
    """Distribution of a numeric feature.

    Attributes:
        buckets: ten intervals with the counts that the sketch estimates.
        c: the sketch's shrinking factor.
        k: the sketch's size.
        data: values kept at each compactor level; one of level i stands for 2**i rows.
            Empty where a file has buckets alone.
    """

    buckets: tuple[Bucket, ...]
    c: float = 0.64
    k: float = 2048.0
    data: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericalStatistics:
    """Statistics of an Integral or Fractional feature; None stands for a key that is absent.

    Attributes:
        num_present: rows with a value.
        num_missing: rows without one.
        mean: mean of the values.
        sum: sum of the values.
        std_dev: population standard deviation.
        min: smallest value.
        max: largest value.
        approximate_num_distinct_values: estimate by HyperLogLog++; newer containers only.
        completeness: share of rows with a value; newer containers only.
        kll: the distribution.
        extra: unknown keys, at their places.
        further: what is known beside the file, by name: its readers need not know other keys.
    """

    num_present: int
    num_missing: int
    mean: float | None = None
    sum: float | None = None
    std_dev: float | None = None
    min: float | None = None
    max: float | None = None
    approximate_num_distinct_values: int | None = None
    completeness: float | None = None
    kll: KllDistribution | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
    further: Mapping[str, float | None] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A value of a String or Boolean feature and the rows that have it."""

    value: str
    count: int
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StringStatistics:
    """Statistics of a String or Boolean feature; None stands for a key that is absent.

    Attributes:
        num_present: rows with a value.
        num_missing: rows without one.
        distinct_count: estimate by HyperLogLog++.
        completeness: share of rows with a value; newer containers only.
        categories: every value with its count; None where there are too many values.
        extra: unknown keys, at their places.
    """

    num_present: int
    num_missing: int
    distinct_count: float | None = None
    completeness: float | None = None
    categories: tuple[Category, ...] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureStatistics:
    """Statistics of one feature: numerical, string, or (nothing present) neither.

    Attributes:
        name: the column's name.
        inferred_type: Integral, Fractional, String, Boolean or Unknown.
        numerical: of Integral and Fractional features.
        string: of String and Boolean features.
        extra: unknown keys.
    """

    name: str
    inferred_type: str
    numerical: NumericalStatistics | None = None
    string: StringStatistics | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Statistics of a dataset.

    Attributes:
        item_count: number of rows.
        features: in the order of the dataset's columns.
        version: of the format.
        extra: unknown keys, at their places.
    """

    item_count: int
    features: tuple[FeatureStatistics, ...]
    version: float = VERSION
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], where: str = NAME) -> Statistics:
        """Statistics from the content of a file.

        Args:
            document: the parsed JSON.
            where: the file's name, for messages.

        Raises:
            FormatError: it is another file, or a key is missing or wrong.
        """
        node = root(document, where, Kind.STATISTICS)
        return cls(
            version=read_version(node),
            item_count=node.child("dataset").count("item_count"),
            features=tuple(_read_feature(feature) for feature in feature_nodes(node)),
            extra=node.rest(),
        )

    def to_dict(self, *, generation: Generation = "2024") -> dict[str, Any]:
        """The content of the file, in the containers' order of keys.

        Args:
            generation: "2020" leaves out the keys that only newer containers write.
        """
        known = {
            "version": self.version,
            "dataset": {"item_count": self.item_count},
            "features": [_feature(feature, generation) for feature in self.features],
        }
        return merged(known, self.extra)


def read_file(path: str | PathLike[str]) -> Statistics:
    """The statistics of a file.

    Raises:
        FormatError: it is missing, is another file, or a key is missing or wrong.
    """
    return Statistics.read(read_document(path), str(path))


def _read_feature(node: Node) -> FeatureStatistics:
    return FeatureStatistics(
        name=node.text("name"),
        inferred_type=feature_type(node),
        numerical=node.maybe(_read_numerical, "numerical_statistics"),
        string=node.maybe(_read_string, "string_statistics"),
        extra=node.rest(),
    )


def _read_numerical(feature: Node, key: str) -> NumericalStatistics:
    node = feature.child(key)
    common = node.child("common")
    distribution = node.maybe(Node.child, "distribution")
    return NumericalStatistics(
        num_present=common.count("num_present"),
        num_missing=common.count("num_missing"),
        mean=node.maybe(Node.number, "mean"),
        sum=node.maybe(Node.number, "sum"),
        std_dev=node.maybe(Node.number, "std_dev"),
        min=node.maybe(Node.number, "min"),
        max=node.maybe(Node.number, "max"),
        approximate_num_distinct_values=node.maybe(Node.count, "approximate_num_distinct_values"),
        completeness=node.maybe(Node.share, "completeness"),
        kll=distribution.maybe(_read_kll, "kll") if distribution else None,
        extra=node.rest(),
    )


def _read_kll(distribution: Node, key: str) -> KllDistribution:
    node = distribution.child(key)
    buckets = tuple(_read_bucket(bucket) for bucket in node.children("buckets"))
    if not node.has("sketch"):
        return KllDistribution(buckets=buckets)
    sketch = node.child("sketch")
    parameters = sketch.child("parameters")
    return KllDistribution(
        buckets=buckets,
        c=parameters.number("c"),
        k=parameters.number("k"),
        data=sketch.numbers("data"),
    )


def _read_bucket(node: Node) -> Bucket:
    return Bucket(
        lower_bound=node.number("lower_bound"),
        upper_bound=node.number("upper_bound"),
        count=node.number("count"),
        extra=node.rest(),
    )


def _read_string(feature: Node, key: str) -> StringStatistics:
    node = feature.child(key)
    common = node.child("common")
    distribution = node.maybe(Node.child, "distribution")
    return StringStatistics(
        num_present=common.count("num_present"),
        num_missing=common.count("num_missing"),
        distinct_count=node.maybe(Node.number, "distinct_count"),
        completeness=node.maybe(Node.share, "completeness"),
        categories=distribution.maybe(_read_categories, "categorical") if distribution else None,
        extra=node.rest(),
    )


def _read_categories(distribution: Node, key: str) -> tuple[Category, ...]:
    return tuple(_read_category(bucket) for bucket in distribution.child(key).children("buckets"))


def _read_category(node: Node) -> Category:
    return Category(value=node.text("value"), count=node.count("count"), extra=node.rest())


def _feature(feature: FeatureStatistics, generation: Generation) -> dict[str, Any]:
    numerical, string = feature.numerical, feature.string
    known = {
        "name": feature.name,
        "inferred_type": feature.inferred_type,
        "numerical_statistics": _numerical(numerical, generation) if numerical else None,
        "string_statistics": _string(string, generation) if string else None,
    }
    return merged(known, feature.extra)


def _numerical(statistics: NumericalStatistics, generation: Generation) -> dict[str, Any]:
    newer = generation != "2020"
    kll = statistics.kll
    known = {
        "common": _common(statistics),
        "mean": statistics.mean,
        "sum": statistics.sum,
        "std_dev": statistics.std_dev,
        "min": statistics.min,
        "max": statistics.max,
        "approximate_num_distinct_values": (
            statistics.approximate_num_distinct_values if newer else None
        ),
        "completeness": statistics.completeness if newer else None,
        "distribution": {"kll": _kll(kll)} if kll else None,
    }
    return merged(known, statistics.extra)


def _kll(kll: KllDistribution) -> dict[str, Any]:
    buckets = [
        {"lower_bound": b.lower_bound, "upper_bound": b.upper_bound, "count": b.count, **b.extra}
        for b in kll.buckets
    ]
    if not kll.data:
        return {"buckets": buckets}
    data = [list(level) for level in kll.data]
    return {"buckets": buckets, "sketch": {"parameters": {"c": kll.c, "k": kll.k}, "data": data}}


def _string(statistics: StringStatistics, generation: Generation) -> dict[str, Any]:
    categories = statistics.categories
    known = {
        "common": _common(statistics),
        "distinct_count": statistics.distinct_count,
        "completeness": statistics.completeness if generation != "2020" else None,
        "distribution": {"categorical": _categorical(categories)}
        if categories is not None
        else None,
    }
    return merged(known, statistics.extra)


def _categorical(categories: tuple[Category, ...]) -> dict[str, Any]:
    return {"buckets": [{"value": c.value, "count": c.count, **c.extra} for c in categories]}


def _common(statistics: NumericalStatistics | StringStatistics) -> dict[str, int]:
    return {"num_present": statistics.num_present, "num_missing": statistics.num_missing}
