"""The answer to a plan document: a plan, or what prevents it; and its stable document."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Proposed
from zhizhi.core.conduct.decision import Budget, Obligation, PackUsed, Reason, Warned
from zhizhi.core.conduct.planning.wish import Horizon
from zhizhi.core.kernel.instants import write_instant, zone_of

FORMAT = "zhizhi-plan/1"


class Cause(StrEnum):
    """What stands in the way of a whole plan."""

    RULES = "rules"
    SPAN = "span"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Contact:
    """One planned contact. It is permitted whatever comes of those before it; its own decision is asked again then."""

    wish: str
    contact: Proposed
    ends_at: datetime
    preferred: bool
    must_end_by: datetime | None
    obligations: tuple[Obligation, ...]
    budgets: tuple[Budget, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Contacts in time order, each permitted by the law after those before it.

    `complete`: no plan places more, or more of them at preferred times; false where the search was cut short.
    """

    id: str
    wished: int
    horizon: Horizon
    contacts: tuple[Contact, ...]
    complete: bool
    warnings: tuple[Warned, ...]
    packs: tuple[PackUsed, ...]
    zone: str
    engine: str

    def to_document(self) -> dict[str, object]:
        """The plan in its stable shape; instants stand on the clock of the law's zone."""
        return {"id": self.id, "result": "plan", **_body(self), **_tail(self)}


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Contacts of a wish that found no place, and what was said against the next one. `unknown`: facts that lack."""

    wish: str
    count: int
    reasons: tuple[Reason, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prevented:
    """Not everything can be placed: what can, what cannot, and the smallest set of rules to blame.

    `cause`: `rules`, those of `rules`; `span`, the wishes do not fit into it even without law; `law`, there is none to
    permit anything by.
    """

    plan: Plan
    unplaced: tuple[Unplaced, ...]
    cause: Cause
    rules: tuple[Reason, ...]
    smallest: bool
    sure: bool

    def to_document(self) -> dict[str, object]:
        """The answer in its stable shape: the part that can be placed stands as it does in a plan."""
        zone = zone_of(self.plan.zone)
        return {
            "id": self.plan.id,
            "result": "prevented",
            **_body(self.plan),
            "unplaced": [
                {
                    "wish": one.wish,
                    "count": one.count,
                    "unknown": list(one.unknown),
                    "reasons": [_reason(reason, zone) for reason in one.reasons],
                }
                for one in self.unplaced
            ],
            "prevented_by": {
                "cause": self.cause.value,
                "rules": [_reason(reason, zone) for reason in self.rules],
                "smallest": self.smallest,
                "sure": self.sure,
            },
            **_tail(self.plan),
        }


def _body(plan: Plan) -> dict[str, object]:
    zone = zone_of(plan.zone)
    return {
        "horizon": {"from": _written(plan.horizon.start, zone), "until": _written(plan.horizon.until, zone)},
        "wished": plan.wished,
        "placed": len(plan.contacts),
        "preferred": sum(one.preferred for one in plan.contacts),
        "complete": plan.complete,
        "contacts": [_contact(one, zone) for one in plan.contacts],
    }


def _tail(plan: Plan) -> dict[str, object]:
    return {
        "warnings": [
            {"code": one.code, "explain": one.text.to_document(), "packs": list(one.packs)} for one in plan.warnings
        ],
        "packs": [{"id": pack.id, "version": pack.version, "sha256": pack.sha256} for pack in plan.packs],
        "engine": plan.engine,
        "format": FORMAT,
    }


def _contact(one: Contact, zone: ZoneInfo) -> dict[str, object]:
    return {
        "wish": one.wish,
        "at": _written(one.contact.at, zone),
        "ends_at": _written(one.ends_at, zone),
        "must_end_by": _written(one.must_end_by, zone),
        "channel": one.contact.channel,
        "party": one.contact.party,
        "point": one.contact.point,
        "purpose": one.contact.purpose,
        "form": one.contact.form,
        "preferred": one.preferred,
        "obligations": [{"rule": step.rule, "do": step.do} for step in one.obligations],
        "budgets": [
            {"rule": b.rule, "limit": b.limit, "used": b.used, "resets_at": _written(b.resets_at, zone)}
            for b in one.budgets
        ],
    }


def _reason(reason: Reason, zone: ZoneInfo) -> dict[str, object]:
    return {
        "rule": reason.rule,
        "effect": reason.effect.value,
        "cites": reason.cites,
        "explain": reason.explain.to_document(),
        "until": _written(reason.until, zone),
        "facts": list(reason.facts),
    }


def _written(instant: datetime | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else write_instant(instant, zone)
