"""The law in rows: every pack that a decision relied on, byte for byte, and what proposed packs would have done."""
