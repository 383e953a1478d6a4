"""How an arm's rows are told from others: by folder, path, attribute, field, time or job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from driftkit.errors import SettingsError
from driftkit.formats.deployment.moments import moment_text, parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

SelectorKind = Literal["folder", "path", "attribute", "field", "before", "from", "job"]
FORMS = (
    "folder:ENDPOINT/VARIANT | path:PREFIX | attribute:KEY=VALUE | "
    "field:JMESPATH-OR-COLUMN=VALUE | before:TIME | from:TIME | job:FOLDER"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which rows are an arm's.

    Attributes:
        kind: by what they are told.
        value: the variant, prefix, value, time (ISO 8601 in UTC) or folder of a job.
        key: the endpoint of a folder, the key of an attribute, the JMESPath or column of a field.
    """

    kind: SelectorKind
    value: str
    key: str | None = None

    @property
    def time(self) -> datetime:
        """The time of `before` (excluded) and `from` (included).

        >>> parse_selector("before:2026-11-02T11:00").time.hour
        11
        """
        return parse_moment(self.value)

    def __str__(self) -> str:
        """The text that `parse_selector` reads.

        >>> str(parse_selector("field:customer.tier=gold"))
        'field:customer.tier=gold'
        """
        if self.key is None:
            return f"{self.kind}:{self.value}"
        between = "/" if self.kind == "folder" else "="
        return f"{self.kind}:{self.key}{between}{self.value}"


def parse_selector(text: str, where: str = "arm") -> Selector:
    """The selector that a text says.

    Args:
        text: one of the forms `folder:ENDPOINT/VARIANT`, `path:PREFIX`, `attribute:KEY=VALUE`,
            `field:JMESPATH-OR-COLUMN=VALUE` (the last `=` counts), `before:TIME`, `from:TIME`,
            `job:FOLDER`. Times without a zone are UTC.
        where: what stands in messages for the setting.

    Raises:
        SettingsError: it is none of them.

    >>> parse_selector("folder:churn/champion")
    Selector(kind='folder', value='champion', key='churn')
    """
    kind, _, rest = text.partition(":")
    if kind not in _PARSERS or not rest:
        raise _wrong(where, FORMS, text)
    return _PARSERS[kind](rest, where)


def parse_arm(text: str, where: str = "arm") -> tuple[str, Selector]:
    """Name and selector of an arm from `NAME=SELECTOR`.

    Raises:
        SettingsError: it is not of this form.

    >>> parse_arm("new=attribute:version=2")[1].key
    'version'
    """
    name, equals, selector = text.partition("=")
    if not (name and equals):
        raise _wrong(where, f"NAME=SELECTOR, SELECTOR being {FORMS}", text)
    return name, parse_selector(selector, f"{where} {name}")


def _folder(rest: str, where: str) -> Selector:
    endpoint, _, variant = rest.removesuffix("/").partition("/")
    if not endpoint or not variant or "/" in variant:
        raise _wrong(where, "folder:ENDPOINT/VARIANT", f"folder:{rest}")
    return Selector(kind="folder", key=endpoint, value=variant)


def _attribute(rest: str, where: str) -> Selector:
    key, equals, value = rest.partition("=")
    if not (key and equals and value):
        raise _wrong(where, "attribute:KEY=VALUE", f"attribute:{rest}")
    return Selector(kind="attribute", key=key, value=value)


def _field(rest: str, where: str) -> Selector:
    # The last sign, since a JMESPath may hold comparisons of its own.
    key, equals, value = rest.rpartition("=")
    if not (key and equals and value):
        raise _wrong(where, "field:JMESPATH-OR-COLUMN=VALUE", f"field:{rest}")
    return Selector(kind="field", key=key, value=value)


def _timed(kind: SelectorKind) -> Callable[[str, str], Selector]:
    def parsed(rest: str, where: str) -> Selector:
        try:
            return Selector(kind=kind, value=moment_text(parse_moment(rest)))
        except ValueError as error:
            expected = f"{kind}:TIME in ISO 8601, for example {kind}:2026-11-02T11:00:00Z"
            raise _wrong(where, expected, f"{kind}:{rest}") from error

    return parsed


def _named(kind: SelectorKind) -> Callable[[str, str], Selector]:
    return lambda rest, _: Selector(kind=kind, value=rest)


_PARSERS: Mapping[str, Callable[[str, str], Selector]] = {
    "folder": _folder,
    "path": _named("path"),
    "attribute": _attribute,
    "field": _field,
    "before": _timed("before"),
    "from": _timed("from"),
    "job": _named("job"),
}


def _wrong(where: str, expected: str, found: str) -> SettingsError:
    return SettingsError(
        "it is not said how the arm's rows are told from others",
        where=where,
        expected=expected,
        found=repr(found),
        todo="Write it so",
    )
