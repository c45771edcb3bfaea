"""The auditor's own model of what was promised about campaigns (docs/campaigns.md)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from simulation.broken import Broken
from simulation.ledger_of_rows import Rows
from simulation.truth import Claim, Moved, Truth

Check = Callable[[Truth, Rows], Iterator[Broken]]
CHINA = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
RUNS_AFTER = {"started": True, "resumed": True, "paused": False, "cancelled": False}


def members_are_who_was_meant(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Whom the filter or the list named is in it, once, and lines that name nobody are told."""
    members: dict[int, Counter[int]] = defaultdict(Counter)
    for campaign, person in rows.ask("SELECT campaign_id, person_id FROM campaign_target"):
        members[campaign][person] += 1
    stored = {row[0]: row[1:] for row in rows.ask(_TOTALS)}
    for one in rows.each("whom a campaign was meant for is in it", truth.meant):
        total, rejected = stored[one.campaign]
        found = members[one.campaign]
        if not one.must <= set(found) <= one.may or max(found.values(), default=1) > 1:
            said = f"campaign {one.campaign}: {len(found)} members, meant {len(one.must)} to {len(one.may)}"
            yield Broken("whom a campaign was meant for is in it", 0, one.at, said)
        if total != found.total() or not one.rejected <= rejected <= one.rejected + len(one.may) - len(one.must):
            said = f"campaign {one.campaign}: total {total} of {found.total()}, rejected {rejected} of {one.rejected}"
            yield Broken("a campaign's figures add up", 0, one.at, said)


_TOTALS = "SELECT c.id, c.total, (SELECT count(*) FROM campaign_reject r WHERE r.campaign_id = c.id) FROM campaign c"


def sent_only_while_it_runs(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Nothing is claimed before the start, after a pause, in another hour, or faster than the throttle says."""
    moves: dict[int, list[Moved]] = defaultdict(list)
    for moved in truth.moved:
        moves[moved.campaign].append(moved)
    windows = {row[0]: row[1:] for row in rows.ask(_WINDOWS)}
    claims: dict[int, list[Claim]] = defaultdict(list)
    for claim in truth.claims:
        campaign = rows.permits[claim.person, claim.permit].campaign
        if campaign is not None:
            claims[campaign].append(claim)
    for campaign, taken in claims.items():
        for claim in rows.each("a campaign sends while it runs, within its hours", taken):
            before = [one for one in moves[campaign] if one.order < claim.order]
            steps = [one for one in before if one.what in RUNS_AFTER]
            if before and all(one.certain for one in steps[-1:]) and not (steps and RUNS_AFTER[steps[-1].what]):
                said = f"campaign {campaign} is {steps[-1].what if steps else 'a draft'}"
                yield Broken("a campaign that does not run sends nothing", claim.person, claim.at, said)
            if not _is_open(windows[campaign], claim.at):
                yield Broken("a campaign sends within its hours", claim.person, claim.at, f"campaign {campaign}")
        yield from _too_fast(campaign, moves[campaign], taken, rows)


def _is_open(window: tuple[Any, ...], at: datetime) -> bool:
    from_on, until_on, opens, closes = window
    local = at.astimezone(CHINA)
    return bool(from_on <= local.date() <= until_on and opens <= local.hour * 60 + local.minute < closes)


def _too_fast(campaign: int, moves: list[Moved], taken: list[Claim], rows: Rows) -> Iterator[Broken]:
    """In one second at most what a second lets through and what one second saved up; where clocks agree."""
    rates = [one for one in moves if one.what == "throttled"]
    for n, claim in enumerate(taken):
        before = [one for one in rates if one.order < claim.order]
        if not before or not all(one.certain for one in before):
            continue  # its maker never heard that it was made
        rate = before[-1].per_second
        if rate is None or before[-1].at > claim.at - 2 * SECOND:
            continue
        rows.checked["a campaign keeps its throttle"] += 1
        close = [one for one in taken[max(0, n - 2 * rate) : n + 1] if claim.at - SECOND < one.at <= claim.at]
        if len(close) > 2 * rate:
            said = f"campaign {campaign}: {len(close)} in a second, {rate} are let through"
            yield Broken("a campaign keeps its throttle", claim.person, claim.at, said)


_WINDOWS = "SELECT id, from_on, until_on, opens_minute, closes_minute FROM campaign"


def each_member_has_one_end(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """What a member's end says is what was decided and what left; whoever was not written to has a reason."""
    left: Counter[tuple[int, int]] = Counter()
    for one in truth.departures:
        permit = rows.permits.get((one.person, int(one.key.partition("-")[2])))
        if permit is not None and permit.campaign is not None:
            left[permit.campaign, one.person] += 1
    for row in rows.each("each member has one end", rows.ask(_TARGETS)):
        campaign, person, state, reason, verdict, rule, decided_at, of_campaign, at = row
        seen = f"campaign {campaign}: {state} `{reason}`, decision {verdict} `{rule}`"
        if left[campaign, person] > 1:
            yield Broken("a member is written to once", person, at, seen)
        if left[campaign, person] and state != "permit":
            yield Broken("a member's end is what happened", person, at, f"{seen}, a message left")
        if state in ("forbid", "hold", "skipped") and not reason:
            yield Broken("whoever is not written to has a reason", person, at, seen)
        if decided_at is not None and state in ("permit", "forbid", "hold") and state != verdict:
            yield Broken("a member's end is what was decided", person, at, seen)
        if state in ("forbid", "hold") and decided_at is not None and reason != (rule or ""):
            yield Broken("whoever is not written to has a reason", person, at, seen)
        if (state == "permit") != (of_campaign == campaign):
            yield Broken("a member's end is what was decided", person, at, f"{seen}, delivery of {of_campaign}")


_TARGETS = """
SELECT t.campaign_id, t.person_id, t.state, t.reason, n.verdict, n.rule, n.at, d.campaign_id, c.created_at
FROM campaign_target t JOIN campaign c ON c.id = t.campaign_id
LEFT JOIN decision n ON n.person_id = t.person_id AND n.id = t.decision_id
LEFT JOIN delivery d ON d.person_id = t.person_id AND d.id = t.delivery_id
"""


def campaigns_end(truth: Truth, rows: Rows) -> Iterator[Broken]:
    """Every campaign has ended and is put away: nobody waits, and its counts are those of its members."""
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for campaign, state, reason, number in rows.ask(_COUNTED):
        counted[campaign][f"{state}/{reason}" if reason else state] = number
        if state == "waiting":
            yield Broken("nobody waits when a campaign is over", 0, truth.ended_at, f"campaign {campaign}: {number}")
    for campaign, state, counts, total in rows.each("campaigns end", rows.ask(_ENDED)):
        if state not in ("finished", "cancelled") or counts is None:
            yield Broken("campaigns end", 0, truth.ended_at, f"campaign {campaign} is {state}, counts {counts}")
        elif counts != dict(counted[campaign]) or sum(counts.values()) != total:
            said = f"campaign {campaign}: {counts} is not {dict(counted[campaign])}"
            yield Broken("a campaign's figures add up", 0, truth.ended_at, said)


_COUNTED = "SELECT campaign_id, state, reason, count(*) FROM campaign_target GROUP BY 1, 2, 3"
_ENDED = "SELECT id, state, counts, total FROM campaign"
STANDING: tuple[Check, ...] = (members_are_who_was_meant, sent_only_while_it_runs, each_member_has_one_end)
AT_REST: tuple[Check, ...] = (campaigns_end,)
