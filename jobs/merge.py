"""The ground-truth merge for spark-submit.

    spark-submit jobs/merge.py CAPTURES... --ground-truth LABELS --output DIR [--update]

Arguments are those of `driftkit merge`; the output must be a folder that all workers see.
"""

from __future__ import annotations

import os
import sys

from driftkit.cli import main

if __name__ == "__main__":
    os.environ.setdefault("DRIFTKIT_RUNNER", "spark")
    main(["merge", *sys.argv[1:]])
