"""Numbers that calls go out from are kept, rested and asked for before every call; docs/calling.md."""
