"""The groups in which the help of a command lists its settings."""

from __future__ import annotations

READING = "How the input is read"
COMPUTING = "How it is computed"
KEEPING = "What is kept, and added up"
JUDGING = "How it is judged"
