"""What a merge reads and writes: captured files by the hour, files of ground truth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from driftkit.capture.manifests import data_files
from driftkit.capture.variant import Variant, variant_below, variant_of
from driftkit.capture.window import hour_of, in_window
from driftkit.io.finding import File, find
from driftkit.readers.dataset import grouped
from driftkit.readers.lines import batches, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from driftkit.readers.lines import Batch, Block

UNIT_BYTES = 64 * 1024 * 1024
# Hours of a few records are read together; each by itself would cost more than its lines.
GROUP_BYTES = 8 * 1024 * 1024
# Readers of the merged files leave out what begins with an underscore.
ABOUT = "_merge"
KEPT = f"{ABOUT}/ground_truth"
# By which the records of an endpoint are told from those of a batch job.
_CAPTURE = b'"captureData"'
_LOOKED_AT, _HEAD = 3, 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureUnit:
    """Captured files of one hour that are merged into one file.

    Attributes:
        variant: endpoint and variant; of a batch job, the folders below the input.
        hour: as yyyy/mm/dd/hh; empty where the path has none and each record's time decides.
        part: number of the unit in its hour.
        files: in their order.
        start: beginning of the window, for records without an hour.
        end: end of the window.
    """

    variant: Variant
    hour: str
    part: int
    files: tuple[File, ...]
    start: datetime | None = None
    end: datetime | None = None

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)

    def target(self, hour: str) -> str:
        """The merged file of an hour, relative to the output; its name is a function of its folder."""
        folder = "/".join(
            name for name in (self.variant.endpoint, self.variant.variant, hour) if name
        )
        name = uuid5(NAMESPACE_URL, f"{folder}/{self.part}")
        file = f"part-{self.part:05d}-{name}.c000.jsonl"
        return f"{folder}/{file}" if folder else file


@dataclass(frozen=True, kw_only=True)
class CaptureGroup:
    """Neighbouring units of one endpoint and variant that are read together."""

    units: tuple[CaptureUnit, ...]

    @property
    def variant(self) -> Variant:
        """Endpoint and variant."""
        return self.units[0].variant

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(unit.size for unit in self.units)

    def batches(self) -> Iterator[Batch]:
        """The lines of all files, in their order.

        Raises:
            InputError: a file cannot be read.
        """
        return batches(chain.from_iterable(map(blocks, self._units)))

    def unit_of(self, block: Block) -> CaptureUnit:
        """The unit that a block belongs to."""
        return self._units[block.file]

    @cached_property
    def _units(self) -> dict[File, CaptureUnit]:
        return {file: unit for unit in self.units for file in unit.files}


def capture_groups(
    inputs: Sequence[str], start: datetime | None, end: datetime | None
) -> tuple[CaptureGroup, ...]:
    """The captured files of the window, by endpoint, variant and hour.

    Raises:
        InputError: an input is missing, or nothing is in the window.
    """
    groups = []
    units = _units(inputs, start, end)
    for _, neighbours in groupby(units, key=lambda unit: unit.variant):
        of_variant = list(neighbours)
        ranges = grouped([unit.size for unit in of_variant], GROUP_BYTES)
        groups += [CaptureGroup(units=tuple(of_variant[i:j])) for i, j in ranges]
    return tuple(groups)


def _units(
    inputs: Sequence[str], start: datetime | None, end: datetime | None
) -> list[CaptureUnit]:
    """The captured files of the window, by endpoint, variant and hour.

    Raises:
        InputError: an input is missing, or nothing is in the window.
    """
    files = [file for file in in_window(find(inputs), start, end) if file.size]
    variants = _variants(files, inputs)
    keyed = sorted((variants[file], hour_of_file(file), file.path, file) for file in files)
    units = []
    for (variant, hour), items in groupby(keyed, key=lambda item: item[:2]):
        of_hour = [each for item in items for each in data_files(item[3])]
        ranges = grouped([file.size for file in of_hour], UNIT_BYTES)
        units += [
            CaptureUnit(
                variant=variant,
                hour=hour,
                part=part,
                files=tuple(of_hour[i:j]),
                start=start,
                end=end,
            )
            for part, (i, j) in enumerate(ranges)
        ]
    return units


def _variants(files: Sequence[File], inputs: Sequence[str]) -> dict[File, Variant]:
    """Endpoint and variant of each file; of a batch job's, the folders below the input."""
    by_variant: defaultdict[Variant, list[File]] = defaultdict(list)
    for file in files:
        by_variant[variant_of(file.path)].append(file)
    found = {}
    for variant, some in by_variant.items():
        is_batch = not any(_CAPTURE in file.head(_HEAD) for file in some[:_LOOKED_AT])
        for file in some:
            found[file] = variant_below(file.path, inputs) if is_batch else variant
    return found


def truth_units(inputs: Sequence[str]) -> tuple[tuple[File, ...], ...]:
    """Files of ground truth in groups of about one size.

    Raises:
        InputError: an input is missing.
    """
    files = [file for file in find(inputs) if file.size]
    ranges = grouped([file.size for file in files], UNIT_BYTES // 2)
    return tuple(tuple(files[i:j]) for i, j in ranges)


def hour_of_file(file: File) -> str:
    """The hour of a file's folder as yyyy/mm/dd/hh; empty where it has none."""
    moment = hour_of(file.path)
    return "" if moment is None else f"{moment.year:04d}/{moment:%m/%d/%H}"
