"""The law browser says which house pack stands for the viewer's lender, who put it there, and what it says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client

from housework import NO_SMS, ONE_TALK, activated, digest, open_owner, write_house
from web.book import AT, Book
from zhizhi.store.law.houses import forget_houses
from zhizhi.store.models import Staff

Desk = Callable[[str], Client]


@pytest.fixture(scope="module")
def house(book: Book, store: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One stands for the first lender of the book."""
    open_owner(store)
    folder: Path = write_house(tmp_path_factory.mktemp("house"), ONE_TALK, NO_SMS, pack="house.jia")
    activated("L1", "cn.consumer_finance.online.cba", folder, "head", AT)
    return digest(folder)


def test_a_lender_sees_its_house_pack_with_digest_person_instant_and_rules(desk: Desk, house: str) -> None:
    shown = desk("head").get("/rules").content.decode()
    section = shown[shown.index('id="house"') :]
    for words in (house, "head", "2026-03-03 10:00", "测试", "house.jia/H-1/one-talk-a-day", "house.jia/H-2/no-sms"):
        assert words in section, words
    page = desk("head").get("/rules/house.jia?rule=house.jia/H-2/no-sms")
    assert page.status_code == 200
    assert "house.jia/H-2/no-sms" in page.content.decode()


def test_another_lender_sees_nothing_of_it(desk: Desk, book: Book, house: str) -> None:
    login = Staff.objects.filter(lender_id=book.other_lender).values_list("login", flat=True).first()
    assert login is not None
    client = desk(login)
    shown = client.get("/rules").content.decode()
    assert house not in shown
    assert "house.jia" not in shown
    assert client.get("/rules/house.jia").status_code == 404


def test_health_says_which_lender_sends_nothing_because_its_house_pack_does_not_hold(
    book: Book, desk: Desk, house: str
) -> None:
    told = "机构内部规则包不可用"
    assert told not in desk("admin").get("/health").content.decode()
    with connections["owner"].cursor() as owner:
        owner.execute("ALTER TABLE house_proof DISABLE TRIGGER house_proof_only_added")
        owner.execute("UPDATE house_proof SET base_sha256 = %s WHERE sha256 = %s", ["0" * 64, house])
        owner.execute("ALTER TABLE house_proof ENABLE TRIGGER house_proof_only_added")
    forget_houses()
    assert "甲消费金融" in (page := desk("admin").get("/health").content.decode())
    assert told in page
    assert told in desk("super").get("/health").content.decode()
    other = Staff.objects.using("gate").create(
        login="over", name="主管", role="supervisor", lender_id=book.other_lender
    )
    assert told not in desk(other.login).get("/health").content.decode()
