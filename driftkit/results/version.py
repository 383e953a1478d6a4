"""Which driftkit it is, for those who are told what it found."""

from __future__ import annotations

__version__ = "0.1.0"
