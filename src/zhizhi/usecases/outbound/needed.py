"""A call goes out only from a number of its lender's register that is filed, open and rested.

It binds a lender from its first number on (docs/decisions/0067-outbound-calling.md). The simulated floor of the
demonstration dials nobody, and no carrier shows a number for it.
"""

from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.outbound.taking import NumberFalls, Register, load_register, take_number
from zhizhi.store.outbound.words import WHY
from zhizhi.usecases.refused import UseCaseRefused

NO_NUMBER = "no_number_stands"
_HELP = Text("请在「号码库」核对", "help: look at Outbound numbers")


def needs_number(channel: str) -> bool:
    """Whether calls of a channel ring somebody from here."""
    return channel == "voice" and channels.gateway_of(channel) in channels.AT_A_DESK


def require_number(channel: str, lender_id: int, collector: str, at: datetime) -> None:
    """Refuses: a call for which no number of the lender, or of the agency that calls, stands at this instant."""
    if not needs_number(channel):
        return
    register = load_register(lender_id, collector, at)
    if register.is_kept and not register.stands:
        raise UseCaseRefused(NO_NUMBER, _why_none(register))


def taken_number(person_id: int, permit_id: int, at: datetime, shown: str | None = None) -> str:
    """The number that a permitted call goes out from now, counted for its day; empty where no register is kept.

    `shown`: the one that the line shows. Refuses: none that stands.
    """
    taken = take_number(person_id, permit_id, at, shown)
    if isinstance(taken, NumberFalls):
        raise UseCaseRefused(taken.why, told(taken.why))
    return taken.number


def told(why: str) -> Text:
    """Why no call goes out from a number, with what helps."""
    said = WHY[why]
    return Text(f"{said.zh}；{_HELP.zh}", f"{said.en}; {_HELP.en}")


def _why_none(register: Register) -> Text:
    counted = [(WHY[code], n) for code, n in sorted(register.falls.items())]
    zh = "、".join(f"{why.zh} {n} 个" for why, n in counted) or "没有属于呼出方的号码"
    en = ", ".join(f"{n}: {why.en}" for why, n in counted) or "none belongs to whoever calls"
    return Text(f"号码库中没有可用的外呼号码（{zh}）；{_HELP.zh}", f"no outbound number stands ({en}); {_HELP.en}")
