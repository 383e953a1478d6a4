"""Runs the demo: `python -m baselines.flights [FOLDER]`."""

from baselines.flights.demo import main

if __name__ == "__main__":
    main()
