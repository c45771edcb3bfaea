"""诉求: what a debtor asks for, the answer with its reasons, and the second look: docs/relief.md."""
