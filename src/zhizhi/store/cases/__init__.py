"""Our work on a person: stage, stops, notes, promises."""
