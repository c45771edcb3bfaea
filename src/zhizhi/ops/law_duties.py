"""`zhizhi law duties`: what the law of a profile asks beside contacts, by when, and how long records are kept."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

import click

from zhizhi.core.debt.facts import OFFICIAL
from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.instants import day_in, parse_instant, write_instant, zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.duties import due_of, duties_of, retention_of
from zhizhi.core.law.duty_words import DUTIES, OCCASIONS, RECORDS
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.house import joined
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import Duty, Retain
from zhizhi.core.law.rules import READINGS
from zhizhi.store.packs import list_profiles, load_law, load_pack

_PERIODS = {
    "minutes": Text("分钟", "minutes"),
    "hours": Text("小时", "hours"),
    "days": Text("日", "days"),
    "working_days": Text("个工作日", "working days"),
    "months": Text("个月", "months"),
    "years": Text("年", "years"),
}
_KEEPERS = {
    "lender": Text("金融机构", "the lender"),
    "agency": Text("受托机构", "the agency"),
    "assignee": Text("受让人", "the assignee"),
}


@click.command("duties")
@click.argument("profile")
@click.option("--reading", type=click.Choice(READINGS), default="strict", show_default=True)
@click.option("--on", "written_on", help="the day whose law is asked; without it that of --since, else today")
@click.option("--occasion", type=click.Choice(list(OCCASIONS)), help="only duties that run from this occasion")
@click.option("--since", help="an instant of the occasion: prints by when each duty has to be done")
@click.option("--house", help="a house pack beside the profile, such as house.default")
def duties_command(
    profile: str, reading: str, written_on: str | None, occasion: str | None, since: str | None, house: str | None
) -> None:
    """义务与留存 · duties with their deadlines, and how long records are kept."""
    law = _law(profile, house)
    at = _instant(since, law)
    day = _day(written_on, law, at)
    lines = [*_duties(law, day, reading, occasion, at), *(() if occasion else _retentions(law, day, reading))]
    for line in lines:
        click.echo(line.encode("utf-8", "backslashreplace"))


def _law(profile: str, house: str | None) -> Law:
    if profile not in list_profiles():
        _fail(f"no profile `{profile}`; help: one of {', '.join(list_profiles())}")
    law = load_law(profile)
    try:
        return law if house is None else joined(law, load_pack(house))
    except PackError as wrong:
        _fail(str(wrong))
        return law


def _instant(since: str | None, law: Law) -> datetime | None:
    if since is None:
        return None
    if law.zone is None:
        _fail(f"`{law.profile}` counts in the debtor's zone; help: leave --since off")
    try:
        return parse_instant(since)
    except ValueError as wrong:
        _fail(f"--since: {wrong}")
        return None


def _day(written: str | None, law: Law, at: datetime | None) -> date:
    if written is not None:
        try:
            return parse_day(written)
        except ValueError as wrong:
            _fail(f"--on: {wrong}")
    return day_in(zone_of(law.zone or "UTC"), at or datetime.now(UTC))


def _duties(law: Law, day: date, reading: str, occasion: str | None, at: datetime | None) -> Iterator[str]:
    for owed in duties_of(law, day, reading, occasion):
        step, when = DUTIES[owed.duty.do], _deadline(owed.duty)
        due = "" if at is None else f"  ≤ {_due(owed.duty, law, at)}"
        yield f"{owed.rule.id}  {step.zh} {step.en}: {when.zh} · {when.en}{due}  [{owed.rule.cites}]"


def _deadline(duty: Duty) -> Text:
    occasion, unit = OCCASIONS[duty.occasion], _PERIODS[duty.period]
    by = Text("", "") if duty.by == "us" else Text(" (对方)", " (not by us)")
    if duty.within == 0:
        zh, en = ("前", "before") if duty.before else ("即时", "at once after")
        if duty.period == "days" and not duty.before:
            zh, en = "当日", "on the day of"
        return Text(f"{occasion.zh}{zh}{by.zh}", f"{en}: {occasion.en}{by.en}")
    zh, en = ("前至少", "at least {n} before") if duty.before else ("后", "within {n} after")
    n = f"{duty.within} {unit.en}"
    return Text(f"{occasion.zh}{zh} {duty.within} {unit.zh}{by.zh}", f"{en.format(n=n)}: {occasion.en}{by.en}")


def _due(duty: Duty, law: Law, at: datetime) -> str:
    zone = zone_of(law.zone or "UTC")
    return write_instant(due_of(duty, at, zone, OFFICIAL.calendar).act_before, zone)


def _retentions(law: Law, day: date, reading: str) -> Iterator[str]:
    for record in RECORDS:
        found = retention_of(law, record, day, reading)
        for kept in (*found.least, *found.most):
            term = term_of(kept.retain)
            text = RECORDS[record] if kept.retain.keeper is None else _whose(RECORDS[record], kept.retain.keeper)
            yield f"{kept.rule.id}  {text.zh} {text.en}: {term.zh} · {term.en}  [{kept.rule.cites}]"


def _whose(record: Text, keeper: str) -> Text:
    return Text(f"{record.zh}({_KEEPERS[keeper].zh})", f"{record.en} ({_KEEPERS[keeper].en})")


def term_of(retain: Retain) -> Text:
    """How long a record is kept, in words."""
    occasion, unit = OCCASIONS[retain.occasion], _PERIODS[retain.period]
    zh, en = ("不超过", "at most") if retain.most else ("至少", "at least")
    if retain.within == 0:
        zh, en = ("至此为止", "no longer than until") if retain.most else ("至少至此", "at least until")
        return Text(f"{occasion.zh}, {zh}", f"{en}: {occasion.en}")
    return Text(
        f"自{occasion.zh}起{zh} {retain.within} {unit.zh}", f"{en} {retain.within} {unit.en} from: {occasion.en}"
    )


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(2)
