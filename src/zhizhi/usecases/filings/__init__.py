"""Signatures and wordings are filed with carriers before anything leaves with them; docs/filings.md."""
