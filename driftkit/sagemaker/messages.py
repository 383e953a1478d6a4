"""Exit messages of a job, in the AWS containers' words."""

from __future__ import annotations

from driftkit.capture.pairs import MISMATCH
from driftkit.errors import DriftkitError

LIMIT = 1024
NO_VIOLATIONS = "Completed: Job completed successfully with no violations."
CLARIFY_DONE = "Completed: SageMaker XAI Analyzer ran successfully"
NO_DATA = "Job inputs had no data"
ONLY_SCHEDULES = (
    "AlgorithmError: CloudWatch publishing is available only for jobs from MonitoringSchedules."
)


def completed(violations: int) -> str:
    """What a monitoring job says; AWS writes "1 violations" too.

    >>> completed(3)
    'CompletedWithViolations: Job completed successfully with 3 violations.'
    """
    if not violations:
        return NO_VIOLATIONS
    return f"CompletedWithViolations: Job completed successfully with {violations} violations."


def failed(error: BaseException, *, by_clarify: bool) -> str:
    """What a job that failed says.

    >>> failed(ValueError("x"), by_clarify=True)
    'AlgorithmError: ValueError: x'
    """
    known = isinstance(error, DriftkitError)
    if MISMATCH in str(error):
        # AWS names no file; the log does.
        return f"Error: {error.what if isinstance(error, DriftkitError) else error}."
    said = str(error) if known else f"{type(error).__name__}: {error}"
    if said.startswith(("Error:", "Exception", "AlgorithmError:", "ClientError:", NO_DATA)):
        return said
    if by_clarify:
        return f"{'ClientError' if known else 'AlgorithmError'}: {said}"
    return f"Error: {said}"


def cut(text: str) -> bytes:
    r"""The first kilobyte, cut between characters; what is none is escaped.

    >>> cut("é\udcff")
    b'\xc3\xa9\\udcff'
    """
    # What a variable has in other bytes than UTF-8 reaches Python as halves of characters.
    whole = text.encode("utf-8", "backslashreplace")[:LIMIT]
    return whole.decode("utf-8", "ignore").encode()
