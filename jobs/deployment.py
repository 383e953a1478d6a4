"""The deployment monitor for spark-submit.

    spark-submit jobs/deployment.py baseline INPUT... --goal accuracy --output DIR
    spark-submit jobs/deployment.py monitor INPUT... --baseline DIR --output DIR
    spark-submit jobs/deployment.py evaluate INPUT... --policy-file FILE --baseline DIR --output DIR
    spark-submit jobs/deployment.py scaling INPUT... --policy-file FILE --output DIR
    spark-submit jobs/deployment.py traffic CAPTURES... --model-by SOURCE --output DIR
    spark-submit jobs/deployment.py pipeline --stage NAME=PATH --stage NAME=PATH \
        --baseline-stage NAME=PATH --baseline-stage NAME=PATH --output DIR
    python jobs/deployment.py weights REPORT... --baseline DIR --output DIR
    python jobs/deployment.py simulate PLAN --rates ARM=RATE,ARM=RATE --output DIR

Arguments are those of `driftkit deployment`; options may also be given as environment variables
(DRIFTKIT_STRATEGY, DRIFTKIT_TIME_COLUMN, DRIFTKIT_START, ...). The last two read no rows, and start
no session.
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["deployment", *sys.argv[1:]])
