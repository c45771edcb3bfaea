"""案件分配: which desk gets which case, and why."""
