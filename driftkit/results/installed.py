"""Which driftkit it is, for those who are told what it found."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """The version of driftkit that runs; empty where it is not installed, as from a zip file."""
    try:
        return version("driftkit-spark")
    except PackageNotFoundError:
        return ""
