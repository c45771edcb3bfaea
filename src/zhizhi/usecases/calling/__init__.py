"""Calling campaigns are made, run and paced; docs/calling.md."""
