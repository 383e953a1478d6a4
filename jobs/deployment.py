"""The deployment monitor for spark-submit.

    spark-submit jobs/deployment.py baseline INPUT... --goal accuracy --output DIR
    spark-submit jobs/deployment.py monitor INPUT... --baseline DIR --output DIR
    spark-submit jobs/deployment.py scaling INPUT... --policy-file FILE --output DIR

Arguments are those of `driftkit deployment`; options may also be given as environment variables
(DRIFTKIT_STRATEGY, DRIFTKIT_TIME_COLUMN, DRIFTKIT_START, ...).
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["deployment", *sys.argv[1:]])
