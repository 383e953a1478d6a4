"""Opens a configuration: the file, what goes before it, and what both say, checked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.configuration.checking import checked
from driftkit.configuration.documents import read_document
from driftkit.configuration.layers import layered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.configuration.documents import Document
    from driftkit.configuration.model import Configuration
    from driftkit.io.locations import PathOrUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A configuration and what it was made of.

    Attributes:
        configuration: checked.
        document: what holds, and where it is from.
    """

    configuration: Configuration
    document: Document


def opened(
    file: PathOrUrl, given: Iterable[str] = (), environment: Mapping[str, str] | None = None
) -> Opened:
    """A configuration of a file.

    Args:
        file: whose name ends in .yml, .yaml or .toml.
        given: on the command line, as `store.path=VALUE`; goes before all else.
        environment: goes before the file; None for the process's own.

    Raises:
        SettingsError: something in it is not what it should be.
    """
    variables = os.environ if environment is None else environment
    document = layered(read_document(file), variables, given)
    return Opened(configuration=checked(document), document=document)
