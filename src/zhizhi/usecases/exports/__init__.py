"""A file leaves: asked for, approved, counted, marked; docs/exports.md."""
