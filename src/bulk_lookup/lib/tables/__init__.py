"""Tables in files: CSV, TSV, XLSX, JSON Lines, Parquet; read as a stream, written as a stream."""
