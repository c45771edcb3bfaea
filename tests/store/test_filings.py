"""A text leaves only where signature and wording stand filed with the number's carrier: at the gate, and again at the
second in which it would leave."""

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from filed import EVERY, approve, file, record, version_of
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.jobs.outbox import Outbox
from zhizhi.store import channels
from zhizhi.store.evidence.log import open_log
from zhizhi.store.filings.reads import load_filed
from zhizhi.store.keyring import person_seal
from zhizhi.store.lenders.models import Lender
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.people.models import Point
from zhizhi.store.people.rows import seal_point
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.proposal import Proposal
from zhizhi.usecases.propose_contact import load_person, propose_many, wording, worked_debts
from zhizhi.usecases.refused import UseCaseRefused

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 1_000))
OF_MOBILE = "139" + "0" * 8


@pytest.fixture(autouse=True)
def real_texts(store: str) -> Iterator[None]:
    """Texts go to a provider that reaches people."""
    channels.install({"sms": "sms_http", "voice": "manual"})
    yield
    cancel_expired(TEN + timedelta(days=300))
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


@pytest.fixture
def lender(store: str) -> Lender:
    return make_lender(f"F{next(NUMBERS)}")


@pytest.fixture
def pair(lender: Lender) -> tuple[int, int]:
    """Who records, and who approves."""
    recorder = make_staff(f"recorder-{lender.code}", "supervisor", lender, 50).pk
    return int(recorder), int(make_staff(f"officer-{lender.code}", "compliance", lender).pk)


def borrower(lender: Lender, number: str | None = None) -> Borrower:
    """Somebody with a number of no carrier, or with this one."""
    who = make_borrower(lender, next(NUMBERS))
    if number is not None:
        ((data_key,),) = rows("SELECT data_key FROM person WHERE id = %s", who.person)
        sealed = seal_point(person_seal(bytes(data_key)), number, who.mobile)
        Point.objects.using("gate").filter(person_id=who.person, id=who.mobile).update(sealed=sealed)
    return who


def file_both(
    lender: Lender, pair: tuple[int, int], carriers: tuple[str, ...] = EVERY, until: date | None = None
) -> None:
    file(lender.pk, TEN - timedelta(days=9), pair, None, carriers, until)
    file(lender.pk, TEN - timedelta(days=9), pair, version_of(lender.pk, "plan-sms"), carriers, until)


def refused(who: Borrower, by: int) -> bool:
    with pytest.raises(UseCaseRefused) as why:
        propose_sms(who, by, TEN)
    written = rows("SELECT count(*) FROM decision WHERE person_id = %s", who.person)
    return why.value.code == "not_filed" and written == [(0,)]


def sent(channel: ToldChannel) -> list[int]:
    Outbox({"sms_http": {"sms": channel}}, "test", monotonic=lambda: 0.0).drain(TEN)
    return [grant.person_id for grant in channel.sent]


def test_nothing_unfiled_is_permitted_and_a_call_needs_no_filing(lender: Lender, pair: tuple[int, int]) -> None:
    who = borrower(lender)
    assert refused(who, pair[0])
    assert propose_call(who, pair[0], TEN).permit_id is not None


def test_the_demonstration_outbox_reaches_nobody_and_needs_none(lender: Lender, pair: tuple[int, int]) -> None:
    channels.install({"sms": "sink", "voice": "manual"})
    assert propose_sms(borrower(lender), pair[0], TEN).permit_id is not None


def test_signature_and_wording_both_have_to_stand(lender: Lender, pair: tuple[int, int]) -> None:
    who = borrower(lender, OF_MOBILE)
    file(lender.pk, TEN - MINUTE, pair, version_of(lender.pk, "plan-sms"), ("mobile",))
    assert refused(who, pair[0])
    file(lender.pk, TEN - MINUTE, pair, None, ("mobile",))
    assert propose_sms(who, pair[0], TEN).permit_id is not None


def test_a_number_that_does_not_tell_its_carrier_may_be_of_any(lender: Lender, pair: tuple[int, int]) -> None:
    file_both(lender, pair, ("mobile", "unicom", "telecom"))
    unknown, of_mobile, of_broadnet = (borrower(lender, number) for number in (None, OF_MOBILE, "192" + "0" * 8))
    assert refused(unknown, pair[0])
    assert refused(of_broadnet, pair[0])
    assert propose_sms(of_mobile, pair[0], TEN).permit_id is not None
    file_both(lender, pair, ("broadnet",))
    assert propose_sms(unknown, pair[0], TEN).permit_id is not None


def test_many_at_once_are_asked_the_same(lender: Lender, pair: tuple[int, int]) -> None:
    file_both(lender, pair, ("mobile",))
    who = [borrower(lender, number) for number in (OF_MOBILE, None)]
    facts = {one.person: load_person(one.person, TEN) for one in who}
    template = wording(lender.pk, "plan-sms", "sms")
    proposals = [
        Proposal(
            one.person, one.party, one.mobile, "sms", "notification", "collect", template, by=pair[0],
            debts=worked_debts(facts[one.person]),
        )
        for one in who
    ]  # fmt: skip
    answers = propose_many(proposals, facts, TEN, origin="system")
    assert [getattr(one, "permit_id", None) is not None for one in answers] == [True, False]
    assert isinstance(answers[1], UseCaseRefused)
    assert answers[1].code == "not_filed"


@pytest.mark.parametrize(("until", "leaves"), [(TEN.date(), True), (TEN.date() - timedelta(days=1), False)])
def test_a_filing_ends_with_its_last_day(lender: Lender, pair: tuple[int, int], until: date, leaves: bool) -> None:
    file_both(lender, pair, until=until)
    who = borrower(lender)
    assert refused(who, pair[0]) if not leaves else propose_sms(who, pair[0], TEN).permit_id is not None


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_what_was_permitted_does_not_leave_once_its_filing_has_gone(
    lender: Lender, pair: tuple[int, int], state: str
) -> None:
    file_both(lender, pair)
    filed, unfiled = borrower(lender, OF_MOBILE), borrower(lender, "186" + "0" * 8)
    for who in (filed, unfiled):
        assert propose_sms(who, pair[0], TEN).permit_id is not None
    record(lender.pk, state, TEN, pair[0], version_of(lender.pk, "plan-sms"), carriers=("unicom",))
    assert sent(ToldChannel()) == [filed.person]
    ended = rows(
        "SELECT d.state, d.failure, m.state FROM delivery d JOIN permit m ON m.id = d.permit_id WHERE d.person_id = %s",
        unfiled.person,
    )
    assert ended == [("failed", "not_filed", "released")]


def test_another_signature_needs_filings_of_its_own(lender: Lender, pair: tuple[int, int]) -> None:
    file_both(lender, pair)
    who = borrower(lender)
    Lender.objects.using("gate").filter(pk=lender.pk).update(signature="新签名")
    assert refused(who, pair[0])


def test_so_does_another_version(lender: Lender, pair: tuple[int, int]) -> None:
    file_both(lender, pair)
    rows("UPDATE template_version SET state = 'retired' WHERE id = %s RETURNING 1", version_of(lender.pk, "plan-sms"))
    rows(
        "INSERT INTO template_version (template_id, n, subject, body, variables, marks, provider_template,"
        " discloses_debt, state, created_by_id, created_at, approved_by_id, approved_at) SELECT template_id, n + 1,"
        " subject, body, variables, marks, provider_template, discloses_debt, 'approved', created_by_id, created_at,"
        " approved_by_id, approved_at FROM template_version WHERE id = %s RETURNING 1",
        version_of(lender.pk, "plan-sms"),
    )
    assert refused(borrower(lender), pair[0])


def standing(lender: Lender) -> int:
    """How many approvals of carriers are recorded."""
    asked = "SELECT count(*) FROM carrier_filing WHERE lender_id = %s AND state = 'approved'"
    return int(rows(asked, lender.pk)[0][0])


class TestSteps:
    def test_one_person_alone_opens_nothing(self, lender: Lender, pair: tuple[int, int]) -> None:
        record(lender.pk, "submitted", TEN, pair[0])
        request = record(lender.pk, "approved", TEN, pair[0])
        assert request is not None
        with pytest.raises(NotAllowed):
            approve(request, pair[0], TEN)
        assert standing(lender) == 0
        approve(request, pair[1], TEN)
        assert standing(lender) == 4

    def test_a_step_follows_the_one_before_for_all_carriers_or_for_none(
        self, lender: Lender, pair: tuple[int, int]
    ) -> None:
        record(lender.pk, "submitted", TEN, pair[0], carriers=("mobile",))
        with pytest.raises(Refused, match="no_such_step") as why:
            record(lender.pk, "rejected", TEN, pair[0], carriers=("mobile", "unicom"))
        assert "中国联通" in why.value.text.zh
        assert rows("SELECT count(*) FROM carrier_filing WHERE lender_id = %s", lender.pk) == [(1,)]

    @pytest.mark.parametrize(
        ("state", "said", "field"),
        [
            ("submitted", {"carriers": ()}, "carriers"),
            ("submitted", {"carriers": ("vodafone",)}, "carriers"),
            ("submitted", {"on_day": TEN.date() + timedelta(days=1)}, "on_day"),
            ("submitted", {"evidence": ""}, "evidence"),
            ("submitted", {"expires_on": TEN.date() + timedelta(days=9)}, "expires_on"),
            ("rejected", {"reason": ""}, "reason"),
            ("approved", {"number": " "}, "number"),
            ("approved", {"expires_on": TEN.date()}, "expires_on"),
            ("sealed", {}, "state"),
        ],
    )
    def test_what_is_missing_is_refused_at_its_place(
        self, lender: Lender, pair: tuple[int, int], state: str, said: dict[str, object], field: str
    ) -> None:
        with pytest.raises(UseCaseRefused) as why:
            record(lender.pk, state, TEN, pair[0], **said)
        assert why.value.field == field

    def test_a_request_dies_where_the_signature_has_changed(self, lender: Lender, pair: tuple[int, int]) -> None:
        record(lender.pk, "submitted", TEN, pair[0])
        request = record(lender.pk, "approved", TEN, pair[0])
        assert request is not None
        Lender.objects.using("gate").filter(pk=lender.pk).update(signature="另一签名")
        with pytest.raises(UseCaseRefused, match="no_thing"):
            approve(request, pair[1], TEN)

    def test_a_wording_of_another_lender_is_nobodys(self, lender: Lender, pair: tuple[int, int]) -> None:
        other = make_lender(f"F{next(NUMBERS)}")
        with pytest.raises(UseCaseRefused, match="no_thing"):
            record(lender.pk, "submitted", TEN, pair[0], version_of(other.pk, "plan-sms"))
        with pytest.raises(NotAllowed):
            record(other.pk, "submitted", TEN, pair[0])

    def test_the_database_takes_no_step_that_opens_without_its_approval(
        self, lender: Lender, pair: tuple[int, int], store: str
    ) -> None:
        file(lender.pk, TEN, pair)
        with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
            forged = (
                "INSERT INTO carrier_filing (lender_id, channel, carrier, signature, n, state, number, on_day, reason,"
                " evidence, evidence_sha256, approval_id, by_id, at) SELECT lender_id, channel, carrier, '别人', 1,"
                " state, number, on_day, reason, evidence, evidence_sha256, {}, by_id, at FROM carrier_filing"
                " WHERE lender_id = %s AND state = 'approved'"
            )
            assert refused_by_database(gate, forged.format("NULL"), lender.pk) == "RestrictViolation"
            assert refused_by_database(gate, forged.format("approval_id"), lender.pk) == "RestrictViolation"
            for taken in ("UPDATE carrier_filing SET number = 'x' WHERE lender_id = %s",
                          "DELETE FROM carrier_filing WHERE lender_id = %s"):  # fmt: skip
                assert refused_by_database(gate, taken, lender.pk) == "InsufficientPrivilege"


def test_the_page_reads_where_each_thing_stands_and_only_the_own_lenders(lender: Lender, pair: tuple[int, int]) -> None:
    file_both(lender, pair, ("mobile",), TEN.date() + timedelta(days=3))
    with reading(Viewer(pair[0], Scope.LENDER, lender.pk, None)):
        things = load_filed()
    assert {one.lender_id for one in things} == {lender.pk}
    (signature,) = (one for one in things if one.version_id is None)
    (plan,) = (one for one in things if one.code == "plan-sms")
    (unfiled,) = (one for one in things if one.code == "notice-sms")
    assert (signature.signature, set(signature.latest), unfiled.latest) == ("测试机构", {"mobile"}, {})
    latest = plan.latest["mobile"]
    assert [latest.stands(TEN.date() + timedelta(days=n)) for n in (3, 4)] == [True, False]
    assert (latest.number, latest.is_over(TEN.date() + timedelta(days=4))) == ("BA-2026-001", True)


def test_every_step_stands_in_the_log_as_it_was_recorded(lender: Lender, pair: tuple[int, int], store: str) -> None:
    file_both(lender, pair, ("mobile",))
    sequence_all(TEN + MINUTE)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []
