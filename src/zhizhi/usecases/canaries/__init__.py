"""Canary persons: planted by two people of compliance, ruled on when somebody looks; docs/canaries.md."""
