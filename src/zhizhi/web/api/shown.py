"""What endpoints about cases and persons answer."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from zhizhi.web.api.answered import Reason, Told


class Case(Told):
    """An open case in a list. Names and numbers are masked."""

    case: str
    name: str
    phone: str
    product: str
    stage: str
    stop: str | None
    days_past_due: int
    balance_minor: int
    currency: str
    opened_on: date
    next_step: str | None
    next_step_at: datetime | None


class WholeCase(Told):
    """The head of a case, open or closed."""

    case: str
    lender: str
    agency: str
    name: str
    phone: str
    product: str
    stage: str
    stop: str | None
    days_past_due: int
    balance_minor: int
    currency: str
    opened_on: date
    closed_on: date | None
    exit: str | None
    next_step: str | None
    next_step_at: datetime | None
    aged_on: date = Field(description="阶段与天数所属之日 · the day of which stage and days are")


class FoundCases(Told):
    """Cases that a search found, closed ones too."""

    cases: list[str]


class Point(Told):
    """Where somebody can be reached, masked."""

    point: str
    kind: str
    masked: str
    source: str | None
    place: str | None
    is_reserved: bool | None
    invalid_since: datetime | None


class Party(Told):
    """The person, or somebody around them."""

    party: str
    role: str
    name: str
    relation: str
    points: list[Point]


class Parties(Told):
    """Everybody of a case, the debtor first."""

    parties: list[Party]


class Account(Told):
    """A debt with what it is made of; the account by its last four characters."""

    debt: str
    account: str
    product: str
    currency: str
    state: str
    oldest_unpaid_due_on: date | None
    days_past_due: int
    balance_minor: int
    components_minor: dict[str, int]
    as_of_on: date


class Accounts(Told):
    """The debts of a case."""

    accounts: list[Account]


class Contact(Told):
    """A contact that happened; `outcome` null: not known yet, counted as perhaps."""

    contact: str
    at: datetime
    channel: str
    direction: str
    party: str
    point: str | None
    purpose: str | None
    outcome: str | None
    ring_seconds: int | None
    talk_seconds: int | None
    exchanged: bool | None
    about_debt: bool | None
    permit: str | None


class Permit(Told):
    """A permit, and how its delivery stands."""

    permit: str
    decision: str
    minted_at: datetime
    channel: str
    party: str
    point: str
    purpose: str
    state: str
    delivery: str | None
    not_before: datetime
    expires_at: datetime
    must_end_by: datetime | None
    used_at: datetime | None
    released_because: str | None


class DecisionRow(Told):
    """A decision in a list."""

    decision: str
    at: datetime
    channel: str
    verdict: str
    rule: str
    next_permitted_at: datetime | None
    hold_for: str | None


class ToldDecision(Told):
    """What the law said; `document` is the decision of the contract (conduct-case.md). About a third person an agency
    is told the verdict and its article alone: then `is_whole` is false."""

    is_whole: bool
    verdict: Literal["permit", "forbid", "hold", "presumed_violation"]
    next_permitted_at: str | None
    must_end_by: str | None
    reasons: list[Reason]
    document: dict[str, Any] | None


class WholeDecision(ToldDecision):
    """A stored decision."""

    decision: str
    at: datetime
    channel: str


class Statement(Told):
    """What somebody said, in the words of the contract; `more` holds the keys of its kind."""

    statement: str
    at: datetime
    kind: str
    party: str
    source: str
    more: dict[str, Any]


class Stop(Told):
    """A stop."""

    stop: str
    from_at: datetime
    kind: str
    debt: str | None
    until_at: datetime | None
    lifted_at: datetime | None


class Promise(Told):
    """A promise to pay."""

    promise: str
    promised_at: datetime
    due_on: date
    amount_minor: int
    paid_minor: int
    state: str


class Payment(Told):
    """A payment as it was booked."""

    payment: str
    recorded_at: datetime
    debt: str
    kind: str
    paid_on: date
    amount_minor: int
    applied_minor: int
    source: str


class Note(Told):
    """A note."""

    note: str
    at: datetime
    action: str
    outcome: str
    overdue_reason: str | None
    next_step: str
    next_step_at: datetime
    text: str


class Code(Told):
    """A code of a list, in both languages."""

    list: str
    code: str
    zh: str
    en: str


class Wording(Told):
    """An approved wording that a contact may use."""

    code: str
    name: str
    channel: str
    kind: str


class Words(Told):
    """What requests may name: codes of notes, approved wordings, kinds of statements and stops."""

    codes: list[Code]
    wordings: list[Wording]
    statements: list[str]
    stops: list[str]
