"""Webhooks: which systems are told, of which events, what waits to be told and how each try went."""
