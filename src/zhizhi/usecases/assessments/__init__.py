"""Impact assessments: asked for by one person, approved by another; docs/assessments.md."""
