"""诉讼调解: court files, their steps, deadlines, fees, batches and law firms: docs/litigation.md."""
