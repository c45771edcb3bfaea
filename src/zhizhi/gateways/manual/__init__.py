"""Contacts that a person makes."""
