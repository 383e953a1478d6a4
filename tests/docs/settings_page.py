"""Writes the page of all settings: `python -m tests.docs.settings_page > docs/reference/settings.md`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, get_args, get_origin

from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.monitors.bias.settings import BiasSettings
from driftkit.monitors.deployment.settings import DeploymentSettings
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.settings import Read, Settings, Window
from driftkit.settings.declaring import declared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.settings.declaring import Declared

KINDS = {
    "data-quality": Settings,
    "model-quality": QualitySettings,
    "bias": BiasSettings,
    "attribution": AttributionSettings,
    "deployment": DeploymentSettings,
}
HEAD = """\
# Settings

Settings are keywords in Python (`driftkit.data_quality.monitor(today, normal, dialect="aws")`), options of the command
line (`--dialect aws`), variables of the environment (`DRIFTKIT_DIALECT=aws`) and keys of
[the configuration file](../configuration.md). This page is written from their declarations; a test keeps it up to date."""
COLUMNS = "| setting | type | default | meaning |\n|---|---|---|---|"


def settings_page() -> str:
    """Gives the page: what all monitors have, then what each has of its own."""
    tables = {name: declared(kind) for name, kind in KINDS.items()}
    shared = set.intersection(*(set(table) for table in tables.values()))
    reading = {*declared(Read), *declared(Window)} & shared
    known = tables["data-quality"]
    parts = [
        HEAD,
        *_section("Reading", (known[name] for name in known if name in reading)),
        *_section("Computing", (known[name] for name in known if name in shared - reading)),
    ]
    for name, table in tables.items():
        own = (each for each in table.values() if each.name not in shared)
        parts += _section(name.replace("-", " ").capitalize(), own)
    return "\n".join(parts) + "\n"


def _section(title: str, settings: Iterable[Declared]) -> list[str]:
    return [f"\n## {title}\n", COLUMNS, *map(_row, settings)]


def _row(each: Declared) -> str:
    option = "" if each.option else " (not an option of the command line)"
    text = (each.text + option).replace("*", "\\*")
    cells = [f"`{each.name}`", _kind(each.kind), _default(each.default), text]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _kind(kind: Any) -> str:
    """A type as it is written in code, without the modules of its names."""
    if get_origin(kind) is not None and all(isinstance(each, str) for each in get_args(kind)):
        return ", ".join(f"`{each}`" for each in get_args(kind))
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return f"`{re.sub(r'[a-z_]+[.]', '', text)}`"


def _default(value: Any) -> str:
    return "" if value is None or value in ((), {}) else f"`{value!r}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
