"""代扣: mandates, the debits that were ordered under them, their batches, and the living reserve: docs/debits.md."""
