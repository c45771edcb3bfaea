"""Money that comes in: told, matched, returned, reversed, refunded."""
