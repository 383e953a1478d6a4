"""Full paths of the data that were read, to recognise data read twice."""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.capture.variant import folder_of, of_variant
from driftkit.io.finding import find
from driftkit.io.locations import is_url, locate, with_one_scheme
from driftkit.readers.dataset import FileDataset
from driftkit.readers.lake import CATALOG
from driftkit.states.windows import Window

if TYPE_CHECKING:
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Settings

# The folders of more files are kept in their place.
MOST_PATHS = 1000


def origin_of(data: Any, dataset: Dataset, settings: Settings) -> Window:
    """From where and when rows are, so that rows are known that are read twice; not how many.

    Args:
        data: what a user handed in.
        dataset: that was opened of it.
        settings: which window was asked for.
    """
    asked = settings.window
    first, last = (dataset.hours if isinstance(dataset, FileDataset) else None) or (None, None)
    source, paths = sources(data, dataset.name, asked.variant)
    return Window(source=source, start=asked.start or first, end=asked.end or last, paths=paths)


def sources(data: Any, name: str, variant: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    """What was read in words, and the paths where they are several.

    Args:
        data: what a user handed in.
        name: of the dataset, for people.
        variant: the only one that was read of captured data.
    """
    paths = [data] if isinstance(data, str | PathLike) else data
    if not isinstance(paths, Sequence) or not all(isinstance(x, str | PathLike) for x in paths):
        return None, ()
    texts = [fspath(path) for path in paths]
    if variant is None:
        read = [each for text in texts for each in _expanded(text)]
    else:
        read = [folder_of(file.path) for file in of_variant(find(texts), variant)]
    found = tuple(dict.fromkeys(map(full, dict.fromkeys(read))))
    if len(found) > MOST_PATHS:
        found = tuple(dict.fromkeys(path.rpartition("/")[0] for path in found))
    first = full(texts[0])
    if len(texts) == 1:
        return first, found if found != (first,) else ()
    return f"{first} and {len(texts) - 1} more ({name})", found


def full(path: str) -> str:
    """The path from the root, the same however it is written.

    >>> full("s3a://bucket/captures/")
    's3://bucket/captures'
    """
    if path.startswith(CATALOG):
        return path
    named = locate(path)
    return str(named.resolve()) if isinstance(named, Path) else with_one_scheme(named.url)


def _expanded(text: str) -> list[str]:
    """The files of a pattern; a text that is none stands for itself."""
    if not has_magic(text) or locate(text).exists():
        return [text]
    if is_url(text):
        return [file.path for file in find([text])]
    return sorted(glob(text, recursive=True)) or [text]  # noqa: PTH207  (text may be absolute)
