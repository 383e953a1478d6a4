"""The tasks into which Spark divides jobs."""
