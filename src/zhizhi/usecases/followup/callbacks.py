"""约定回电: a callback is agreed only for an instant at which the law, as things stand, would permit the call."""

from datetime import datetime

from zhizhi.core.conduct.decide import Verdict
from zhizhi.core.conduct.words import OWING_ROLES
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.preview_contacts import PreviewedAction, preview_contacts
from zhizhi.usecases.refused import UseCaseRefused

_NO_NUMBER = Text("没有可拨打的本人号码", "there is no number of the debtor to call")
_NOT_LAWFUL = Text("该时间不可回电：{why_zh}（{cites}）", "no call is lawful then: {why_en} ({cites})")
_FROM = Text("；最早可约 {at}", "; help: the next permitted instant is {at}")
_NEVER = Text("；不随时间解除", "; time alone does not lift it")


def calls_to_owing(person_id: int, by: int, at: datetime) -> list[PreviewedAction]:
    """Every call to whoever owes, with what the law says of it at an instant, as things stand now."""
    actions = preview_contacts(person_id, by, at)
    return [one for one in actions if one.channel == "voice" and one.role in OWING_ROLES]


def may_call(person_id: int, by: int, at: datetime) -> bool:
    """Whether some call to whoever owes would be permitted."""
    return any(one.decision.verdict is Verdict.PERMIT for one in calls_to_owing(person_id, by, at))


def require_lawful(person_id: int, by: int, wanted_at: datetime) -> None:
    """Refuses: a callback at an instant at which no call to whoever owes would be permitted, with the article and the
    next permitted instant. What happens until then is asked about again by the gate, at the call."""
    calls = calls_to_owing(person_id, by, wanted_at)
    if not calls:
        raise UseCaseRefused("no_number", _NO_NUMBER, "next_step")
    if any(one.decision.verdict is Verdict.PERMIT for one in calls):
        return
    nearest = [one.decision for one in calls if one.decision.next_permitted_at is not None]
    decision = min(nearest, key=lambda one: one.next_permitted_at or wanted_at) if nearest else calls[0].decision
    first = decision.reasons[0]
    told = _NOT_LAWFUL.fill(why_zh=first.explain.zh, why_en=first.explain.en, cites=first.cites)
    next_at = decision.next_permitted_at
    rest = _NEVER if next_at is None else _FROM.fill(at=f"{next_at.astimezone(BEIJING):%Y-%m-%d %H:%M}")
    raise UseCaseRefused("callback_not_lawful", Text(told.zh + rest.zh, told.en + rest.en), "next_step_at")
