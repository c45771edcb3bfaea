"""跟进: what the outcome of a call says of the line, and which step follows it when."""
