"""`make fuzz`: runs many iterations, prints what came of them, and keeps what went wrong."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.fuzz.cases import ERROR, KNOWN, RESULT, safe_name
from tests.fuzz.running import TARGETS, iterate, settled
from tests.fuzz.workers import Plan, Tally, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEPT = Path("build") / "fuzz"
_SHOWN_SECONDS = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code: 0 if nothing went wrong, else 1.

    Args:
        arguments: in place of the process's own.
    """
    asked = _parser().parse_args(arguments)
    if asked.only:
        return _again(asked.only)
    began = time.monotonic()
    shown, tally = began, Tally()
    seconds = asked.minutes * 60 if asked.minutes else None
    plan = Plan(
        iterations=asked.iterations, seed=asked.seed, workers=asked.workers, seconds=seconds
    )
    # What is known when a person has enough of it is worth a report too.
    with suppress(KeyboardInterrupt):
        for tally in run(plan):
            if time.monotonic() - shown > _SHOWN_SECONDS:
                shown = time.monotonic()
                _say(f"{tally.iterations:,} iterations, {len(tally.failures)} kinds of failures")
    for line in report(tally, time.monotonic() - began, asked.seed):
        _say(line)
    return int(bool(tally.failures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--iterations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, help="begin nothing more after so many")
    parser.add_argument("--only", help="an iteration as a report names it: SEED/TARGET/NUMBER")
    return parser


def report(tally: Tally, seconds: float, seed: int) -> Iterator[str]:
    """A table of the targets, and every kind of failure, whose smallest case is kept."""
    yield ""
    yield "| target | iterations | results | errors told | known limits | failures | ms each |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for target in TARGETS:
        yield _row(target.name, [target.name], tally)
    yield _row("all", [target.name for target in TARGETS], tally)
    yield ""
    yield f"{tally.iterations:,} iterations of seed {seed} in {seconds / 60:.1f} minutes."
    for number, (count, failure) in enumerate(tally.failures.values(), start=1):
        folder = KEPT / f"{number:03d}-{safe_name(failure.target)}"
        failure.case.save(folder)
        (folder / "said.txt").write_text(failure.said, encoding="utf-8", errors="backslashreplace")
        yield f"\n{count:,} x {failure.target}: {failure.kind}"
        yield f"    kept in {folder}; again: --only '{failure.seed}'"


def _row(name: str, targets: Sequence[str], tally: Tally) -> str:
    counts: Counter[str] = Counter()
    for (target, outcome), count in tally.done.items():
        counts[outcome] += count * (target in targets)
    spent = sum(tally.seconds.get(target, 0.0) for target in targets)
    whole = sum(counts.values())
    shown = [f"{counts[each]:,}" for each in (RESULT, ERROR, KNOWN, "failure")]
    return f"| {name} | {whole:,} | {' | '.join(shown)} | {1000 * spent / max(whole, 1):.1f} |"


def _again(seed: str) -> int:
    """Runs a single iteration in this process."""
    _, name, _ = seed.split("/")
    (target,) = (each for each in TARGETS if each.name == name)
    with TemporaryDirectory() as folder, settled():
        found = iterate(target, seed, Path(folder))
    _say(found if isinstance(found, str) else f"{found.said}\n{found.case}")
    return int(not isinstance(found, str))


def _say(line: str) -> None:
    sys.stdout.write(f"{line.encode('utf-8', 'backslashreplace').decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
