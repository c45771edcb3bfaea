"""Signing in, proving again, and looking after one's own way in."""
