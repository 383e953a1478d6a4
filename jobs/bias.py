"""The bias monitor for spark-submit.

    spark-submit jobs/bias.py baseline INPUT... --analysis-config FILE --output DIR
    spark-submit jobs/bias.py monitor MERGED... --analysis-config FILE --baseline DIR --output DIR

Arguments are those of `driftkit bias`; options may also be given as environment variables
(DRIFTKIT_DIALECT, DRIFTKIT_ANALYSIS_CONFIG, DRIFTKIT_START, ...).
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["bias", *sys.argv[1:]])
