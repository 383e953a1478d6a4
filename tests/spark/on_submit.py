"""A driver for spark-submit: runs a job several times in one application, each time as its file says.

spark-submit tests/spark/on_submit.py JOB ARGUMENTS-AS-JSON...
"""

from __future__ import annotations

import json
import runpy
import sys


def main() -> None:
    """Runs the job with each list of arguments; ends where one of the runs fails."""
    job, *lines = sys.argv[1:]
    for line in lines:
        sys.argv = [job, *json.loads(line)]
        try:
            runpy.run_path(job, run_name="__main__")
        except SystemExit as ended:
            if ended.code:
                raise


if __name__ == "__main__":
    main()
