"""One folder an outside system. A gateway takes a permit, not an address: see `permit.py` and `docs/channels.md`."""
