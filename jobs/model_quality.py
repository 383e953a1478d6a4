"""The model-quality monitor for spark-submit.

    spark-submit jobs/model_quality.py baseline INPUT... --problem-type TYPE ... --output DIR
    spark-submit jobs/model_quality.py monitor MERGED... --baseline DIR --output DIR

Arguments are those of `driftkit model-quality`; options may also be given as environment
variables (DRIFTKIT_DIALECT, DRIFTKIT_INFERENCE_ATTRIBUTE, DRIFTKIT_START, ...).
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["model-quality", *sys.argv[1:]])
