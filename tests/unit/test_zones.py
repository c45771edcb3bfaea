"""Zones are those of the locked list, on every machine, and a decision says which list it was."""

import pickle
from copy import deepcopy
from datetime import date
from importlib.metadata import version

import pytest

from zhizhi.core.conduct.decision import ENGINE, VERSION
from zhizhi.core.kernel.instants import ZONE_DATA, wall, write_instant, zone_of


@pytest.mark.parametrize(
    "key", ["localtime", "posixrules", "Factory", "", "Mars/Base", "../zones", "/etc/localtime", "zones"]
)
def test_what_is_not_on_the_list_is_no_zone(key):
    with pytest.raises(ValueError, match="IANA"):
        zone_of(key)


@pytest.mark.parametrize("key", ["Asia/Shanghai", "America/New_York", "US/Pacific", "PRC", "UTC"])
def test_a_zone_of_the_list_keeps_its_key_and_is_one_value(key):
    zone = zone_of(key)
    assert zone.key == key
    assert zone_of(key) is zone
    assert deepcopy(zone) is zone
    assert pickle.loads(pickle.dumps(zone)) is zone  # our own bytes, made a line above


def test_days_follow_the_change_of_the_clock():
    zone = zone_of("America/New_York")
    assert write_instant(wall(zone, date(2026, 3, 8), 8 * 60), zone) == "2026-03-08T08:00:00-04:00"
    assert write_instant(wall(zone, date(2026, 11, 1), 8 * 60), zone) == "2026-11-01T08:00:00-05:00"


def test_a_decision_names_the_code_and_the_time_zone_data():
    assert version("zhizhi") == VERSION
    assert ENGINE.split() == ["zhizhi-conduct/1", VERSION, f"tzdata/{ZONE_DATA}"]
    assert ZONE_DATA[:4].isdigit()
