"""Files that came in, rows that were refused, changes that were made."""
