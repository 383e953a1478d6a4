"""The attribution monitor for spark-submit.

    spark-submit jobs/attribution.py baseline INPUT... --analysis-config FILE --model SPEC \
        --output DIR
    spark-submit jobs/attribution.py monitor CAPTURES... --analysis-config FILE --model SPEC \
        --baseline DIR --output DIR [--keep-states]
    spark-submit jobs/attribution.py monitor STATES... --analysis-config FILE --baseline DIR \
        --output DIR

Arguments are those of `driftkit attribution`; options may also be given as environment variables
(DRIFTKIT_DIALECT, DRIFTKIT_ANALYSIS_CONFIG, DRIFTKIT_MODEL, ...).
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["attribution", *sys.argv[1:]])
