"""SMPP against an SMSC whose codec is another's: what leaves, what is proof, and that nothing incoming is lost."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmpplib.state import OptionalParam
from hypothesis import given
from hypothesis import strategies as st

from gateways.grants import AT, make_grant
from gateways.smsc import Smsc, inbound, serving
from zhizhi.gateways.inbound import Receipt, ReceiptState, Reply, ReplyKind
from zhizhi.gateways.permit import Failed, FailureKind, Origin, PermitGrant, Sent, Unknown
from zhizhi.gateways.smpp.channel import SmppChannel, SmppSettings
from zhizhi.gateways.smpp.pdu import BadPduError, read_delivered, split
from zhizhi.jobs.receipts import ProviderAway, Receipts

WALL = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@contextmanager
def channel_to(smsc: Smsc, **changes: Any) -> Iterator[tuple[SmppChannel, list[Receipt | Reply]]]:
    events: list[Receipt | Reply] = []
    settings = SmppSettings("127.0.0.1", smsc.port, "zhizhi", "secret", "10690001", timeout_seconds=60.0)
    channel = SmppChannel(replace(settings, **changes), events.append, lambda: WALL)
    try:
        yield channel, events
    finally:
        channel.close()


def sms(body: str = "您的账单已到期", **changes: Any) -> PermitGrant:
    return make_grant("sms", changes.pop("address", "+8610000000001"), body=body, **changes)


def test_a_chinese_text_arrives_in_ucs2_with_signature_and_ends_with_the_permit() -> None:
    with serving() as smsc, channel_to(smsc) as (channel, _):
        assert channel.send(sms(signature="知止示范", expires_at=AT + timedelta(hours=2, minutes=3)), AT) == Sent("m0")
        [message] = smsc.submitted
    assert message.short_message == "【知止示范】您的账单已到期"
    assert message.encoding == "ucs2"
    assert (message.destination.number, message.destination.ton.value) == ("8610000000001", 1)
    assert message.validity_period == timedelta(hours=2, minutes=3)
    assert message.registered_delivery == 1


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("plain text only. 12", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 135, 3),
        ("字" * 66 + "🀄" * 30, 2),
        ("price {5}", 1),
    ],
)
def test_a_long_text_arrives_in_parts_that_join_to_the_whole(body: str, parts: int) -> None:
    with serving() as smsc, channel_to(smsc) as (channel, _):
        assert channel.send(sms(body), AT) == Sent(f"m{parts - 1}", parts=parts)
        assert "".join(message.short_message for message in smsc.submitted) == body
        assert [message.registered_delivery for message in smsc.submitted] == [0] * (parts - 1) + [1]
        if parts > 1:
            data = [message.get_segmentation_data() for message in smsc.submitted]
            assert [(number, total) for _, number, total in data] == [(n, parts) for n in range(1, parts + 1)]
            assert len({reference for reference, _, _ in data}) == 1


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400), reference=st.integers(0, 10**6))
def test_parts_are_small_enough_cut_no_character_and_lose_none(text: str, reference: int) -> None:
    parts = split(text, reference)
    codec = "utf-16-be" if parts[0].data_coding == 8 else "ascii"
    for part in parts:
        assert len(part.octets) <= (140 if part.data_coding == 8 or (part.has_udh and len(part.octets) > 160) else 160)
    assert "".join(part.octets[6 if part.has_udh else 0 :].decode(codec) for part in parts) == text


@pytest.mark.parametrize("changes", [{"body": "\ud800字"}, {"variables": (("a", "1"), ("a", "2"))}])
def test_content_that_has_no_digest_is_refused_without_traffic(changes: dict[str, Any]) -> None:
    grant = sms("x")
    with serving() as smsc, channel_to(smsc) as (channel, _):
        outcome = channel.send(replace(grant, content=replace(grant.content, **changes)), AT)
        assert isinstance(outcome, Failed)
        assert outcome.code == "bad_content"
        assert smsc.connections == []


def test_a_text_of_more_than_twenty_parts_is_refused_without_traffic() -> None:
    with serving() as smsc, channel_to(smsc) as (channel, _):
        outcome = channel.send(sms("字" * 1_341), AT)
        assert isinstance(outcome, Failed)
        assert outcome.code == "bad_text"
        assert smsc.connections == []
        assert channel.send(sms("字" * 1_340), AT) == Sent("m19", parts=20)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (0x58, FailureKind.TEMPORARY),
        (0x14, FailureKind.TEMPORARY),
        (0x0B, FailureKind.PERMANENT),
        (0x45, FailureKind.TEMPORARY),
        (0x4F1, FailureKind.PERMANENT),
    ],
)
def test_a_refusal_is_proof_and_a_vendors_own_status_ends_no_session(status: int, kind: FailureKind) -> None:
    with serving(answers={0: status}) as smsc, channel_to(smsc) as (channel, _):
        outcome = channel.send(sms(), AT)
        assert isinstance(outcome, Failed)
        assert (outcome.kind, outcome.code) == (kind, f"smpp_{status:#x}")
        assert channel.send(sms(), AT) == Sent("m1")
        assert len(smsc.connections) == 1


def patience(answer: object) -> float:
    """Seconds to wait for an answer: one that never comes is not waited for as long as one that does."""
    return 2.0 if answer == "silent" else 60.0


@pytest.mark.parametrize("answer", ["cut", "silent", "no id"])
def test_after_the_submit_was_written_no_answer_is_unknown(answer: str) -> None:
    with serving(answers={0: answer}) as smsc, channel_to(smsc, timeout_seconds=patience(answer)) as (channel, _):
        assert isinstance(channel.send(sms(), AT), Unknown)
        assert len(smsc.submitted) == 1


def test_a_lost_connection_is_made_again_and_the_lost_message_is_not_sent_again() -> None:
    with serving(answers={0: "cut"}) as smsc, channel_to(smsc) as (channel, _):
        assert isinstance(channel.send(sms("第一"), AT), Unknown)
        assert channel.send(sms("第二"), AT) == Sent("m1")
        assert [message.short_message for message in smsc.submitted] == ["第一", "第二"]
        assert len(smsc.connections) == 2


@pytest.mark.parametrize("answer", [0x58, "cut", "silent"])
def test_half_a_text_taken_is_unknown(answer: int | str) -> None:
    with serving(answers={1: answer}) as smsc, channel_to(smsc, timeout_seconds=patience(answer)) as (channel, _):
        assert isinstance(channel.send(sms("字" * 100), AT), Unknown)


def test_what_is_left_of_one_permit_bounds_no_later_message() -> None:
    with serving() as smsc, channel_to(smsc, timeout_seconds=5.0) as (channel, _):
        channel.send(sms(expires_at=AT + timedelta(seconds=2)), AT)
        assert channel._session is not None
        assert channel._session._timeout == 5.0


def test_no_connection_and_a_refused_login_are_proof() -> None:
    with serving(password="other") as smsc, channel_to(smsc) as (channel, _):
        outcome = channel.send(sms(), AT)
        assert isinstance(outcome, Failed)
        assert outcome.code == "bind_0xe"
        assert smsc.submitted == []
    with channel_to(smsc) as (channel, _):
        outcome = channel.send(sms(), AT)
        assert isinstance(outcome, Failed)
        assert (outcome.kind, outcome.code) == (FailureKind.TEMPORARY, "not_connected")


def test_a_peer_that_cuts_before_the_bind_is_answered_got_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = SmppSettings("127.0.0.1", listener.getsockname()[1], "zhizhi", "secret", "1069", timeout_seconds=0.3)
        channel = SmppChannel(settings, lambda event: None, lambda: WALL)
        outcome = channel.send(sms(), AT)
        connection, _ = listener.accept()
        with connection:
            received = connection.recv(1_000)
    assert isinstance(outcome, Failed)
    assert outcome.code == "not_connected"
    assert struct.unpack("!IIII", received[:16])[1] == 0x09
    assert len(received) == struct.unpack("!I", received[:4])[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_at": AT}, "permit_expired"),
        ({"origin": Origin.DECLARED}, "declared_clock"),
        ({"address": "a@b.example"}, "bad_telephone"),
        ({"content_digest": "0"}, "content_changed"),
    ],
)
def test_an_invalid_permit_makes_no_traffic(changes: dict[str, Any], code: str) -> None:
    with serving() as smsc, channel_to(smsc) as (channel, _):
        outcome = channel.send(sms(**changes), AT)
        assert isinstance(outcome, Failed)
        assert outcome.code == code
        assert smsc.connections == []


RECEIPT = (
    "id:{id} sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:{stat} err:{err} text:id:9 stat:UNDELIV"
)


@pytest.mark.parametrize(
    ("stat", "state"),
    [("DELIVRD", ReceiptState.DELIVERED), ("ENROUTE", ReceiptState.PENDING), ("EXPIRED", ReceiptState.UNDELIVERED)],
)
def test_receipts_are_stored_and_acknowledged(stat: str, state: ReceiptState) -> None:
    with serving() as smsc, channel_to(smsc) as (channel, events):
        assert channel.listen() is None
        assert smsc.deliver(inbound(RECEIPT.format(id="m0", stat=stat, err="000"), esm_class=0x04)) == 0
    [receipt] = events
    assert isinstance(receipt, Receipt)
    assert (receipt.provider_message_id, receipt.state, receipt.code, receipt.at) == ("m0", state, stat, WALL)


def test_a_receipt_in_parameters_and_one_with_decimal_ids_are_understood() -> None:
    with serving() as smsc, channel_to(smsc, receipt_ids_are_decimal=True) as (channel, events):
        channel.listen()
        assert smsc.deliver(inbound(RECEIPT.format(id="255", stat="UNDELIV", err="069"), esm_class=0x04)) == 0
        parameters = [OptionalParam(0x001E, "abc"), OptionalParam(0x0427, 2)]
        assert smsc.deliver(inbound("delivered", esm_class=0x04, optional_params=parameters)) == 0
        assert smsc.deliver(inbound("no id at all", esm_class=0x04)) == 0x65
    assert [(event.provider_message_id, event.code) for event in events if isinstance(event, Receipt)] == [
        ("ff", "UNDELIV/069"),
        ("abc", "DELIVRD"),
    ]


def test_replies_are_read_in_their_alphabet_and_judged() -> None:
    with serving() as smsc, channel_to(smsc) as (channel, events):
        channel.listen()
        for text in ("退订", "TD", "好的,明天还", "@£ {x}"):
            assert smsc.deliver(inbound(text)) == 0
    replies = [event for event in events if isinstance(event, Reply)]
    assert [(reply.text, reply.kind) for reply in replies] == [
        ("退订", ReplyKind.REFUSE_MEDIUM),
        ("TD", ReplyKind.REFUSE_MEDIUM),
        ("好的,明天还", ReplyKind.FREE_TEXT),
        ("@£ {x}", ReplyKind.FREE_TEXT),
    ]
    assert len({reply.key for reply in replies}) == 4
    assert "10000000001" not in repr(replies)


def part_of(text: str, number: int, total: int, *, wide: bool) -> bytes:
    octets = text.encode("utf-16-be")
    header = bytes((6, 8, 4, 1, 2, total, number)) if wide else bytes((5, 0, 3, 9, total, number))
    message = header + octets
    body = (
        b"\0\1\x0110000000001\0\0\x00\0" + bytes((0x40, 0, 0)) + b"\0\0" + bytes((0, 0, 8, 0, len(message))) + message
    )
    return struct.pack("!IIII", 16 + len(body), 0x05, 0, 77) + body


@pytest.mark.parametrize("wide", [False, True])
def test_a_refusal_that_is_cut_between_two_parts_still_refuses(wide: bool) -> None:
    with serving() as smsc, channel_to(smsc) as (channel, events):
        channel.listen()
        assert smsc.deliver(part_of("我要退", 1, 2, wide=wide)) == 0
        assert smsc.deliver(part_of("订,谢谢", 2, 2, wide=wide)) == 0
    assert [event.kind for event in events if isinstance(event, Reply)] == [
        ReplyKind.FREE_TEXT,
        ReplyKind.REFUSE_MEDIUM,
    ]


def test_a_reply_that_cannot_be_stored_is_asked_for_again_and_what_is_no_message_is_not() -> None:
    failing = True

    def store(_event: object) -> None:
        if failing:
            raise ConnectionError("the database is away")

    with serving() as smsc:
        settings = SmppSettings("127.0.0.1", smsc.port, "zhizhi", "secret", "1069")
        channel = SmppChannel(settings, store, lambda: WALL)
        channel.listen()
        assert smsc.deliver(inbound("TD")) == 0x64
        failing = False
        assert smsc.deliver(inbound("TD")) == 0
        assert smsc.deliver(struct.pack("!IIII", 20, 0x05, 0, 5) + b"\xff" * 4) == 0x65
        assert channel.send(sms(), AT) == Sent("m0")
        channel.close()


def test_an_idle_session_asks_whether_the_other_side_is_there() -> None:
    with serving() as smsc, channel_to(smsc, idle_seconds=0.1) as (channel, _):
        channel.listen()
        assert smsc.enquired.wait(60)
        assert channel.send(sms(), AT) == Sent("m0")


def test_a_line_that_a_fault_of_ours_broke_is_bound_again_when_receipts_are_fetched(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events: list[Receipt | Reply] = []
    faults = [RuntimeError("a reply of 10900000001")]

    def wall() -> datetime:
        if faults:
            raise faults.pop()
        return WALL

    with serving() as smsc:
        settings = SmppSettings("127.0.0.1", smsc.port, "zhizhi", "secret", "10690001", timeout_seconds=60.0)
        channel = SmppChannel(settings, events.append, wall)
        receipts = Receipts({"smpp": {"sms": channel}})
        receipts.fetch("smpp", WALL)
        message = inbound("回复", sequence_num=7)
        message.set_encoding_info("gsm0338", None)
        smsc.connections[-1].sendall(message.pdu())
        assert smsc.ended.wait(60)
        receipts.fetch("smpp", WALL)
        assert smsc.deliver(inbound("回复")) == 0
        channel.close()
    assert len(smsc.connections) == 2
    assert len(events) == 1
    assert "smpp session broke: RuntimeError at " in caplog.text
    assert "10900000001" not in caplog.text


def test_a_provider_that_takes_no_binding_is_away() -> None:
    with (
        serving() as smsc,
        channel_to(smsc, password="wrong") as (channel, _),
        pytest.raises(ProviderAway, match="0xe"),
    ):
        Receipts({"smpp": {"sms": channel}}).fetch("smpp", WALL)


@given(octets=st.binary(max_size=120))
def test_any_octets_are_a_message_or_a_plain_refusal(octets: bytes) -> None:
    try:
        read_delivered(octets)
    except BadPduError:
        return
