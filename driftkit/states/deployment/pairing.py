"""How rows of two arms are paired, and what is compared of the pairs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMetric:
    """A metric that is compared pair by pair.

    Attributes:
        name: the metric's.
        ratio: whether its rows have other denominators than 0 and 1, or such that the two halves of a pair
            may differ in them: as precision, which counts rows that the arm itself predicts positive.
    """

    name: str
    ratio: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its values in the halves."""
        numerator = f"value:{self.name}"
        return (numerator, f"denominator:{self.name}") if self.ratio else (numerator,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """How rows of two arms are paired, and what is compared.

    Attributes:
        champion: name of the arm that is now in charge.
        challenger: name of the other.
        seconds: rows without an id are a pair if they have the same input and their times are no
            more apart; None where ids alone pair.
        metrics: those that are compared.
        right: name of the metric that is 1 where an answer is right and 0 where it is wrong.
        labels: whether answers are labels, which agree or differ.
        scores: whether scores are counted by class and bin, as areas under curves need it.
        edges: ascending scores that part the bins; none for 1,024 bins of equal width from 0 to 1.
        features: names of the columns by whose values answers are compared, each value or range a cell.
        examples: how many ids are kept of pairs whose scores differ most; 0 for no ids at all.
    """

    champion: str
    challenger: str
    seconds: float | None = None
    metrics: tuple[PairMetric, ...] = ()
    right: str | None = None
    labels: bool = True
    scores: bool = False
    edges: tuple[float, ...] = ()
    features: tuple[str, ...] = ()
    examples: int = 20
