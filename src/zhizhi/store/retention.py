"""What becomes of every table when its time is over: the step of the worker that erases it, or why none does.

The words of each model (`PII:`, `Retention:`) say what is held and how long; here stands who keeps that promise.
`docs/retention.md` shows both, and a test holds them against the worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps

from zhizhi.core.kernel.text import Text


class Kept(StrEnum):
    """Why no step of the worker erases a table; a closed list."""

    EVIDENCE = "evidence"
    SYSTEM = "system"
    WRITER = "writer"
    LEDGER = "ledger"
    COLLECTION = "collection"
    IDENTITY = "identity"
    STAFF = "staff"

    @property
    def words(self) -> Text:
        """For the page."""
        return _WORDS[self]

    @property
    def is_owed(self) -> bool:
        """Whether the time ends one day, and nothing erases the rows then: owed work, said openly."""
        return self in (Kept.LEDGER, Kept.COLLECTION, Kept.IDENTITY, Kept.STAFF)


_OWED = Text("；期满删除尚未实现", "; erasing at the end of that time is not built yet")
_WORDS = {
    Kept.EVIDENCE: Text("随存证保留，不删", "kept with the evidence, never erased"),
    Kept.SYSTEM: Text("不含个人信息，随系统保留", "no personal data; kept as long as the system is"),
    Kept.WRITER: Text("由写入者随写随清", "replaced or dropped by whoever writes it"),
    Kept.LEDGER: Text("账目须保存满期" + _OWED.zh, "the ledger is kept for its time" + _OWED.en),
    Kept.COLLECTION: Text("催收记录须保存满期" + _OWED.zh, "collection records are kept for their time" + _OWED.en),
    Kept.IDENTITY: Text("身份资料随客户保存" + _OWED.zh, "identity is kept as long as the person" + _OWED.en),
    Kept.STAFF: Text(
        "员工资料保存至离职后三年" + _OWED.zh, "staff are kept until three years after leaving" + _OWED.en
    ),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """`step`: the worker's step that erases it. `records`: what its rows are to the law (core/law, retain nodes)."""

    step: str | None = None
    kept: Kept | None = None
    records: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert (self.step is None) is not (self.kept is None), "either a step or a reason"


_COLLECTION = ("collection_record",)
_LEDGER = ("ledger",)
_KEPT: Mapping[Kept, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Kept.EVIDENCE: (
        (
            *("leaf", "salt", "checkpoint", "code", "recording_erasure"),
            *("pack_release", "house_activation", "house_proof", "approval", "unmasking", "person_view"),
            *("incident", "incident_deadline", "incident_fact", "assessment"),
            *("canary", "canary_alarm"),
            *("carrier_filing", "wording_recall", "outbound_step", "bulk_stop", "quality_draw"),
            *("export", "export_row"),
            *("assignment", "assignment_desk", "assignment_move", "staff_skill"),
        ),
        (),
    ),
    Kept.SYSTEM: (
        (
            *("lender", "agency", "queue", "viewer_key", "watermark", "tally", "pull_cursor"),
            *("strategy", "strategy_version", "template", "template_version", "run", "api_token", "lease_campaign"),
            "token_account",
            *("campaign", "campaign_step", "campaign_reject", "send_pace", "key_rotation", "collection_target"),
            "unmask_limit",
            *(
                "webhook_endpoint",
                "relief_pool",
                "debit_batch",
                "living_reserve",
                "commission_card",
                "commission_statement",
            ),
            *("law_firm", "court_batch", "outbound_number", "creditor"),
            *("calling_campaign", "calling_seat", "calling_line", "calling_step"),
        ),
        (),
    ),
    Kept.WRITER: (("heartbeat", "cap_limit", "cap_activation", "sign_in_wait", "api_pace", "work_address"), ()),
    Kept.LEDGER: (
        (
            *("debt", "instalment", "payment", "entry", "relief", "relief_part", "relief_line"),
            *("remittance", "refund", "debit_mandate", "debit_attempt", "core_difference"),
            *("commission_line", "commission_dispute", "certificate", "court_fee"),
            *("creditor_change", "creditor_holding", "creditor_notice"),
        ),
        _LEDGER,
    ),
    Kept.COLLECTION: (
        (
            *("collection_case", "stop", "note", "promise", "statement", "decision", "permit", "permit_slot"),
            *("delivery", "called_off", "contact", "hold", "wish", "lease", "lease_record", "live_call", "settlement"),
            "debt_day",
            *("placement_batch", "placement_lot", "placement", "placement_extension"),
            *("reconciliation_run", "breach_inquiry", "reconciliation_finding", "inquiry_step", "reconciled_edge"),
            "contradiction",
            *("person_request", "outbound_call", "calling_target"),
            *("debt_fact", "credit_objection", "credit_message"),
            *("court_file", "court_step", "court_deadline", "court_batch_line"),
            *("barred_collector", "reserved_negotiation", "residence", "quality_review"),
        ),
        _COLLECTION,
    ),
    Kept.STAFF: (
        (
            *("staff", "second_factor", "recovery_code", "staff_device", "staff_session", "sign_in_act"),
            *("staff_change", "invitation", "provider_link", "provider_session"),
            "staff_absence",
        ),
        (),
    ),
}
FATES: Mapping[str, Fate] = {
    **{table: Fate(kept=why, records=records) for why, (tables, records) in _KEPT.items() for table in tables},
    "person": Fate(kept=Kept.IDENTITY, records=("identity",)),
    "party": Fate(kept=Kept.IDENTITY, records=("identity", "contact")),
    "point": Fate(kept=Kept.IDENTITY, records=("identity", "contact")),
    "former_row": Fate(kept=Kept.IDENTITY, records=("identity",)),
    "recording": Fate(
        "erasing recordings", records=("call_centre_recording", "collection_record", "oral_plan_recording")
    ),
    "imported_file": Fate("erasing uploads", records=_LEDGER),
    "refused_row": Fate("erasing refused rows"),
    "audit_run": Fate("erasing audits"),
    "impact_run": Fate("erasing impacts"),
    "rejected_record": Fate("erasing rejected records"),
    "inbox_item": Fate("erasing arrivals", records=("sms_record",)),
    "kept_answer": Fate("erasing kept answers"),
    "campaign_target": Fate("erasing campaign targets"),
    "portal_request": Fate("erasing portal requests"),
    "portal_session": Fate("erasing portal requests"),
    "invitation_mail": Fate("erasing invitation mails"),
    "webhook_delivery": Fate("erasing webhooks"),
    "webhook_attempt": Fate("erasing webhooks"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a model says of itself."""

    table: str
    pii: str
    retention: str


def declared() -> list[Declared]:
    """Every table of the store, by name, with the words of its model."""
    found = []
    for model in apps.get_app_config("store").get_models():
        told = " ".join((model.__doc__ or "").split())
        pii, _, retention = told.partition("PII:")[2].partition("Retention:")
        found.append(Declared(model._meta.db_table, pii.strip(), retention.strip()))
    return sorted(found, key=lambda one: one.table)
