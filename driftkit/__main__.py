"""`python -m driftkit` is the command line."""

from __future__ import annotations

from driftkit.cli import main

if __name__ == "__main__":
    main()
