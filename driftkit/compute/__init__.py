"""Who computes the statistics: the local runner, the scan on Spark, or Deequ."""
