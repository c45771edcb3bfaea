"""Money, rates, civil days, spans, ids, canonical bytes, named limits."""
