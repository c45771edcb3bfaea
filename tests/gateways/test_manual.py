"""Calls by hand."""

from datetime import timedelta
from typing import Any

import pytest

from gateways.grants import AT, make_grant
from zhizhi.gateways.manual.channel import CallSheet, ManualChannel
from zhizhi.gateways.permit import Failed, Origin


def test_the_console_gets_number_script_and_the_end() -> None:
    end = AT + timedelta(minutes=30)
    grant = make_grant("voice", "10000000001", body="您好,我是……", must_end_by=end)
    sheet = ManualChannel().open_call(grant, AT)
    assert isinstance(sheet, CallSheet)
    assert (sheet.number, sheet.script, sheet.must_end_by) == ("10000000001", "您好,我是……", end)
    assert sheet.begin_by == grant.expires_at
    assert "10000000001" not in repr(sheet)


@pytest.mark.parametrize(
    ("changes", "at", "code"),
    [
        ({}, AT + timedelta(hours=1), "permit_expired"),
        ({}, AT - timedelta(hours=1), "not_yet_valid"),
        ({"origin": Origin.DECLARED}, AT, "declared_clock"),
        ({"channel": "sms"}, AT, "wrong_channel"),
        ({"content_digest": ""}, AT, "content_changed"),
        ({"address": "a@b.example"}, AT, "bad_telephone"),
    ],
)
def test_an_invalid_permit_opens_no_number(changes: dict[str, Any], at: Any, code: str) -> None:
    outcome = ManualChannel().open_call(make_grant(**{"channel": "voice", "address": "10000000001", **changes}), at)
    assert isinstance(outcome, Failed)
    assert outcome.code == code


def test_a_demonstration_may_show_a_call_of_a_declared_clock() -> None:
    grant = make_grant("voice", "10000000001", origin=Origin.DECLARED)
    assert isinstance(ManualChannel(demonstration=True).open_call(grant, AT), CallSheet)
