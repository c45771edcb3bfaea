"""协商减免: what may be offered to a debtor, what an offer comes to, and who may grant it."""
