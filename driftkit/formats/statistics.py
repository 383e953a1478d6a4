"""statistics.json of the data-quality monitor."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from driftkit.comparison.distributions import distribution
from driftkit.formats.document import FEATURE_TYPE, VERSION, Kind, feature_nodes, read_version, root
from driftkit.formats.fields import key, read, record, records, to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.jackson import dumped
from driftkit.formats.mapping import Node
from driftkit.formats.sketches import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.comparison.distributions import Distribution
    from driftkit.formats.document import Generation

NAME = "statistics.json"
_SHARE_2024 = key(Node.share, newer=True)
_PRESENT = key(Node.count, "common.num_present")
_MISSING = key(Node.count, "common.num_missing")


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
        data: values kept at each compactor level, as arrays of doubles; one of level i stands for
            2**i rows. Empty where a file has buckets alone.
    """

    buckets: tuple[Bucket, ...]
    c: float = 0.64
    k: float = 2048.0
    data: Sequence[Sequence[float]] = field(default=(), hash=False)

    def __post_init__(self) -> None:
        # Of thousands of features these are millions of numbers, of which Python's take four times
        # as much memory.
        levels = (each if isinstance(each, array) else array("d", each) for each in self.data)
        object.__setattr__(self, "data", tuple(levels))


def _read_kll(distribution: Node, name: str) -> KllDistribution:
    node = distribution.child(name)
    buckets = records(Bucket)(node, "buckets")
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


def _kll(kll: KllDistribution) -> dict[str, Any]:
    buckets = {"buckets": [to_dict(each) for each in kll.buckets]}
    if not kll.data:
        return buckets
    data = [list(level) for level in kll.data]
    return {**buckets, "sketch": {"parameters": {"c": kll.c, "k": kll.k}, "data": data}}


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

    num_present: int = field(metadata=_PRESENT)
    num_missing: int = field(metadata=_MISSING)
    mean: float | None = None
    sum: float | None = None
    std_dev: float | None = None
    min: float | None = None
    max: float | None = None
    approximate_num_distinct_values: int | None = field(
        default=None, metadata=key(Node.count, newer=True)
    )
    completeness: float | None = field(default=None, metadata=_SHARE_2024)
    kll: KllDistribution | None = field(
        default=None, metadata=key(_read_kll, "distribution.kll", write=_kll)
    )
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
    further: Mapping[str, float | None] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A value of a String or Boolean feature and the rows that have it."""

    value: str
    count: int
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


def _read_categories(distribution: Node, name: str) -> tuple[Category, ...]:
    return records(Category)(distribution.child(name), "buckets")


def _categories(categories: tuple[Category, ...]) -> dict[str, Any]:
    return {"buckets": [to_dict(each) for each in categories]}


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

    num_present: int = field(metadata=_PRESENT)
    num_missing: int = field(metadata=_MISSING)
    distinct_count: float | None = None
    completeness: float | None = field(default=None, metadata=_SHARE_2024)
    categories: tuple[Category, ...] | None = field(
        default=None,
        metadata=key(_read_categories, "distribution.categorical", write=_categories),
    )
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
    inferred_type: str = field(metadata=key(FEATURE_TYPE))
    numerical: NumericalStatistics | None = field(
        default=None, metadata=key(record(NumericalStatistics), "numerical_statistics")
    )
    string: StringStatistics | None = field(
        default=None, metadata=key(record(StringStatistics), "string_statistics")
    )
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def levels(self) -> Sequence[Sequence[float]]:
        """What the sketch of its numbers keeps at each compactor level; none without a sketch."""
        kll = self.numerical.kll if self.numerical else None
        return kll.data if kll else ()

    def sketched(self) -> Distribution | None:
        """Its numbers, as the sketch tells them; None where it tells none."""
        return distribution(self.levels, distinct_ranks=False) if any(self.levels) else None


def _read_features(node: Node, name: str) -> tuple[FeatureStatistics, ...]:
    return tuple(read(FeatureStatistics, each) for each in feature_nodes(node, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Statistics of a dataset.

    Attributes:
        version: of the format.
        item_count: number of rows.
        features: in the order of the dataset's columns.
        extra: unknown keys, at their places.
    """

    version: float = field(default=VERSION, metadata=key(read_version, needed=True))
    item_count: int = field(metadata=key(Node.count, "dataset.item_count"))
    features: tuple[FeatureStatistics, ...] = field(metadata=key(_read_features))
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
        return read(cls, root(document, where, Kind.STATISTICS))

    def to_dict(self, *, generation: Generation = "2024") -> dict[str, Any]:
        """The content of the file, in the containers' order of keys.

        Args:
            generation: "2020" leaves out the keys that only newer containers write.
        """
        return to_dict(self, newer=generation != "2020")

    def dumped(self) -> Iterator[str]:
        """The text of the file part by part: of one feature at a time it is made."""
        whole = to_dict(replace(self, features=()))
        return dumped({**whole, "features": map(to_dict, self.features)})


read_file = file_reader(Statistics.read, read_document)
