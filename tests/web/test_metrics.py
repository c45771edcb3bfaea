"""`/metrics`: whoever knows the token, every metric of the catalogue, figures as the rows say, and no personal data."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from housework import NO_SMS, activated, agreed, digest, open_owner, write_house
from web.book import AT, Book
from zhizhi.core.kernel.clocks import ClockState
from zhizhi.store.law.activation import Signed, withdraw_house
from zhizhi.store.law.houses import forget_houses
from zhizhi.store.models import Lender, Party, Point
from zhizhi.store.operations.heartbeats import Beat, beat
from zhizhi.store.operations.tallies import count_leaves
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.propose_contact import ProposeContact, propose_contact
from zhizhi.web.shared.health import TOKEN_CHARACTERS_MIN
from zhizhi.web.shared.metrics.catalogue import METRICS

TOKEN = "t" * TOKEN_CHARACTERS_MIN
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def scraper(book: Book, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    return Client(headers={"authorization": f"Bearer {TOKEN}"})


@pytest.fixture(scope="module")
def worked(book: Book) -> Book:
    """A permit and a refusal, numbered and counted."""
    person = book.persons["wang"]
    debtor = Party.objects.using("gate").get(person_id=person, role="debtor").id
    point = Point.objects.using("gate").get(person_id=person, party_id=debtor, kind="mobile").id
    wish = ProposeContact(person, debtor, point, "sms", "notification", "collect", "plan-sms", book.staff["alice"])
    assert propose_contact(wish, AT).permit_id is not None
    assert propose_contact(wish, AT + timedelta(hours=13)).permit_id is None
    sequence_all(AT)
    while count_leaves():
        pass
    return book


def scrape(client: Client) -> Samples:
    """Every sample by name and labels, as a scraper reads the page."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


class TestWhoMayRead:
    @pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
    def test_without_the_token_nothing_is_said(
        self, book: Book, monkeypatch: pytest.MonkeyPatch, given: str | None
    ) -> None:
        monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
        answer = Client(headers={"authorization": given} if given is not None else {}).get("/metrics")
        assert answer.status_code == 401
        assert b"zhizhi_" not in answer.content

    @pytest.mark.parametrize("token", ["", "short"])
    def test_without_a_token_of_some_length_there_is_no_such_page(
        self, book: Book, monkeypatch: pytest.MonkeyPatch, token: str
    ) -> None:
        monkeypatch.setattr(settings, "METRICS_TOKEN", token)
        answer = Client(headers={"authorization": f"Bearer {token}"}).get("/metrics")
        assert answer.status_code == 404
        assert b"zhizhi_" not in answer.content

    def test_it_is_only_read(self, scraper: Client) -> None:
        assert scraper.post("/metrics").status_code == 405


class TestFigures:
    def test_permits_and_refusals_are_those_of_the_log(self, worked: Book, scraper: Client) -> None:
        samples = scrape(scraper)
        assert of(samples, "zhizhi_permits_minted_total", channel="sms") == 1
        refusals = {labels: n for (name, labels), n in samples.items() if name == "zhizhi_refusals_total"}
        assert sum(refusals.values()) == 1
        assert of(samples, "zhizhi_deliveries_open", state="waiting", channel="sms") == 1
        assert of(samples, "zhizhi_delivery_waiting_oldest_seconds") > 0
        assert of(samples, "zhizhi_queue_length", queue="leaves") == 0
        assert of(samples, "zhizhi_database_up") == 1
        assert abs(of(samples, "zhizhi_clock_ahead_seconds")) < 5

    def test_the_packs_in_force_are_named_by_their_digests(self, worked: Book, scraper: Client) -> None:
        samples = scrape(scraper)
        packs = [dict(labels) for (name, labels), _ in samples.items() if name == "zhizhi_pack"]
        assert all(re.fullmatch(r"[0-9a-f]{64}", pack["sha256"]) for pack in packs)
        profiles = {dict(labels)["profile"] for (name, labels), _ in samples.items() if name == "zhizhi_profile"}
        assert profiles == set(Lender.objects.using("gate").values_list("profile", flat=True))

    def test_a_house_pack_that_cannot_be_relied_on_is_shown_as_held(
        self, store: str, worked: Book, scraper: Client, tmp_path: Path
    ) -> None:
        lender = Lender.objects.using("gate").get(pk=worked.lender)
        open_owner(store)
        folder = write_house(tmp_path, NO_SMS, pack="house.m1")
        activated(lender.code, lender.profile, folder, "head", AT)
        named = {"pack": "house.m1", "sha256": digest(folder)}
        assert of(scrape(scraper), "zhizhi_house_pack", state="whole", **named) == 1
        with connections["owner"].cursor() as cursor:
            cursor.execute("UPDATE pack_release SET body = substr(body, 1, 40) WHERE sha256 = %s", [digest(folder)])
        forget_houses()  # as a process that begins now
        assert of(scrape(scraper), "zhizhi_house_pack", state="held", **named) == 1
        withdraw_house(lender.code, Signed("head", "测试结束"), AT, agreed)
        assert not [name for name, _ in scrape(scraper) if name == "zhizhi_house_pack"]

    def test_workers_show_how_each_step_gets_on(self, worked: Book, scraper: Client) -> None:
        minute = timedelta(minutes=1)
        beat("a/1", [Beat("clock"), Beat("outbox", minute), Beat("inbox")], ClockState.AGREES, timedelta(0))
        beat("b/1", [Beat("clock"), Beat("outbox", faults=3, fault="X at y:1")], ClockState.DIFFERS, minute)
        beat("gone/1", [Beat("clock", 9 * minute), Beat("outbox", 9 * minute)], ClockState.AGREES, timedelta(0))
        samples = scrape(scraper)
        assert of(samples, "zhizhi_worker_processes") == 2
        assert 60 <= of(samples, "zhizhi_worker_progress_age_seconds", step="outbox") < 90
        assert of(samples, "zhizhi_worker_failing", step="outbox") == 1
        assert of(samples, "zhizhi_worker_failing", step="inbox") == 0
        assert of(samples, "zhizhi_clock_processes", state="differs") == 1

    def test_a_step_that_is_gone_is_no_longer_shown(self, worked: Book, scraper: Client) -> None:
        beat("c/1", [Beat("a step of today")], ClockState.AGREES, timedelta(0))
        assert of(scrape(scraper), "zhizhi_worker_failing", step="a step of today") == 0
        beat("c/1", [Beat("a step of today", timedelta(minutes=5))], ClockState.AGREES, timedelta(0))
        assert not [labels for name, labels in scrape(scraper) if ("step", "a step of today") in labels]

    def test_a_database_that_is_away_is_a_figure(
        self, worked: Book, scraper: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connections["gate"].close()
        monkeypatch.setitem(connections["gate"].settings_dict, "HOST", "/nonexistent")
        try:
            samples = scrape(scraper)
        finally:
            connections["gate"].close()
        assert of(samples, "zhizhi_database_up") == 0
        assert not [name for name, _ in samples if name.startswith("zhizhi_permits")]


def test_every_metric_of_the_catalogue_is_shown_once_something_happened(worked: Book, scraper: Client) -> None:
    beat("a/1", [Beat("clock"), Beat("outbox")], ClockState.AGREES, timedelta(0))
    shown = {name for name, _ in scrape(scraper)}
    quiet = {"zhizhi_holds_total", "zhizhi_delivery_ends_total"}  # nothing was held, and nothing has ended
    quiet |= {"zhizhi_house_pack"}  # no lender has one
    assert {metric.exposed_as for metric in METRICS} - shown <= quiet | {"zhizhi_disk_free_bytes"}
    assert shown <= {metric.exposed_as for metric in METRICS}


def test_labels_are_those_of_the_catalogue_and_hold_no_person(worked: Book, scraper: Client) -> None:
    labels_of = {metric.exposed_as: set(metric.labels) for metric in METRICS}
    page = scraper.get("/metrics").content.decode()
    for name, labels in scrape(scraper):
        assert {label for label, _ in labels} == labels_of[name], name
    for personal in ("王", *worked.cases.values()):
        assert personal not in page
