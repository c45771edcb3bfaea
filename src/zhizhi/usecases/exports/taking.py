"""Ask for a file, and take it: alone where it is small, else by the approval of a second person."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.approvals.requests import load_standing
from zhizhi.store.exports.reads import Used, load_used
from zhizhi.store.exports.taking import NewExport, day_limit, keep_export, mark_of, next_export, row_digest
from zhizhi.store.exports.words import UNITS_ALONE, Kind
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.asking import GROUND_CHARACTERS_MIN, Ask, ask, use_approval
from zhizhi.usecases.authority import require
from zhizhi.usecases.exports.act import EXPORT
from zhizhi.usecases.exports.content import Content, Made, Stamp
from zhizhi.usecases.exports.sources import SOURCES, Asking
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

RECIPIENT_CHARACTERS_MIN = 2
RECIPIENT_CHARACTERS_MAX = 80
_NOTHING = Text("没有可导出的内容", "there is nothing to export")


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes it: the member of staff, their login, role and eyes."""

    staff_id: int
    login: str
    role: str
    viewer: Viewer
    language: Language


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, for whom and why."""

    kind: Kind
    target: str
    recipient: str
    ground: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a wish would weigh, and what is left of the limits of whoever asks."""

    kind: Kind
    content: Content
    used: Used
    day_limit: int

    @property
    def left(self) -> int:
        """Units that may still leave today."""
        return max(0, self.day_limit - self.used.in_all)

    @property
    def left_alone(self) -> int:
        """Units of these without a second person."""
        return max(0, min(self.left, min(UNITS_ALONE, self.day_limit) - self.used.alone))

    @property
    def needs_second(self) -> bool:
        """Whether a second person approves first: always for what goes to a regulator."""
        return self.kind is Kind.VIEWS or self.content.units > self.left_alone

    @property
    def is_over(self) -> bool:
        """Whether it may not leave at all, whoever approves."""
        return self.content.units > self.left


@dataclass(frozen=True, slots=True)
class Taken:
    """The file, and its name."""

    name: str
    made: Made


def offer(kind: Kind, target: str, taker: Taker, at: datetime) -> Offer | None:
    """What it would be; None where nothing of it is there for these eyes.

    Refuses: NotAllowed.
    """
    source = SOURCES[kind]
    require(taker.staff_id, source.right)
    with reading(taker.viewer):
        content = source.load(target, Asking(taker.viewer.lender_id, taker.language, at))
        if content is None:
            return None
        return Offer(kind, content, load_used(taker.staff_id, at), day_limit())


def ask_export(wish: Wish, taker: Taker, at: datetime) -> int:
    """Ask a second person; answers the request. Refuses: nothing there, more than a day's limit, and as `ask`."""
    found = _offered(wish.kind, wish.target, taker, at)
    if found.is_over:
        raise over_limit(found)
    command = Ask(_request(wish, found.content), wish.ground, taker.staff_id, found.content.lender_id)
    return ask(EXPORT, command, at)


def take_alone(wish: Wish, taker: Taker, at: datetime) -> Taken:
    """Take a small file without a second person. Refuses: ExportRefused, and what `ask_export` refuses."""
    ground = checked_text(wish.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    found = _offered(wish.kind, wish.target, taker, at)
    if found.is_over:
        raise over_limit(found)
    return _taken(_wished(wish, ground), found.content, taker, None, at)


def take_approved(approval_id: int, taker: Taker, at: datetime) -> Taken:
    """Take what a second person approved, once.

    Refuses: no such request, ApprovalRefused (not approved, another's, over, or the content is another one by now).
    """
    standing = load_standing(approval_id)
    if standing is None or standing.wanted.act != EXPORT.code or standing.asked_by != taker.staff_id:
        raise UseCaseRefused("no_request", Text("没有这项申请", "there is no such request"))
    request = standing.wanted.request
    wish = Wish(Kind(request["kind"]), request["target"], request["recipient"], "")
    found = _offered(wish.kind, wish.target, taker, at)
    return _taken(_wished(wish, standing.ground), found.content, taker, approval_id, at)


def over_limit(found: Offer) -> UseCaseRefused:
    """Why it may not leave today."""
    text = Text(
        "需 {units} 份额，24 小时内剩余 {left}；请缩小范围或稍后再导出",
        "it weighs {units} units, {left} are left within 24 h; help: ask for less, or later",
    )
    return UseCaseRefused("over_limit", text.fill(units=found.content.units, left=found.left))


def _offered(kind: Kind, target: str, taker: Taker, at: datetime) -> Offer:
    require(taker.staff_id, Right.TAKE_EXPORT)
    found = offer(kind, target, taker, at)
    if found is None:
        raise UseCaseRefused("nothing", _NOTHING)
    return found


def _wished(wish: Wish, ground: str) -> Wish:
    recipient = " ".join(checked_text(wish.recipient, "recipient", characters_min=RECIPIENT_CHARACTERS_MIN).split())
    if len(recipient) > RECIPIENT_CHARACTERS_MAX:
        raise UseCaseRefused("too_long", Text("接收人过长", "the recipient's name is too long"), "recipient")
    return Wish(wish.kind, wish.target, recipient, ground)


def _request(wish: Wish, content: Content) -> Mapping[str, Any]:
    return {
        "kind": wish.kind.value,
        "target": wish.target,
        "what": content.what.to_document(),
        "class": content.data_class.value,
        "rows": content.rows,
        "recipient": _wished(wish, "").recipient,
    }


def _taken(wish: Wish, content: Content, taker: Taker, approval_id: int | None, at: datetime) -> Taken:
    export_id = next_export()
    with reading(taker.viewer):
        made = content.make(Stamp(mark_of(export_id), taker.login, wish.recipient, at))
    new = NewExport(
        id=export_id,
        kind=wish.kind,
        target=wish.target,
        lender_id=content.lender_id,
        person_id=content.person_id,
        data_class=content.data_class,
        rows=content.rows,
        recipient=wish.recipient,
        ground=wish.ground,
        staff_id=taker.staff_id,
        role=taker.role,
        approval_id=approval_id,
        sha256=hashlib.sha256(made.octets).hexdigest(),
        digests=[row_digest(row) for row in made.rows],
    )

    def approve() -> None:
        if approval_id is not None:
            request = _request(wish, content)
            use_approval(EXPORT, approval_id, Ask(request, wish.ground, taker.staff_id, content.lender_id), at)

    keep_export(new, at, approve)
    return Taken(f"{content.name}-{mark_of(export_id)}.{made.suffix}", made)
