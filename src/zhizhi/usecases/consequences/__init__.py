"""True consequences: kept, and asked for where a wording claims one: docs/consequences.md."""
