"""What outcomes say about being answered or delivered, and into how many parts a text message is cut."""

ANSWERED = frozenset(("answered_dropped", "connected", "conversation", "voicemail_limited", "voicemail_debt"))
NOT_ANSWERED = frozenset(("no_answer", "busy", "not_in_service", "rejected"))
GSM_ALONE, GSM_EACH = 160, 153
UCS2_ALONE, UCS2_EACH = 70, 67


def was_answered(outcome: str | None, line_result: str | None = None, talk_seconds: int | None = None) -> bool | None:
    """Whether somebody, or a machine, took the call; None where that is not told.

    Boundary: a call that lasted was answered, whatever word stands beside it; a voicemail box that is full, or a call
    that the network intercepted, tells nothing.
    """
    if talk_seconds:
        return True
    if outcome in ANSWERED or line_result == "answered":
        return True
    if outcome in NOT_ANSWERED or line_result in ("no_answer", "rejected", "busy", "off", "suspended", "empty_number"):
        return False
    return None


def was_delivered(outcome: str | None) -> bool | None:
    """Whether a message reached its phone; a message that was sent may have."""
    return {"delivered": True, "undelivered": False}.get(outcome or "")


def sms_parts(text: str) -> int:
    """Into how many messages a text is cut: letters that every phone's alphabet shares with ASCII in one octet each,
    else two; no character is cut in two.

    Source: 3GPP TS 23.040 9.2.3.24 (six octets of each part join the parts), TS 23.038.
    """
    if all(letter in _SHARED for letter in text):
        alone, each = GSM_ALONE, GSM_EACH
    else:
        alone, each = UCS2_ALONE, UCS2_EACH
    sizes = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    if sum(sizes) <= alone:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > each:
            parts, used = parts + 1, 0
        used += size
    return parts


_SHARED = frozenset("\n\r !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
