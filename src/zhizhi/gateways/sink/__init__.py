"""The demonstration outbox: a local provider that delivers to nobody."""
