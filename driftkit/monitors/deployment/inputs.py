"""Opens the data of a deployment: rows of its arms, under the names that all its parts know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from driftkit.capture.arms import NO_ARM, SEVERAL_ARMS, Arms
from driftkit.capture.heads import holds_captures
from driftkit.capture.manifests import data_files
from driftkit.capture.predictions import PREDICTION, PROBABILITY
from driftkit.capture.variant import of_variant, variants
from driftkit.errors import InputError
from driftkit.formats.deployment.selectors import Selector
from driftkit.io.finding import find
from driftkit.monitors.deployment.arm_batches import ENDING, batches_of_arms
from driftkit.monitors.deployment.arm_captures import captures_of_arms
from driftkit.monitors.deployment.arm_tables import table_of_arms
from driftkit.monitors.deployment.row_columns import RowColumns
from driftkit.monitors.model_quality.inputs import shown_names
from driftkit.readers.conventions import refuse_settings
from driftkit.readers.dataset import judge
from driftkit.readers.formats import TEXT, WINDOW
from driftkit.readers.opening import opened, paths_in, record_files
from driftkit.results.contract import Run
from driftkit.states.deployment.forced import REASON as FORCED_REASON
from driftkit.states.deployment.storage import MONITOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.columns.chunk import Rejections
    from driftkit.formats.deployment.plan import Plan, PlannedMetric
    from driftkit.io.finding import File
    from driftkit.monitors.deployment.row_columns import RowAttributes
    from driftkit.readers.dataset import Dataset
    from driftkit.settings import Read, Settings

_PROBABILITY = {PROBABILITY: "--probability-attribute"}
# What tells a prediction, or a probability, and the option that names it: the one may stand for the other.
_TOLD_BY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {PREDICTION: {PREDICTION: "--inference-attribute"} | _PROBABILITY, PROBABILITY: _PROBABILITY}
)


class ArmData:
    """Whatever a user handed in; its files are found, and their kind is looked at, once.

    Args:
        data: paths, tables or data frames.
        run: how it is read, and of which variant.
    """

    def __init__(self, data: Any, run: Settings) -> None:
        self.data = data
        self._run = run

    @property
    def name(self) -> str:
        """The paths, for messages; empty where there are none."""
        return ", ".join(paths_in(self.data) or ())

    @cached_property
    def captures(self) -> tuple[File, ...] | None:
        """The files of captured or merged records of the variant that is asked for; None of other data.

        Raises:
            InputError: an input is missing, or has no such variant.
        """
        files = capture_files(self.data, self._run.read)
        chosen = self._run.window.variant
        return files if files is None or chosen is None else of_variant(files, chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRows:
    """The rows of the arms of a deployment.

    Attributes:
        dataset: the rows; `names` are those of its columns.
        arms: that they are of.
        own: the names that the columns of a table have themselves; none of records.
        remarks: what was recognised in them without being told, for people.
    """

    dataset: Dataset
    arms: Arms
    own: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical names of the columns that there are, for example arm, time, label."""
        return tuple(column.name for column in self.dataset.columns)

    def refuse_unpredicted(self, metrics: Sequence[PlannedMetric]) -> None:
        """Refuses rows without the predictions or probabilities that a metric needs.

        Labels may come later: metrics of them are not measured until then.

        Raises:
            InputError: there is such a metric.
        """
        for metric in metrics:
            for needed, told_by in _TOLD_BY.items():
                if needed in metric.needs and {*told_by}.isdisjoint(self.names):
                    raise self._unpredicted(metric.name, told_by)

    def _unpredicted(self, metric: str, told_by: Mapping[str, str]) -> InputError:
        wanted = " or ".join(told_by)
        read = ", ".join(each for each in _TOLD_BY if each in self.names)
        return InputError(
            f"nothing tells which column is the {wanted}"
            if self.own
            else f"the answers are not read for a {wanted}",
            where=self.dataset.name,
            expected=f"a {wanted} for the metric {metric}",
            found=shown_names(self.own) if self.own else read or "no answers",
            todo=f"Name it with {' or '.join(told_by.values())}, or plan without {metric}",
        )

    def judge(self, total: int, rejected: Rejections) -> None:
        """Refuses rows that tell nothing of the arms, once they have been read.

        Args:
            total: number of rows of all arms.
            rejected: rows and records that were set aside.

        Raises:
            InputError: more than half of the rows are of no arm or of several, or cannot be read, or
                all were sent to their arms by name.
        """
        none, several = (rejected.counts.get(each, 0) for each in (NO_ARM, SEVERAL_ARMS))
        if none + several > total:
            overlap = "the arms' selectors overlap: more than half of the rows are of several arms"
            raise InputError(
                overlap if several > none else "more than half of the rows are of no arm",
                where=self.dataset.name,
                expected=f"rows that exactly one selector finds: {self.arms.shown()}",
                found=f"{none:,} of no arm and {several:,} of several, of {total + none + several:,}",
                todo="Correct the selectors of the plan",
            )
        forced = rejected.counts.get(FORCED_REASON, 0)
        if forced and not total:
            raise InputError(
                "all requests were sent to their arms by name",
                where=self.dataset.name,
                expected="requests that came to their arms by the weights",
                found=f"{forced:,} {FORCED_REASON}",
                todo="Wait for such requests, or leave the mark out if they were chosen by chance",
            )
        others = {each: n for each, n in rejected.counts.items() if each != FORCED_REASON}
        judge(self.dataset, replace(rejected, counts=others), total)

    def run(self, settings: Settings, where: str) -> Run:
        """How they are summed up, with what was recognised in them.

        Args:
            settings: by which they are read.
            where: they are summed up, for people.
        """
        run = Run.about(MONITOR, self.dataset, settings, f"one pass {where}")
        return replace(run, remarks=(*run.remarks, *self.remarks))


def opened_arms(given: ArmData, plan: Plan, attributes: RowAttributes, run: Settings) -> ArmRows:
    """Opens whatever a user hands in as rows of a plan's arms.

    Captured and merged records are told from tables by what is in them, outputs of batch transform
    jobs by their ending, where all arms are jobs; manifests stand for the files that they list.
    Rows of no arm or of several are set aside, counted by these reasons.

    Args:
        given: captured or merged records, or tables.
        plan: its arms, unit, pairing, metrics and segments say which columns there are.
        attributes: where labels, predictions and the rest are.
        run: how it is read, and which window.

    Raises:
        InputError: it cannot be read, lacks a column, a prediction or a probability, or its files
            are of two arms or of none.
        SettingsError: an attribute is no path.
    """
    found = _opened(given, plan, attributes, run)
    found.refuse_unpredicted(plan.metrics)
    return found


def _opened(given: ArmData, plan: Plan, attributes: RowAttributes, run: Settings) -> ArmRows:
    """The rows of arms, whatever they tell.

    Raises:
        InputError: as `opened_arms`.
        SettingsError: an attribute is no path.
    """
    arms = Arms.from_selectors(plan.arms)
    columns = RowColumns.of_plan(plan, attributes)
    files = given.captures
    batches = _batch_files(given.data, arms) if files is None else ()
    if files is None and not batches:
        table = opened(given.data, run)
        own = tuple(column.name for column in table.columns)
        return ArmRows(dataset=table_of_arms(table, arms, columns), arms=arms, own=own)
    name = given.name
    if files is None:
        refuse_settings(name, "a batch transform job's", run, frozenset())
        dataset, remarks = batches_of_arms(batches, arms, columns, run)
    else:
        refuse_settings(name, "JSON", run, TEXT | WINDOW)
        dataset, remarks = captures_of_arms(files, arms, columns, run)
    return ArmRows(dataset=replace(dataset, name=name), arms=arms, remarks=remarks)


def arms_in(given: ArmData) -> dict[str, Selector]:
    """The arms that captured data have where nobody names them: each variant's folder is one.

    Raises:
        InputError: there are fewer than two variants.
    """
    found = variants(given.captures or ())
    names = [each.variant for each in found if each.variant and each.endpoint]
    if len(set(names)) < 2:
        raise InputError(
            "there is no second arm",
            where=given.name or "data",
            expected="captures of two variants, as <endpoint>/<variant>/yyyy/mm/dd/hh/",
            found=", ".join(map(str, found)) or "no captures",
            todo="Name the arms with --arm NAME=SELECTOR",
        )
    unique = len(set(names)) == len(names)
    return {
        each.variant if unique else f"{each.endpoint}-{each.variant}": Selector(
            kind="folder", key=each.endpoint, value=each.variant
        )
        for each in found
        if each.variant and each.endpoint
    }


def capture_files(data: Any, read: Read) -> tuple[File, ...] | None:
    """The files with something in them, if they hold captured or merged records; else None.

    Raises:
        InputError: an input is missing.
    """
    filled = tuple(file for file in record_files(data, read) or () if file.size)
    return filled if any(map(holds_captures, filled[:1])) else None


def _batch_files(data: Any, arms: Arms) -> tuple[File, ...]:
    """The files of batch transform jobs, those of manifests among them; none of everything else."""
    paths = paths_in(data) if arms.are_jobs else None
    listed = [each for file in find(paths) for each in data_files(file)] if paths else []
    files = tuple(file for file in listed if file.size)
    return files if any(file.path.endswith(ENDING) for file in files) else ()
