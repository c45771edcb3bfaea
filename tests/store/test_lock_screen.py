"""To a number that nobody has verified goes only what others may read; by itself, or not at all."""

import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from filed import version_of
from gatework import TEN, ToldChannel, propose_call, propose_sms, rows
from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Point
from zhizhi.usecases.filings.recalling import WithdrawWording, withdraw_wording
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.templates import DraftTemplate, draft_template

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 100))
SAFE = "您好，{lender}有一项服务通知，请登录官方渠道查看。拒收请回复T"


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return int(make_staff("desk", "supervisor", lender, 50).pk)


def borrower(lender: Lender, **holder: object) -> Borrower:
    who = make_borrower(lender, next(NUMBERS), name="陆小满")
    Point.objects.using("gate").filter(person_id=who.person, id=who.mobile).update(**holder)
    return who


def said_to(who: Borrower, by: int) -> str:
    """The text that left when somebody asked for an invitation to a plan."""
    assert propose_sms(who, by, TEN).permit_id is not None
    channel = ToldChannel()
    Outbox({"sink": {"sms": channel}}, "test", monotonic=lambda: 0.0).drain(TEN)
    (grant,) = channel.sent
    return grant.content.body


def test_a_number_that_was_left_with_the_lender_gets_what_was_asked_for(lender: Lender, by: int) -> None:
    assert "陆小满" in said_to(borrower(lender), by)


@pytest.mark.parametrize("holder", [{"is_reserved": False}, {"is_reserved": None}])
def test_any_other_gets_a_text_without_name_and_debt(lender: Lender, by: int, holder: dict[str, object]) -> None:
    who = borrower(lender, **holder)
    text = said_to(who, by)
    assert ("陆小满" in text, "1,234.56" in text, "服务通知" in text) == (False, False, True)
    decided = "SELECT facts -> 'proposed' ->> 'discloses_debt' FROM decision WHERE person_id = %s"
    assert rows(decided, who.person) == [("false",)]
    counted = "SELECT template_version_id FROM permit WHERE person_id = %s"
    assert rows(counted, who.person) == [(version_of(lender.pk, "lock-screen-sms"),)]


def test_without_such_a_wording_nothing_goes_there_and_a_call_does(by: int) -> None:
    lender = make_lender("NONE")
    author = int(make_staff("desk-none", "supervisor", lender, 50).pk)
    who = borrower(lender, is_reserved=False)
    withdraw_wording(WithdrawWording(version_of(lender.pk, "lock-screen-sms"), "改用新的措辞", author), TEN)
    with pytest.raises(UseCaseRefused, match="unverified_number"):
        propose_sms(who, author, TEN)
    assert rows("SELECT count(*) FROM permit WHERE person_id = %s", who.person) == [(0,)]
    assert propose_call(who, author, TEN).permit_id is not None


def draft(lender: Lender, by: int, body: str, **changes: object) -> int:
    plain: dict[str, object] = {
        "lender_id": lender.pk, "code": "safe-sms", "channel": "sms", "kind": "lock_screen", "name": "锁屏",
        "subject": "", "body": body, "variables": ("lender",), "marks": (),
        "discloses_debt": False, "provider_template": "", "by": by,
    }  # fmt: skip
    return draft_template(DraftTemplate(**(plain | changes)), TEN)  # type: ignore[arg-type]  # the fields of a draft


@pytest.mark.parametrize(
    ("body", "changes", "code"),
    [
        (SAFE + "应还", {}, "not_for_a_lock_screen"),
        (SAFE + "共 1,234.50 元", {}, "not_for_a_lock_screen"),
        (SAFE + "￥", {}, "not_for_a_lock_screen"),
        (SAFE, {"discloses_debt": True}, "not_for_a_lock_screen"),
        (SAFE + "{name}", {"variables": ("lender", "name")}, "bad_variable"),
        (SAFE + "{amount}", {}, "bad_variable"),
    ],
)
def test_a_word_of_debt_is_refused_when_it_is_drafted(
    lender: Lender, by: int, body: str, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(UseCaseRefused, match=code):
        draft(lender, by, body, **changes)


def test_no_version_of_it_is_drafted_as_of_another_class(lender: Lender, by: int) -> None:
    assert draft(lender, by, SAFE)
    with pytest.raises(Refused, match="other_kind"):
        draft(lender, by, "{name}，您的借款逾期", variables=("name",), kind="collection")
    with pytest.raises(Refused, match="other_kind"):
        draft(lender, by, SAFE, code="plan-sms")
