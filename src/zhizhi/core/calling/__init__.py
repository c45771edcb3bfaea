"""外呼: how many lines a campaign rings at once. Pure."""
