"""What changed a feature: the kind of change, its size, and how much of the difference it explains."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of change that are told apart."""

    UNITS = "units"
    UNIT_ERRORS = "unit errors in some rows"
    NULLS = "nulls"
    DEFAULT_VALUE = "default value"
    SHIFT = "shift"
    SPREAD = "spread"
    ROUNDING = "rounding"
    FROZEN = "frozen"
    MIXTURE = "mixture"
    TIME_ZONE = "time zone"
    NEW_CATEGORY = "new category"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One change of a feature that makes its window differ.

    Attributes:
        kind: what changed.
        size: by how much, in the kind's own terms: the factor of units and of spread, the offset of a
            shift, the grid of rounding, the number that is frozen, a default or of another share,
            hours of a time zone, else the share of the rows; None where there is no such number.
        moved: how far typical values went, in standard deviations of the baseline's middle; None
            of categories and nulls.
        rows: share of the window's rows that are changed, 0 to 1.
        fit: share of the difference that this change explains beyond sampling error, 0 to 1; None
            where nothing in particular is claimed.
        model: factor and offset that make the window's numbers of the baseline's; None where not all
            rows are changed so.
        about: the units that are known to differ so, or the categories that moved most.
        instead: of new categories, those that are gone in whose place they may be; else empty.
        before: share of the rows with the value, without one, or of the category, in the baseline.
        now: the same in the window.
    """

    kind: Kind
    size: float | None
    moved: float | None = None
    rows: float
    fit: float | None = None
    model: tuple[float, float] | None = None
    about: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    before: float | None = None
    now: float | None = None
