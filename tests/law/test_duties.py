"""Duties and retention: asked by key, counted as the Civil Code counts, ours never resting on a roll."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhizhi.core.debt.tables.workdays_cn import WORKDAYS_CN
from zhizhi.core.law.duties import Due, due_of, duties_of, retention_of
from zhizhi.core.law.errors import PackError
from zhizhi.core.law.nodes import Duty, Retain
from zhizhi.core.law.rules import Origin, parse_rule
from zhizhi.store.packs import list_profiles, load_law, load_pack

BEIJING = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 22)
ORIGIN = Origin("cn.try", "T-1", "1", "TRY 1", "high")


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=BEIJING)


def due(written: str, /, count: int, period: str, *, before: bool = False, by: str = "us") -> Due:
    duty = Duty("decide_simple_complaint", "complaint_received", count, period, before, by)
    return due_of(duty, at(written), BEIJING, WORKDAYS_CN)


def rule(body: str) -> str:
    return f"rule: t\ntopic: law\n{body}\nexplain: {{zh: 甲, en: a}}\n"


class TestDue:
    def test_the_day_of_the_event_is_not_counted_and_the_last_day_ends_at_midnight(self):
        found = due("2026-03-02T09:00", 15, "days")
        assert found == Due(at("2026-03-18T00:00"), date(2026, 3, 17))

    def test_ours_gives_way_to_the_working_day_before_and_theirs_rolls_on(self):
        assert due("2026-03-07T09:00", 15, "days").nominal_on == date(2026, 3, 22)
        assert due("2026-03-07T09:00", 15, "days").act_before == at("2026-03-21T00:00")
        assert due("2026-03-07T09:00", 15, "days", by="other").act_before == at("2026-03-24T00:00")

    def test_a_holiday_run_never_moves_ours_before_its_own_event(self):
        assert due("2026-10-01T09:00", 5, "days").act_before == at("2026-10-07T00:00")
        assert due("2026-03-07T23:00", 0, "days").act_before == at("2026-03-08T00:00")

    def test_working_days_skip_holidays_and_count_make_up_days(self):
        assert due("2026-09-30T09:00", 1, "working_days").nominal_on == date(2026, 10, 8)
        assert due("2026-10-09T09:00", 1, "working_days").nominal_on == date(2026, 10, 10)

    def test_months_and_years_end_on_the_same_day_number_or_the_last_of_the_month(self):
        assert due("2026-08-31T09:00", 6, "months").nominal_on == date(2027, 2, 28)
        assert due("2024-02-29T09:00", 2, "years").nominal_on == date(2026, 2, 28)

    def test_hours_and_minutes_are_instants_by_night_and_on_holidays(self):
        assert due("2026-10-01T23:30", 72, "hours") == Due(at("2026-10-04T23:30"))
        assert due("2026-10-01T23:45", 30, "minutes") == Due(at("2026-10-02T00:15"))
        assert due("2026-10-01T23:45", 0, "hours") == Due(at("2026-10-01T23:45"))

    def test_what_comes_before_an_event_is_over_a_whole_working_day_earlier(self):
        assert due("2026-03-09T10:00", 1, "working_days", before=True).act_before == at("2026-03-07T00:00")
        assert due("2026-03-09T10:00", 0, "days", before=True) == Due(at("2026-03-09T10:00"))

    def test_the_day_is_the_civil_day_of_the_zone(self):
        late = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
        duty = Duty("decide_simple_complaint", "complaint_received", 15, "days")
        assert due_of(duty, late, BEIJING, WORKDAYS_CN).nominal_on == date(2026, 3, 18)


class TestOfTheLaw:
    def test_a_complaint_has_its_three_days_and_a_low_row_speaks_in_strict_only(self):
        law = load_law("cn.bank.online")
        found = {owed.duty.do: owed.duty.within for owed in duties_of(law, TODAY, occasion="complaint_received")}
        assert found == {
            "decide_simple_complaint": 15, "decide_complex_complaint": 30, "decide_extended_complaint": 60,
        }  # fmt: skip
        assert duties_of(law, TODAY, "strict", "recheck_requested")
        assert not duties_of(law, TODAY, "text", "recheck_requested")

    def test_a_duty_stands_from_the_day_of_its_own_article(self):
        law = load_law("cn.bank.online")
        sheet = {day: [o for o in duties_of(law, day) if o.duty.do == "give_cost_sheet"] for day in (
            date(2026, 7, 31), date(2026, 8, 1),
        )}  # fmt: skip
        assert [len(found) for found in sheet.values()] == [0, 1]

    @pytest.mark.parametrize(
        ("profile", "years"),
        [("cn.consumer_finance.online", 5), ("cn.microloan", 5), ("cn.bank.card", 2), ("cn.bank.online", 2)],
    )
    def test_the_longest_of_several_packs_counts(self, profile, years):
        found = retention_of(load_law(profile), "collection_record", TODAY)
        longest = found.longest(TODAY)
        assert longest is not None
        assert (longest.retain.within, longest.retain.period) == (years, "years")
        assert found.keep_until({"case_closed": date(2026, 3, 2)}) == date(2026 + years, 3, 2)
        assert found.keep_until({}) is None

    def test_an_oral_plan_is_kept_until_settled_and_for_two_years_whichever_is_later(self):
        found = retention_of(load_law("cn.bank.card"), "oral_plan_recording", TODAY)
        made = date(2024, 1, 10)
        assert found.keep_until({"record_made": made}) is None
        assert found.keep_until({"record_made": made, "debt_settled": date(2029, 5, 1)}) == date(2029, 5, 1)
        assert found.keep_until({"record_made": made, "debt_settled": date(2024, 5, 1)}) == date(2026, 1, 10)

    def test_adverse_data_have_a_greatest_period_and_no_least_one(self):
        found = retention_of(load_law("cn.bank.card"), "adverse_credit", TODAY)
        assert not found.least
        assert found.erase_from({"bad_event_ended": date(2026, 3, 2)}) == date(2031, 3, 3)
        assert found.erase_from({}) is None

    def test_a_keeper_is_bound_by_what_names_it_or_nobody(self):
        law = load_law("cn.bank.online")
        assert retention_of(law, "identity", TODAY, keeper="lender").least
        assert not retention_of(law, "identity", TODAY, keeper="agency").least
        assert retention_of(law, "identity", TODAY).least

    def test_every_duty_of_every_profile_can_be_reckoned(self):
        for profile in list_profiles():
            law = load_law(profile)
            for owed in duties_of(law, TODAY):
                found = due_of(owed.duty, at("2026-03-02T09:00"), BEIJING, WORKDAYS_CN)
                assert (found.act_before <= at("2026-03-02T09:00")) == (owed.duty.before or (owed.duty.within == 0
                    and owed.duty.period == "hours")), owed.rule.id  # fmt: skip

    def test_every_step_occasion_and_record_of_the_lists_is_spoken_of_by_a_pack(self):
        """Words that wait for a pack are no vocabulary yet."""
        from zhizhi.core.law.duty_words import DUTIES, OCCASIONS, RECORDS
        from zhizhi.store.packs import list_packs

        bodies = [c.body for pack in list_packs() for rule in pack.rules for c in rule.clauses.values()]
        duties = [body for body in bodies if isinstance(body, Duty)]
        kept = [body for body in bodies if isinstance(body, Retain)]
        assert {duty.do for duty in duties} == set(DUTIES)
        assert {one.record for one in kept} == set(RECORDS)
        assert {one.occasion for one in (*duties, *kept)} == set(OCCASIONS)


class TestNotation:
    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ("duty: {do: dance, after: visit, days: 1}", "unknown word `dance`"),
            ("duty: {do: give_notice, after: easter, days: 1}", "unknown word `easter`"),
            ("duty: {do: give_notice, days: 1}", "one occasion"),
            ("duty: {do: give_notice, after: visit, before: visit}", "one occasion"),
            ("duty: {do: give_notice, after: visit}", "one period, not 0"),
            ("duty: {do: give_notice, after: visit, days: 1, hours: 2}", "one period, not 2"),
            ("duty: {do: give_notice, after: visit, days: 1, by: them}", "unknown word `them`"),
            ("when: {contact.channel: voice}\nduty: {do: give_notice, before: visit}", "belong to no contact"),
            ("retain: {years: 2}", "key `record` is missing"),
            ("retain: {record: diary, after: visit, years: 2}", "unknown word `diary`"),
            ("retain: {record: consent, after: visit, years: 2, keeper: aunt}", "unknown word `aunt`"),
        ],
    )
    def test_what_is_not_in_the_vocabulary_is_refused(self, body, wrong):
        with pytest.raises(PackError, match=wrong):
            parse_rule(rule(body), "articles/T-1.md", 1, ORIGIN)

    def test_before_alone_means_before(self):
        parsed = parse_rule(rule("duty: {do: give_notice, before: visit}"), "articles/T-1.md", 1, ORIGIN)
        assert parsed.clauses["strict"].body == Duty("give_notice", "visit", 0, "days", before=True)

    def test_a_duty_is_asked_by_no_decision(self):
        law = load_law("cn.bank.online")
        silent = {owed.rule.id for owed in duties_of(law, TODAY)}
        from zhizhi.core.law.law import rules_on

        assert not silent & {bound.rule.id for bound in rules_on(law, "strict", TODAY)}
        assert load_pack("cn.statutes").rules
