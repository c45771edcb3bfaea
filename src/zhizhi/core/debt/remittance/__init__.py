"""Money that comes in (来款): on which debt it belongs, and who may say so alone. Pure."""
