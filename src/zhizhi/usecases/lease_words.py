"""What the API says of a lease, in JSON words; refusals carry rule, citation and the next permitted instant."""

import re
from datetime import datetime
from typing import Any

from zhizhi.core.conduct.decide import Decision
from zhizhi.core.kernel.text import Text
from zhizhi.store.outbound.words import WHY

ID = re.compile(r"([0-9]{1,19})-([0-9]{1,19})", re.ASCII)

WHY_NOT = {
    "unknown_case": Text("没有该案件，或不在本令牌范围内", "there is no such case, or it is not this token's"),
    "named_twice": Text("同一客户在本请求中出现两次", "the same person is named twice in this request"),
    "no_number": Text("该客户没有可拨打的号码", "the person has no number that can be called"),
    "erased_person": Text("客户资料已删除或无法解开", "the person's data were erased or do not open"),
    "partial_profile": Text("适用的规则包尚不齐全，不能外呼", "not all packs of this profile are there yet: no calls"),
    "bulk_stop": Text("批量停催生效中，到期后再租用", "a bulk stop is in force; help: lease again once it is over"),
    "bad_facts": Text(
        "客户资料不构成可判定的案例，请先更正", "the person's facts are no case that can be decided; help: correct them"
    ),
    **WHY,
}


def lease_document(
    lease: tuple[int, int], decision: Decision, number: str, expires_at: datetime, at: datetime
) -> dict[str, Any]:
    """A permit in the hands of the other system."""
    body = decision.to_document()
    return {
        "verdict": "permit",
        "lease": lease_name(*lease),
        "number": number,
        "expires_at": expires_at.isoformat(),
        "expires_in_seconds": int((expires_at - at).total_seconds()),
        "must_end_by": body["must_end_by"],
        "obligations": body["obligations"],
    }


def refusal_document(decision: Decision) -> dict[str, Any]:
    """What the law says instead."""
    body = decision.to_document()
    return {
        "verdict": body["verdict"],
        "next_permitted_at": body["next_permitted_at"],
        "hold_for": body["hold_for"],
        "unknown": body["unknown"],
        "reasons": [
            {"rule": reason.rule, "cites": reason.cites, "explain": reason.explain.to_document()}
            for reason in decision.reasons
        ],
    }


def unknown_document(code: str) -> dict[str, Any]:
    """Why the law was not even asked."""
    return {"verdict": "refused", "code": code, "explain": WHY_NOT[code].to_document()}


def lease_name(person_id: int, lease_id: int) -> str:
    """How the other system names a lease."""
    return f"{person_id}-{lease_id}"


def lease_named(name: str) -> tuple[int, int] | None:
    """The inverse of `lease_name`; None for what is no name of a lease."""
    match = ID.fullmatch(name)
    return None if match is None else (int(match[1]), int(match[2]))
