"""Benchmarks, side by side with competitors in one run; `make bench` runs them."""
