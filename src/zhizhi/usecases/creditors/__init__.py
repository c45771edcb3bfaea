"""Changes of creditor: asked for, approved by another, noticed: docs/creditor.md."""
