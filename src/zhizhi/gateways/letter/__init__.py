"""Letters as PDF in a print folder."""
