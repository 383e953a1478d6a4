"""The data-quality monitor for spark-submit.

    spark-submit jobs/data_quality.py baseline INPUT... --output DIR
    spark-submit jobs/data_quality.py monitor INPUT... --baseline DIR --output DIR

Arguments are those of `driftkit data-quality`; options may also be given as environment
variables (DRIFTKIT_DIALECT, DRIFTKIT_ENGINE, DRIFTKIT_START, ...).
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["data-quality", *sys.argv[1:]])
