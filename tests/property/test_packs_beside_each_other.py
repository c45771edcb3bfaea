"""A house pack only tightens; a pack that restates others changes no verdict; low rows never widen."""

from dataclasses import replace

from hypothesis import given, settings

from property.test_conduct_laws import RUN, SEVERITY, asked, documents
from zhizhi.core.law.house import joined
from zhizhi.store.packs import load_law, load_pack

HOUSE = load_pack("house.default")


@settings(RUN, max_examples=50)
@given(documents())
def test_a_house_pack_permits_nothing_that_the_law_forbids_or_holds(document):
    law = load_law(document["profile"])
    with_house, without = asked(document, joined(law, HOUSE)), asked(document, law)
    assert SEVERITY[with_house.verdict] >= SEVERITY[without.verdict]
    opens = with_house.next_permitted_at
    if opens is not None and without.next_permitted_at is not None:
        assert opens >= without.next_permitted_at


@settings(RUN, max_examples=50)
@given(documents())
def test_internet_loans_names_one_instrument_more_and_changes_no_verdict(document):
    document = {**document, "profile": "cn.bank.online"}
    law = load_law("cn.bank.online")
    assert any(pack.id == "cn.internet_loans" for pack in law.packs)
    fewer = replace(law, packs=tuple(pack for pack in law.packs if pack.id != "cn.internet_loans"))
    whole, less = asked(document, law), asked(document, fewer)
    assert (whole.verdict, whole.next_permitted_at) == (less.verdict, less.next_permitted_at)
    assert {reason.rule for reason in less.reasons} <= {reason.rule for reason in whole.reasons}
