"""Readers of input: files of CSV, JSON, Parquet and Avro, Arrow tables, pandas and Spark frames."""
