"""A campaign that ended: what waited is pulled back at once, what a worker has ends by itself, all are counted."""

from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest

from book import Borrower, make_lender, make_staff
from campaignwork import book_of, deliveries, running, send, step, targets
from gatework import TEN, ToldChannel, at_once, propose_sms, rows
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.store.campaigns import ending
from zhizhi.store.campaigns.chunks import CampaignStopped
from zhizhi.store.campaigns.reads import SentFigures, load_sent
from zhizhi.store.lenders.models import Lender
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.claims import CLAIM_LOST_AFTER, give_up_lost_claims
from zhizhi.store.transact.deliveries import Settled, cancel_campaign, cancel_expired, settle
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.campaigns import asking
from zhizhi.usecases.campaigns.asking import ask_chunk
from zhizhi.usecases.campaigns.running import put_away_ended, work_campaigns
from zhizhi.usecases.claim_contacts import claim_campaign_contacts

pytestmark = pytest.mark.usefixtures("store")
CODES = (f"E{n}" for n in range(1000))
NUMBERS = iter(range(200_000, 300_000, 50))


@pytest.fixture
def lender(store: str) -> Lender:
    return make_lender(next(CODES))


@pytest.fixture
def by(lender: Lender) -> int:
    return make_staff(f"head-{lender.code}", "supervisor", lender).pk


@pytest.fixture(autouse=True)
def sink(store: str) -> ToldChannel:
    """An empty outbox, no other campaign, and a channel for this test alone."""
    cancel_expired(TEN + timedelta(days=300))
    rows("UPDATE campaign SET state = 'cancelled', ended_at = now() WHERE ended_at IS NULL RETURNING id")
    put_away_ended(TEN)
    return ToldChannel()


def book(lender: Lender, count: int) -> list[Borrower]:
    return book_of(lender, next(NUMBERS), count)


def figures(campaign: int, by: int) -> SentFigures:
    """What the campaign's page says of its messages."""
    (lender,) = rows("SELECT lender_id FROM campaign WHERE id = %s", campaign)[0]
    with reading(Viewer(by, "lender", lender, None)):
        return load_sent(campaign)


def counts(campaign: int) -> dict[str, int] | None:
    """What came of its persons, once it is put away."""
    from zhizhi.store.models import Campaign

    return Campaign.objects.using("gate").values_list("counts", flat=True).get(pk=campaign)


def test_what_waits_gives_its_permits_back_at_once_each_with_its_evidence(lender: Lender, by: int) -> None:
    persons = book(lender, 5)
    terms = running(lender, by)
    ask_chunk(terms, TEN, 3)
    step(terms.id, "cancelled", by)
    put_away_ended(TEN)
    assert deliveries(terms.id) == {"cancelled": 3}
    given = "SELECT m.state, m.released_because, d.failure FROM permit m JOIN delivery d ON d.permit_id = m.id"
    assert (
        rows(f"{given} WHERE d.campaign_id = %s", terms.id)
        == [("released", "campaign_cancelled", "campaign_cancelled")] * 3
    )
    leaves = "SELECT count(*) FROM leaf WHERE kind = 'outcome' AND source_table = 'delivery' AND source_id IN"
    assert rows(f"{leaves} (SELECT id FROM delivery WHERE campaign_id = %s)", terms.id) == [(3,)]
    for who in persons:  # nothing of it counts any more
        assert load_facts([who.person], TEN)[who.person].document["events"] == []
    assert counts(terms.id) == {"skipped/campaign_cancelled": 5}
    assert figures(terms.id, by) == SentFigures(pulled_back=3)


def test_it_is_pulled_back_in_bounded_commits_that_tell_their_progress(lender: Lender, by: int) -> None:
    book(lender, 7)
    terms = running(lender, by)
    ask_chunk(terms, TEN)
    told: list[dict[str, int]] = []

    def tell() -> None:
        told.append(deliveries(terms.id))

    assert cancel_campaign(terms.id, TEN, "campaign_cancelled", tell, limit=3) == 0, "it runs"
    step(terms.id, "cancelled", by)
    assert cancel_campaign(terms.id, TEN, "campaign_cancelled", tell, limit=3) == 7
    assert [one["cancelled"] for one in told] == [3, 6, 7]


def test_a_campaign_that_is_over_pulls_back_too_and_messages_of_others_stay(
    lender: Lender, by: int, sink: ToldChannel
) -> None:
    who, *_ = book(lender, 3)
    terms = running(lender, by)
    ask_chunk(terms, TEN)
    propose_sms(who, by, TEN)
    work_campaigns(TEN.replace(hour=18))
    assert deliveries(terms.id) == {"cancelled": 3}
    assert counts(terms.id) == {"skipped/campaign_finished": 3}
    assert rows("SELECT state FROM delivery WHERE person_id = %s AND campaign_id IS NULL", who.person) == [("waiting",)]


def test_what_a_worker_has_is_not_interrupted_and_is_told_beside_the_rest(
    lender: Lender, by: int, sink: ToldChannel
) -> None:
    book(lender, 9)
    terms = running(lender, by)
    ask_chunk(terms, TEN)
    left, lost = (
        claim_campaign_contacts(["sink"], TEN, "alive", limit=2),
        claim_campaign_contacts(["sink"], TEN, "dies", limit=1),
    )
    step(terms.id, "cancelled", by)
    put_away_ended(TEN)
    assert figures(terms.id, by) == SentFigures(leaving=3, pulled_back=6)
    assert counts(terms.id) is None
    settle([Settled(one, "delivered", TEN, "sent") for one in left])
    give_up_lost_claims(TEN + CLAIM_LOST_AFTER + timedelta(minutes=1))
    put_away_ended(TEN)
    assert figures(terms.id, by) == SentFigures(sent=2, unknown=1, pulled_back=6)
    assert counts(terms.id) == {"permit": 3, "skipped/campaign_cancelled": 6}
    assert rows("SELECT state FROM permit WHERE person_id = %s", lost[0].person_id) == [("used",)]


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_claimed_at_the_same_moment_a_message_either_leaves_or_is_pulled_back(
    lender: Lender, by: int, limit: int
) -> None:
    everybody = 24
    book(lender, everybody)
    terms = running(lender, by)
    ask_chunk(terms, TEN)
    has_begun = Event()

    def answer(grant: PermitGrant) -> SendOutcome:
        has_begun.set()
        return Sent(f"m-{grant.permit_id}")

    def stop() -> None:
        assert has_begun.wait(120)
        step(terms.id, "cancelled", by)
        put_away_ended(TEN)

    peers = [ToldChannel(answer=answer) for _ in range(3)]
    jobs: list[Any] = [partial(send, peer, TEN, f"w{n}", limit=limit) for n, peer in enumerate(peers)]
    answers = at_once([*jobs, stop])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    put_away_ended(TEN)
    sent = sum(len(peer.sent) for peer in peers)
    ends = deliveries(terms.id)
    assert (ends.get("delivered", 0), ends.get("cancelled", 0)) == (sent, everybody - sent)
    permits = "SELECT m.state, count(*) FROM permit m JOIN delivery d ON d.permit_id = m.id"
    by_state = dict(rows(f"{permits} WHERE d.campaign_id = %s GROUP BY 1", terms.id))
    assert (by_state.get("used", 0), by_state.get("released", 0)) == (sent, everybody - sent)
    assert counts(terms.id) is not None


def test_a_chunk_that_is_under_way_and_the_end_wait_for_nobody(
    lender: Lender, by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(lender, 6)
    terms = running(lender, by)
    ask_chunk(terms, TEN, 2)
    real = asking.propose_many
    answers: list[object] = []

    def ending_meanwhile(*args: Any, **named: Any) -> Any:
        answers.extend(at_once([partial(step, terms.id, "cancelled", by)]))
        answers.extend(at_once([partial(put_away_ended, TEN)]))
        return real(*args, **named)

    monkeypatch.setattr(asking, "propose_many", ending_meanwhile)
    with pytest.raises(CampaignStopped):
        ask_chunk(terms, TEN)
    assert answers == [None, None]
    assert targets(terms.id) == {"skipped": 2, "waiting": 4}
    assert counts(terms.id) is None
    put_away_ended(TEN)
    assert counts(terms.id) == {"skipped/campaign_cancelled": 6}


def test_whom_nobody_asked_for_is_skipped_some_at_a_time(
    lender: Lender, by: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(lender, 7)
    terms = running(lender, by)
    step(terms.id, "cancelled", by)
    monkeypatch.setattr(ending, "SKIPPED_AT_ONCE", 3)
    beats: list[dict[str, int]] = []
    put_away_ended(TEN, lambda: beats.append(targets(terms.id)))
    assert [one["skipped"] for one in beats] == [3, 6, 7]
    assert counts(terms.id) == {"skipped/campaign_cancelled": 7}


def test_a_worker_between_two_groups_finds_nothing_more(lender: Lender, by: int, sink: ToldChannel) -> None:
    book(lender, 9)
    terms = running(lender, by)
    ask_chunk(terms, TEN)

    def answer(grant: PermitGrant) -> SendOutcome:
        if len(sink.sent) == 2:
            at_once([partial(step, terms.id, "cancelled", by), partial(put_away_ended, TEN)])
        return Sent(f"m-{grant.permit_id}")

    sink.answer = answer
    assert send(sink, limit=3) == 3
    put_away_ended(TEN)
    assert deliveries(terms.id) == {"delivered": 3, "cancelled": 6}
