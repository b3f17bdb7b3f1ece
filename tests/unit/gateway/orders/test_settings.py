"""What the controller sets goes before the gateway's own file, and only that."""

import logging
from collections.abc import Iterator

import pytest

from devices.errors import BadOrder
from gateway.config import Config
from gateway.orders.settings import LogLevel, added_devices, check, with_settings

CONFIG = Config.model_validate(
    {
        "gateway": {"id": "ward-a"},
        "controller": {"lanes": {"wave": {"address": "mqtts://10.0.0.1:8883", "dscp": 10}}},
        "journal": {"quota_mb": 100},
    }
)


def test_without_settings_it_is_the_file() -> None:
    assert with_settings(CONFIG, {}) == CONFIG


def test_a_lane_is_marked_otherwise_and_keeps_its_address() -> None:
    lanes = with_settings(CONFIG, {"dscp-wave": 0, "dscp-bulk": 1}).controller.lanes
    assert (lanes.wave.dscp, lanes.bulk.dscp) == (0, 1)
    assert lanes.wave.address == ("mqtts://10.0.0.1:8883",)
    assert (lanes.alert, lanes.vital) == (CONFIG.controller.lanes.alert, CONFIG.controller.lanes.vital)


def test_the_journal_may_be_larger() -> None:
    assert with_settings(CONFIG, {"journal-quota-mb": 300}).journal.quota_mb == 300


@pytest.fixture
def level() -> Iterator[LogLevel]:
    before = logging.getLogger().level
    yield LogLevel()
    logging.getLogger().setLevel(before)


def test_the_log_says_as_much_as_is_set_and_again_as_before_when_nothing_is(level: LogLevel) -> None:
    before = logging.getLogger().level
    level.configure({"log-level": "debug"})
    assert logging.getLogger().level == logging.DEBUG
    level.set("error")
    assert logging.getLogger().level == logging.ERROR
    level.configure({})
    assert logging.getLogger().level == before


def test_added_devices_are_served_by_port_or_address_as_their_profile_says() -> None:
    settings = {"device.ox-2": "nonin-xpod /dev/ttyUSB1 bed-2", "device.hr-2": "polar-h10 C0:00:00:00:00:01"}
    ox, strap = added_devices(settings)
    assert (ox.id, ox.profile, ox.bed, ox.port, ox.address) == (
        "ox-2",
        "nonin-xpod",
        "bed-2",
        "/dev/ttyUSB1",
        None,
    )
    assert (strap.port, strap.address, strap.bed) == (None, "C0:00:00:00:00:01", None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nonin-xpot /dev/ttyUSB1", "did you mean 'nonin-xpod'"),
        ("hl7-oru-laboratory 0.0.0.0:2575", "it would open a door"),
        ("nonin-xpod", "expected PROFILE ADDRESS-OR-PORT"),
    ],
)
def test_one_that_cannot_be_served_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(BadOrder, match=why):
        check({"device.ox-2": text})
