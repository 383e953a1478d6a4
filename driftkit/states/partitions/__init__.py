"""States of a table's partitions, by values of a column or by time."""
