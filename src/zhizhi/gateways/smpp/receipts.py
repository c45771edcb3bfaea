"""Delivery receipts of SMSCs: fields in the text by an old habit, optional parameters where the SMSC is kinder."""

import re
from datetime import datetime

from zhizhi.gateways.inbound import Receipt, ReceiptState
from zhizhi.gateways.smpp.pdu import Delivered

_FIELD = re.compile(r"\b(id|stat|err):(\S*)", re.IGNORECASE)
_BY_WORD = {
    "DELIVRD": ReceiptState.DELIVERED,
    "ACCEPTD": ReceiptState.PENDING,
    "ENROUTE": ReceiptState.PENDING,
    "EXPIRED": ReceiptState.UNDELIVERED,
    "DELETED": ReceiptState.UNDELIVERED,
    "UNDELIV": ReceiptState.UNDELIVERED,
    "REJECTD": ReceiptState.UNDELIVERED,
    "UNKNOWN": ReceiptState.UNDELIVERED,
}
_WORDS = (None, "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD")


def receipt_of(delivered: Delivered, at: datetime, *, ids_are_decimal: bool) -> Receipt:
    """One receipt. Refuses: no message id, no known state (ValueError)."""
    fields = {name.lower(): value for name, value in reversed(_FIELD.findall(delivered.text.partition(" text:")[0]))}
    message_id = delivered.receipted_id or fields.get("id", "")
    if not delivered.receipted_id and ids_are_decimal:
        message_id = f"{int(message_id):x}"
    state = delivered.message_state
    word = _WORDS[state] if state is not None and 0 < state < len(_WORDS) else fields.get("stat", "").upper()[:7]
    if not message_id or word not in _BY_WORD:
        raise ValueError("a receipt without id or state")
    code = f"{word}/{fields['err']}" if fields.get("err", "").strip("0") else str(word)
    return Receipt(f"{message_id}:{word}", message_id, "", _BY_WORD[word], code, at)
