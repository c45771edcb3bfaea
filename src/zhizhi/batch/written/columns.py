"""From a case that was read as a document to the columns of the tables: what `from_cases` does, as queries of DuckDB.

`heads` is a row a case: its number `n`, its `text`, the document `d`, the zone of the law's clock for it, and the ids
of what is numbered in it (`debts_ids` and so on). `edges` are written ends of spans with the instants they come to.
"""

from collections.abc import Mapping

from zhizhi.batch.written.shape import instant, position
from zhizhi.core.conduct.shape import STATEMENTS

HEADS = """
    SELECT n, text, d, {zone} AS zone, list_transform(d.debts, lambda x: x.id) AS debts_ids,
        list_transform(d.parties, lambda x: x.id) AS parties_ids,
        list_transform(d.points, lambda x: x.id) AS points_ids, list_transform(d.events, lambda x: x.id) AS events_ids
    FROM (SELECT n, text, from_json(text, '{structure}') AS d FROM chunk)
"""

_SINCE_UNTIL = "lambda x: [x.since, x.until]"
EDGES = f"""
    SELECT DISTINCT zone, written FROM (
        SELECT zone, unnest(
            [d."case".no_contact_order_until, d."case".hardship_until]
            || coalesce(flatten(list_transform(d.debtor.states, {_SINCE_UNTIL})), [])
            || flatten(list_transform(d.debts, lambda y:
                coalesce(flatten(list_transform(y.states, {_SINCE_UNTIL})), [])))
            || coalesce(list_transform(d.reviews, lambda x: x.until), [])
            || list_transform(d.statements, lambda x: x."until")
        ) AS written FROM heads
    ) WHERE written IS NOT NULL
"""

NEW_WAYS = """
    INSERT INTO ways_{name}
    SELECT (SELECT count(*) FROM ways_{name}) + row_number() OVER () - 1, way
    FROM (SELECT DISTINCT {way} AS way FROM heads) found
    WHERE NOT EXISTS (SELECT 1 FROM ways_{name} known WHERE known.way IS NOT DISTINCT FROM found.way)
"""
"""Numbers the ways of contact, or the collectors, that no case before had."""


def _stated(owner: str, keys: str) -> str:
    return ", ".join(f"{key} := {owner}.{key}" for key in keys.split())


def _days(owner: str, keys: str) -> str:
    return ", ".join(f"{key} := {_day(f'{owner}.{key}')}" for key in keys.split())


def _day(written: str) -> str:
    return f"try_cast({written} AS DATE)"


_MAKING = (
    "channel direction purpose discloses_debt identifies_collector names_principal opt_out_notice recording team_size"
    " id_shown place enters_premises known_place"
)
WAYS: Mapping[str, str] = {
    "contacts": f"""struct_pack(
        {_stated("d.proposed", _MAKING)}, video := coalesce(d.proposed.video, false),
        rcs := coalesce(d.proposed.rcs, false), robot := coalesce(d.proposed.robot, false),
        form := coalesce(d.proposed.form, 'interactive'), content := list_sort(list_distinct(d.proposed.content))
    )""",
    "collectors": f"""struct_pack(
        kind := d.collector.kind, id := d.collector.id, listed := d.collector.listed,
        person_acts := d.collector.person IS NOT NULL,
        {_days("d.collector", "evaluated_on inspected_on contract_ends_on")},
        {_days("d.collector.person", "trained_on certified_until")},
        {_stated("d.collector.person", "private_device private_device_approved")}
    )""",
}
"""How contacts are made and by whom: shared by all cases that say the same. By the table, the record."""


def _kinds_with(key: str, kind: str) -> str:
    return ", ".join(f"'{name}'" for name, (keys, _) in STATEMENTS.items() if key in keys and keys[key].name == kind)


def _minutes(clock: str) -> str:
    return f"try_cast(left({clock}, 2) AS BIGINT) * 60 + try_cast(right({clock}, 2) AS BIGINT)"


def _debts(listed: str) -> str:
    return f"list_transform({listed}, lambda y: {position('debts_ids', 'y')})"


def _ends(alias: str, owner: str) -> str:
    """Joins the ends of a span that an object has as `since` and `until`."""
    return f"""LEFT JOIN edges {alias}_first ON {alias}_first.zone = z.zone AND {alias}_first.written = {owner}.since
        LEFT JOIN edges {alias}_last ON {alias}_last.zone = z.zone AND {alias}_last.written = {owner}.until"""


_CONSTANT = "(x.state IS NOT NULL OR (len(x.states) = 1 AND x.states[1].since IS NULL AND x.states[1].until IS NULL))"
_OF_EACH = "SELECT *, unnest(d.{list}) AS x, generate_subscripts(d.{list}, 1) - 1 AS place FROM heads"

ROWS: Mapping[str, str] = {
    "persons": """
        SELECT n AS person, d.debtor.time_zones AS zones, coalesce(d."case".complaint_open, false) AS complaint_open,
            o.until_us AS no_contact_order_until_us, h.until_us AS hardship_until_us,
            d."case".unreachable_by_contract AS unreachable_by_contract,
            coalesce(d."case".suit_pending, false) AS suit_pending
        FROM heads z
        LEFT JOIN edges o ON o.zone = z.zone AND o.written = d."case".no_contact_order_until
        LEFT JOIN edges h ON h.zone = z.zone AND h.written = d."case".hardship_until
    """,
    "debtor_spans": f"""
        SELECT n AS person, d.debtor.state AS state, NULL::BIGINT AS since_us, NULL::BIGINT AS until_us
        FROM heads WHERE d.debtor.state IS NOT NULL
        UNION ALL
        SELECT n, s.state, s_first.since_us, s_last.until_us
        FROM (SELECT n, zone, unnest(d.debtor.states) AS s FROM heads) z {_ends("s", "s")}
    """,
    "debts": f"""
        SELECT n AS person, place AS debt, x.lender AS lender, x.product AS product,
            CASE WHEN {_CONSTANT} THEN coalesce(x.state, x.states[1].state) END AS state,
            {_day("x.validation_ends_on")} AS validation_ends_on, x.outstanding_minor AS outstanding_minor,
            x."group" AS service_group
        FROM ({_OF_EACH.format(list="debts")})
    """,
    "debt_spans": f"""
        SELECT n AS person, place AS debt, s.state AS state, s_first.since_us AS since_us, s_last.until_us AS until_us
        FROM (
            SELECT n, zone, place, unnest(x.states) AS s FROM ({_OF_EACH.format(list="debts")}) WHERE NOT {_CONSTANT}
        ) z {_ends("s", "s")}
    """,
    "parties": f"""
        SELECT n AS person, place AS party, x.role AS role, x.named_by_debtor AS named_by_debtor,
            x.liability_evidence AS liability_evidence, x.estate_value_minor AS estate_value_minor
        FROM ({_OF_EACH.format(list="parties")})
    """,
    "points": f"""
        SELECT n AS person, place AS point, {position("parties_ids", "x.party")} AS party, x.kind AS kind,
            x.reserved AS reserved, x.source AS source, x.place AS place, x.owner AS owner,
            {instant("x.invalid_since")} AS invalid_since_us, x.misdirected AS misdirected
        FROM ({_OF_EACH.format(list="points")})
    """,
    "statements": f"""
        SELECT n AS person, place AS seq, {instant("x.at")} AS at_us, {instant("x.received_at")} AS received_us,
            {position("parties_ids", 'x."by"')} AS "by", x.kind AS kind, coalesce(x.told, 'collector') AS told,
            {position("debts_ids", "x.debt")} AS debt, list_sort(list_distinct(x.days)) AS days,
            CASE WHEN x.kind IN ({_kinds_with("from", "clock")}) THEN {_minutes('x."from"')} END AS from_minute,
            {_minutes('x."to"')} AS to_minute,
            CASE WHEN x.kind IN ({_kinds_with("from", "instant")}) THEN {instant('x."from"')} END AS from_us,
            CASE WHEN x.kind IN ({_kinds_with("from", "day")}) THEN {_day('x."from"')} END AS from_on,
            {_day('x."on"')} AS "on", e.until_us AS until_us, x.form AS form, x.per_day AS per_day,
            {position("points_ids", "x.point")} AS point, x.channel AS channel, x.place AS place,
            x.purpose_told AS purpose_told, x.consequences_told AS consequences_told,
            CASE WHEN x.kind = 'withdraw' THEN x."of" END AS "of",
            CASE WHEN x.kind = 'object_use' THEN {position("parties_ids", 'x."of"')} END AS of_party,
            CASE WHEN x.kind = 'object_use' THEN {position("points_ids", 'x."of"')} END AS of_point,
            x.why AS why, coalesce(x.written, true) AS written
        FROM ({_OF_EACH.format(list="statements")}) z
        LEFT JOIN edges e ON e.zone = z.zone AND e.written = x."until"
    """,
    "reviews": f"""
        SELECT n AS person, x.rule AS rule, {instant("x.at")} AS at_us, e.until_us AS until_us,
            list_sort(list_distinct(x.channels)) AS channels
        FROM ({_OF_EACH.format(list="reviews")}) z LEFT JOIN edges e ON e.zone = z.zone AND e.written = x."until"
    """,
    "events": f"""
        SELECT n AS person, place AS event, place AS seq, {instant("x.at")} AS at_us, x.channel AS channel,
            x.direction AS direction, {position("parties_ids", "x.party")} AS party,
            {position("points_ids", "x.point")} AS point, {_debts("x.debts")} AS debts,
            {position("debts_ids", "x.attributed_to")} AS attributed_to, coalesce(x.form, 'interactive') AS form,
            coalesce(x.robot, false) AS robot, x."by" AS "by", x.outcome AS outcome, x.purpose AS purpose,
            x.talk_seconds AS talk_seconds, x.exchanged AS exchanged, x.about_debt AS about_debt,
            x.physical AS physical, {position("events_ids", "x.in_reply_to")} AS in_reply_to,
            {position("events_ids", "x.on_call")} AS on_call, coalesce(x.in_session, false) AS in_session
        FROM ({_OF_EACH.format(list="events")})
    """,
    "proposals": f"""
        SELECT n AS proposal, n AS person, {position("parties_ids", "d.proposed.party")} AS party,
            {position("points_ids", "d.proposed.point")} AS point, {instant("d.proposed.at")} AS at_us,
            {instant("d.proposed.expected_end_at")} AS expected_end_us, c.id AS contact, w.id AS collector,
            {_debts("d.proposed.debts")} AS debts, {position("debts_ids", "d.proposed.attributed_to")} AS attributed_to,
            {position("events_ids", "d.proposed.in_reply_to")} AS in_reply_to,
            {position("events_ids", "d.proposed.on_call")} AS on_call,
            coalesce(d.proposed.in_session, false) AS in_session, NULL::BIGINT AS seq
        FROM heads
        JOIN ways_contacts c ON c.way IS NOT DISTINCT FROM {WAYS["contacts"]}
        JOIN ways_collectors w ON w.way IS NOT DISTINCT FROM {WAYS["collectors"]}
    """,
}
"""The rows of each table that has rows of a case, from the heads."""
