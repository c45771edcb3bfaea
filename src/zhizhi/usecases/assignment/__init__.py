"""案件分配: done, previewed, undone; and what decides it: who is away, schooled, barred or negotiating."""
