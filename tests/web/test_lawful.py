"""The public page "was this lawful?": answers without a session, keeps nothing, fails no one for a missing answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import CaptureQueriesContext

from zhizhi.web.portal.throttle import Throttle
from zhizhi.web.shared import clock

AT = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
ABOUT = {
    "about-who": "debtor", "about-lender": "cn.bank.online", "about-debt": "overdue", "about-state": "normal",
    "about-refused": "no", "about-agreed": "no", "about-asked_else": "no", "about-complaint": "no",
}  # fmt: skip
CALL = {"day": "2026-03-02", "clock": "22:30", "times": "1", "answered": "talked", "robot": "no", "identified": "yes"}
VISIT = {
    "day": "2026-03-03", "clock": "10:00", "times": "1", "consented": "no", "place": "home", "how_many": "more",
    "card": "yes", "entered": "no", "entry_ok": "no", "identified": "yes",
}  # fmt: skip
OTHERS = {
    "day": "2026-03-03", "clock": "10:00", "times": "1", "whom": "colleague", "by": "voice", "purpose": "collect",
    "disclosed": "yes", "named": "no", "they_refused": "no",
}  # fmt: skip


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, "testserver"])
    clock.install(lambda: AT)
    return Client()


@pytest.fixture(autouse=True)
def _clock_of_the_machine_again() -> object:
    yield
    clock.install()


def story(*contacts: tuple[str, dict[str, str]], do: str = "answer", **about: str) -> dict[str, object]:
    sent: dict[str, object] = {**ABOUT, **{f"about-{key}": value for key, value in about.items()}, "do": do}
    sent["kind"] = [kind for kind, _ in contacts]
    for place, (_, fields) in enumerate(contacts):
        sent |= {f"c{place}-{name}": value for name, value in fields.items()}
    return sent


def answered(client: Client, *contacts: tuple[str, dict[str, str]], lang: str = "zh", **about: str) -> str:
    answer = client.post(f"/lawful?lang={lang}", story(*contacts, **about))
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_night_call_is_answered_with_article_evidence_and_where_to_complain(client: Client) -> None:
    shown = answered(client, ("call", CALL))
    for said in ("违反规则", "GB/T 45251-2025 5.3.1.3", "推荐性国家标准", "通话记录截图", "12378", "15 日内"):
        assert said in shown


def test_the_same_answer_stands_in_english(client: Client) -> None:
    shown = answered(client, ("call", CALL), lang="en")
    for said in ("This broke a rule", "GB/T 45251-2025 5.3.1.3", "recommended national standard", "12378"):
        assert said in shown
    assert 'lang="en"' in shown


@pytest.mark.parametrize(
    ("contact", "about", "verdict"),
    [
        (("call", {**CALL, "clock": "10:00"}), {}, "未见违规"),
        (("call", {**CALL, "clock": "08:00"}), {}, "未见违规"),
        (("call", {**CALL, "clock": "07:59"}), {}, "违反规则"),
        (("call", {**CALL, "times": "4", "clock": "10:00"}), {}, "当天第 4 次"),
        (("call", {**CALL, "times": "7", "clock": "10:00", "answered": "missed"}), {}, "当天第 7 次"),
        (("call", {**CALL, "clock": "10:00", "marks": "threat"}), {}, "报警 110"),
        (("call", {**CALL, "clock": "10:00"}), {"debt": "settled"}, "违反规则"),
        (("call", {**CALL, "clock": "10:00"}), {"who": "stranger"}, "违反规则"),
        (("visit", VISIT), {}, "违反规则"),
        (("visit", {**VISIT, "consented": "unknown"}), {}, "事先是否同意上门"),
        (("visit", {**VISIT, "consented": "yes"}), {}, "未见违规"),
        (("others", OTHERS), {}, "违反规则"),
        (("public_post", {"day": "2026-03-03", "clock": "10:00", "times": "1"}), {}, "违反规则"),
        (("call", CALL), {"agreed": "unknown"}, "约定过哪些联系时段"),
    ],
)
def test_each_story_gets_the_answer_that_its_facts_allow(
    client: Client, contact: tuple[str, dict[str, str]], about: dict[str, str], verdict: str
) -> None:
    assert verdict in answered(client, contact, **about)


def test_contacts_are_added_and_removed_without_a_script_and_nothing_typed_is_lost(client: Client) -> None:
    shown = client.post("/lawful", story(("call", CALL), do="add-visit")).content.decode()
    assert 'value="22:30"' in shown
    assert 'name="c1-consented"' in shown
    assert "这些证据" not in shown
    fewer = client.post("/lawful", story(("visit", VISIT), ("call", CALL), do="remove-0")).content.decode()
    assert 'value="22:30"' in fewer
    assert "consented" not in fewer


def test_a_question_left_open_is_asked_again_where_it_stands(client: Client) -> None:
    answer = client.post("/lawful", story(("call", {**CALL, "clock": ""})))
    assert answer.status_code == 400
    assert "请填时间" in answer.content.decode()
    future = client.post("/lawful", story(("call", {**CALL, "day": "2026-03-11"})))
    assert "这个时刻还没到" in future.content.decode()


def test_nothing_is_stored_no_session_no_row_no_cookie_but_the_forms_own(client: Client, store: str) -> None:
    from django.db import connections

    with CaptureQueriesContext(connections["default"]) as asked:
        answered(client, ("call", CALL))
    assert len(asked) == 0
    assert set(client.cookies) <= {"csrftoken"}


def test_an_answer_is_not_indexed_nor_cached_and_comes_by_post_alone(client: Client) -> None:
    answer = client.post("/lawful", story(("call", CALL)))
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    asked = client.get("/lawful", {"do": "answer", "kind": "call", "c0-day": "2026-03-02"})
    assert "answer-title" not in asked.content.decode()


def test_a_stranger_field_or_kind_breaks_nothing(client: Client) -> None:
    sent = story(("call", CALL)) | {"kind": ["call", "ransom"] + ["call"] * 50, "c0-marks": ["threat"], "x": "<script>"}
    assert client.post("/lawful", sent).status_code == 400  # fifty empty contacts are asked about, ten at most
    assert client.post("/lawful", {"do": "answer"}).status_code == 400
    assert "<script>alert" not in client.get("/lawful?lang=<script>alert").content.decode()


def test_the_limit_counts_answers_and_knows_nobody() -> None:
    throttle = Throttle(reserve=2, a_second=1)
    assert [throttle.passes(AT) for _ in range(3)] == [True, True, False]
    assert throttle.passes(AT + timedelta(seconds=1))
