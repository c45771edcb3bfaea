"""诉讼调解: one file of a debt from preparation to its end, deadlines, bars, fees, what may be said meanwhile."""
