"""The whole demo: learn half a year of flights, then watch every later month."""

from __future__ import annotations

import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import driftkit
from baselines.flights import attribution, bias, deployment, page, quality, shell
from baselines.flights.damage import damaged
from baselines.flights.data import flights, served_rows, training_rows
from baselines.flights.endpoint import ENDPOINT, serve
from baselines.flights.findings import Month, mistakes
from baselines.flights.model import train
from baselines.flights.training import write_training_csv

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

MONTHS = tuple(pd.period_range("2013-07", "2013-12", freq="M"))
DAMAGED_MONTH = pd.Period("2013-10", freq="M")
AS_FLOWN, AS_DAMAGED = "AllTraffic", "Damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where the demo writes; all of it is made anew by each run."""

    root: Path

    @property
    def training(self) -> Path:
        """The training data."""
        return self.root / "training.csv"

    @property
    def baseline(self) -> Path:
        """What is normal."""
        return self.root / "baseline"

    @property
    def captured(self) -> Path:
        """The captured requests."""
        return self.root / "captured"

    @property
    def reports(self) -> Path:
        """What each month brought."""
        return self.root / "reports"

    def clear(self) -> None:
        """Removes what an earlier run wrote."""
        self.training.unlink(missing_ok=True)
        for folder in (self.baseline, self.captured, self.reports):
            shutil.rmtree(folder, ignore_errors=True)


def run(folder: Folder) -> int:
    """Runs the demo; returns 0 when driftkit named exactly the damage that was done."""
    began = time.perf_counter()
    folder.clear()
    model = _make_data(folder)
    page.heading("2  What is normal? A baseline of the training data")
    shell.driftkit(
        "data-quality", "baseline", folder.training, "--output", folder.baseline, show=True
    )
    page.heading("3  Each later month against it")
    # A run of one month is one process on one core.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        months = list(pool.map(partial(_monitor, folder, AS_FLOWN), MONTHS))
    for month in months:
        page.show_month(month)
    page.heading("4  October once more, damaged on purpose")
    page.show_damages()
    broken = _monitor(folder, AS_DAMAGED, DAMAGED_MONTH, show=True)
    page.show_month(broken)
    flown = months[MONTHS.index(DAMAGED_MONTH)]
    wrong = mistakes(flown=flown, damaged=broken)
    page.heading("5  Summary")
    page.show_summary(months, broken)
    page.show_reasons(months)
    page.show_verdict(wrong)
    quality.run(folder.root)
    bias.run(folder.root, model)
    attribution.run(folder.root, model)
    deployment.run(folder.root, model)
    page.show_end(folder.root, time.perf_counter() - began)
    return 1 if wrong else 0


def _make_data(folder: Folder) -> Pipeline:
    page.heading("1  A model, its training data and its captured requests")
    table = flights()
    page.say(f"{len(table):,} flights left New York in 2013. Which of them will be late?")
    model = train(training_rows(table))
    rows = write_training_csv(folder.training, model)
    page.say(f"Model trained on {rows:,} flights, January to June: {folder.training}")
    served = served_rows(table)
    requests = serve(served, model, folder.captured / ENDPOINT / AS_FLOWN)
    in_month = served["requested"].dt.month == DAMAGED_MONTH.month
    requests += serve(damaged(served[in_month]), model, folder.captured / ENDPOINT / AS_DAMAGED)
    page.say(f"{requests:,} requests to an endpoint captured, July to December: {folder.captured}")
    return model


def _monitor(folder: Folder, variant: str, month: pd.Period, *, show: bool = False) -> Month:
    label = f"{month:%B}" if variant == AS_FLOWN else f"{month:%B}, damaged"
    report = folder.reports / f"{month}{'' if variant == AS_FLOWN else '-damaged'}"
    shell.driftkit(
        *("data-quality", "monitor"),
        *(folder.captured / ENDPOINT / variant, "--baseline", folder.baseline),
        *("--start", f"{month:%Y-%m-01}", "--end", f"{month + 1:%Y-%m-01}"),
        *("--output", report),
        show=show,
    )
    return Month.of(label, driftkit.data_quality.MonitoringResult.read(report))


def main() -> None:
    """Runs the demo in the folder named on the command line, or in build/demo."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build") / "demo"
    sys.exit(run(Folder(root=root)))
