"""号码库: the numbers that a lender's calls go out from (docs/decisions/0067-outbound-calling.md)."""
