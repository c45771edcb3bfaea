"""结果未定: contacts whose end nobody knew, and what a person said of it with proof."""
