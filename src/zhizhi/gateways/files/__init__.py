"""Table files: one way to read CSV, XLSX and Parquet (`open_table`), and one to write rejected rows."""
