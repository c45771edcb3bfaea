"""Rule on a hold: release for a time, or refuse; the ground is kept for ever and a forbid is never lifted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import BROKEN, UNMET
from zhizhi.store.debits.results import is_under_way
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.holds import rule_hold as rule_hold_row
from zhizhi.store.transact.holds import rule_of_hold
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.set_stop import DEBIT_UNDER_WAY

GROUND_CHARACTERS_MIN = 6
RELEASE_MAX = timedelta(days=30)
CLAIMS_PAID = "claims-paid"
ASSESS_FIRST = Text(
    "缺少影响评估，放行不起作用；请由主管在「合规规则 → 影响评估」提交、另一人批准，再重新发起",
    "no impact assessment stands, so a release does nothing; help: have one written and approved under Rules → Impact"
    " assessments, then propose the contact again",
)
MEND_FIRST = Text(
    "规则包不可信，放行不起作用；请管理员先修复规则包，再重新发起",
    "a rule pack cannot be relied on, so a release does nothing; help: have the administrator mend it, then propose the"
    " contact again",
)


@dataclass(frozen=True, slots=True)
class RuleHold:
    """What somebody ruled."""

    person_id: int
    hold_id: int
    release: bool
    ground: str
    until_at: datetime | None
    channels: tuple[str, ...]
    by: int


def rule_hold(command: RuleHold, at: datetime) -> None:
    """Write the ruling.

    Refuses: no ground, a release without an end within 30 days, a hold already ruled on, the release of what no
    person's word changes, or of what a debit holds that has no result.
    """
    require(command.by, Right.RULE_HOLD, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if command.release and (command.until_at is None or not at < command.until_at <= at + RELEASE_MAX):
        raise UseCaseRefused(
            "release_end",
            Text(
                f"放行须有截止时间，最长 {RELEASE_MAX.days} 天",
                f"a release needs an end within {RELEASE_MAX.days} days",
            ),
            "until_at",
        )
    if command.release:
        rule = rule_of_hold(command.person_id, command.hold_id)
        _refuse_release_without_effect(rule)
        if rule.endswith(CLAIMS_PAID) and is_under_way(command.person_id):
            raise UseCaseRefused("debit_under_way", DEBIT_UNDER_WAY)
    rule_hold_row(
        command.person_id,
        command.hold_id,
        release=command.release,
        ground=ground,
        until_at=command.until_at,
        channels=command.channels,
        at=at,
        by=command.by,
    )


def is_mended_elsewhere(rule: str) -> bool:
    """Whether a hold waits for something else than a person's word: a missing assessment, a pack that is broken."""
    return rule.endswith((UNMET, BROKEN))


def _refuse_release_without_effect(rule: str) -> None:
    if rule.endswith(UNMET):
        raise UseCaseRefused("precondition", ASSESS_FIRST)
    if rule.endswith(BROKEN):
        raise UseCaseRefused("broken_pack", MEND_FIRST)
