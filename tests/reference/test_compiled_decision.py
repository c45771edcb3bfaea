"""The compiled decision gives the reference's value, field by field, whatever it is asked."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from law.contacts import BANK, DAY, call, calls, clock, contact, said
from reference import closures, generated
from reference.closures import Compared, compare, compare_document, moved, moved_document
from zhizhi.core.conduct.case import Case, parse_case
from zhizhi.core.conduct.compiled import Compiled, compile_law
from zhizhi.core.conduct.compiled import decide as compiled_decide
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import Verdict
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.compiled import NotCompiled
from zhizhi.core.law.law import Law
from zhizhi.core.law.nodes import All, Clause, Cooldown, Forbid, Fresh, Is, Rule, Window
from zhizhi.core.law.nodes import Any as AnyOf
from zhizhi.core.law.pack import InForce, Pack, Parameter, ParameterValue
from zhizhi.store.packs import list_profiles, load_law, release_contents

SEEDS, CASES = range(1, 9), 3
SHARED = Path(os.environ.get("ZHIZHI_SHARED", Path(__file__).resolve().parents[3] / "shared"))
VECTORS = ["cn_cases.json", "us_cases.json"]


@pytest.mark.parametrize("first", SEEDS[::4])
def test_generated_laws_and_cases_are_decided_alike(first: int) -> None:
    found = Compared()
    for seed in range(first, first + 4):
        found.add(compare(seed, CASES))
    assert not found.differences, found.differences[0]
    assert found.comparisons == sum(found.kinds[verdict] for verdict in Verdict) > 100
    assert found.kinds[Verdict.PERMIT], "the dice make permits too"


def test_a_contact_that_is_moved_is_the_case_of_its_document_and_is_counted_once() -> None:
    document = contact(BANK, expected_end_at=clock("10:30"), events=calls(2))
    case, later = parse_case(document), datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert parse_case(moved_document(document, moved(case, later))) == moved(case, later)
    found = Compared()
    compare_document(document, load_law(BANK), found, "case", [later, later, case.proposed.at])
    assert (found.comparisons, found.differences) == (2, [])


def test_a_difference_is_found_in_any_field_and_told_with_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    law, found = load_law(BANK), Compared()
    for changed in ({"unknown": ("x",)}, {"zone": "Asia/Tokyo"}, {"budgets": ()}):
        monkeypatch.setattr(closures, "decide", lambda case, of, changed=changed: replace(decide(case, of), **changed))
        compare_document(contact(BANK), law, found, "case", [datetime(2026, 3, 2, 4, tzinfo=UTC)])
    assert found.comparisons == len(found.differences) == 6
    told = found.differences[1].splitlines()
    assert "`unknown`" in told[0]
    assert parse_case(json.loads(told[1])).proposed.at == datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", VECTORS)
def test_published_cases_are_decided_alike(name: str) -> None:
    path = SHARED / "vectors" / name
    if not path.exists():
        pytest.skip(f"no published cases: {name} is not there")
    written = json.loads(path.read_text(encoding="utf-8"))
    cases = written["cases"] if isinstance(written, dict) else written
    agree([document for document in cases if document.get("profile") in list_profiles()])


def test_the_cases_of_every_pack_are_decided_alike() -> None:
    agree([dict(case.document) for pack, _ in release_contents() for case in pack.cases])


def agree(documents: list[dict[str, Any]]) -> None:
    found = Compared()
    for document in documents:
        compare_document(document, load_law(document["profile"]), found, "case")
    assert not found.differences, found.differences[0]
    assert found.comparisons > len(documents) // 2


def hours(first: str, last: str, form: str = "specific", **keys: Any) -> dict[str, Any]:
    return said("agree_hours", from_=first, to=last, form=form, **keys)


def spare(first: str, last: str) -> dict[str, Any]:
    return said("inconvenient_time", from_=first, to=last)


REVIEW = {"rule": "A-20", "at": clock("09:00"), "by": "u2", "until": DAY}
REVIEW_AHEAD = {**REVIEW, "at": clock("11:00"), "until": "2026-03-03T09:00:00+08:00"}
COMPLAINT = {"case": {"complaint_open": True}}
ILL = {"time_zones": ["Asia/Shanghai"], "states": [{"state": "hospitalised", "until": "2026-03-04"}]}
ASKED = {"party": "c1", "point": "mc1", "purpose": "locate"}
CORNERS: dict[str, dict[str, Any]] = {
    "nothing against it": {},
    "caps of the day": {"events": calls(8, "no_answer")},
    "an outcome is open": {"events": [*calls(2), call("open", "09:30", None)]},
    "one call in two rows": {"events": [call("a", "08:00", physical="x"), call("b", "08:00", physical="x")]},
    "reminders": {"events": [call("a", "08:00", purpose="remind"), *calls(2)], "purpose": "remind"},
    "after what is proposed": {"events": [*calls(2), call("late", "20:00")]},
    "agreed hours": {"statements": [hours("12:00", "18:00")]},
    "agreed hours of a clause": {"statements": [hours("06:00", "09:30", "standard_clause")]},
    "agreed hours over midnight": {"statements": [hours("20:00", "02:00")]},
    "agreed hours on Mondays": {"statements": [hours("20:00", "21:00", days=["MON"])]},
    "hours begin today": {"statements": [hours("12:00", "18:00", at=clock("09:00"))]},
    "hours end today": {"statements": [hours("12:00", "18:00", until=DAY)]},
    "lunch": {"statements": [spare("09:30", "11:00")]},
    "two that overlap": {"statements": [spare("09:30", "11:00"), spare("10:30", "23:00")]},
    "agreed number": {"statements": [said("agree_frequency", per_day=2)], "events": calls(5, "no_answer")},
    "a hold that was released": {**COMPLAINT, "reviews": [REVIEW]},
    "a hold whose release comes and ends": {**COMPLAINT, "reviews": [REVIEW_AHEAD]},
    "a clock abroad": {"debtor": {"time_zones": ["Asia/Shanghai", "America/New_York"], "state": "normal"}},
    "longer than any window": {"expected_end_at": "2026-03-03T09:00:00+08:00"},
    "nobody says which number": {"point": None, "events": calls(6, "no_answer")},
    "a contact person": {**ASKED, "events": calls(3, "no_answer", day="2026-02-28")},
    "a dated state": {"debtor": ILL},
}


@pytest.mark.parametrize("name", CORNERS)
def test_a_corner_is_decided_alike_at_every_hour(name: str) -> None:
    document = contact(BANK, **CORNERS[name])
    if document["proposed"].get("point") is None:
        del document["proposed"]["point"]
    case = parse_case(document)
    for later in (0, 3, 9, 12, 14, 27):
        moved = case.proposed.at + timedelta(hours=later)
        length = None if case.proposed.expected_end_at is None else moved + timedelta(hours=10)
        asked = replace(case, proposed=replace(case.proposed, at=moved, expected_end_at=length))
        for reading in ("strict", "text"):
            one = replace(asked, reading=reading)
            assert compile_law(load_law(BANK)).answer(one) == decide(one, load_law(BANK))


def made(*clauses: Clause) -> Law:
    """The law of one pack with a rule for each clause."""
    (pack, _), *_ = release_contents()
    rules = tuple(
        Rule(
            id=f"made/{n}", row="R", label=f"r{n}", topic="time", cites="made", rows=frozenset({"R"}),
            confidence="high", clauses={"strict": clause}, explain=Text("因", "because"), notation="",
        )
        for n, clause in enumerate(clauses)
    )  # fmt: skip
    article = replace(pack.articles[0], rules=rules, in_force=None)
    frame: Pack = replace(pack, articles=(article,))
    return Law(BANK, Text("题", "title"), "Asia/Shanghai", (frame,), ())


NUMBER = {"number": Parameter("number", "calls", Text("数", "n"), (ParameterValue(InForce(date(2020, 1, 1)), 2, "R"),))}


def plain() -> Case:
    return parse_case(contact(BANK))


def test_an_error_in_a_rule_holds_and_names_the_rule() -> None:
    law = made(Clause(All(), AnyOf(), Fresh("collector.trained_on", 10**9)))
    with pytest.raises(OverflowError):
        Compiled(law).answer(plain())
    decision = Compiled(law).decide(plain())
    assert decision == decide(plain(), law)
    assert (decision.verdict, decision.unknown) == (Verdict.HOLD, ("engine.r0.OverflowError",))


def test_a_node_that_nobody_taught_the_compiler_is_refused_loudly() -> None:
    class Lottery:
        """A body of no vocabulary."""

    clause = Clause(All(), AnyOf(), Forbid(All()))
    object.__setattr__(clause, "body", Lottery())
    with pytest.raises(NotCompiled):
        Compiled(made(clause)).decide(plain())
    condition = Clause(All(), AnyOf(), Forbid(Lottery()))  # type: ignore[arg-type]  # on purpose
    with pytest.raises(NotCompiled):
        Compiled(made(condition)).decide(plain())


def test_every_body_of_the_vocabulary_is_compiled() -> None:
    laws = generated.Laws(Random(1))
    for body in generated.BODIES:
        law = made(Clause(All(), AnyOf(), laws.node(body)))
        numbered = replace(law, packs=tuple(replace(pack, params=NUMBER) for pack in law.packs))
        assert Compiled(numbered).decide(plain()) == decide(plain(), numbered), body


def test_no_value_of_a_pack_stands_in_generated_text() -> None:
    law = made(Clause(Is("contact.recording", frozenset({"on"})), AnyOf(), Forbid(All())))
    rule = law.packs[0].rules[0]
    evil = replace(rule, id='made/x\nraise SystemExit("pwned")')
    article = replace(law.packs[0].articles[0], rules=(evil,))
    law = replace(law, packs=(replace(law.packs[0], articles=(article,)),))
    compiled = Compiled(law)
    assert compiled.answer(plain()) == decide(plain(), law)
    (text,) = compiled.texts("strict", date(2026, 3, 2))
    assert "SystemExit(" not in text
    assert "'on'" not in text
    assert '"on"' not in text


def test_rules_that_cannot_speak_about_a_shape_are_not_in_its_programme() -> None:
    compiled = Compiled(load_law(BANK))
    compiled.answer(plain())
    (text,) = compiled.texts("strict", date(2026, 3, 2))
    assert "contact-hours" in text
    assert "visit-team" not in text
    assert "lost-contact-gate" not in text


def test_the_search_ends_at_its_horizon_in_the_middle_of_a_night() -> None:
    """A letter barred for just 400 days could leave an hour after the horizon; nobody looks that far."""
    letters = Clause(All(), AnyOf(), Cooldown(400))
    hours = Clause(All(), AnyOf(), Window(480, 1320))
    law = made(letters, hours)
    letter = {"id": "e1", "at": clock("06:00"), "channel": "letter", "direction": "out", "party": "p1"}
    for at in ("06:30", "07:30", "08:00", "12:00"):
        case = parse_case(contact(BANK, events=[letter], channel="letter", at=clock(at)))
        assert Compiled(law).answer(case) == decide(case, law)


def test_laws_days_and_programmes_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_decide, "PROGRAMMES_KEPT", 2)
    monkeypatch.setattr(compiled_decide, "DAYS_KEPT", 2)
    compiled = Compiled(load_law(BANK))
    for purpose in ("collect", "serve", "remind", "relay", "answer_request"):
        for day in (2, 3, 4):
            case = parse_case(contact(BANK, purpose=purpose, at=f"2026-03-0{day}T10:00:00+08:00"))
            assert compiled.answer(case) == decide(case, load_law(BANK))
            assert len(compiled.texts("strict", date(2026, 3, day))) <= 2
