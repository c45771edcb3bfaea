"""Why a bulk stop is set, and what it never stops."""

from zhizhi.core.kernel.text import Text

REASONS = {
    "typhoon": Text("台风", "typhoon"),
    "flood": Text("洪涝", "flood"),
    "earthquake": Text("地震", "earthquake"),
    "other_disaster": Text("其他灾害", "another disaster"),
    "public_health": Text("公共卫生事件", "a public-health emergency"),
    "system_failure": Text("系统故障", "system failure"),
    "other": Text("其他", "other"),
}
DISASTERS = ("typhoon", "flood", "earthquake", "other_disaster")
SPARED = ("serve", "answer_request", "required_by_law", "opt_out_confirmation", "complaint_reply")
"""Purposes that are no dunning: what the law wants served or said, and answers that were asked for. The database holds
the same list in `zhizhi_bulk_stop_of`, and a test compares the two."""
STOPPED = "bulk_stop"
"""Why a delivery was pulled back, a lease recalled, a wish held."""
