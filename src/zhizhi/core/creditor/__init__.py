"""债权人变更: who holds a debt, for how much, at most how much: docs/creditor.md."""
