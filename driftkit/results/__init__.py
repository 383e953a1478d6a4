"""What every monitor returns, in one shape: what ran, its metrics, findings, and what was skipped."""
