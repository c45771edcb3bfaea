"""Make a campaign: an approved wording, days and hours, and whom it is for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.campaigns.making import (
    AT_ONCE,
    NewCampaign,
    Rejected,
    cases_named,
    cases_of,
    create_campaign,
)
from zhizhi.store.campaigns.window import Window
from zhizhi.store.cases.reads import CaseFilter
from zhizhi.store.lenders.rights import Right
from zhizhi.store.templates.approved import load_approved
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused

CHANNELS = ("sms", "email", "app", "im", "letter")
"""What leaves without a person at a desk."""
PURPOSES = ("remind", "collect")
NAME_CHARACTERS_MAX = 80
RATE_MAX = 10_000
LINES_MAX = 1_000_000
LINE_CHARACTERS_MAX = 200
APART = (",", ";", "\t", "，")


@dataclass(frozen=True, slots=True)
class MakeCampaign:
    """What somebody wants to send; `listed` names cases or accounts, one a line, where no filter chooses."""

    lender_id: int
    name: str
    template_code: str
    purpose: str
    window: Window
    per_second: int | None
    chosen: CaseFilter
    listed: str | None
    by: int


def make_campaign(command: MakeCampaign, at: datetime) -> int:
    """Write the campaign as a draft; answers its id.

    Refuses: no name, a wording that is not approved or is spoken, a channel that is not connected, days that are over,
    a rate of nothing, a list that is too long or names nobody.
    """
    require(command.by, Right.MAKE_CAMPAIGN, lender_id=command.lender_id)
    _check(command, at)
    template = load_approved(command.lender_id, command.template_code).get(command.template_code)
    if template is None or template.channel not in CHANNELS:
        raise _refused("template", "no_template", "请选择已批准的消息模板", "choose an approved message")
    if channels.gateway_of(template.channel) is None:
        raise _refused(
            "template", "not_connected", "该模板的渠道未接入", "the channel of this wording is not connected"
        )
    listed = None if command.listed is None else Listed(command.lender_id, command.listed)
    new = NewCampaign(
        lender_id=command.lender_id,
        name=command.name.strip(),
        channel=template.channel,
        template_code=template.code,
        template_version_id=template.version_id,
        purpose=command.purpose,
        form="notification",
        window=command.window,
        per_second=command.per_second,
        source=listed.told() if listed is not None else _told(command.chosen),
        by=command.by,
    )
    cases = _some(cases_of(command.lender_id, command.chosen)) if listed is None else listed.cases()
    return create_campaign(new, cases, listed.rejected if listed is not None else (), at)


def _check(command: MakeCampaign, at: datetime) -> None:
    if not 0 < len(command.name.strip()) <= NAME_CHARACTERS_MAX:
        raise _refused(
            "name", "no_name", f"请写名称，至多 {NAME_CHARACTERS_MAX} 字", "write a name of at most 80 characters"
        )
    if command.purpose not in PURPOSES:
        raise _refused("purpose", "no_purpose", "请选择目的", "choose a purpose")
    if command.window.opens >= command.window.closes or command.window.is_over(at):
        raise _refused("until_on", "no_time", "这段日期和时段已过或为空", "these days and hours are over, or none")
    check_rate(command.per_second)


def check_rate(per_second: int | None) -> None:
    """Refuses: a throttle of nothing, or of more than anybody sends."""
    if per_second is not None and not 0 < per_second <= RATE_MAX:
        raise _refused(
            "per_second", "no_rate", f"每秒条数须在 1 到 {RATE_MAX} 之间", f"between 1 and {RATE_MAX} a second"
        )


def _refused(field: str, code: str, zh: str, en: str) -> UseCaseRefused:
    return UseCaseRefused(code, Text(zh, en), field)


def _told(chosen: CaseFilter) -> dict[str, object]:
    names = ("stage", "bucket", "queue_id", "collector_id", "agency_id", "product")
    return {"kind": "filter", **{name: value for name in names if (value := getattr(chosen, name)) is not None}}


def _some(cases: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    source = iter(cases)
    while some := list(islice(source, AT_ONCE)):
        yield some


class Listed:
    """A brought list: the first column of each line is a case number or an account number; empty lines are nothing."""

    def __init__(self, lender_id: int, text: str) -> None:
        self._lender_id = lender_id
        self.rejected: list[Rejected] = []
        self._lines = self._read(text)
        if not self._lines:
            raise _refused("listed", "no_lines", "名单里没有案件号或账号", "the list names no case and no account")

    def told(self) -> dict[str, object]:
        """Where the persons come from."""
        return {"kind": "list", "lines": len(self._lines) + len(self.rejected)}

    def cases(self) -> Iterator[list[tuple[int, int]]]:
        """(person, case), some at a time; what names nobody, or somebody again, is rejected on the way."""
        seen: set[int] = set()
        for begin in range(0, len(self._lines), AT_ONCE):
            lines = self._lines[begin : begin + AT_ONCE]
            found = cases_named(self._lender_id, [named for _, named in lines])
            yield list(self._new(lines, found, seen))

    def _new(
        self, lines: Sequence[tuple[int, str]], found: dict[str, tuple[int, int] | None], seen: set[int]
    ) -> Iterator[tuple[int, int]]:
        for line, named in lines:
            case = found.get(named)
            if case is None:
                self.rejected.append(Rejected(line, "no_open_case" if named in found else "unknown"))
            elif case[0] in seen:
                self.rejected.append(Rejected(line, "double"))
            else:
                seen.add(case[0])
                yield case

    def _read(self, text: str) -> list[tuple[int, str]]:
        lines = []
        for line, written in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
            if line > LINES_MAX:
                raise _refused("listed", "too_long", f"名单至多 {LINES_MAX} 行", f"at most {LINES_MAX} lines")
            named = written
            for apart in APART:
                named = named.partition(apart)[0]
            named = named.strip().strip('"').strip()
            if len(named) > LINE_CHARACTERS_MAX:
                self.rejected.append(Rejected(line, "unknown"))
            elif named:
                lines.append((line, named))
        return lines
