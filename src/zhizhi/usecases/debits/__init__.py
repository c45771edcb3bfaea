"""Direct debits: a mandate is recorded and ended, batches are asked for, failures are looked at."""
