"""A document that is no conduct case: each code, the order of checking, and messages that name the place."""

import pytest

from law.contacts import contact, said
from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.errors import CaseCode, CaseError


def error(document: object) -> CaseError:
    with pytest.raises(CaseError) as caught:
        parse_case(document)
    return caught.value


def changed(path: str, value: object) -> dict[str, object]:
    """The ordinary contact with one place written differently; `...` as value removes the key."""
    document = contact(events=[{**EVENT}], statements=[said("refuse_contact", by="c1")])
    *way, last = path.split(".")
    place: object = document
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    key = int(last) if last.isdigit() else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return document


EVENT = {
    "id": "e1",
    "at": "2026-03-02T09:00:00+08:00",
    "channel": "voice",
    "direction": "out",
    "party": "p1",
    "point": "m1",
}

BROKEN = [
    ("unknown_key", "colour", "red"),
    ("unknown_key", "proposed.outcome", "met"),
    ("unknown_key", "events.0.recording", "on"),
    ("unknown_key", "statements.0.colour", "red"),
    ("unknown_key", "debtor.name", "x"),
    ("missing_key", "id", ...),
    ("missing_key", "statements", ...),
    ("missing_key", "proposed.at", ...),
    ("missing_key", "debtor.state", ...),
    ("missing_key", "debts.0.state", ...),
    ("missing_key", "events.0.channel", ...),
    ("missing_key", "statements.0.by", ...),
    ("bad_type", "debts", {}),
    ("bad_type", "events.0", "x"),
    ("bad_type", "proposed.discloses_debt", "yes"),
    ("bad_type", "proposed.discloses_debt", None),
    ("bad_type", "proposed.team_size", True),
    ("bad_type", "proposed.team_size", 2.0),
    ("bad_type", "proposed.content", "threat"),
    ("bad_type", "id", 7),
    ("bad_type", "proposed.at", 7),
    ("bad_value", "profile", "cn.pawn"),
    ("bad_value", "reading", "lenient"),
    ("bad_value", "id", ""),
    ("bad_value", "id", "x" * 65),
    ("bad_value", "debts", []),
    ("bad_value", "proposed.channel", "pigeon"),
    ("bad_value", "proposed.content", ["rude"]),
    ("bad_value", "proposed.team_size", -1),
    ("bad_value", "debtor.time_zones", []),
    ("bad_value", "debtor.time_zones", ["Asia/Atlantis"]),
    ("bad_value", "events.0.direction", "up"),
    ("bad_value", "proposed.direction", "internal"),
    ("bad_value", "statements.0.kind", "shout"),
    ("bad_value", "statements.0", said("agree_hours", from_="25:00", to="26:00", form="specific")),
    ("bad_value", "statements.0", said("agree_hours", from_="8:00", to="20:00", form="specific")),
    ("bad_date", "proposed.at", "2026-03-02T10:00:00"),
    ("bad_date", "proposed.at", "2026-02-30T10:00:00+08:00"),
    ("bad_date", "proposed.at", "2026-03-02"),
    ("bad_date", "collector.person.trained_on", "02.03.2026"),
    ("bad_date", "statements.0", said("agree_frequency", per_day=1, until="soon")),
    ("bad_amount", "parties.1.estate_value_minor", -1),
    ("bad_amount", "debts.0.outstanding_minor", 10**15 + 1),
    ("bad_order", "proposed.expected_end_at", "2026-03-02T09:59:59+08:00"),
    ("bad_order", "statements.0.received_at", "2026-01-01T00:00:00+08:00"),
    ("bad_reference", "proposed.party", "p9"),
    ("bad_reference", "proposed.point", "m9"),
    ("bad_reference", "proposed.debts", ["d9"]),
    ("bad_reference", "proposed.on_call", "e9"),
    ("bad_reference", "statements.0.by", "p9"),
    ("bad_reference", "statements.0.debt", "d9"),
    ("bad_reference", "points.0.party", "p9"),
    ("bad_reference", "parties.1.id", "p1"),
    ("bad_reference", "events.0.attributed_to", "d9"),
    ("conflict", "debtor.states", [{"state": "normal"}]),
    ("conflict", "statements.0.per_day", 3),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "value"), BROKEN, ids=[f"{c} {p} {v!r:.20}" for c, p, v in BROKEN])
def test_each_thing_wrong_has_its_code_and_the_message_names_the_place(code, path, value):
    found = error(changed(path, value))
    assert found.code == code
    named = path.replace(".0", "[0]").replace(".1", "[1]")
    assert f"`{named}" in found.message or path == "statements.0"
    assert found.text.zh


def test_no_message_repeats_a_value():
    for _, path, value in BROKEN:
        if isinstance(value, str) and len(value) > 3:
            assert value not in error(changed(path, value)).message


def test_statements_and_events_stand_in_time_order():
    two = [said("offer_to_pay", by="c1"), said("refuse_contact", by="c1", at="2026-02-19T10:00:00+08:00")]
    assert error(contact(statements=two)).code == "bad_order"
    swapped = [{**EVENT, "id": "e2", "at": "2026-03-02T09:30:00+08:00"}, EVENT]
    assert error(contact(events=swapped)).code == "bad_order"


def test_codes_are_checked_in_their_published_order():
    """A document with everything wrong is refused for the first code; mended, for the next, and so on."""
    document = contact(events=[EVENT, {**EVENT, "id": "e2", "at": "2026-03-02T08:00:00+08:00"}])
    document["collector"]["person"]["trained_on"] = "never"
    document["parties"][1]["estate_value_minor"] = -5
    document["proposed"]["party"] = "p9"
    document["debtor"]["states"] = [{"state": "normal"}]
    document["proposed"]["channel"] = "pigeon"
    document["proposed"]["robot"] = 1
    del document["proposed"]["purpose"]
    document["colour"] = "red"
    mends = [
        ("unknown_key", lambda: document.pop("colour")),
        ("missing_key", lambda: document["proposed"].update(purpose="collect")),
        ("bad_type", lambda: document["proposed"].update(robot=True)),
        ("bad_value", lambda: document["proposed"].update(channel="voice")),
        ("bad_date", lambda: document["collector"]["person"].update(trained_on="2026-01-01")),
        ("bad_amount", lambda: document["parties"][1].pop("estate_value_minor")),
        ("bad_order", document["events"].reverse),
        ("bad_reference", lambda: document["proposed"].update(party="p1")),
        ("conflict", lambda: document["debtor"].pop("states")),
    ]
    for code, mend in mends:
        assert error(document).code == code
        mend()
    assert parse_case(document).id == "x"
    assert [code for code, _ in mends] == [code.value for code in CaseCode][1:]


def test_what_is_for_people_is_ignored_and_what_is_no_object_is_refused():
    kept = contact() | {"title": 7, "expect": "anything", "notes": None, "cites": [], "basis": {}, "confidence": 0}
    assert parse_case(kept).reading == "strict"
    assert error([1]).code == "bad_json"


def test_an_absent_reading_is_strict():
    document = contact(reading="text")
    del document["reading"]
    assert parse_case(document).reading == "strict"
