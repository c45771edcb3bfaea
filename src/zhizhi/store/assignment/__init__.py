"""案件分配 in rows: who is away, what collectors are schooled for, who may not have whom, and every move of a case."""
