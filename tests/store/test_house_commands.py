"""`zhizhi law house`: what is unsound is refused with its reasons, what is proven stands until it is withdrawn."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connections

from book import make_borrower, make_lender, make_staff
from gatework import TEN, propose_sms
from housework import HIGHER_COUNTS, NO_SMS, ONE_TALK, activated, digest, open_owner, write_house
from zhizhi.core.kernel.errors import Refused
from zhizhi.ops.law_house import house_group
from zhizhi.store.approvals.models import Approval
from zhizhi.store.law.houses import forget_houses, law_of, standing_houses
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.usecases.activate_house import prove_again
from zhizhi.usecases.approvals.ruling import Rule, rule

PROFILE = "cn.consumer_finance.online.cba"
SIGNED = ("--by", "head-of-house", "--because", "投诉减少")


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    open_owner(store)
    make_staff("head-of-house", "head")
    make_staff("second", "compliance")
    return make_lender()


def asked(*words: str) -> Result:
    return CliRunner().invoke(house_group, [str(word) for word in words])


def approved(by: str = "second") -> str:
    """The number of the request that waits, once the second person approved it on the screen."""
    waiting = Approval.objects.using("gate").get(state="waiting")
    who = Staff.objects.using("gate").get(login=by)
    rule(Rule(int(waiting.pk), waiting.digest, True, int(who.pk)), datetime.now(UTC))
    return str(waiting.pk)


@pytest.mark.usefixtures("lender")
def test_what_is_no_pack_or_was_touched_is_refused_before_anything_is_proven(tmp_path: Path) -> None:
    empty, touched = tmp_path / "empty", write_house(tmp_path / "touched", NO_SMS)
    empty.mkdir()
    (touched / "CHANGES.md").write_text("# 变更\n", encoding="utf-8")
    for folder, words in ((empty, "没有规则包"), (touched, "MANIFEST.sha256 与文件不符")):
        refused = asked("activate", "L1", str(folder), *SIGNED)
        assert refused.exit_code == 1
        assert words in refused.output
    assert standing_houses() == []


@pytest.mark.usefixtures("lender")
def test_a_pack_that_could_let_something_through_is_refused_with_the_place(tmp_path: Path) -> None:
    refused = asked("activate", "L1", str(write_house(tmp_path / "h", HIGHER_COUNTS)), *SIGNED)
    assert refused.exit_code == 1
    assert "NOT PROVEN" in refused.output
    assert "house.l1/H-1/as-agreed" in refused.output
    assert "没有启用" in refused.output
    assert standing_houses() == []


def test_what_is_proven_stands_is_shown_and_is_withdrawn(lender: Lender, tmp_path: Path) -> None:
    by = int(make_staff("collector", "collector", lender, 50).pk)
    folder = write_house(tmp_path / "h", ONE_TALK, NO_SMS)
    first = asked("activate", "L1", str(folder), *SIGNED)
    assert (first.exit_code, "--approval" in first.output, standing_houses()) == (0, True, []), "asked, nothing more"
    with pytest.raises(Refused, match="same_person"):
        approved("head-of-house")
    number = approved()
    other = asked("activate", "L1", str(write_house(tmp_path / "o", ONE_TALK)), *SIGNED, "--approval", number)
    assert (other.exit_code, "不一致" in other.output, standing_houses()) == (1, True, []), "another pack than approved"
    done = asked("activate", "L1", str(folder), *SIGNED, "--approval", number)
    assert (done.exit_code, "proven: only tightens" in done.output, digest(folder) in done.output) == (0, True, True)
    assert propose_sms(make_borrower(lender, 1), by, TEN).decision.verdict == "forbid"
    shown = asked("show", "L1")
    assert shown.exit_code == 0
    for words in (digest(folder), "head-of-house", "投诉减少"):
        assert words in shown.output
    assert asked("withdraw", "L1", *SIGNED, "--approval", number).exit_code == 1, "an approval is used once"
    assert asked("withdraw", "L1", *SIGNED).exit_code == 0
    assert len(standing_houses()) == 1
    assert asked("withdraw", "L1", *SIGNED, "--approval", approved()).exit_code == 0
    assert propose_sms(make_borrower(lender, 2), by, TEN).decision.verdict == "permit"
    again = asked("withdraw", "L1", *SIGNED)
    assert (again.exit_code, "没有启用的内部规则包" in again.output) == (1, True)


def test_a_release_proves_anew_what_stands_and_says_who_is_held(lender: Lender, tmp_path: Path) -> None:
    """As `zhizhi migrate` after the packs of a profile changed: the proofs that stand are about other packs."""
    other = make_lender("L2")
    sound, unsound = write_house(tmp_path / "s", NO_SMS), write_house(tmp_path / "u", HIGHER_COUNTS, pack="house.l2")
    activated(lender.code, PROFILE, sound, "head-of-house", TEN)
    activated(other.code, PROFILE, unsound, "head-of-house", TEN)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE house_proof DISABLE TRIGGER house_proof_only_added")
        cursor.execute("UPDATE house_proof SET base_sha256 = repeat('0', 64)")
        cursor.execute("ALTER TABLE house_proof ENABLE TRIGGER house_proof_only_added")
    forget_houses()
    assert [law_of(PROFILE, digest(one)).broken != () for one in (sound, unsound)] == [True, True]
    told = {house.lender: is_proven for house, is_proven in prove_again(TEN, date(2026, 3, 2))}
    assert told == {"L1": True, "L2": False}
    assert [law_of(PROFILE, digest(one)).broken != () for one in (sound, unsound)] == [False, True]
    assert next(prove_again(TEN, date(2026, 3, 2)))[0].lender == "L2"
    held = asked("show")
    assert held.exit_code == 1
    assert "nothing is sent" in held.output
