"""All signals of the past as Parquet files, kept in step with the database, and read bucket by bucket."""
