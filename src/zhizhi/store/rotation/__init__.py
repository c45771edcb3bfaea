"""Change of keys while work goes on (docs/decisions/0043-keys.md)."""
