"""Files of CSV, JSON and Parquet, Arrow tables and data frames, as datasets."""
