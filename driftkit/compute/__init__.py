"""Jobs: a state of each unit of a dataset, all of them added up, in this process or on Spark."""
