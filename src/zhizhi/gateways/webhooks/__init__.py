"""Webhooks leave the house: addresses that may be reached, the signature, one request."""
