"""今日: what ran, what left, what was refused and why, what waits; every figure is counted from its rows."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.days import parse_day
from zhizhi.core.kernel.text import Text
from zhizhi.store.contacts.reads import DayCount, count_open_holds, load_day
from zhizhi.store.evidence.reads import LogHealth, load_log_health
from zhizhi.store.imports.uploads import count_refused_waiting
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.strategy.reads import RunRow, SkippedRow, load_runs, load_skipped
from zhizhi.store.viewer import reading
from zhizhi.usecases.zones import days_as_span
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page
from zhizhi.web.shared.clock import today as day_of

LOG_WAITS_AT_MOST = timedelta(minutes=10)  # the sequencer is ill when a leaf has waited longer for its number
_DATED = re.compile(r"\d{4}-\d\d-\d\d")
LEFT = ("delivered", "failed", "waiting", "unknown", "cancelled", "by_person")
_COLUMN = {"claimed": "waiting", "permit_open": "by_person", "permit_used": "by_person", "permit_released": "cancelled"}


@dataclass(frozen=True, slots=True)
class RefusedRule:
    """A rule and how many contacts it refused or held."""

    rule: str
    cites: str
    explain: Text
    verdict: str
    count: int
    pack: str


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel: what was asked, refused, held, permitted, and how that left."""

    channel: str
    refused: int
    held: int
    permitted: int
    left: tuple[int, ...]


@screen(Right.ENTER)
def today(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The day named by `?on=`, else the latest day that ran, else this day."""
    if not desk.may(Right.SEE_DAY):
        return redirect("health")  # whoever keeps the installation begins there
    wanted = _wanted(request)
    with reading(desk.viewer, counting=True):
        runs = load_runs(desk.viewer, wanted)
        on = wanted or (runs[0].on if runs else day_of(at))
        counts = load_day(*days_as_span(on, on))
        skipped = load_skipped([run.id for run in runs]) if runs else []
        health = load_log_health()
        holds = count_open_holds() if desk.may(Right.SEE_HOLDS) else None
        refused_rows = count_refused_waiting() if desk.may(Right.SEE_IMPORTS) else None
    context = {
        "here": "today",
        "on": on,
        "is_today": on == day_of(at),
        "before": on - timedelta(days=1),
        "behind": on + timedelta(days=1),
        "holds": holds,
        "refused_rows": refused_rows,
        **_what_ran(runs, skipped),
        **_what_was_decided(counts),
        **_log(health, at),
    }
    return page(request, desk, at, "today.html", context)


def _wanted(request: HttpRequest) -> date | None:
    try:
        return parse_day(request.GET.get("on", ""))
    except ValueError:
        return None


def _what_ran(runs: list[RunRow], skipped: list[SkippedRow]) -> dict[str, object]:
    return {"runs": runs, "skipped": skipped}


def _what_was_decided(counts: list[DayCount]) -> dict[str, object]:
    return {"rules": refused_rules(counts), "channels": channel_lines(counts)}


def refused_rules(counts: list[DayCount]) -> list[RefusedRule]:
    """Refusals and holds by rule, the most frequent first."""
    totals: dict[tuple[str, str], int] = defaultdict(int)
    first: dict[tuple[str, str], DayCount] = {}
    for count in counts:
        if count.verdict != "permit":
            key = (count.rule, count.verdict)
            totals[key] += count.count
            first.setdefault(key, count)
    ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return [
        RefusedRule(rule, first[key].cites, of_many(first[key].explain), verdict, total, rule.partition("/")[0])
        for key, total in ordered
        for rule, verdict in (key,)
    ]


def of_many(explain: Text) -> Text:
    """The sentence of one refusal as it holds for many: without the clause that names the instant of that one."""
    return Text(_undated(explain.zh), _undated(explain.en))


def _undated(sentence: str) -> str:
    kept = [clause for clause in sentence.split("; ") if not _DATED.search(clause)]
    return "; ".join(kept) or sentence


def channel_lines(counts: list[DayCount]) -> list[ChannelLine]:
    """What was asked of each channel and how it left."""
    verdicts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    left: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        verdicts[count.channel][count.verdict] += count.count
        if count.verdict == "permit":
            left[count.channel][_COLUMN.get(count.left, count.left)] += count.count
    return [
        ChannelLine(
            channel,
            by_verdict["forbid"] + by_verdict["presumed_violation"],
            by_verdict["hold"],
            by_verdict["permit"],
            tuple(left[channel][column] for column in LEFT),
        )
        for channel, by_verdict in sorted(verdicts.items())
    ]


def _log(health: LogHealth, at: datetime) -> dict[str, object]:
    waits = health.oldest_unnumbered_at
    return {"log": health, "log_is_late": waits is not None and at - waits > LOG_WAITS_AT_MOST}
