"""Audits of contact logs that screens asked for."""
