"""Sign-in's rules without a database: codes of an app, waits, and what a role's session has to be."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st

from zhizhi.store.sign_in.by_role import LASTING, STRICTEST, lasting_of, needs_second_factor
from zhizhi.store.sign_in.pace import ADDRESS, NO_WAIT, PERSON
from zhizhi.store.words import STAFF_ROLES
from zhizhi.usecases.sign_in.one_time_codes import app_address, code_at, step_of
from zhizhi.web.console.way_in import label_of

PUBLISHED = b"12345678901234567890"  # RFC 6238, appendix B
AT = datetime(2026, 3, 3, 2, 0, 10, tzinfo=UTC)
STEP = int(AT.timestamp()) // 30


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_a_code_is_the_end_of_the_published_one(second: int, code: str) -> None:
    assert code_at(PUBLISHED, second // 30) == code[-6:]
    assert TOTP(PUBLISHED, 8, SHA1(), 30).generate(second).decode() == code


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_to_either_side_fits_and_no_more(off: int, *, fits: bool) -> None:
    assert (step_of(PUBLISHED, code_at(PUBLISHED, STEP + off), AT) == STEP + off) is fits


@pytest.mark.parametrize("written", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00" * 6])
def test_what_is_no_code_fits_no_step(written: str) -> None:
    assert step_of(PUBLISHED, written, AT) is None


def test_an_app_reads_the_secret_from_its_address() -> None:
    address = app_address(PUBLISHED, "李敏")
    assert address.startswith("otpauth://totp/Zhizhi:")
    assert f"secret={base64.b32encode(PUBLISHED).decode()}" in address
    assert "digits=6" in address
    assert "period=30" in address


def test_the_first_failures_are_free_and_then_waits_double_to_their_most() -> None:
    waits = [PERSON.wait_after(failures) for failures in range(20)]
    assert waits[: PERSON.free + 1] == [NO_WAIT] * (PERSON.free + 1)
    assert waits[PERSON.free + 1 : PERSON.free + 4] == [PERSON.first, PERSON.first * 2, PERSON.first * 4]
    assert waits[-1] == PERSON.most


@given(st.integers(0, 10**9))
def test_a_wait_never_shrinks_and_never_passes_its_most(failures: int) -> None:
    assert PERSON.wait_after(failures) <= PERSON.wait_after(failures + 1) <= PERSON.most
    assert ADDRESS.wait_after(failures) <= ADDRESS.most


@given(st.integers(0, 1000), st.integers(-(10**6), 10**6))
def test_time_forgets_and_a_clock_that_went_back_does_not(failures: int, seconds: int) -> None:
    left = PERSON.remembered(failures, AT, AT + timedelta(seconds=seconds))
    assert 0 <= left <= failures
    if seconds < PERSON.forgets.total_seconds():
        assert left == failures


def test_an_address_is_never_shut_for_good() -> None:
    assert ADDRESS.locks_at is None
    assert ADDRESS.most <= timedelta(seconds=10)


def test_everybody_needs_a_second_factor_and_a_role_nobody_thought_of_is_the_strictest() -> None:
    assert all(needs_second_factor(role) for role in (*STAFF_ROLES, "a role of tomorrow"))
    assert lasting_of("a role of tomorrow", "totp") == STRICTEST
    assert set(LASTING) == set(STAFF_ROLES)
    assert all(STRICTEST.idle <= one.idle and STRICTEST.whole <= one.whole for one in LASTING.values())


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Version/17.0 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome · Android"),
        ("", "浏览器 · 未知系统"),
        ("<script>alert(1)</script>" * 1000, "浏览器 · 未知系统"),
    ],
)
def test_a_device_has_a_coarse_name_and_nothing_of_what_it_sent(agent: str, label: str) -> None:
    assert label_of(agent) == label
