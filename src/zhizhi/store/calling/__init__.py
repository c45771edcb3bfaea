"""外呼活动: whom a dialler rings next, and what came of it (docs/decisions/0067-outbound-calling.md)."""
