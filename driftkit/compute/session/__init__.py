"""The session in which Spark runs jobs."""
