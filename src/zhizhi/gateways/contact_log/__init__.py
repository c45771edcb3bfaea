"""Contact logs from outside: opening them, putting their rows in order on disk, writing the findings."""
