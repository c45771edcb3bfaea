"""诉讼调解: open files in batches, work their steps, keep their fees, give them to law firms."""
