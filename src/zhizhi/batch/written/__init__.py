"""Cases as they were written down, read by DuckDB into the tables of facts and decided as books."""
