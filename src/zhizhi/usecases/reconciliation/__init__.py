"""Others' records of our contacts, read, matched and kept; what does not match becomes a breach inquiry."""
