"""How a command speaks: to people, to a program that reads one JSON object, or to a log."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from driftkit.errors import visible
from driftkit.report import OF_COLUMNS
from driftkit.results.findings import ranked
from driftkit.results.history import WORST_FIRST, status_of
from driftkit.results.verdicts import drift_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.results.contract import Baseline, Report

LogFormat = Literal["text", "json"]


@dataclass(slots=True, kw_only=True)
class Speech:
    """How the command speaks that is running, and what it has said for a program.

    Attributes:
        as_json: whether stdout is one JSON object.
        quiet: whether only errors are said.
        log_format: of the log on stderr; None where there is none.
        results: what was learnt or found.
        files: that were written.
        lines: that were told besides.
        errors: that were complained of.
        ends: what is to be done when the command has ended.
    """

    as_json: bool = False
    quiet: bool = False
    log_format: LogFormat | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ends: ExitStack = field(default_factory=ExitStack)

    @property
    def logs_json(self) -> bool:
        """Whether stderr is for programs, too."""
        return self.log_format == "json"

    def start_log(self, log_format: LogFormat, level: str) -> None:
        """Writes driftkit's log to stderr until the command ends.

        Args:
            log_format: of its lines.
            level: the least that is written.
        """
        # Most commands log nothing.
        from driftkit.report.log_lines import start_log  # noqa: PLC0415

        self.log_format = log_format
        start_log(log_format, level, self.ends)

    def log(self, level: str, text: str, error: Exception | None = None) -> None:
        """A record of the log."""
        from driftkit.report.log_lines import LOGGER  # noqa: PLC0415  (as above)

        getattr(LOGGER, level)("%s", text, exc_info=error)

    def note(self, listed: list[str], text: object) -> None:
        """Keeps a text for a program, if one listens."""
        if self.as_json:
            listed.append(visible(str(text)))

    def add_baseline(self, baseline: Baseline, files: Iterable[object]) -> None:
        """Keeps what was learnt for a program, if one listens."""
        if self.as_json:
            self.results.append({"status": "ok", **_common(baseline, files)})

    def add_report(self, report: Report, files: Iterable[object]) -> None:
        """Keeps what was found for a program, if one listens."""
        if self.as_json:
            found = {
                "status": status_of(report, report.metrics()),
                "violations": [_plain(each) for each in ranked(report.findings)],
                "not_checked": [_plain(each) for each in report.skipped],
            }
            self.results.append({**found, **_drift(report), **_common(report, files)})

    def document(self) -> str:
        """The JSON object, in a line."""
        # Rows of the past need not have one.
        found = [each["status"] for each in self.results if "status" in each]
        worst = min(found, key=WORST_FIRST.index, default="ok")
        said = {"status": "error" if self.errors else worst, "results": self.results}
        more = {"files": self.files, "lines": self.lines, "errors": self.errors}
        return json.dumps({**said, **more}, allow_nan=False)


_speech: ContextVar[Speech] = ContextVar("_speech")
_TO_PEOPLE = Speech()


def speech() -> Speech:
    """Of the command that is running; people are spoken to where there is none."""
    return _speech.get(_TO_PEOPLE)


@contextmanager
def speaking() -> Iterator[Speech]:
    """While a command runs, which may change how it speaks."""
    with ExitStack() as ends:
        own = Speech(ends=ends)
        token = _speech.set(own)
        try:
            yield own
        finally:
            _speech.reset(token)


def _common(result: Baseline | Report, files: Iterable[object]) -> dict[str, Any]:
    run = result.run
    return {
        "monitor": run.monitor if run else "",
        "rows": run.rows if run else None,
        "notes": [visible(each) for each in result.notes()],
        "metrics": [_plain(each) for each in result.metrics() if each.group not in OF_COLUMNS],
        "files": [visible(str(each)) for each in files],
    }


def _drift(report: Report) -> dict[str, Any]:
    """The features that are not ordinary, and whether days are known; nothing if not judged."""
    drift = drift_of(report)
    if drift is None:
        return {}
    found = {name: getattr(drift, name) for name in ("calibration", "explanation", "days")}
    features = [each for each in drift.to_dict()["features"] if each["verdict"] != "ordinary"]
    return {"drift": {**found, "features": [_plain(each) for each in features]}}


def _plain(value: Any) -> Any:
    """The value as JSON has it: what is not finite is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value.item() if hasattr(value, "item") else value
