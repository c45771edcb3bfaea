"""What the rows of each table say today of the fields that their leaves committed to.

`fixed` fields never change once they are committed to, and are compared with every leaf of the row; `latest` fields are
those that a later leaf may state anew: only the latest leaf of the row speaks for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from zhizhi.store.contacts.models import Contact

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """How the rows of a table are read: columns after (person_id, id), and the fields that they make."""

    columns: str
    fixed: Callable[[tuple[Any, ...]], Fields]
    latest: Callable[[tuple[Any, ...]], Fields] = lambda _row: {}
    has_person: bool = True


def instant(at: datetime | None) -> str | None:
    """An instant as leaves commit to it: UTC, so that every reader writes the same text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at is not None else None


_CONTACT_COLUMNS = (
    "at",
    "channel",
    "direction",
    "party_id",
    "point_id",
    "debts",
    "form",
    "purpose",
    "collector",
    "collector_kind",
    "staff_id",
    "ring_seconds",
    "line_result",
    "talk_seconds",
    "exchanged",
    "about_debt",
    "is_robot",
    "in_reply_to",
    "permit_id",
)


def of_contact(contact: Contact) -> Fields:
    """The fields of a contact that never change."""
    return _contact_fields(tuple(getattr(contact, column) for column in _CONTACT_COLUMNS))


def _contact_fields(row: tuple[Any, ...]) -> Fields:
    known = dict(zip(_CONTACT_COLUMNS, row[: len(_CONTACT_COLUMNS)], strict=True))
    return {"contact": {**known, "at": instant(known["at"])}, "permit": known["permit_id"]}


def _named(*names: str, first: int = 0) -> Callable[[tuple[Any, ...]], Fields]:
    def read(row: tuple[Any, ...]) -> Fields:
        values = [instant(value) if isinstance(value, datetime) else value for value in row[first:]]
        return dict(zip(names, values, strict=False))

    return read


SOURCES: Mapping[str, Source] = {
    "assessment": Source(
        "lender_id, activity, from_at, until_at, approval_id",
        _named("lender", "activity", "from", "until", "approval"),
        has_person=False,
    ),
    "assignment": Source(
        """lender_id, "on"::text, kind, by_id, undoes_id, counts, encode(digest, 'hex')""",
        _named("lender", "on", "assignment", "by", "undoes", "counts", "digest"),
        has_person=False,
    ),
    "staff_absence": Source(
        "staff_id, from_on::text, to_on::text, set_by_id, ended_at, ended_by_id",
        _named("staff", "from", "to", "by"),
        _named("ended", "ended_by", first=4),
        has_person=False,
    ),
    "staff_skill": Source(
        "staff_id, kind, value, set_by_id, ended_at, ended_by_id",
        _named("staff", "skill", "value", "by"),
        _named("ended", "ended_by", first=4),
        has_person=False,
    ),
    "barred_collector": Source(
        "staff_id, ground, remark, set_by_id, ended_at, ended_by_id, ended_ground",
        _named("staff", "ground", "remark", "by"),
        _named("ended", "ended_by", "ended_ground", first=4),
    ),
    "reserved_negotiation": Source(
        "case_id, until_on::text, ground, set_by_id, ended_at, ended_by_id, ended_ground",
        _named("case", "until", "ground", "by"),
        _named("ended", "ended_by", "ended_ground", first=4),
    ),
    "placement": Source(
        "batch_id, agency_id, case_id, hand, placed_at, state, ended_at, ended_by, ended_ground",
        _named("batch", "agency", "case", "hand", "placed_at"),
        _named("state", "ended_at", "ended_by", "ended_ground", first=5),
    ),
    "placement_extension": Source(
        "placement_id, from_due_on::text, due_on::text, ground, by_id",
        _named("placement", "from_due_on", "due_on", "ground", "by"),
    ),
    "certificate": Source(
        "number, debt_id, encode(digest, 'hex'), withdrawn_at IS NOT NULL",
        _named("certificate", "debt", "digest"),
        _named("withdrawn", first=3),
    ),
    "person_request": Source(
        "kind, how, received_by, received_at, state, due_on::text, answer, answered_by, second_answer, second_by",
        _named("request", "how", "received_by", "received_at"),
        _named("state", "due_on", "answer", "answered_by", "second_answer", "second_by", first=4),
    ),
    "court_file": Source(
        "debt_id, lane, claim_minor, encode(digest, 'hex'), batch_id, firm_id, assigned_on::text, docket",
        lambda row: _named("debt", "claim_minor", "digest", "batch")((row[0], *row[2:5])),
        lambda row: _named("lane", "firm", "assigned_on", "docket")((row[1], *row[5:])),
    ),
    "court_step": Source(
        """file_id, n, step, "on"::text, until_on::text, state, by_id""",
        _named("file", "n", "step", "on", "until", "state", "by"),
    ),
    "court_fee": Source(
        """file_id, item, move, amount_minor, "on"::text, approval_id, by_id""",
        _named("file", "item", "move", "amount_minor", "on", "approval", "by"),
    ),
    "debt_fact": Source(
        "debt_id, fact, n, holds, on_day::text, source, how, evidence, by_id",
        _named("debt", "fact", "n", "holds", "on", "source", "how", "evidence", "by"),
    ),
    "credit_objection": Source(
        "debt_id, how, received_by_id, received_at, due_on::text, answer, answered_by_id",
        _named("debt", "how", "received_by", "received_at", "due_on"),
        _named("answer", "answered_by", first=5),
    ),
    "credit_message": Source(
        "objection_id, debt_id, message, due_on::text, sent_by_id, confirmed_by_id, receipt",
        _named("objection", "debt", "message", "due_on"),
        _named("sent_by", "confirmed_by", "receipt", first=4),
    ),
    "creditor_change": Source(
        "debt_id, n, kind, on_day::text, basis, balance_minor, approval_id, asked_by_id,"
        " (SELECT json_agg(json_build_array(h.creditor_id, h.amount_minor, h.allowed_minor) ORDER BY h.place)"
        " FROM creditor_holding h WHERE h.person_id = creditor_change.person_id AND h.change_id = creditor_change.id)",
        _named("debt", "n", "kind", "on", "basis", "balance_minor", "approval", "asked_by", "holdings"),
    ),
    "creditor_notice": Source(
        "change_id, served_on::text, how, evidence, by_id", _named("change", "served_on", "how", "evidence", "by")
    ),
    "commission_statement": Source(
        "lender_id, agency_id, month::text, n, encode(digest, 'hex'), due_minor, state, agency_signed_by_id,"
        " lender_signed_by_id",
        _named("lender", "agency", "month", "n", "digest", "due_minor"),
        _named("state", "agency_signed_by", "lender_signed_by", first=6),
        has_person=False,
    ),
    "commission_dispute": Source(
        "statement_id, item, reason, by_id, answer, answer_text, answered_by_id",
        _named("statement", "item", "reason", "by"),
        _named("answer", "answer_text", "answered_by", first=4),
        has_person=False,
    ),
    "incident": Source(
        "lender_id, kind, is_drill, known_at, opened_by_id",
        _named("lender", "incident", "drill", "known_at", "opened_by"),
        has_person=False,
    ),
    "canary_alarm": Source(
        "person_id, staff_id, role, how, ruling, ruled_by_id, remark, incident_id",
        _named("person", "staff", "role", "how"),
        _named("ruling", "ruled_by", "remark", "opened", first=4),
        has_person=False,
    ),
    "incident_fact": Source(
        "incident_id, kind, by_id, clock, body, text",
        _named("incident", "fact", "by", "clock", "body", "text"),
        has_person=False,
    ),
    "person_view": Source(
        "staff_id, role, ground, quarter_at",
        _named("staff", "role", "ground", "quarter_at"),
    ),
    "approval": Source(
        "act, lender_id, about_staff_id, digest, asked_by_id, ground, state, ruled_by_id, remark",
        _named("act", "lender", "about", "digest", "asked_by", "ground"),
        _named("state", "ruled_by", "remark", first=6),
        has_person=False,
    ),
    "decision": Source("body, facts, by", _named("decision", "facts", "by")),
    "delivery": Source("permit_id, state, failure", _named("permit"), _named("state", "failure", first=1)),
    "contact": Source(
        ", ".join((*_CONTACT_COLUMNS, "outcome")), _contact_fields, _named("outcome", first=len(_CONTACT_COLUMNS))
    ),
    "contradiction": Source(
        "delivery_id, outcome, reported_at, looked_by_id, remark",
        _named("delivery", "outcome", "reported_at"),
        _named("looked_by", "remark", first=3),
    ),
    "payment": Source("debt_id, amount_minor, kind", _named("debt", "amount_minor", "kind")),
    "remittance": Source(
        "lender_id, source, amount_minor, currency, arrived_on::text, state, rule, payment_id, approval_id, ground",
        _named("lender", "source", "amount_minor", "currency", "arrived_on"),
        _named("state", "rule", "payment", "approval", "ground", first=5),
        has_person=False,
    ),
    "refund": Source(
        "payment_id, amount_minor, approval_id, ground, by_id",
        _named("payment", "amount_minor", "approval", "ground", "by"),
    ),
    "debit_mandate": Source(
        "debt_id, signed_on::text, signed_how, limit_debit_minor, limit_day_minor, income_minor, state, approval_id,"
        " ended_by, ended_ground",
        _named("debt", "signed_on", "signed_how", "limit_debit_minor", "limit_day_minor", "income_minor"),
        _named("state", "approval", "ended_by", "ended_ground", first=6),
    ),
    "debit_attempt": Source(
        'debt_id, mandate_id, number, "on"::text, amount_minor, state, failure, remittance_id, looked_by, ground',
        _named("debt", "mandate", "order", "on", "amount_minor"),
        _named("state", "failure", "remittance", "looked_by", "ground", first=5),
    ),
    "core_difference": Source(
        "lender_id, debt_id, as_of_on::text, differs, ours_minor, core_minor, state, component, approval_id,"
        " settled_by_id, ground",
        _named("lender", "debt", "as_of", "differs", "ours_minor", "core_minor"),
        _named("state", "component", "approval", "by", "ground", first=6),
        has_person=False,
    ),
    "relief": Source(
        "debt_id, catalogue, offer, months, standing_minor, waived_minor, due_minor, ground, state, received_minor,"
        " posted_minor, state = 'broken'",
        _named("debt", "catalogue", "offer", "months", "standing_minor", "waived_minor", "due_minor", "ground"),
        _named("state", "received_minor", "posted_minor", "broken", first=8),
    ),
    "statement": Source("kind, party_id, body, at", _named("kind", "party", "body", "said_at")),
    "stop": Source(
        "kind, debt_id, ground, set_by, until_at, lifted_at IS NOT NULL, lifted_ground, lifted_by",
        _named("kind", "debt", "ground", "by", "until"),
        _named("lifted", "lifted_ground", "lifted_by", first=5),
    ),
    "hold": Source("state, ground, until_at, channels", _named("state", "ground", "until", "channels")),
    "note": Source(
        "action, outcome, overdue_reason, next_step, author",
        _named("action", "outcome", "overdue_reason", "next_step", "by"),
    ),
    "carrier_filing": Source(
        "lender_id, channel, carrier, signature, version_id, n, state, number, on_day::text, expires_on::text, reason,"
        " evidence, evidence_sha256, approval_id, by_id",
        _named(
            *("lender", "channel", "carrier", "signature", "version", "n", "state", "number", "on", "expires_on"),
            *("reason", "evidence", "evidence_sha256", "approval", "by"),
        ),
        has_person=False,
    ),
    "outbound_step": Source(
        "number_id, kind, on_day::text, filed_until::text, filing_number, mark, daily_max, carrier, holder, reason,"
        " evidence, approval_id, by_id",
        _named(
            *("number", "step", "on", "filed_until", "filing_number", "mark", "daily_max", "carrier", "holder"),
            *("reason", "evidence", "approval", "by"),
        ),
        has_person=False,
    ),
    "wording_recall": Source(
        "version_id, by_id, reason, followed_up, closed_by_id",
        _named("withdrawn", "by", "reason"),
        _named("followed_up", "closed_by", first=3),
        has_person=False,
    ),
    "bulk_stop": Source(
        "lender_id, agency_id, product, channel, areas, from_at, until_at, reason, ground, counts, set_by_id,"
        " lifted_by_id, lifted_ground, approval_id",
        _named("lender", "agency", "product", "channel", "areas", "from", "until", "reason", "ground", "counts", "by"),
        _named("lifted_by", "lifted_ground", "approval", first=11),
        has_person=False,
    ),
    "residence": Source("division, source, by_id", _named("division", "source", "by")),
    "quality_draw": Source(
        "lender_id, from_on::text, until_on::text, plan, seeds, candidates, drawn, digest, drawn_by_id",
        _named("lender", "from", "until", "plan", "seeds", "candidates", "drawn", "digest", "by"),
        has_person=False,
    ),
    "quality_review": Source(
        "contact_id, draw_id, n, staff_id, reviewer_id, state, marks, score, severity, ruled_by_id, consequence,"
        " consequence_by_id",
        _named("contact", "draw", "n", "staff", "reviewer"),
        _named("state", "marks", "score", "severity", "ruled_by", "consequence", "consequence_by", first=5),
    ),
    "template_version": Source("body, subject, marks", _named("body", "subject", "marks"), has_person=False),
    "house_activation": Source(
        "lender_id, sha256, ground, activated_by_id, activated_at, ended_by_id, ended_because, ended_at",
        _named("lender", "sha256", "ground", "by", "activated_at"),
        _named("ended_by", "ended_because", "ended_at", first=5),
        has_person=False,
    ),
    "staff_change": Source(
        "staff_id, kind, role, lender_id, agency_id, team, ground, asked_by_id, state, ruled_by_id, ruled_ground",
        _named("staff", "kind", "role", "lender", "agency", "team", "ground", "by"),
        _named("state", "ruled_by", "ruled_ground", first=8),
        has_person=False,
    ),
    "sign_in_act": Source("staff_id, kind, by_id, ground", _named("staff", "act", "by", "ground"), has_person=False),
    "strategy_version": Source("n, body", _named("n", "body"), has_person=False),
    "breach_inquiry": Source(
        'source, "on"::text, kind, permit_id, state, ground, article, consequence, answered_by, ended_by',
        _named(
            *("source", "on", "kind", "permit", "state", "ground"),
            *("article", "consequence", "answered_by", "ended_by"),
        ),
        has_person=False,
    ),
    "live_call": Source(
        "permit_id, ended_because, outcome, line_result, ring_seconds, talk_seconds, recording_failure, answered_at",
        _named(
            *("permit", "ended", "outcome", "line_result", "ring_seconds", "talk_seconds"),
            *("recording_failure", "answered_at"),
        ),
    ),
    "recording": Source(
        "call_id, permit_id, object_name, sha256, sealed_sha256, bytes, seconds",
        _named("call", "permit", "object", "sha256", "sealed_sha256", "bytes", "seconds"),
    ),
    "recording_erasure": Source(
        "recording_id, object_name, kept_until::text, rule, erased_on::text, decided_at",
        _named("recording", "object", "kept_until", "rule", "erased_on", "decided_at"),
    ),
    "unmasking": Source(
        "what, target_id, party_id, case_id, ground, staff_id, role, until",
        _named("what", "target", "party", "case", "ground", "by", "role", "until"),
    ),
    "export": Source(
        "'E' || lpad(id::text, 8, '0'), kind, target, data_class, rows, recipient, ground, staff_id, role, approval_id,"
        " sha256",
        _named(
            *("export", "export_kind", "target", "class", "rows", "recipient", "ground", "by", "role", "approval"),
            "sha256",
        ),
        has_person=False,
    ),
    "run": Source('"on"::text, origin, counts', _named("on", "origin", "counts"), has_person=False),
}
