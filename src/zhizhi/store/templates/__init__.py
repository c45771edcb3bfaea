"""What may be said: templates, versions, approvals."""
