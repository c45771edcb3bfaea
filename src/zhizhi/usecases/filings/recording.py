"""What a carrier was sent and has answered is recorded; what lets texts through waits for a second person."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.text import Text
from zhizhi.store.filings.keeping import Filed, Step, add_steps
from zhizhi.store.filings.things import Thing, find_thing
from zhizhi.store.filings.words import APPROVED, REJECTED, STATES, SUBMITTED
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.filings.act import CARRIER_FILING
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

GROUND = "运营商已批复，附凭证，请核对后批准"
EVIDENCE_CHARACTERS_MIN = 4
REASON_CHARACTERS_MIN = 2
FILE_BYTES_MAX = 5 << 20
NUMBER_CHARACTERS_MAX = 60


@dataclass(frozen=True, slots=True)
class RecordFiling:
    """One step of the filings of one thing with some carriers; `version_id` None: of the lender's signature.

    `evidence` says where the carrier's answer is kept; of `file` only the digest is kept here.
    """

    lender_id: int
    version_id: int | None
    carriers: tuple[str, ...]
    state: str
    on_day: date
    by: int
    number: str = ""
    expires_on: date | None = None
    reason: str = ""
    evidence: str = ""
    file: bytes = field(default=b"", repr=False)


def record_filing(command: RecordFiling, at: datetime) -> int | None:
    """Write the step, or ask a second person where it lets texts through; answers the request then.

    Refuses: NotAllowed, no carrier, a day to come, a missing number, reason or evidence, an end before its beginning, a
    wording that is not approved here, a step that does not follow.
    """
    require(command.by, Right.KEEP_FILINGS, lender_id=command.lender_id)
    _check(command, at)
    thing = find_thing(command.lender_id, command.version_id)
    if thing is None:
        text = Text("没有这个已批准的短信模板", "there is no approved text message of that name")
        raise UseCaseRefused("no_thing", text, "thing")
    evidence = checked_text(command.evidence, "evidence", characters_min=_least(command.state))
    reason = checked_text(
        command.reason, "reason", characters_min=REASON_CHARACTERS_MIN if command.state == REJECTED else 0
    )
    sha256 = hashlib.sha256(command.file).hexdigest() if command.file else ""
    if command.state == APPROVED:
        return ask(
            CARRIER_FILING, Ask(_request(command, thing, evidence, sha256), GROUND, command.by, thing.lender_id), at
        )
    filed = Filed(thing.lender_id, thing.channel, thing.signature, thing.version_id)
    steps = [
        Step(carrier, command.state, command.on_day, command.number.strip(), None, reason, evidence, sha256)
        for carrier in command.carriers
    ]
    add_steps(filed, steps, at, command.by)
    return None


def _least(state: str) -> int:
    return EVIDENCE_CHARACTERS_MIN if state in (SUBMITTED, APPROVED) else 0


def _check(command: RecordFiling, at: datetime) -> None:
    if not command.carriers or not set(command.carriers) <= set(CARRIERS):
        raise UseCaseRefused("no_carrier", Text("请选择运营商", "help: choose carriers"), "carriers")
    if command.state not in STATES:
        raise UseCaseRefused("bad_state", Text("请选择状态", "help: choose a state"), "state")
    if command.on_day > civil_day(at):
        raise UseCaseRefused("day_to_come", Text("日期尚未到来", "the day is still to come"), "on_day")
    if len(command.number) > NUMBER_CHARACTERS_MAX:
        raise UseCaseRefused("long_number", Text("编号过长", "the number is too long"), "number")
    if command.state == APPROVED and not command.number.strip():
        text = Text("请填写运营商批复编号", "help: give the carrier's number")
        raise UseCaseRefused("no_number", text, "number")
    if command.state == APPROVED and command.expires_on is not None and command.expires_on <= command.on_day:
        text = Text("有效期须晚于批复日期", "it ends after the day of the answer")
        raise UseCaseRefused("ends_before", text, "expires_on")
    if command.state != APPROVED and command.expires_on is not None:
        text = Text("仅「已通过」填写有效期", "help: only what was approved has an end")
        raise UseCaseRefused("no_end", text, "expires_on")
    if len(command.file) > FILE_BYTES_MAX:
        raise UseCaseRefused("large_file", Text("文件过大", "the file is too large"), "file")


def _request(command: RecordFiling, thing: Thing, evidence: str, sha256: str) -> dict[str, Any]:
    """All that is approved, the text of the wording among it."""
    return {
        "channel": thing.channel,
        "signature": thing.signature,
        "version": thing.version_id,
        "code": thing.code,
        "n": thing.n,
        "body": thing.body,
        "carriers": sorted(command.carriers, key=list(CARRIERS).index),
        "number": command.number.strip(),
        "on_day": command.on_day.isoformat(),
        "expires_on": command.expires_on.isoformat() if command.expires_on else None,
        "evidence": evidence,
        "evidence_sha256": sha256,
    }
