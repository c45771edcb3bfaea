"""跟进 in rows: calls that wait for their wrap-up, callbacks, promises, lines of plans, and what differs."""
