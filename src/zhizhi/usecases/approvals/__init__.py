"""Two persons: one asks, another approves; docs/approvals.md."""
