"""Webhooks: endpoints of other systems, when a failed message is tried again, and what is told once more."""
