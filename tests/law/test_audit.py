"""Contacts that have happened: broken where the facts suffice, not judged where one is missing, never guessed."""

import importlib.util
import json
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from zhizhi.core.conduct.audit.judge import Judge, Judged
from zhizhi.core.conduct.audit.knowledge import Assumption, Knowledge
from zhizhi.core.conduct.audit.story import Contact, Story, views
from zhizhi.core.conduct.audit.told import features_without_policy
from zhizhi.core.conduct.decide import decide
from zhizhi.core.law.evaluate import Effect
from zhizhi.core.law.nodes import features_of
from zhizhi.gateways.contact_log.opening import open_log
from zhizhi.gateways.contact_log.spool import DiskSpool
from zhizhi.store.packs import load_law
from zhizhi.usecases.audit.facts import Facts, read_facts
from zhizhi.usecases.audit.findings import Finding
from zhizhi.usecases.audit.log_map import LogMap, read_log_map
from zhizhi.usecases.audit.rows import LogReader, LogReading
from zhizhi.usecases.audit.run import Outlets, run_audit
from zhizhi.usecases.audit.workers import AuditPlace

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 12, 1, tzinfo=UTC)
PROFILE = "cn.bank.online"
HEAD = '[log]\nchannel = "voice"\ncomplete = {complete}\n[columns]\nat = "at"\nnumber = "number"\nperson = "person"\n'
ONE = {"at": "2026-03-02 10:00", "number": "10900000001", "person": "P1"}


def audited(
    *rows: dict[str, str], complete: bool = False, assume: str = "", facts: Facts | None = None
) -> list[Judged]:
    """The rows of one person judged, in the order of time."""
    names = dict.fromkeys(name for row in rows for name in row)
    body = (
        HEAD.format(complete=str(complete).lower()) + "".join(f'{n} = "{n}"\n' for n in names if n not in ONE) + assume
    )
    reading = LogReading(read_log_map(body), AT)
    reader = LogReader(reading)
    contacts = []
    for number, row in enumerate(rows, 1):
        cells = [{**ONE, **row}.get(column, "") for column in reading.log_map.columns]
        contact = reader.contact(cells, number)
        assert isinstance(contact, Contact), contact
        contacts.append(contact)
    facts = facts or Facts()
    judge = Judge(load_law(PROFILE), "strict", facts.adds_to(reading.knowledge))
    story = facts.story("P1", sorted(contacts, key=lambda one: one.proposed.at), ("Asia/Shanghai",))
    return list(judge.judge(story))


def labels(judged: Judged) -> set[str]:
    return {breach.rule.label for breach in judged.breaches}


def lacking(judged: Judged) -> set[str]:
    return {fact for one in (*judged.in_row, *judged.in_log) for fact in one.missing_kinds}


def calls(*hours: str, **fields: str) -> list[dict[str, str]]:
    return [{"at": f"2026-03-02 {hour}", "talk_seconds": "60", **fields} for hour in hours]


def test_every_feature_of_the_catalogue_has_a_policy_for_logs() -> None:
    assert features_without_policy() == frozenset()


def test_a_bare_call_at_night_is_a_breach_that_names_what_it_rests_on() -> None:
    (judged,) = audited(*calls("22:30"))
    assert labels(judged) == {"contact-hours"}
    rests_on = {assumption for breach in judged.breaches for assumption in breach.rests_on}
    assert Assumption.NO_AGREEMENT in rests_on


def test_without_the_assumption_the_night_call_waits_for_the_fact() -> None:
    (judged,) = audited(*calls("22:30"), assume="[assume]\nno_agreement = false\n")
    assert labels(judged) == set()
    assert "statements.agree_hours" in lacking(judged)


def test_an_agreement_on_file_makes_the_night_call_lawful() -> None:
    said = {"person": "P1", "at": "2026-02-01T10:00:00+08:00", "kind": "agree_hours", "from": "19:00", "to": "23:00"}
    facts = read_facts(
        {"statements_complete": True, "statements": [{**said, "form": "specific"}]}, PROFILE, "Asia/Shanghai"
    )
    (judged,) = audited(*calls("22:30"), facts=facts)
    assert labels(judged) == set()


def test_a_statement_made_after_the_contact_changes_nothing() -> None:
    said = {"person": "P1", "at": "2026-03-02T22:40:00+08:00", "kind": "agree_hours", "from": "19:00", "to": "23:00"}
    facts = read_facts(
        {"statements_complete": True, "statements": [{**said, "form": "specific"}]}, PROFILE, "Asia/Shanghai"
    )
    (judged,) = audited(*calls("22:30"), facts=facts)
    assert labels(judged) == {"contact-hours"}


def test_the_fourth_answered_call_of_a_day_names_the_rows_that_were_counted() -> None:
    judged = audited(*calls("09:00", "11:00", "14:00", "16:00"))
    assert [labels(one) for one in judged[:3]] == [set()] * 3
    (breach,) = judged[3].breaches
    assert breach.rule.label == "valid-calls-per-day"
    assert breach.facts == ("r1", "r2", "r3")


def test_a_call_of_unknown_result_leaves_the_fourth_open_and_says_which_row() -> None:
    rows = [*calls("09:00", "11:00"), {"at": "2026-03-02 14:00", "talk_seconds": ""}, *calls("16:00")]
    *_, last = audited(*rows)
    assert labels(last) == set()
    (unjudged,) = [one for one in last.in_row if one.rule is not None and one.rule.label == "valid-calls-per-day"]
    assert unjudged.missing == ("events.r3.outcome",)


def test_a_later_call_does_not_make_an_earlier_one_unlawful() -> None:
    judged = audited(*calls("16:00", "09:00", "11:00", "14:00"))
    assert [bool(one.breaches) for one in judged] == [False, False, False, True]


def test_whoever_does_not_owe_must_not_be_asked_to_pay_and_a_call_to_ask_where_he_is_stays_open() -> None:
    (asked,) = audited(*calls("10:00", role="colleague", purpose="collect"))
    assert {"from-debtor-only", "no-third-person"} <= labels(asked)
    (sought,) = audited(*calls("10:00", role="contact", purpose="locate", named_by_debtor="是"))
    assert "lost-contact-gate" not in labels(sought)
    assert "log.complete" in lacking(sought)


def test_in_a_whole_log_contact_that_was_not_lost_is_a_breach() -> None:
    rows = [*calls("09:00", role="debtor"), *calls("10:00", role="contact", purpose="locate", named_by_debtor="是")]
    rows[1]["number"] = "10900000002"
    *_, sought = audited(*rows, complete=True)
    assert "lost-contact-gate" in labels(sought)


def test_a_visit_of_which_no_consent_is_known_is_not_called_unlawful() -> None:
    row = {"at": "2026-03-02 10:00", "channel": "visit", "place": "home"}
    (judged,) = audited(row)
    assert "visit-consented" not in labels(judged)
    assert "visit.consented" in lacking(judged)
    (refused,) = audited({**row, "visit_consent": "否"})
    assert "visit-consented" in labels(refused)


def test_what_was_screened_and_found_is_a_breach_and_what_nobody_screened_is_open() -> None:
    (found,) = audited(*calls("10:00", marks="威胁;辱骂"))
    assert "no-threat-or-insult" in labels(found)
    (clean,) = audited(*calls("10:00", marks="无"))
    assert "contact.content" not in lacking(clean)
    _, open_ = audited(*calls("10:00", marks="无"), *calls("11:00", marks=""))
    assert "contact.content" in {fact for one in open_.in_row for fact in one.missing}


def test_an_inbound_call_is_history_and_breaks_nothing() -> None:
    judged = audited(*calls("23:30", direction="呼入"), *calls("09:00", direction="呼出"))
    assert len(judged) == 1


def test_with_all_facts_told_the_audit_says_what_the_single_decision_said() -> None:
    """Every contact of a generated log, decided as of its instant by `decide` and by the audit."""
    law = load_law(PROFILE)
    everything = Knowledge(
        statements=True, debtor_states=True, debt_states=True, assumed=frozenset(Assumption), spoken=frozenset()
    )
    judge = Judge(law, "strict", everything)
    compared = 0
    for story in _stories():
        told = Story(
            story.person, [_untold(contact) for contact in story.contacts], story.debts, statements=story.statements,
            time_zones=("Asia/Shanghai",),
        )  # fmt: skip
        judged = {one.contact.row: one for one in judge.judge(told)}
        for contact, view in views(told, law, "strict", everything):
            decision = decide(view.case, law)
            forbidden = {reason.rule for reason in decision.reasons if reason.effect.value == Effect.FORBID.value}
            assert {breach.rule.id for breach in judged[contact.row].breaches} == forbidden, contact.row
            compared += 1
    assert compared > 300


def _untold(contact: Contact) -> Contact:
    return Contact(contact.event, contact.proposed, contact.party, contact.point, contact.collector)


def _generator() -> ModuleType:
    path = ROOT / "benchmarks" / "audit_log.py"
    spec = importlib.util.spec_from_file_location("audit_log_generator", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ModuleType, dict[int, str]]:
    folder, generator = tmp_path_factory.mktemp("log"), _generator()
    return folder, generator, generator.write_log(folder, 1_500, seed=11, planted_share=0.4).planted


def _stories() -> list[Story]:
    import tempfile

    generator = _generator()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generator.write_log(folder, 400, seed=3, planted_share=0.4)
        log_map, facts = _inputs(folder, generator)
        reader, by_person = LogReader(LogReading(log_map, AT)), defaultdict(list)
        with open_log(folder / "log.csv") as table:
            places = [table.columns.index(column) for column in log_map.columns]
            for number, values in (row for row in table.rows() if isinstance(row, tuple)):
                contact = reader.contact([str(values[place] or "") for place in places], number)
                assert isinstance(contact, Contact)
                by_person[contact.proposed.debts].append((contact, str(values[table.columns.index("客户编号")])))
    stories = []
    for pairs in by_person.values():
        contacts = sorted((contact for contact, _ in pairs), key=lambda one: one.proposed.at)
        stories.append(facts.story(pairs[0][1], contacts, ("Asia/Shanghai",)))
    return stories


def _inputs(folder: Path, generator: ModuleType) -> tuple[LogMap, Facts]:
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return read_log_map((folder / "map.toml").read_text(encoding="utf-8")), read_facts(
        facts, generator.PROFILE, "Asia/Shanghai"
    )


def test_every_planted_breach_is_found_and_nothing_else_is_called_one(
    generated: tuple[Path, ModuleType, dict[int, str]],
) -> None:
    folder, generator, planted = generated
    log_map, facts = _inputs(folder, generator)
    findings: list[Finding] = []
    place = AuditPlace(LogReading(log_map, AT), generator.PROFILE, "strict", facts, None)
    outlets = Outlets(findings.append, lambda *_: None, lambda *_: None)
    with open_log(folder / "log.csv") as table, DiskSpool() as spool:
        tally = run_audit(place, table, spool, outlets)
    broke: dict[int, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.verdict == "breach":
            broke[finding.row].add(finding.rule.rpartition("/")[2])
    expected = {row: kind for row, kind in planted.items() if kind not in generator.NOT_JUDGED}
    assert set(expected.values()) == set(generator.PLANTS), "the sample holds every kind"
    assert broke.keys() == expected.keys()
    for row, kind in expected.items():
        assert broke[row] <= generator.LABELS[kind], kind
    open_rows = {finding.row for finding in findings if finding.verdict == "cannot_judge"}
    assert open_rows == planted.keys() - expected.keys()
    assert tally.broke == len(expected)
    assert tally.rejected == 0


def test_rules_that_ask_for_a_look_are_not_breaches_but_open() -> None:
    (judged,) = audited(*calls("10:00", complaint_open="是"))
    assert labels(judged) == set()
    assert "reviews" in lacking(judged)
    rule = next(one.rule for one in judged.in_row if one.missing == ("reviews",))
    assert rule is not None
    assert "case.complaint_open" in set(features_of(rule.clauses["strict"]))
