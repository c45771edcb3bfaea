"""What a message says: values once, amounts in yuan, only the debts it is about, no variable that nobody knows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.store.people.opened import Addressee, OwedDebt
from zhizhi.store.templates.approved import ApprovedTemplate
from zhizhi.usecases.proposal import fill, render, yuan
from zhizhi.usecases.refused import UseCaseRefused

WHO = Addressee(
    name="测某某",
    lender="测试机构",
    debts={1: OwedDebt(1_248_630, date(2026, 2, 1)), 2: OwedDebt(50, date(2026, 1, 15)), 3: OwedDebt(100, None)},
    days_past_due=29,
    data_key=b"",
)


def template(body: str, variables: tuple[str, ...], subject: str = "") -> ApprovedTemplate:
    return ApprovedTemplate(
        version_id=1,
        code="t",
        name="t",
        channel="sms",
        kind="collection",
        subject=subject,
        body=body,
        variables=variables,
        marks=(),
        discloses_debt=True,
        provider_template="T-1",
        signature="测试",
    )


def test_a_message_is_filled_and_carries_its_variables_for_the_carrier() -> None:
    content = render(template("{name}您好，{lender}应还{amount}元，{due_on}起{days}天", VARIABLES, "{lender}"), WHO)
    assert content.body == "测某某您好，测试机构应还12,487.80元，2026-01-15起29天"
    assert content.subject == "测试机构"
    assert (content.template_id, content.signature) == ("T-1", "测试")
    assert dict(content.variables)["amount"] == "12,487.80"


VARIABLES = ("name", "lender", "amount", "due_on", "days")


@pytest.mark.parametrize(
    ("debts", "amount", "due_on"),
    [((1,), "12,486.30", "2026-02-01"), ((2, 3), "1.50", "2026-01-15"), ((3,), "1.00", "")],
)
def test_a_message_about_some_debts_names_only_those(debts: tuple[int, ...], amount: str, due_on: str) -> None:
    assert render(template("{amount}|{due_on}", VARIABLES), WHO, debts).body == f"{amount}|{due_on}"


def test_a_variable_that_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(UseCaseRefused) as refused:
        render(template("{gift}", ("gift",)), WHO)
    assert refused.value.code == "unknown_variable"
    assert "gift" in refused.value.text.en


def test_a_value_is_never_read_again() -> None:
    assert fill("{name}欠{amount}", {"name": "{amount}", "amount": "1"}) == "{amount}欠1"


@given(st.text(), st.dictionaries(st.sampled_from(VARIABLES), st.text(max_size=5)))
def test_filling_breaks_on_no_wording(wording: str, values: dict[str, str]) -> None:
    filled = fill(wording, values)
    if not any(f"{{{name}}}" in wording for name in values):
        assert filled == wording


@given(st.integers(0, 10**15))
def test_an_amount_is_written_with_every_fen(minor: int) -> None:
    written = yuan(minor)
    assert int(written.replace(",", "").replace(".", "")) == minor
    assert written[-3] == "."
