"""Wordings and strategies take two persons: by the use case, and below it by the table."""

import psycopg
import pytest

from book import make_lender, make_staff
from gatework import TEN, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.lenders.models import Lender
from zhizhi.store.templates.approved import load_approved
from zhizhi.store.transact.strategies import activate_version
from zhizhi.store.transact.templates import rule_version
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.strategies import ActivateStrategy, DraftStrategy, activate_strategy, draft_strategy
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def pair(lender: Lender) -> tuple[int, int]:
    return make_staff("one", "supervisor", lender).pk, make_staff("two", "compliance", lender).pk


def draft(lender: Lender, by: int, **changes: object) -> int:
    plain: dict[str, object] = {
        "lender_id": lender.pk, "code": "new-sms", "channel": "sms", "kind": "collection", "name": "新", "subject": "",
        "body": "{name}您好", "variables": ("name",), "marks": (), "discloses_debt": False,
        "provider_template": "", "by": by,
    }  # fmt: skip
    return draft_template(DraftTemplate(**(plain | changes)), TEN)  # type: ignore[arg-type]  # the fields of a draft


def test_a_wording_is_used_only_after_a_second_person_approved_it(lender: Lender, pair: tuple[int, int]) -> None:
    one, two = pair
    version = draft(lender, one)
    assert "new-sms" not in load_approved(lender.pk)
    with pytest.raises(Refused, match="not_allowed"):  # no role drafts and approves
        approve_template(ApproveTemplate(version, True, one), TEN)
    with pytest.raises(Refused, match="same_person"):  # nor does a member whose role has changed since
        rule_version(version, approve=True, at=TEN, by=one)
    approve_template(ApproveTemplate(version, True, two), TEN)
    assert load_approved(lender.pk)["new-sms"].version_id == version
    with pytest.raises(Refused, match="no_draft"):
        approve_template(ApproveTemplate(version, False, two), TEN)
    newer = draft(lender, one, body="{name}，您好")
    assert load_approved(lender.pk)["new-sms"].version_id == version
    approve_template(ApproveTemplate(newer, True, two), TEN)
    assert load_approved(lender.pk)["new-sms"].version_id == newer


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "fax"}, "unknown_channel"),
        ({"channel": "email"}, "other_channel"),
        ({"body": "  "}, "bad_body"),
        ({"body": "{amount}"}, "bad_variable"),
        ({"subject": "{amount}"}, "bad_variable"),
        ({"variables": ("gift",)}, "bad_variable"),
        ({"body": "{name}您好，{nmae}"}, "bad_variable"),
        ({"body": "{name}您好}"}, "bad_variable"),
        ({"marks": ("nice",)}, "bad_mark"),
    ],
)
def test_a_draft_that_is_wrong_is_refused(
    changes: dict[str, object], code: str, lender: Lender, pair: tuple[int, int]
) -> None:
    draft(lender, pair[0])
    with pytest.raises(Refused, match=code):
        draft(lender, pair[0], **changes)


def test_what_is_no_variable_is_named_with_its_place(lender: Lender, pair: tuple[int, int]) -> None:
    with pytest.raises(UseCaseRefused, match="bad_variable") as why:
        draft(lender, pair[0], body="{name}您好：\n您的{amuont}")
    assert why.value.field == "body"
    assert "第 2 行第 3 字的 `{amuont}`" in why.value.text.zh
    assert "{amount}" in why.value.text.zh


def test_an_unscreened_wording_cannot_be_approved(lender: Lender, pair: tuple[int, int]) -> None:
    version = draft(lender, pair[0], marks=None)
    with pytest.raises(Refused, match="unscreened"):
        approve_template(ApproveTemplate(version, True, pair[1]), TEN)


def test_a_strategy_is_activated_by_a_second_person_and_one_at_a_time(lender: Lender, pair: tuple[int, int]) -> None:
    one, two = pair
    (body,) = rows("SELECT body FROM strategy_version WHERE state = 'active' LIMIT 1")[0]
    version = draft_strategy(DraftStrategy(lender.pk, body.replace('code = "C"', 'code = "D"'), one), TEN)
    with pytest.raises(Refused, match="not_allowed"):
        activate_strategy(ActivateStrategy(version, one), TEN)
    with pytest.raises(Refused, match="same_person"):
        activate_version(version, at=TEN, by=one)
    activate_strategy(ActivateStrategy(version, two), TEN)
    active = rows(
        "SELECT v.id FROM strategy_version v JOIN strategy s ON s.id = v.strategy_id"
        " WHERE s.lender_id = %s AND v.state = 'active'",
        lender.pk,
    )
    assert active == [(version,)]


def test_the_tables_themselves_want_two_persons(store: str, lender: Lender, pair: tuple[int, int]) -> None:
    draft(lender, pair[0])
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
        for sql in (
            "UPDATE template_version SET state = 'approved', approved_by_id = created_by_id WHERE state = 'draft'",
            "UPDATE template_version SET state = 'approved' WHERE state = 'draft'",
            "UPDATE strategy_version SET activated_by_id = created_by_id WHERE state = 'active'",
            "UPDATE strategy_version SET activated_by_id = NULL WHERE state = 'active'",
        ):
            assert refused_by_database(gate, sql) == "CheckViolation"
