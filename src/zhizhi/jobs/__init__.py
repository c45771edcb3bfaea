"""What runs without a person: claim, gateway, one use case."""
