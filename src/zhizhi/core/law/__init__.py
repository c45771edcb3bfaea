"""The law as data: a rule pack is parsed, checked and evaluated here; nothing in this package knows a contact case."""
