"""Tells which arm of a deployment a file or a row belongs to: exactly one, none or several."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.variant import Variant, named_path, variant_of
from driftkit.columns.numbers import number_in
from driftkit.columns.times import moments
from driftkit.errors import InputError
from driftkit.io.locations import is_absolute, is_below, with_one_scheme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from driftkit.formats.deployment.selectors import Selector
    from driftkit.io.finding import File

    Codes = npt.NDArray[np.int8]

NO_ARM, SEVERAL_ARMS = "of no arm", "of several arms"
# In place of an arm's number.
NONE, SEVERAL = -1, -2
# (kind, name) of a value that tells arms: an attribute or a field.
ValueKey = tuple[str, str]

_OF_FILES = frozenset({"folder", "path", "job"})
_OF_VALUES = frozenset({"attribute", "field"})
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The arms of a deployment, numbered from 0 in the order of the plan; pickled for workers.

    Attributes:
        names: of the arms.
        selectors: of each, how its rows are told.
    """

    names: tuple[str, ...]
    selectors: tuple[Selector, ...]

    @classmethod
    def from_selectors(cls, selectors: Mapping[str, Selector]) -> Arms:
        """The arms by their names.

        Raises:
            InputError: there are fewer than two.
        """
        if len(selectors) < 2:
            raise InputError(
                "there is no second arm",
                where="arms",
                expected="at least two arms, for example champion and challenger",
                found=", ".join(selectors) or "none",
                todo="Name them with --arm NAME=SELECTOR",
            )
        return cls(names=tuple(selectors), selectors=tuple(selectors.values()))

    @property
    def keys(self) -> tuple[ValueKey, ...]:
        """The attributes and fields whose values tell arms."""
        found = ((each.kind, each.key or "") for each in self.selectors if each.kind in _OF_VALUES)
        return tuple(dict.fromkeys(found))

    @property
    def are_timed(self) -> bool:
        """Whether times tell arms."""
        return any(each.kind in {"before", "from"} for each in self.selectors)

    @property
    def are_jobs(self) -> bool:
        """Whether each arm is a batch transform job."""
        return all(each.kind == "job" for each in self.selectors)

    def of_file(self, path: str) -> tuple[int, ...]:
        """The arms that a file belongs to by its path."""
        numbered = enumerate(self.selectors)
        return tuple(number for number, each in numbered if _selects(each, path))

    def below(self, number: int, path: str) -> str:
        """What a path is called below the folder of an arm that is told by one."""
        value = self.selectors[number].value.rstrip("/")
        if is_absolute(value):
            return _rooted(path).removeprefix(_rooted(value)).lstrip("/")
        return _rooted(path).partition(f"/{value.removeprefix('./')}/")[2]

    def look_at(self, files: Sequence[File]) -> tuple[str, ...]:
        """Tells early that a file is of two arms, and which arms have none.

        An arm without files may have rows in other windows: it is only remarked.

        Returns:
            Remarks for people.

        Raises:
            InputError: a file is of two arms.
        """
        found: set[int] = set()
        for file in files:
            of_file = self.of_file(file.path)
            if len(of_file) > 1:
                raise _overlap(self._shown(of_file), file.path)
            found.update(of_file)
        return tuple(
            f"{self._shown([number])}: none of {len(files):,} files is of this arm, "
            f"the first is {files[0].path}"
            for number, each in enumerate(self.selectors)
            if each.kind in _OF_FILES and number not in found
        )

    def codes(
        self,
        of_file: tuple[int, ...],
        values: Mapping[ValueKey, pa.Array],
        times: pa.Array,
    ) -> Codes:
        """The number of each row's arm; `NONE` or `SEVERAL` where not exactly one selects it.

        Args:
            of_file: the arms of the rows' file.
            values: of each of `keys`, a value for each row.
            times: when each row's request was; where `are_timed`, texts or timestamps.
        """
        if len(values) == 1 and not of_file and not self.are_timed:
            # As where a column of a large table tells the arms.
            ((key, found),) = values.items()
            return codes_of_values(found, self._wanted(key))
        codes = np.full(len(times), NONE, np.int8)
        matches = np.full(len(times), len(of_file), np.int8)
        for number in of_file:
            codes[:] = number
        for key, found in values.items():
            numbers = codes_of_values(found, self._wanted(key))
            np.copyto(codes, numbers, where=numbers != NONE)
            matches += numbers != NONE
        if self.are_timed:
            moment = moments(times)
            for number, each in enumerate(self.selectors):
                inside = _inside(each, moment)
                codes[inside] = number
                matches += inside
        codes[matches > 1] = SEVERAL
        return codes

    def column(self, codes: Codes) -> pa.Array:
        """The names of arms by their numbers, as a dictionary."""
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(self.names))

    def shown(self) -> str:
        """All arms with their selectors, for people."""
        return self._shown(range(len(self.names)))

    def _shown(self, numbers: Sequence[int]) -> str:
        return ", ".join(f"{self.names[each]}={self.selectors[each]}" for each in numbers)

    def _wanted(self, key: ValueKey) -> dict[str, int]:
        return {
            each.value: number
            for number, each in enumerate(self.selectors)
            if (each.kind, each.key) == key
        }


def codes_of_values(values: pa.Array | pa.ChunkedArray, wanted: Mapping[str, int]) -> Codes:
    """The number of the arm that each value selects, `NONE` for none.

    A number is the value that its text spells, whatever digits: 2.0 in a table is 2 in a plan.

    Args:
        values: text, numbers or truth values, plain or as dictionaries.
        wanted: value as text -> number of its arm.

    >>> codes_of_values(pa.array([2, 1, None, 3]), {"1": 0, "2": 1}).tolist()
    [1, 0, -1, -1]
    """
    if isinstance(values, pa.ChunkedArray):
        parts = [codes_of_values(chunk, wanted) for chunk in values.chunks]
        return np.concatenate([np.empty(0, np.int8), *parts])
    if pa.types.is_dictionary(values.type):
        of_each = np.append(codes_of_values(values.dictionary, wanted), np.int8(NONE))
        indices = values.indices
        if indices.null_count:
            indices = indices.cast(pa.int64()).fill_null(len(of_each) - 1)
        found: Codes = of_each.take(indices.to_numpy(zero_copy_only=False))
        return found
    numbers = np.array([*wanted.values(), NONE], np.int8)
    comparable, texts = _comparable(values, list(wanted))
    index = pc.index_in(comparable, value_set=texts).fill_null(len(wanted))
    arms: Codes = numbers[index.to_numpy(zero_copy_only=False)]
    return arms


def attribute(texts: pa.Array, key: str) -> pa.Array:
    """The value of an attribute in each text of attributes; null where it has none.

    >>> attribute(pa.array(["user=7;forced=1", "tier=a", None]), "forced").to_pylist()
    ['1', None, None]
    """
    escaped = _PUNCTUATION.sub(r"\\\1", key)
    found = pc.extract_regex(texts, rf"(?:^|;)\s*{escaped}\s*=\s*(?P<value>[^;]*)")
    values = pc.utf8_trim_whitespace(pc.struct_field(found, ["value"]))
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _comparable(values: pa.Array, texts: list[str]) -> tuple[pa.Array, pa.Array]:
    """The values and what they are looked up in, of one type."""
    kind = values.type
    if pa.types.is_boolean(kind):
        return values.cast(pa.string()), pa.array([text.lower() for text in texts], pa.string())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = pa.array(map(number_in, texts), pa.float64())
        # Doubles hold all integers up to 2^53; a null in the set would be found by nulls.
        found = pc.if_else(pc.is_valid(numbers), numbers, float("inf"))
        return values.cast(pa.float64(), safe=False), found
    return values.cast(pa.string()), pa.array(texts, pa.string())


def _inside(selector: Selector, times: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each time is before, or from, that of a selector; a missing one is neither."""
    if selector.kind not in {"before", "from"}:
        return np.zeros(len(times), np.bool_)
    moment = pa.scalar(selector.time, times.type)
    compared = pc.less if selector.kind == "before" else pc.greater_equal
    inside: Any = compared(times, moment).fill_null(False)  # noqa: FBT003  (Arrow's signature)
    return np.asarray(inside.to_numpy(zero_copy_only=False), np.bool_)


def _selects(selector: Selector, path: str) -> bool:
    if selector.kind not in _OF_FILES:
        return False
    if selector.kind == "folder":
        wanted = Variant(endpoint=selector.key or "", variant=selector.value)
        found = variant_of(path)
        return found == wanted if found.variant else is_below(_rooted(path), str(wanted))
    value = selector.value
    return is_below(_rooted(path), _rooted(value) if is_absolute(value) else value)


def _rooted(path: str) -> str:
    return with_one_scheme(named_path(path))


def _overlap(arms: str, where: str) -> InputError:
    return InputError(
        "the arms' selectors overlap",
        where=where,
        expected="rows that exactly one of them selects",
        found=arms,
        todo="Make the selectors narrower",
    )
