"""Keeps what a receiver of numbers did not take, and sends it again with the next runs for a day."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from driftkit.errors import OutputError, visible
from driftkit.io.writing import holding, write_outputs
from driftkit.results.contract import Finding, Metric, Skipped
from driftkit.results.facts import Facts, Ownership, Subject
from driftkit.sinks.delivering import KEEP_TRYING
from driftkit.sinks.facts_sinks import sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from dataclasses import Field

    from driftkit.io.locations import Location
    from driftkit.sinks.facts_sinks import FactsSink
    from driftkit.sinks.posting import Attempts

NAME = "unsent.jsonl"
_LOGGER = logging.getLogger(__name__)
# Another run sends its alerts, which may be kept in the same folder, for a minute and a little.
_PATIENCE_SECONDS = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """What a sink has not had yet.

    Attributes:
        sink: its name.
        facts: of the run, without what only pages and stores need.
    """

    sink: str
    facts: Facts

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.sink, self.facts.run_id


def send_with_unsent(
    facts: Sequence[Facts],
    sinks: Iterable[FactsSink],
    file: Location,
    attempts: Callable[[], Attempts],
) -> list[str]:
    """Sends runs to every sink, after those that it did not take before, the oldest first.

    Args:
        facts: of the runs.
        sinks: where they are sent.
        file: in which is kept what is to be sent again; there is none where nothing is.
        attempts: makes the clock of a sink, which has a minute for all.

    Returns:
        A line for each sink and run that could not be sent.
    """
    lines: list[str] = []
    try:
        before = read_unsent(file)
    except (OSError, UnicodeError) as error:
        before = []
        lines.append(f"not read that were to be sent again: {file} ({type(error).__name__})")
    done: set[tuple[str, str]] = set()
    left: list[Unsent] = []
    for sink in sinks:
        own = [each for each in before if each.sink == sink.name]
        new = [Unsent(sink=sink.name, facts=each) for each in facts]
        known = {each.key for each in new}
        waiting = [each for each in own if each.key not in known]
        kept, said = _sent_in_turn(sink, waiting, new, attempts())
        lines += said
        left += kept
        done |= {each.key for each in own} | known
    if before or left:
        try:
            _write(file, done, left)
        except OutputError as error:
            lines.append(f"not kept, and will not be sent again: {error}")
    return lines


def _sent_in_turn(
    sink: FactsSink, waiting: Sequence[Unsent], new: Sequence[Unsent], attempts: Attempts
) -> tuple[list[Unsent], list[str]]:
    """What is left of a sink, and what is said of it."""
    left: list[Unsent] = []
    lines: list[str] = []
    now = attempts.now()
    for each in waiting:
        if now - each.facts.evaluated_at > KEEP_TRYING:
            lines.append(f"not sent to {sink.name} within 24 hours: {_about(each.facts)}")
            continue
        # Where one is not taken the others are not tried: the new ones tell whether it answers.
        outcome = None if left else sent(each.facts, sink, attempts)
        if outcome is None or outcome.status == "retry":
            left.append(each)
        elif outcome.status == "dead":
            lines.append(f"not sent to {sink.name}: {outcome.error}: {_about(each.facts)}")
    for each in new:
        outcome = sent(each.facts, sink, attempts)
        again = outcome.status == "retry" and sink.dated
        if outcome.status != "sent":
            later = "; the next run tries again" if again else ""
            lines.append(f"not sent to {sink.name}: {(outcome.error or '').rstrip('.')}{later}")
        left += [each] if again else []
    return left, [visible(each) for each in lines]


def _about(facts: Facts) -> str:
    return f"{facts.subject.model} {facts.monitor} {facts.subject.end or facts.evaluated_at}"


def read_unsent(file: Location) -> list[Unsent]:
    """What the file holds, the oldest first; nothing where there is none."""
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            read = json.loads(line)
            found.append(Unsent(sink=str(read["sink"]), facts=_facts(read["facts"])))
        except (ValueError, KeyError, TypeError, AttributeError):
            _LOGGER.warning(
                "%s:%d: this is no line of what was not sent; it is left out", file, number
            )
    return sorted(found, key=lambda each: each.facts.evaluated_at)


def _write(file: Location, done: set[tuple[str, str]], left: Iterable[Unsent]) -> None:
    """Puts what is left in place of what was tried; other runs may have added to it meanwhile."""
    with holding(file.parent, wait=_PATIENCE_SECONDS):
        others = [each for each in read_unsent(file) if each.key not in done]
        lines = [
            json.dumps({"sink": each.sink, "facts": _plain(_bare(each.facts))})
            for each in (*others, *left)
        ]
        if lines:
            write_outputs(file.parent, {file.name: "".join(f"{each}\n" for each in lines)})
        else:
            write_outputs(file.parent, {}, obsolete=[file.name])


def _bare(facts: Facts) -> Facts:
    """What sinks read, without passwords in names of inputs."""
    return replace(facts, figures=(), files={}, inputs=tuple(map(visible, facts.inputs)))


def _plain(value: Any) -> Any:
    """The value as JSON has it, without what is as usual: most of a metric is."""
    if is_dataclass(value):
        told = ((each, getattr(value, each.name)) for each in fields(value))
        return {each.name: _plain(own) for each, own in told if not _is_usual(each, own)}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    # Numbers of numpy.
    return value.item() if hasattr(value, "item") else value


def _is_usual(field: Field[Any], value: Any) -> bool:
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return field.default is not MISSING and bool(value == field.default)


def _facts(read: dict[str, Any]) -> Facts:
    about = dict(read["subject"])
    for name in {"start", "end"} & about.keys():
        about[name] = datetime.fromisoformat(about[name])
    if "ownership" in about:
        about["ownership"] = Ownership(**about["ownership"])
    return Facts(
        **{
            **read,
            "subject": Subject(**about),
            "evaluated_at": datetime.fromisoformat(read["evaluated_at"]),
            "metrics": tuple(Metric(**_ranges(each)) for each in read.get("metrics", ())),
            "findings": tuple(Finding(**_ranges(each)) for each in read.get("findings", ())),
            "skipped": tuple(Skipped(**each) for each in read.get("skipped", ())),
            "inputs": tuple(read.get("inputs", ())),
        }
    )


def _ranges(read: dict[str, Any]) -> dict[str, Any]:
    return {**read, **{name: tuple(read[name]) for name in {"allowed", "interval"} & read.keys()}}
